"""Addresses: cleaning is idempotent, noise never matters, two articles are never one.

The shapes are those of the portals' families: vnPortal, VHV, SharePoint, Liferay, NukeViet, DNN,
WebSphere, WordPress and plain ASP.
"""

import unicodedata
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crawler.urls import clean, hosts_of, in_scope, key_of, link

BASE = "https://kimson.gov.vn/tin-tuc/?page=2"
HOSTS = st.sampled_from(
    ["kimson.gov.vn", "www.kimson.gov.vn:8080", "tỉnh.vn", "KIMSON.gov.vn.", "[2001:db8::1]:81"]
)
_WORDS = ["hội", "nghị", "tổng", "kết", "phong", "trào", "thi", "đua", "năm", "xã", "Ân", "Hòa"]
SLUGS = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=8).map("-".join)
NUMBERS = st.integers(0, 10**9)
DAYS = st.dates()
BASE64 = st.text("ABab01", min_size=4, max_size=12)
UUIDS = st.uuids().map(str)

SHAPES: dict[str, Callable[..., str]] = {
    "vnPortal": lambda slug, n: f"/xa-hoi/{slug}-{n}",
    "vnPortal docid": lambda slug, n: f"/vanban?classid=1&orggroupid={len(slug)}&docid={n}",
    "vnPortal pageid": lambda slug, n: f"/default.aspx?pageid={n}&p_cate={len(slug)}",
    "VHV": lambda slug, n: f"/{slug}-{n}?categoryId=5",
    "SharePoint item": lambda slug, n: f"/portal/Pages/View_Detail.aspx?ItemID={n}",
    "Liferay": lambda slug, n: f"/tin-tuc/-/view_content/{n}-{slug}.html",
    "NukeViet": lambda slug, n: f"/vi/news/tin-tuc/{slug}-{n}.html",
    "DNN": lambda slug, n: f"/Default.aspx?TabID={n}&p={len(slug)}",
    "WordPress": lambda slug, n: f"/?p={n}",
    "plain": lambda slug, n: f"/chi-tiet/{n}",
    "plain ASP": lambda slug, n: f"/chitiet.asp?id={n}&cat={len(slug)}",
}
NOISE = st.lists(
    st.sampled_from(
        [
            "utm_source=zalo",
            "utm_campaign=a%20b",
            "fbclid=IwAR0",
            "PHPSESSID=0af1",
            "jsessionid=0A1B",
            "print=1",
            "view=print",
            "redirect=%2Ftin-tuc%3Fpage%3D2",
        ]
    ),
    max_size=3,
)


def article(shape: str, slug: str, number: int, host: str = "kimson.gov.vn") -> str:
    found = clean(SHAPES[shape](slug, number), f"https://{host}/")
    assert found is not None
    return found


@given(HOSTS, st.sampled_from(sorted(SHAPES)), SLUGS, NUMBERS, NOISE)
def test_noise_changes_neither_address_nor_key(
    host: str, shape: str, slug: str, number: int, noise: list[str]
) -> None:
    plain = article(shape, slug, number, host)
    noisy = clean("&".join([plain + ("&" if "?" in plain else "?"), *noise]), BASE)
    assert noisy is not None
    assert key_of(noisy) == key_of(plain)
    assert clean(noisy, BASE) == noisy


@given(st.sampled_from(sorted(SHAPES)), SLUGS, SLUGS, NUMBERS, NUMBERS)
def test_two_articles_of_a_family_are_never_one(
    shape: str, one: str, other: str, number: int, another: int
) -> None:
    assume(number != another)
    assert key_of(article(shape, one, number)) != key_of(article(shape, other, another))


@given(DAYS, DAYS, SLUGS, SLUGS)
def test_sharepoint_pages_are_told_by_day_and_name(
    day: object, other_day: object, slug: str, other: str
) -> None:
    assume((day, slug.lower()) != (other_day, other.lower()))
    addresses = [
        clean(f"/portal/Pages/{d.year}-{d.month}-{d.day}/{s}.aspx", BASE)  # type: ignore[attr-defined]
        for d, s in ((day, slug), (other_day, other))
    ]
    assert len({key_of(address or "") for address in addresses}) == 2


@given(BASE64)
def test_websphere_addresses_differ_by_case(one: str) -> None:
    other = one.swapcase()
    assume(one != other)
    keys = {key_of(clean(f"/wps/portal/!ut/p/b1/{each}/", BASE) or "") for each in (one, other)}
    assert len(keys) == 2


@given(UUIDS, UUIDS)
def test_liferay_files_differ_by_their_number(one: str, other: str) -> None:
    assume(one != other)
    keys = {
        key_of(clean(f"/documents/1/2/van-ban.pdf/{each}?version=1.0&t=17", BASE) or "")
        for each in (one, other)
    }
    assert len(keys) == 2


@given(SLUGS, NUMBERS)
def test_both_normal_forms_and_all_ways_to_write_a_letter_are_one_address(
    slug: str, number: int
) -> None:
    written = [unicodedata.normalize(form, f"/{slug}-{number}") for form in ("NFC", "NFD")]
    ways = [*written, *map(quote, written), quote(written[0]).lower()]
    assert len({key_of(clean(way, BASE) or "") for way in ways}) == 1


_PIECES = st.sampled_from(
    [
        *(
            "/",
            "//",
            "\\",
            ".",
            "..",
            "?",
            "&",
            "=",
            "#",
            ";",
            ":",
            "@",
            "%",
            "%2f",
            "%2F",
            "%C3%A1",
        ),
        *("%e1", "+", "%20", " ", "\t", "\n", "\x00", "\ufeff", "á", "á", "đ", "😀", "\ud800"),
        *(
            "http:",
            "https:",
            "HTTP://",
            "//x.vn",
            "user:pw@",
            ":80",
            ":443",
            ":",
            ":99999",
            "[::1]",
        ),
        *(
            "a",
            "Page",
            "id",
            "sid",
            "jsessionid",
            "print",
            "view=print",
            "(S(abc12))",
            ".pdf",
            "utm_x",
        ),
    ]
)


@given(st.lists(_PIECES, max_size=14).map("".join))
@example(". #")
@example(". ;")
@example(". ?utm_x")
@example("//.::")
def test_cleaning_anything_is_idempotent(href: str) -> None:
    once = clean(href, BASE)
    if once is not None:
        assert clean(once, BASE) == once
        assert key_of(once).encode()
        assert urlsplit(once).scheme in ("http", "https")
        assert once.isascii()


@given(st.text(), st.sampled_from(["page", "article", "listing", "file"]))
def test_a_link_is_made_of_anything_or_nothing(href: str, kind: str) -> None:
    made = link(href, BASE, kind)
    assert made is None or (made.key == key_of(made.url) and (made.refused or made.kind))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https:/x.vn/a", "https://x.vn/a"),
        ("https:x.vn/a", "https://x.vn/a"),
        ("HTTP://X.vn.:0080/a/../b", "http://x.vn/b"),
        ("//admin:1@x.vn:443/", "https://x.vn/"),
        ("/a?x=1&view=print&y=2", "https://kimson.gov.vn/a?x=1&y=2"),
        ("http://x.vn:99999/", None),
        ("http://", None),
        ("https:", None),
    ],
)
def test_odd_addresses_mean_what_browsers_take_them_for(written: str, meant: str | None) -> None:
    assert clean(written, BASE) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/%E1", "/%E0"),
        ("/tim?ten=%E1", "/tim?ten=%E0"),
        ("/a%2Fb", "/a/b"),
        ("/a+b", "/a%20b"),
        ("/?a=1%262", "/?a=1&2"),
    ],
)
def test_what_servers_tell_apart_is_not_merged(one: str, other: str) -> None:
    assert key_of(clean(one, BASE) or "") != key_of(clean(other, BASE) or "")


def test_a_session_in_a_folder_is_asked_for_but_makes_no_other_page() -> None:
    with_session = clean("/(S(pvvqlvf1kmnwbx45))/tin/a-1.aspx", BASE)
    assert with_session is not None
    assert "(S(" in with_session
    assert key_of(with_session) == key_of(clean("/tin/a-1.aspx", BASE) or "")


def test_a_host_is_the_same_in_letters_and_in_punycode() -> None:
    hosts = hosts_of("https://tỉnh.vn/", "van-ban.vn:8080")
    assert in_scope(clean("http://TỈNH.vn:80/a", BASE) or "", hosts)
    assert in_scope(clean("http://van-ban.vn:8080/a", BASE) or "", hosts)
