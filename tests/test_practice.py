"""The practice portal against its own truth, asked over HTTP as a browser would ask."""

import base64
import html
import io
import json
import re
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import docx
import httpx
import lxml.html
import pypdf
import pytest

import practice
from practice.portal import Portal
from tests.packing import chromium, needs_chromium

ARTICLES = 400
LAYOUTS = ("kimson", "vnportal", "sharepoint", "nukeviet", "table2009")


@dataclass
class Running:
    """A portal that is being served."""

    client: httpx.Client
    truth: dict[str, Any]

    @property
    def articles(self) -> list[dict[str, Any]]:
        return self.truth["articles"]

    def page(self, url: str) -> lxml.html.HtmlElement:
        return tree(self.client.get(url))

    def some(self, layout: str) -> dict[str, Any]:
        return next(each for each in self.articles if each["layout"] == layout)


def tree(response: httpx.Response) -> lxml.html.HtmlElement:
    assert response.status_code == 200, response.url
    declared = re.search(rb"charset=\"?([\w-]+)", response.content)
    encoding = declared[1].decode() if declared else "utf-8"
    return lxml.html.fromstring(composed(response.content.decode(encoding)))


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def flat(text: str) -> str:
    return " ".join(text.split())


def serve(**facts: Any) -> Iterator[Running]:
    with practice.running(**facts) as base, httpx.Client(base_url=base) as client:
        yield Running(client, client.get("/_truth.json").json())


@pytest.fixture(scope="module")
def first() -> Iterator[Running]:
    yield from serve(articles=ARTICLES, day=0)


@pytest.fixture(scope="module")
def later() -> Iterator[Running]:
    yield from serve(articles=ARTICLES, day=7)


# What pages show


def test_every_page_shows_what_the_truth_says(later: Running) -> None:
    for article in later.articles:
        page = later.page(article["url"])
        for noise in page.xpath("//script | //style"):
            noise.drop_tree()
        text = flat(page.text_content())
        shown = [article["title"], article["published_raw"], *article["body"].split("\n\n")]
        shown += article["captions"]
        shown += filter(None, [article["author"], article["summary"], article["category"]])
        for each in shown:
            parts = each.split(" | ") if each not in text else [each]
            assert all(part in text for part in parts), (article["url"], each)


def test_views_stand_beside_their_label(later: Running) -> None:
    for article in later.articles:
        if article["view_count"] is None or article["layout"] == "nukeviet":
            continue
        dotted = f"{article['view_count']:,}".replace(",", ".")
        labels = rf"(Lượt xem|Số lần xem|Lượt đọc): {dotted}\b|\b{dotted} lượt xem"
        assert re.search(labels, later.page(article["url"]).text_content()), article["url"]


def test_nukeviet_shows_views_in_words_or_as_an_eye(later: Running) -> None:
    views = [
        flat(later.page(article["url"]).cssselect("#news-detail .views")[0].text_content())
        for article in later.articles
        if article["layout"] == "nukeviet"
    ]
    assert any(text.startswith("Đã xem: ") for text in views)
    assert any(text.replace(".", "").isdigit() for text in views)


def test_one_category_shows_no_views(later: Running) -> None:
    silent = {each["category"] for each in later.articles if each["view_count"] is None}
    assert silent == {"Y tế - Dân số"}


def test_no_article_carries_the_date_of_the_header(first: Running) -> None:
    assert all(each["published_on"] < first.truth["today"] for each in first.articles)
    assert "Thứ tư, 03/07/2024" in first.page("/").text_content()


def test_links_planted_and_innocent(later: Running) -> None:
    planted = [each for each in later.articles if each["planted"]]
    assert 0.06 < len(planted) / len(later.articles) < 0.2
    for article in planted:
        page = later.page(article["url"])
        code = html.unescape(lxml.html.tostring(page, encoding="unicode"))
        code += "".join(map(decoded, re.findall(r'atob\("([^"]+)', code)))
        assert all(href in code for href in article["planted"])
        assert not any(href in article["body"] for href in article["planted"])


def decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def test_a_portal_of_500_has_60_infected_pages_and_200_innocent_links() -> None:
    portal = Portal(500)
    articles = [portal.article(k) for k in range(500)]
    assert sum(bool(each.planted) for each in articles) == 60
    assert sum(len(each.outbound) for each in articles) == 200
    assert {link for each in articles for link in each.outbound} >= {
        "https://zalo.me/0000000000",
        "http://203.0.113.20:8080/qlvb",
    }


def test_pages_in_windows_1258_decode(later: Running) -> None:
    article = later.some("table2009")
    response = later.client.get(article["url"])
    assert response.headers["content-type"] == "text/html"
    assert article["title"] in composed(response.content.decode("cp1258"))


def test_some_pages_are_in_nfd(later: Running) -> None:
    texts = [later.client.get(each["url"]).text for each in later.articles[:60]]
    assert any("Trang chủ" not in text and "Trang chủ" in composed(text) for text in texts)


def test_words_that_searches_need(later: Running) -> None:
    bodies = [each["body"] for each in later.articles]

    def holding(word: str) -> set[int]:
        return {i for i, body in enumerate(bodies) if re.search(rf"\b{word}\b", body)}

    assert holding("bán") - holding("bạn")
    assert holding("bạn") - holding("bán")
    assert min(len(holding("nông thôn mới")), len(holding("đường liên thôn"))) > 5
    assert holding("uỷ|Uỷ")
    assert holding("ủy|Ủy")


# Files


def test_documents_hold_their_text(later: Running) -> None:
    files = [file for each in later.articles for file in each["attachments"]]
    assert {file["filename"].rsplit(".")[-1] for file in files} == {"pdf", "docx"}
    for file in files:
        content = later.client.get(file["url"])
        assert content.headers["content-type"] == file["media_type"]
        read = from_pdf if file["filename"].endswith("pdf") else from_docx
        assert flat(read(content.content)) == flat(file["text"])


def from_pdf(content: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()


def from_docx(content: bytes) -> str:
    return "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs)


def test_pictures_are_as_large_as_those_of_portals(later: Running) -> None:
    images = [image for each in later.articles for image in each["images"]][:40]
    found = [later.client.get(image).content for image in images]
    assert {content[:2] for content in found} == {b"\xff\xd8", b"\x89P"}
    assert len(set(found)) == len(found)
    sizes = [len(content) for content in found]
    assert 40_000 < min(sizes) < 70_000 < 120_000 < max(sizes) < 150_000
    assert [later.client.get(image).content for image in images] == found


@needs_chromium
def test_a_browser_decodes_every_picture(later: Running) -> None:
    images = [image for each in later.articles for image in each["images"]][:20]
    with chromium() as browser:
        page = browser.new_page()
        page.goto(str(later.client.base_url))
        for image in images:
            width, height, shades = page.evaluate(_DECODED, image)
            assert min(width, height) >= 100
            assert shades > 50, image


_DECODED = """async (place) => {
    const image = new Image();
    image.src = place;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const last = context.getImageData(0, canvas.height - 8, canvas.width, 8).data;
    return [canvas.width, canvas.height, new Set(last).size];
}"""


@pytest.mark.parametrize("ending", ["png", "jpg", "pdf", "docx"])
def test_a_file_is_not_sent_again_to_who_has_it(later: Running, ending: str) -> None:
    files = [
        *(image for each in later.articles for image in each["images"]),
        *(file["url"] for each in later.articles for file in each["attachments"]),
    ]
    url = next(file for file in files if file.endswith(ending))
    first = later.client.get(url)
    for header, validator, status in (
        ("If-None-Match", first.headers["ETag"], 304),
        ("If-None-Match", '"another"', 200),
        ("If-Modified-Since", first.headers["Last-Modified"], 304),
        ("If-Modified-Since", "Sun, 01 Jan 2006 00:00:00 GMT", 200),
    ):
        again = later.client.get(url, headers={header: validator})
        assert (again.status_code, again.headers["ETag"]) == (status, first.headers["ETag"])
        assert again.content == (b"" if status == 304 else first.content)


# Listings


def by_link(items: str, next_link: str) -> Callable[..., Iterator[list[str]]]:
    """A walk along the links to the next page; both arguments are XPaths of addresses."""

    def walk(portal: Running, category: dict[str, Any]) -> Iterator[list[str]]:
        url: str | None = category["url"]
        while url:
            page = portal.page(url)
            yield page.xpath(items)
            following = page.xpath(next_link)
            url = urljoin(url, following[0]) if following else None

    return walk


def by_load(portal: Running, category: dict[str, Any]) -> Iterator[list[str]]:
    first = portal.page(category["url"])
    script = "".join(first.xpath("//script[contains(., 'maxPage')]/text()"))
    last = int(re.search(r"maxPage = parseInt\((\d+)\)", script)[1])
    url = re.search(r"loadArticleUrl = '([^']+)'", script)[1]
    form = dict(re.findall(r"^ +(\w+): '([^']*)'", script, re.MULTILINE))
    yield first.xpath("//ul[@class='ArticleList']//h2/a/@href")
    for page in range(2, last + 1):
        data = {**form, "page": str(page)}
        reply = portal.client.post(url, data=data, headers={"Referer": category["url"]})
        yield lxml.html.fromstring(reply.text).xpath("//li[@class='row']//h2/a/@href")


def by_postback(portal: Running, category: dict[str, Any]) -> Iterator[list[str]]:
    page, number = portal.page(category["url"]), 1
    while True:
        yield page.xpath("//div[@class='news-item']/a/@href")
        number += 1
        pager = page.xpath(f"//div[@class='pager']/a[contains(@href, \"'Page${number}'\")]/@href")
        if not pager:
            return
        target, argument = re.findall(r"'([^']*)'", pager[0])
        form = hidden(page) | {"__EVENTTARGET": target, "__EVENTARGUMENT": argument}
        page = tree(portal.client.post(category["url"], data=form))


def hidden(page: lxml.html.HtmlElement) -> dict[str, str]:
    return {each.get("name"): each.get("value") for each in page.xpath("//input[@type='hidden']")}


WALKS: dict[str, Callable[..., Iterator[list[str]]]] = {
    "kimson": by_link("//h3[@class='node-title']/a/@href", "//li[@class='pager-next']/a/@href"),
    "vnportal": by_load,
    "sharepoint": by_postback,
    "nukeviet": by_link("//div[contains(@class, 'featured')]/h3/a/@href", "//a[@rel='next']/@href"),
    "table2009": by_link("//td/a[b]/@href", "//a[starts-with(., 'Trang sau')]/@href"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pagers_reach_every_article_once(later: Running, layout: str) -> None:
    for category in (each for each in later.truth["categories"] if each["layout"] == layout):
        walked = [list(page) for page in WALKS[layout](later, category)]
        assert len(walked) == category["pages"]
        found = [urljoin(category["url"], link) for page in walked for link in page]
        assert found == [
            each["url"] for each in later.articles if each["category"] == category["name"]
        ]


def test_the_load_needs_a_referer(first: Running) -> None:
    url = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
    form = {"article_category_id": "11003", "page": "2", "page_size": "15"}
    assert first.client.post(url, data=form).status_code == 403
    assert first.client.post(url, json=form, headers={"Referer": "/"}).status_code == 415
    assert first.client.post(url, data=form, headers={"Referer": "/"}).status_code == 200


def test_a_foreign_state_is_an_error(first: Running) -> None:
    url = next(each["url"] for each in first.truth["categories"] if each["layout"] == "sharepoint")
    turn = {"__EVENTTARGET": "ctl00$pager$ctl02", "__EVENTARGUMENT": "Page$2"}
    fresh = hidden(first.page(url))
    assert first.client.post(url, data=turn).status_code == 500
    assert first.client.post(url, data=fresh | turn | {"__VIEWSTATE": "AAAA"}).status_code == 500
    assert first.client.post(url, data=fresh | turn).status_code == 200


# Time


def test_days_bring_new_articles_and_take_old_ones(first: Running, later: Running) -> None:
    before, after = facts(first), facts(later)
    assert len(after.keys() - before.keys()) == 14
    gone = {path(each["url"]) for each in later.truth["vanished"]}
    assert before.keys() - after.keys() == gone
    assert {each["how"] for each in later.truth["vanished"]} == {"404", "410", "302", "soft404"}


def test_days_edit_a_few_articles_and_say_so(first: Running, later: Running) -> None:
    before, after = facts(first), facts(later)
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        changed = {name for name in old if old[name] != new[name]}
        assert changed <= {"view_count", "edited", "title", "body"}
        assert new["edited"] == bool(changed & {"title", "body"})
        assert (new["view_count"] or 0) >= (old["view_count"] or 0)
    assert 4 < sum(each["edited"] for each in after.values()) < 30


def facts(portal: Running) -> dict[str, dict[str, Any]]:
    """The articles by path, with addresses that do not name the port."""
    text = json.dumps(portal.articles).replace(str(portal.client.base_url), "/")
    return {each["url"]: each for each in json.loads(text)}


def path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_vanished_articles_answer_as_the_truth_says(later: Running) -> None:
    for each in later.truth["vanished"]:
        response = later.client.get(each["url"])
        expected = 200 if each["how"] == "soft404" else int(each["how"])
        assert response.status_code == expected
        if expected != 302:
            assert "Không tìm thấy" in composed(response.text)


def test_the_same_seed_gives_the_same_portal(first: Running) -> None:
    for again in serve(articles=ARTICLES, day=0):
        assert facts(again) == facts(first)


def test_no_title_comes_twice() -> None:
    portal = Portal(2_000, day=7)
    titles = [portal.headline(k).title for k in range(portal.total)]
    assert len(set(titles)) == len(titles)


def test_no_body_comes_twice(later: Running) -> None:
    assert len({each["body"] for each in later.articles}) == len(later.articles)


# Addresses and machines


def test_sitemap_holds_exactly_what_is_there(later: Running) -> None:
    index = later.client.get("/sitemap.xml").text
    parts = re.findall(r"<loc>(.*?)</loc>", index)
    text = "".join(later.client.get(part).text for part in parts)
    found = [url.replace("&amp;", "&") for url in re.findall(r"<loc>(.*?)</loc>", text)]
    assert found == [each["url"] for each in later.articles]


def test_feed_is_escaped_twice(later: Running) -> None:
    feed = later.client.get("/rss.aspx").text
    assert feed.count("<item>") == 30
    assert "&amp;#" in feed
    assert "utm_source=rss" in feed


@pytest.mark.parametrize("layout", LAYOUTS)
def test_disguised_addresses_lead_to_the_same_article(later: Running, layout: str) -> None:
    article = later.some(layout)
    bare, _, query = path(article["url"]).partition("?")
    mark = "&" if query else "?"
    for variant in (
        f"{bare.upper()}?{query}",
        f"{bare.rstrip('/')}/?{query}",
        f"{bare};jsessionid=0A?{query}",
        f"{path(article['url'])}{mark}fbclid=x",
        f"{path(article['url'])}{mark}print=1",
    ):
        assert article["title"] in flat(later.page(variant).text_content())


def test_robots_and_the_count_of_requests() -> None:
    with (
        practice.running(articles=20, crawl_delay=0.2) as base,
        httpx.Client(base_url=base) as client,
    ):
        assert "Crawl-delay: 0.2" in client.get("/robots.txt").text
        assert client.get("/admin/").status_code == 200
        assert client.get("/khong-co").status_code == 404
        counted = client.get("/_requests.json").json()
        assert counted["paths"] == {"/robots.txt": 1, "/admin/": 1, "/khong-co": 1}
        assert counted["statuses"] == {"200": 2, "404": 1}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_portal_in_one_layout(layout: str) -> None:
    for portal in serve(articles=60, day=1, layout=layout):
        assert {each["layout"] for each in portal.articles} == {layout}
        for article in portal.articles[:12]:
            assert article["title"] in flat(portal.page(article["url"]).text_content())
        for category in portal.truth["categories"]:
            portal.page(category["url"])


@pytest.mark.parametrize("words", [["--articles", "no"], ["--layout", "no"], ["--day", "-1"]])
def test_wrong_use_is_one_line_and_exit_2(words: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "practice", *words], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "practice", "--articles=20", "--port=0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(how)
        rest, complaints = process.communicate(timeout=10)
    assert (process.returncode, rest, complaints) == (0, "", "")
