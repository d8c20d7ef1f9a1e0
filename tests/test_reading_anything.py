"""Reading never raises and never takes long, whatever the bytes."""

import time
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import profiles
from crawler.items import Page, ReadPage
from pipelines.read import read

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
ANY = profiles.Profile("any", "Any", layouts=profiles.every_layout())
KINDS = {"article", "listing", "other", "not_found", "blocked", "login", "poll", "file"}
PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div class='ArticleContent'>",
        "<td>",
        "<tr>",
        "<table>",
        "<br>",
        "<a href='//[x'>",
        "<img src='http://[::1'>",
        "<iframe src='?file=%ff'>",
        "<h1>",
        "</h1>",
        "<li>",
        "lượt xem: ",
        "04/01/2023",
        "31/02/9999 25:61",
        "9 giờ trước",
        "Tác giả: ",
        "<style>",
        "<script>",
        "<!--",
        "-->",
        "<span style='display:none'>",
        "<font size='+99'>",
        "&#x301;",
        "Nguyễn Văn Tám",
        "\x00",
        "1.204",
        '<script type=\'application/ld+json\'>{"@type":[1,{}],"@graph":[[]]}</script>',
        "<meta property='og:type' content='article'>",
        "Trang chủ >> ",
        "<title>",
        "Chiều nay, xã tổng kết phong trào thi đua yêu nước năm qua, khen thưởng nhiều tập thể. ",
    ]
)


def read_bytes(body: bytes, content_type: str = "") -> ReadPage:
    page = Page(
        "https://haivan.example/a-1", datetime(2024, 7, 3, tzinfo=UTC), 200, content_type, body
    )
    got = read(page, ANY)
    assert got.kind in KINDS
    assert (got.article is not None) == (got.kind == "article")
    return got


@given(st.binary(max_size=2000))
@settings(max_examples=200)
def test_any_bytes(body: bytes) -> None:
    read_bytes(body)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=300)
def test_any_pile_of_markup(text: str) -> None:
    read_bytes(text.encode())
    read_bytes(unicodedata.normalize("NFD", text).encode(), "text/html; charset=utf-8")


@given(st.sampled_from(PAGES), st.floats(0, 1))
@settings(max_examples=60)
def test_truncated_pages(path: Path, share: float) -> None:
    body = path.read_bytes()
    read_bytes(body[: int(len(body) * share)])


@pytest.mark.parametrize(
    "charset", ["windows-1258", "utf-16", "latin-1", "no-such-charset", "utf-7"]
)
def test_wrong_charsets(charset: str) -> None:
    for path in PAGES:
        read_bytes(path.read_bytes(), f"text/html; charset={charset}")


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 20_000 + b"x" * 300,
        b"<table><tr><td>" * 3_000 + b"x" * 300,
        b"<p>" + b"1/1/" * 50_000,
        b"<p>" + b"a " * 200_000,
        b"<h1>T</h1>" + b"<b>Nguy Van</b> - " * 20_000,
        b"<a href=x>" * 20_000,
        b"<p>04/01/2023 " + b"9" * 100_000 + b" l\xc6\xb0\xe1\xbb\xa3t xem",
        b"<div style='" + b"left:" * 30_000 + b"'>x</div>",
    ],
)
def test_bounded_time(body: bytes) -> None:
    begun = time.perf_counter()
    read_bytes(body)
    assert time.perf_counter() - begun < 5
