"""Pages and XML that are too deep, too long or too full are read as far as they go, and told."""

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from scrapy.utils import _compression

from crawler import profiles
from crawler.document import Document
from crawler.items import Page, ReadPage
from crawler.safety import markup
from crawler.safety.bounds import TooMuch, Undecodable
from crawler.safety.decoding import decoded, unzipped
from crawler.safety.wholeness import is_whole
from pipelines.read import read
from spiders.feeds import MOST_ENTRIES, feed_links
from spiders.walk import links_of

ANY = profiles.Profile("any", "Any", layouts=profiles.every_layout())
BEFORE = "<html><body><h1>Tiêu đề của trang</h1><ul><li><a href=/dau.html>Tin</a></ul>"
AFTER = "<p>Hết.</p><a href=/cuoi.html>Tin cũ</a></body></html>"
DEEP = "the page is nested too deep: it is read without its inner tags"
TAGS = "the page is too large: only 250000 tags are read"
LETTERS = "the page is too large: only 3000000 characters are read"


def _page(body: str, kind: str = "page", media: str = "text/html") -> Page:
    url = "https://x.gov.vn/a-1.html"
    return Page(url, datetime.now(UTC), 200, media, body.encode(), kind=kind)


def _read(middle: str) -> tuple[list[str], ReadPage]:
    page = _page(BEFORE + middle + AFTER)
    kind, links = links_of(page, "", ANY)
    return [link.url for link in links], read(page.walked(kind, tuple(links)), ANY)


@pytest.mark.parametrize(
    ("middle", "reaches_the_end", "told"),
    [
        ("<div>" * 100_000, True, [DEEP]),
        ("<table><tr><td>" * 2_000, True, [DEEP]),
        ("<span>" * 100_000 + "x" + "</span>" * 100_000, True, [DEEP]),
        ("<ul><li>" * 50_000, True, [DEEP]),
        ("<b><i><p>" * 330_000, False, [TAGS]),
        ("<b>x</b>" * 200_000, False, [TAGS]),
        (f"<p title='{'x' * 11_000_000}'>Hu</p>", True, []),
        (f"<img src='data:image/png;base64,{'QUJD' * 3_000_000}'>", True, []),
        ("<p " + " ".join(f"a{n}" for n in range(300_000)) + ">Hu</p>", True, []),
        ("<p>" + "chữ " * 1_000_000 + "</p>", False, [LETTERS]),
        ("<p>" + "x" * 12_000_000 + "</p>", True, []),
        ("<" * 400_000, False, [TAGS]),
    ],
    ids=lambda value: f"{value[:12]}..." if isinstance(value, str) else "",
)
def test_too_much_markup_is_read_as_far_as_it_goes(
    middle: str, reaches_the_end: bool, told: list[str]
) -> None:
    links, found = _read(middle)
    assert "https://x.gov.vn/dau.html" in links
    assert ("https://x.gov.vn/cuoi.html" in links) == reaches_the_end
    assert [p.reason for p in found.problems if "the page is" in p.reason] == told


def test_words_survive_the_flattening() -> None:
    source = "<div>".join(f"chữ {n} " for n in range(1000))
    text = "".join(Document(source.encode()).tree.itertext())
    assert [f"chữ {n} " in text for n in range(1000)] == [True] * 1000


def test_an_ordinary_page_is_not_touched() -> None:
    source = BEFORE + "<input name=v value='" + "A" * 49_000 + "'>" + "<b>x</b>" * 100 + AFTER
    assert markup.bounded(source) == (source, [])
    assert Document(source.encode()).left_out == []


@pytest.mark.parametrize("before", [0, 1, 500, 999, 1000, 1001, 5000])
@pytest.mark.parametrize("attributes", [201, 400, 2000])
def test_a_tag_is_shortened_wherever_it_stands(before: int, attributes: int) -> None:
    given = " ".join(f"a{number}=abcdefgh" for number in range(attributes))
    source = "x" * before + f"<p {given}>chữ</p>"
    text, _ = markup.bounded(source + source)
    most = markup.MOST_ATTRIBUTES - 1
    kept = " ".join(f"a{number}=abcdefgh" for number in range(most))
    assert text == ("x" * before + f"<p {kept}>chữ</p>") * 2


def test_a_huge_page_is_cut_between_letters() -> None:
    document = Document((BEFORE + "ệ" * 8_000_000 + AFTER).encode())
    assert document.encoding == "utf-8"
    assert "�" not in document.text
    assert document.left_out == []


def _sitemap(inside: str, before: str = "") -> str:
    return f"<?xml version='1.0'?>{before}<urlset>{inside}</urlset>"


def _loc(text: str) -> str:
    return f"<url><loc>{text}</loc></url>"


def _laughs() -> str:
    steps = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<!DOCTYPE x [<!ENTITY l0 "https://x.gov.vn/ha">{"".join(steps)}]>'


def test_entities_of_strangers_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("/bi-mat.html")
    outside = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{secret}">]>'
    good = _loc("https://x.gov.vn/tot.html")
    for before, loc in ((_laughs(), "&l9;"), (outside, "&f;"), (outside, "/?x=&f;")):
        kind, links = feed_links(_page(_sitemap(good + _loc(loc), before), media="text/xml"))
        assert kind == "sitemap"
        assert "https://x.gov.vn/tot.html" in [link.url for link in links]
        assert "bi-mat" not in "".join(link.url for link in links)
        assert sum(len(link.url) for link in links) < 200


def test_a_sitemap_has_as_many_entries_as_its_standard_allows() -> None:
    inside = "".join(_loc(f"/{n}") for n in range(MOST_ENTRIES + 10))
    assert len(feed_links(_page(_sitemap(inside)))[1]) == MOST_ENTRIES + 1
    deep = feed_links(_page(_sitemap(_loc("/tot.html") + "<a>" * 100_000)))
    assert [link.url for link in deep[1]] == ["https://x.gov.vn/tot.html"]


def test_a_packed_sitemap_is_bounded() -> None:
    page = _page(_sitemap(_loc("/a")))
    packed = Page(page.url, page.fetched_at, 200, "", gzip.compress(page.body))
    assert [link.url for link in feed_links(packed)[1]] == ["https://x.gov.vn/a"]
    bomb = Page(page.url, page.fetched_at, 200, "", gzip.compress(b" " * 60_000_000))
    with pytest.raises(TooMuch, match="unpacks to more than 50 MiB"):
        feed_links(bomb)
    torn = Page(page.url, page.fetched_at, 200, "", packed.body[:40])
    with pytest.raises(Undecodable, match="breaks off"):
        feed_links(torn)


def test_several_members_and_what_follows_them() -> None:
    page = b"<html>x</html>"
    assert decoded(gzip.compress(page) * 3, "gzip", 1000) == page * 3
    assert decoded(gzip.compress(page) + b"\0\0junk", "gzip", 1000) == page
    assert unzipped(page, 5) == page


def test_millions_of_empty_members_are_gone_through_once() -> None:
    small, large = (_seconds(gzip.compress(b"", mtime=0) * n) for n in (40_000, 160_000))
    assert large < 9 * small + 0.3


def _seconds(packed: bytes) -> float:
    begun = time.process_time()
    assert decoded(packed, "gzip", 1000) == b""
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", _compression.zstd.compress)],
)
def test_half_a_text_is_not_taken_for_the_whole(
    coding: str, packed: Callable[[bytes], bytes]
) -> None:
    words = " ".join(map(str, range(9000))).encode()
    whole = packed(words)
    assert decoded(whole, coding, 100_000) == words
    with pytest.raises(Undecodable):
        decoded(whole[: len(whole) // 2], coding, 100_000)


@pytest.mark.parametrize(
    ("payload", "coding", "whole"),
    [
        (b"<html>x</html>\n", "", True),
        (b"<HTML>x</HTML ><!-- 0.2 s -->", "", True),
        (b"<html>x", "", False),
        (b"%PDF-1.4 x\n%%EOF\n", "", True),
        (b"%PDF-1.4 x </html>", "", False),
        (b"\x89PNG\r\n\x1a\nxIEND\xaeB`\x82", "", True),
        (b"\xff\xd8\xff\xe0 x\xff\xd9", "", True),
        (b"\xff\xd8\xff\xe0 x", "", False),
        (gzip.compress(b"x", mtime=0), "gzip", True),
        (gzip.compress(b"x", mtime=0)[:-9], "gzip", False),
        (b"<html>x</html>", "br", False),
        (b"", "", False),
    ],
)
def test_a_whole_document_is_told_from_a_torn_one(payload: bytes, coding: str, whole: bool) -> None:
    assert is_whole(payload, coding) == whole
