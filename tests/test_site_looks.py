"""The site's looks and ways out, in a real browser: phones, print, charts, feeds, files, replay."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browse.markup import readable
from tests.packing import chromium, needs_chromium, needs_pywb, rows
from tests.site import PHONE, WIDE, Site, browsing, changed_rows, crawled_twice, serving
from tests.test_replay_serving import served

pytestmark = needs_chromium

_CHANGED = "SELECT id, title, url FROM articles WHERE status = 'changed' AND id <> 3 LIMIT 1"
# Texts of a picture that touch each other or stand beyond it.
_COLLIDING = """() => [...document.querySelectorAll('.chart svg')].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    const shown = [...svg.querySelectorAll('text')]
        .map(text => [text.textContent, text.getBoundingClientRect()])
        .filter(([, box]) => box.width);
    const outside = shown.filter(([, box]) =>
        box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1);
    const touching = shown.filter(([, a], i) => shown.slice(i + 1).some(([, b]) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
    return [...outside, ...touching].map(([said]) => said);
})"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = crawled_twice(tmp_path_factory.mktemp("looks"), articles=40)
    changed_rows(
        made,
        "UPDATE articles SET published_on = '2003-05-01' WHERE id = 2",
        "UPDATE articles SET hidden_at = '2024-07-03T00:00:00Z', hidden_why = 'why' WHERE id = 3",
        """INSERT INTO suspect_links (url_id, href, text, hidden, why, first_seen_at, last_seen_at)
           SELECT url_id, 'http://192.0.2.7/', 'x', 1, 'betting word: x', '2024-07-03T00:00:00Z',
           '2999-07-03T00:00:00Z' FROM articles WHERE id = 3""",
        "UPDATE site_counts SET total_visits = total_visits + 12345678",
    )
    return made


@pytest.fixture(scope="module")
def site(db: Path) -> Iterator[Site]:
    with serving(db) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with browsing(browser) as made:
        yield made


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["vi-VN", "en-GB"])
def test_labels_of_charts_stand_apart_and_inside(
    site: Site, browser: Any, viewport: dict[str, int], locale: str
) -> None:
    (portal,) = rows(site.db, "SELECT slug FROM portals")
    (counted,) = rows(
        site.db, "SELECT article_id AS id FROM view_counts GROUP BY 1 HAVING count(*) > 1 LIMIT 1"
    )
    with browsing(browser, viewport=viewport, locale=locale) as page:
        for address in ("charts", f"portal/{portal['slug']}", f"article/{counted['id']}"):
            page.goto(site.at(address))
            assert page.locator(".chart svg text.x:visible").count() > 1
            assert page.evaluate(_COLLIDING) == [], address


def test_a_chart_shows_the_years_without_articles(site: Site, page: Any) -> None:
    page.goto(site.at("charts"))
    years = page.locator("figure.chart").first.locator("tbody th").all_text_contents()
    assert years[:3] == ["2003", "2004", "2005"]
    months = page.locator("figure.chart").nth(1).locator("tbody th").all_text_contents()
    assert months[0].startswith("1/")
    assert len(months) == 12


def test_tables_are_read_from_top_to_bottom_on_a_phone(site: Site, browser: Any) -> None:
    (article,) = rows(site.db, _CHANGED)
    with browsing(browser, viewport=PHONE) as page:
        for address in (f"article/{article['id']}", "planted", "documents", "run/2", ""):
            page.goto(site.at(address))
            tables = page.locator(".stacked")
            assert tables.count(), address
            for table in tables.all():
                assert table.evaluate("t => t.scrollWidth <= t.parentElement.clientWidth"), address
            assert page.locator(".stacked td:not([data-label])").count() == 0, address


def test_a_printed_article_is_black_on_white_with_its_evidence(site: Site, page: Any) -> None:
    (article,) = rows(site.db, _CHANGED)
    page.goto(site.at(f"article/{article['id']}"))
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".top, footer, form").filter(visible=True).count()
    assert page.locator(".evidence code").first.is_visible()
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    page.set_viewport_size({"width": 673, "height": 900})  # What A4 has between its margins.
    for table in page.locator(".wide > table").filter(visible=True).all():
        assert table.evaluate("t => t.scrollWidth <= t.parentElement.clientWidth")


def test_a_run_leads_to_the_archived_articles(site: Site, page: Any) -> None:
    (article,) = rows(site.db, _CHANGED)
    page.goto(site.at("run/2"))
    with page.expect_navigation():
        page.locator(
            "section", has=page.get_by_role("heading", name="Changed articles")
        ).get_by_role("link", name=article["title"], exact=True).click()
    assert page.url == site.at(f"article/{article['id']}")


def test_a_hidden_article_says_so_and_no_more(site: Site, page: Any) -> None:
    (article,) = rows(site.db, "SELECT title, url FROM articles WHERE id = 3")
    assert page.goto(site.at("article/3")).status == 403
    shown = page.locator("body").inner_text()
    assert "Reason: why" in shown
    assert article["title"] not in shown
    for address in ("run/1", "planted", "browse", "search"):
        page.goto(site.at(address))
        assert article["url"] not in page.content(), address


def test_planted_links_are_told_and_lead_nowhere(site: Site, page: Any) -> None:
    page.goto(site.at("planted"))
    planted = {
        row["href"]
        for row in rows(site.db, "SELECT href FROM suspect_links WHERE href <> 'http://192.0.2.7/'")
    }
    leading = page.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert planted
    assert planted.isdisjoint(leading)
    told = page.locator("td[data-label='Where it leads']").all_inner_texts()
    assert planted.issuperset(told)
    (article,) = rows(
        site.db,
        """SELECT a.id FROM articles a JOIN suspect_links s ON s.url_id = a.url_id
           WHERE hidden_at IS NULL LIMIT 1""",
    )
    page.goto(site.at(f"article/{article['id']}"))
    assert "Intruders put links into this page" in page.locator(".notice").all_inner_texts()[0]


def test_the_feed_of_a_search_is_a_click_away(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=huyện"))
    total = page.locator("#found").inner_text()
    with page.expect_response("**/search.atom?**") as answer:
        page.get_by_role("link", name="Feed (Atom)").click()
    assert answer.value.headers["content-type"].startswith("application/atom+xml")
    entries = answer.value.text().count("<entry ")
    assert entries == min(int(re.search(r"of ([\d,]+)", total)[1]), 50) > 1
    for name in ("changed", "vanished"):
        page.goto(site.at(name))
        with page.expect_response(f"**/{name}.atom") as answer:
            page.get_by_role("link", name="Feed (Atom)").click()
        assert answer.value.ok


def test_what_was_found_is_taken_away_in_three_forms(site: Site, page: Any) -> None:
    page.goto(site.at("search?q=bán&sort=newest"))
    titles = {text.strip() for text in page.locator(".hits h3").all_inner_texts()}
    total = int(re.search(r"of (\d+)", page.locator("#found").inner_text())[1])
    saved = {}
    for name in ("CSV", "JSON Lines", "WACZ: the captured pages"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        saved[name] = Path(download.value.path()).read_bytes()
    table = list(csv.DictReader(io.StringIO(saved["CSV"].decode("utf-8-sig"), newline="")))
    lines = [json.loads(line) for line in saved["JSON Lines"].decode().splitlines()]
    assert {row["title"] for row in table} == {row["title"] for row in lines} >= titles
    assert len(table) == len(lines) == total > 1
    with zipfile.ZipFile(io.BytesIO(saved["WACZ: the captured pages"])) as package:
        pages = package.read("pages/pages.jsonl").decode().splitlines()[1:]
    assert {json.loads(line)["title"] for line in pages} == {row["title"] for row in table}


@needs_pywb
def test_a_capture_is_replayed_on_an_origin_of_its_own(db: Path, page: Any) -> None:
    (article,) = rows(db, _CHANGED)
    with served(db) as running:
        page.goto(f"{running.datasette}/archive/-/article/{article['id']}")
        links = page.get_by_role("link", name="as it was")
        assert links.count() == 2
        with page.expect_navigation():
            links.last.click()
        assert page.url.startswith(f"http://127.0.0.1:{running.replay_port}/archive/")
        (first,) = rows(
            db, "SELECT title FROM versions WHERE article_id = ? ORDER BY id LIMIT 1", article["id"]
        )
        frame = page.frame_locator("iframe")
        frame.get_by_text(first["title"]).first.wait_for()


def test_paragraphs_that_only_made_room_are_left_out() -> None:
    shown = readable(
        "<p>Một.</p><p>&nbsp;</p><p><br></p><p><img src='/a.png'></p><p> Hai.</p>",
        {"/a.png": ("/image/1", None)},
        {},
    )
    assert re.sub(r"\s", "", shown).count("<p>") == 3
    assert "<img" in shown
