"""Walking and reading take anything: no bytes raise, and twice the size is about twice the work."""

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import profiles
from crawler.document import Document, decode
from crawler.items import Link, Page
from crawler.safety.bounds import TooMuch, Undecodable
from crawler.vietnamese import nfc
from pipelines.names import without_credit
from pipelines.read import read
from spiders.claims import claim_of
from spiders.feeds import feed_links
from spiders.walk import links_of
from tests.test_reading_anything import PIECES

URL = "https://haivan.example/tin?page=2"
GENERIC = profiles.for_url(URL)
KINDS = st.sampled_from(
    ["page", "home", "article", "listing", "feed", "sitemap", "robots", "file", "redirect"]
)
TYPES = st.one_of(
    st.sampled_from(
        [
            "",
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "text/html; charset=windows-1258",
            "text/html; charset=utf-16",
            "application/xhtml+xml",
            "application/rss+xml",
            "text/xml",
            "application/pdf",
            "text/plain",
            ";;charset=",
        ]
    ),
    st.text(st.characters(max_codepoint=255), max_size=30),
)
STATUSES = st.sampled_from([200, 200, 200, 204, 206, 301, 304, 404, 500, 999])
MARKUP = st.sampled_from(
    [
        "<form action='//['>",
        "<form>",
        "</form>",
        "<input type='hidden' name='__VIEWSTATE' value='x'>",
        "<input type='hidden' name=''>",
        "<a href=\"javascript:__doPostBack('ctl00$pager$a','Page$2')\">2</a>",
        "<a href=\"javascript:__doPostBack('','')\">",
        "<a href='?page=99999999999999999999'>9</a>",
        "<a href='?page=2'>2</a>",
        "<a href='?trang=²'>²</a>",
        "<a href='https:'>x</a>",
        "<a href='tin?a=1&a=1'>x</a>",
        "<a href='/https//x.vn/'>x</a>",
        "<base href='//['>",
        "<base href='javascript:x'>",
        "<link rel='canonical' href='/'>",
        "<link rel='canonical' href='//['>",
        "<script>var maxPage = parseInt(3); '/X.aspx/LoadArticle'; site_id: 7</script>",
        '<script>maxPage = 9999999999; "//[/LoadArticle"</script>',
        "Hiển thị 1 - 20 of 29",
        "Hiển thị 20 - 1 trên 0",
        "Trang 0/0",
        "Tổng số 1.204 bản ghi",
        "<svg><a href='x'>",
        "<iframe src='//x.vn:99999/'>",
        "<area href='%'>",
        "<html>",
        "<?xml version='1.0'?>",
    ]
)
XML = st.sampled_from(
    [
        "<?xml version='1.0'?>",
        "<!DOCTYPE r [<!ENTITY a 'b'>]>",
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>",
        "<sitemapindex>",
        "<url>",
        "<loc>/a</loc>",
        "<loc>http://[</loc>",
        "<loc/>",
        "<loc>&a;</loc>",
        "<lastmod>2024-07-03</lastmod>",
        "<lastmod>2024-07-03T08:00:00+07:00</lastmod>",
        "<lastmod>0001-01-01T00:00:00+23:59</lastmod>",
        "<lastmod>9999-99-99</lastmod>",
        "</url>",
        "<rss>",
        "<item>",
        "<link>/tin/1</link>",
        "<link href='/tin/2'/>",
        "</item>",
        "<entry>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "\x0b",
        "&nbsp;",
    ]
)


def page_of(body: bytes, kind: str = "page", content_type: str = "", status: int = 200) -> Page:
    return Page(URL, datetime(2024, 7, 3, tzinfo=UTC), status, content_type, body, kind=kind)


def walk_and_read(page: Page, location: str = "") -> list[Link]:
    try:
        kind, links = links_of(page, location, GENERIC)
    except (TooMuch, Undecodable):
        assert page.body.startswith(b"\x1f\x8b")
        return []
    assert all(each.key and each.url.isascii() for each in links)
    read(page.walked(kind, tuple(links), claim_of(page, kind, links)), GENERIC)
    return links


@given(st.binary(max_size=1500), KINDS, TYPES, STATUSES, st.text(max_size=30))
@settings(max_examples=300)
def test_any_bytes(body: bytes, kind: str, content_type: str, status: int, location: str) -> None:
    walk_and_read(page_of(body, kind, content_type, status), location)


@given(st.lists(MARKUP | PIECES, max_size=40).map("".join), KINDS, TYPES)
@settings(max_examples=300)
def test_any_pile_of_links_and_forms(text: str, kind: str, content_type: str) -> None:
    walk_and_read(page_of(text.encode(), kind, content_type))


@given(st.lists(XML, max_size=30).map("".join), st.booleans())
@settings(max_examples=300)
def test_any_pile_of_xml(text: str, packed: bool) -> None:
    body = gzip.compress(text.encode()) if packed else text.encode()
    for each in feed_links(page_of(body))[1]:
        assert each.modified is None or each.modified.tzinfo is UTC


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_anything_that_begins_like_a_packed_sitemap(rest: bytes) -> None:
    walk_and_read(page_of(b"\x1f\x8b" + rest, "sitemap"))
    walk_and_read(page_of(gzip.compress(b"<urlset>")[: len(rest)], "sitemap"))


NO_TEXT = [
    "\x00",
    "\x01",
    "\x0b",
    "\x1f",
    "\ufffe",
    "\uffff",
    "&#1;",
    "&#x1F;",
    "&#11;",
    "&#65535;",
]


@pytest.mark.parametrize("mark", NO_TEXT)
def test_what_xml_has_no_place_for_is_left_out(mark: str) -> None:
    """lxml takes such characters in, but raises when they are handed back to it."""
    tree = Document(f"<p>mộ{mark}t &#123;</p>".encode()).tree
    paragraph = tree.find(".//p")
    assert paragraph.text in ("một {", "mộ t {")
    paragraph.text = paragraph.text + paragraph.text


def test_whatever_follows_a_letter_a_page_is_decoded_to_normal_form() -> None:
    """Pages that look normal are let through without asking for each letter."""
    for place in range(0x80, 0x20000):
        if not 0xD7FF < place < 0xE000:
            page = f"<p>ê{chr(place)}</p>"
            text, encoding = decode(page.encode())
            assert encoding.startswith("utf-8")
            assert text == nfc(page.replace("\ufffe", "").replace("\uffff", "")), hex(place)


REPEATED = [
    "<form>",
    "<form><div>",
    "<div>",
    "<ul><li>",
    "<table><tr><td>",
    "<a href='?page=2'>2</a>",
    "<a href='/tin/a-1'>",
    "<link rel='canonical' href='/a'>",
    "<script>LoadArticle</script>",
    "Hiển thị 1 - 20 ",
    "Trang 1/9 ",
    "Tổng số 129 bản ghi ",
    "lượt xem: 1.204 ",
    "04/01/2023 ",
    "Tác giả: Nguyễn ",
    "<p>Sáng nay, xã tổng kết phong trào. </p>",
    "<b>",
    "<!--",
    "&#x301;",
    "[",
    "9",
]


REPEATED_IN_XML = ["<loc>/a</loc>", "<url>", "<lastmod>2024</lastmod>", "<item><link>/a</link>"]


@pytest.mark.parametrize("piece", REPEATED_IN_XML)
def test_work_on_feeds_grows_with_size_and_not_with_its_square(piece: str) -> None:
    small, large = (_work("<urlset>" + piece * n) for n in (2_500, 10_000))
    assert large < 9 * small + 0.3


@pytest.mark.parametrize("piece", REPEATED)
def test_work_grows_with_size_and_not_with_its_square(piece: str) -> None:
    # Nested too deep: then the tags are read once more, also one that nothing ends.
    begin = "<html><body><h1>Tin</h1>" + "<div>" * 300
    small, large = (_work(f"{begin}<h{piece * n}") for n in (1_500, 6_000))
    assert large < 9 * small + 0.3
    small, large = (_work(f"<html><body><h1>Tin</h1>{piece * n}") for n in (1_500, 6_000))
    # Four times the size: four times the work, or sixteen if it were the square.
    assert large < 9 * small + 0.3


IN_A_TEXT = [
    "<p>Sáng nay, xã tổng kết phong trào thi đua yêu nước và khen thưởng nhiều hộ gia đình.</p>" * 4
    + "<p><a href=/t>Tiêu đề của một bài khác trong huyện</a></p><p>Ngắn.</p>",
    "<form>x</form>" * 4,
    "<a href='/a.pdf'>a.pdf</a><br>" * 4,
]


@pytest.mark.parametrize("piece", IN_A_TEXT)
def test_work_on_an_article_grows_with_size_and_not_with_its_square(piece: str) -> None:
    begin = "<html><body><h1>Xã tổng kết phong trào thi đua</h1><p>04/01/2023</p><div>"
    text = f"<p>{'Sáng nay, xã tổng kết phong trào thi đua. ' * 5}</p>" * 9
    box = f"{begin}{text}<div class='a-form'>%s</div>{text}</div>"
    small, large = (_work(box % (piece * n)) for n in (400, 1_600))
    assert large < 9 * small + 0.3


LINES_OF_A_BOX = [
    ("<div class=title><p>%s</p></div>", "Xã tổng kết phong trào<br>"),
    ("<div class=title><div>%s</div></div>", "Xã tổng kết phong trào<br>"),
    ("<a href='#'>%s</a>", "<h3>Xã tổng kết phong trào</h3>"),
]


@pytest.mark.parametrize(("box", "line"), LINES_OF_A_BOX)
def test_work_on_a_boxs_lines_grows_with_size_and_not_with_its_square(box: str, line: str) -> None:
    text = "<p>Sáng nay, xã tổng kết phong trào thi đua yêu nước và khen thưởng nhiều hộ.</p>" * 4
    page = (
        f"<html><body>{box}<div><h1>Xã tổng kết phong trào thi đua</h1>{text}</div></body></html>"
    )
    small, large = (_work(page % (line * n)) for n in (700, 2_800))
    assert large < 9 * small + 0.3


LINES_OVER_A_TEXT = [
    ("<h2>Tin tức y tế</h2>", "<h3>Xã tổng kết phong trào thi đua</h3>"),
    ("<h2>Xã tổng kết phong trào</h2><p>04/01/2023</p>", ""),
]


@pytest.mark.parametrize(("piece", "last"), LINES_OVER_A_TEXT)
def test_work_on_a_heads_lines_grows_with_size_and_not_with_its_square(
    piece: str, last: str
) -> None:
    text = "<p>Sáng nay, xã tổng kết phong trào thi đua yêu nước và khen thưởng nhiều hộ.</p>" * 9
    page = f"<html><body><div>%s<div>{text}</div></div></body></html>"
    small, large = (_work(page % (piece * n + last)) for n in (1_000, 6_000))
    # Six times the size: 36 times the work, if it were the square.
    assert large < 14 * small + 0.3


def test_a_refresh_of_blanks_alone_is_gone_through_once() -> None:
    page = "<html><head><meta http-equiv=refresh content='0;%s'></head><body>a</body></html>"
    small, large = (_work(page % (" " * n)) for n in (4_000, 16_000))
    assert large < 9 * small + 0.3


def test_a_byline_of_many_slashes_is_read_in_one_way() -> None:
    """In two ways each would take longer than anybody waits."""
    for credit in ("/báo a ", "/ AB - xx ", "/TTXVN", "/ABCDEF.GH"):
        line = "Vũ Thảo" + credit * 40
        assert without_credit(line) == "Vũ Thảo"
        assert without_credit(line + "/ !") == line + "/ !"


def _work(text: str) -> float:
    """Processor seconds, the least of three: what else runs here does not count."""
    return min(_once(text.encode()) for _ in range(3))


def _once(body: bytes) -> float:
    begun = time.process_time()
    walk_and_read(page_of(body))
    return time.process_time() - begun
