"""Walking: which links of a page lead on, in every style of pagination."""

import gzip
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from crawler import profiles
from crawler.items import Link, Page
from spiders.walk import links_of

URL = "https://haivan.example/tin-tuc"
PROFILE = profiles.for_url(URL)


def walk(
    body: str | bytes,
    kind: str = "page",
    content_type: str = "text/html",
    location: str = "",
    status: int = 200,
) -> tuple[str, list[Link]]:
    raw = body.encode() if isinstance(body, str) else body
    page = Page(
        url=URL,
        fetched_at=datetime(2024, 7, 3, tzinfo=UTC),
        status=status,
        content_type=content_type,
        body=raw,
        kind=kind,
    )
    return links_of(page, location, PROFILE)


def form(link: Link) -> dict[str, list[str]]:
    return parse_qs(link.form or "", keep_blank_values=True)


WEB_FORMS = """<form method="post" action="tin-tuc?a=1">
<input type="hidden" name="__VIEWSTATE" value="{state}">
<input type="hidden" name="__EVENTVALIDATION" value="v"><input type="text" name="q" value="x">
<a href="javascript:__doPostBack('ctl00$pager$ctl0{a}','{x}')">2</a>
<a href="javascript:__doPostBack('ctl00$pager$ctl0{b}','{y}')">3</a>
<a href="javascript:__doPostBack('ctl00$login','')">Đăng nhập</a></form>"""


def test_web_forms_pages_carry_the_state_of_their_form() -> None:
    kind, links = walk(WEB_FORMS.format(state="s1", a=1, b=2, x="Page$2", y="Page$3"))
    assert kind == "listing"
    posts = [link for link in links if link.form]
    assert [form(link)["__EVENTARGUMENT"] for link in posts] == [["Page$2"], ["Page$3"]]
    assert form(posts[0])["__VIEWSTATE"] == ["s1"]
    assert posts[0].url == "https://haivan.example/tin-tuc?a=1"
    assert "q" not in form(posts[0])


def test_a_page_of_web_forms_is_told_by_its_number() -> None:
    _, first = walk(WEB_FORMS.format(state="s1", a=1, b=2, x="", y=""))
    _, second = walk(WEB_FORMS.format(state="s2", a=3, b=4, x="", y=""))
    assert [link.key for link in first if link.form] == [link.key for link in second if link.form]
    assert len({link.key for link in first if link.form}) == 2


VN_PORTAL = """<script>var maxPage = parseInt(3); var url = '/DesktopModule/X.aspx/LoadArticle';
$.post(url, {article_category_id: '11495', "site_id": 7, page: page, page_size: 15, keyword: '',
 articlelang: 'vi-VN', is_default: false});</script>"""


def test_vn_portal_pages_are_posted_with_the_values_of_the_script() -> None:
    kind, links = walk(VN_PORTAL)
    assert kind == "listing"
    assert [form(link)["page"] for link in links] == [["2"], ["3"]]
    assert links[0].url == "https://haivan.example/DesktopModule/X.aspx/LoadArticle"
    values = form(links[0])
    assert (values["article_category_id"], values["site_id"], values["keyword"]) == (
        ["11495"],
        ["7"],
        [""],
    )
    assert values["articlelang"] == ["vi-VN"]
    assert values["is_default"] == ["false"]


def test_ordinary_pager_links_are_listings() -> None:
    _, links = walk("""<a href="?page=2">2</a><a href="/vi/news/a/page-3/">3</a>
        <a href="?_101_cur=4&amp;x=1">4</a><a href="/tin-tuc/hoi-nghi-5">5</a>
        <a href="?p=2">6</a><a href="?p=1234">7</a>""")
    kinds = ["listing", "listing", "listing", "page", "listing", "page"]
    assert [link.kind for link in links] == kinds


def test_feeds_and_sitemaps_are_walked() -> None:
    title = "Khởi công cầu qua sông Vạc"
    escaped = title.replace("ầ", "&amp;#7847;")
    entry = f"<title>{escaped}</title><link>/tin/1?utm_source=rss</link>"
    kind, links = walk(
        f"<rss><channel><item>{entry}</item></channel></rss>", content_type="application/rss+xml"
    )
    assert (kind, [(link.url, link.kind, link.words) for link in links]) == (
        "feed",
        [("https://haivan.example/tin/1", "article", title)],
    )
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry>"
        f"<title>{title}</title><link href='/tin/2'/></entry></feed>"
    )
    _, links = walk(atom, content_type="application/atom+xml")
    assert [(link.url, link.words) for link in links] == [("https://haivan.example/tin/2", title)]
    index = (
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap>"
        "<loc>https://haivan.example/s1.xml</loc></sitemap></sitemapindex>"
    )
    for body in (index.encode(), gzip.compress(index.encode())):
        kind, links = walk(body, content_type="application/xml")
        assert (kind, [link.kind for link in links]) == ("sitemap", ["sitemap"])


def test_entities_of_a_feed_are_never_resolved() -> None:
    bomb = (
        "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
        "<rss><item><link>/tin/&a;</link></item></rss>"
    )
    _, links = walk(bomb, content_type="text/xml")
    assert not [link for link in links if "root" in link.url]


def test_robots_txt_names_sitemaps() -> None:
    kind, links = walk(
        "User-agent: *\nDisallow: /a\nSitemap: /sitemap.xml\n",
        kind="robots",
        content_type="text/plain",
    )
    assert (kind, [link.url for link in links]) == (
        "robots",
        ["https://haivan.example/sitemap.xml"],
    )


def test_a_redirect_is_one_link() -> None:
    kind, links = walk("", location="/tin-tuc/moi", status=302, kind="not_found")
    assert (kind, [link.url for link in links]) == (
        "redirect",
        ["https://haivan.example/tin-tuc/moi"],
    )
    assert walk("", location="javascript:x", status=302) == ("redirect", [])


def test_base_href_is_honoured() -> None:
    _, links = walk('<base href="/goc/"><a href="bai-1">1</a>')
    assert links[0].url == "https://haivan.example/goc/bai-1"


def test_what_is_no_html_has_no_links() -> None:
    assert walk(b"%PDF-1.4", content_type="application/pdf") == ("file", [])
    assert walk("<a href='/x'>x</a>", status=500) == ("page", [])


CMS = profiles.parse(
    """name = "Một CMS"
listing = ".item"
[addresses]
article = ['-\\\\d+$']
listing = ['/chuyen-muc/']
further = ['[?&]start=\\\\d+']
noise = ["from"]
""".replace("\\\\", "\\"),
    "cms",
    "the test",
)


def walk_with(body: str, url: str = URL) -> tuple[str, list[Link]]:
    page = Page(url, datetime(2024, 7, 3, tzinfo=UTC), 200, "text/html", body.encode())
    return links_of(page, "", CMS)


def test_what_never_changes_the_article_is_no_part_of_its_address() -> None:
    _, links = walk_with("<a href='/a-1?from=home&x=1'>A</a><a href='/a-1?x=1&FROM=menu'>A</a>")
    assert {link.url for link in links} == {"https://haivan.example/a-1?x=1"}
    assert len({link.key for link in links}) == 1


def test_lists_are_told_by_their_addresses() -> None:
    _, links = walk_with(
        "<a href='?start=20'>2</a><a href='/chuyen-muc/y-te'>Y tế</a><a href='/b'>"
    )
    assert [link.kind for link in links] == ["listing", "listing", "page"]
    assert walk_with("<p>Trống</p>", "https://haivan.example/chuyen-muc/y-te")[0] == "listing"
    assert walk_with("<p>Trống</p>")[0] == "page"


def test_of_an_items_links_the_one_with_an_articles_address_is_it() -> None:
    item = (
        "<div class='item'><a href='/chuyen-muc/y-te'>Y</a><a href='/tin/mo-tram-7'>Tin</a></div>"
    )
    _, links = walk_with(item)
    assert [link.url for link in links if link.kind == "article"] == [
        "https://haivan.example/tin/mo-tram-7"
    ]
    _, links = walk_with("<div class='item'><a href='/x'>X</a><a href='/y'>Y</a></div>")
    assert [link.url[-2:] for link in links if link.kind == "article"] == ["/x"]


def test_an_item_may_be_the_link_itself() -> None:
    _, links = walk_with("<a class='item' href='/tin/mo-tram-7'>Tin</a>")
    assert [link.kind for link in links] == ["article", "page"]


WORDPRESS = profiles.load("wordpress")
ITEM = (
    "<article class='hentry post'><h2><a href='/tin/a/'>Một bài trong danh sách</a></h2></article>"
)


def test_the_body_of_wordpress_tells_a_list_from_an_article() -> None:
    for body, kind in (("archive category", "listing"), ("single single-post", "page")):
        html = f"<body class='{body}'>{ITEM * 3}</body>".encode()
        page = Page(URL, datetime(2024, 7, 3, tzinfo=UTC), 200, "text/html", html)
        assert links_of(page, "", WORDPRESS)[0] == kind


def urls(body: str) -> list[str]:
    return [link.url for link in walk(body)[1]]


@pytest.mark.parametrize(
    "body",
    [
        '<meta http-equiv="Refresh" content="0; URL=\'trang-chu.aspx\'">',
        '<meta http-equiv=refresh content="0;trang-chu.aspx">',
        '<script>window.location.href = "/trang-chu.aspx";</script>',
        "<script>location.replace('/trang-chu.aspx')</script>",
        '<frameset cols="20%,80%"><frame src="trang-chu.aspx"></frameset>',
    ],
)
def test_a_front_door_leads_into_the_house(body: str) -> None:
    assert urls(f"<html><head>{body}</head></html>") == ["https://haivan.example/trang-chu.aspx"]


@pytest.mark.parametrize(
    "body",
    [
        '<meta http-equiv="refresh" content="300">',
        '<meta http-equiv="refresh" content="0;url=javascript:go()">',
        '<script>if (location.href == "/di-dong/") go()</script>',
    ],
)
def test_a_page_that_only_reloads_leads_nowhere(body: str) -> None:
    assert urls(f"<html><head>{body}</head></html>") == []


def test_a_script_beside_links_may_be_a_button() -> None:
    page = '<script>function tim() { location.href = "/tim" }</script><a href="/tin-1.html">1</a>'
    assert urls(page) == ["https://haivan.example/tin-1.html"]
