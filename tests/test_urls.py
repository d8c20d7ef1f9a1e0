"""URLs: cleaning, identity, scope, refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import clean, hosts_of, in_scope, key_of, link, refusal

BASE = "https://kimson.ninhbinh.gov.vn/tin-tuc?page=2"
ARTICLE = "https://kimson.ninhbinh.gov.vn/tin-tuc/hoi-nghi-123"


@pytest.mark.parametrize(
    "href",
    [
        "/tin-tuc/hoi-nghi-123",
        "//kimson.ninhbinh.gov.vn/tin-tuc/hoi-nghi-123",
        " HTTPS://KimSon.NinhBinh.gov.vn:443/tin-tuc/hoi-nghi-123#binh-luan",
        "/tin-tuc/hoi-nghi-123;jsessionid=0A1B",
        "/tin-tuc/hoi-nghi-123?utm_source=rss&fbclid=x",
        "/tin-tuc/hoi-nghi-123?print=1",
        "/tin-tuc/hoi-nghi-123?PHPSESSID=9&view=print",
        "/tin-tuc/hoi-nghi-123?redirect=https%3A%2F%2Fkimson.ninhbinh.gov.vn%2Ftin-tuc",
        "/tin-tuc//hoi-nghi-123",
        "hoi-nghi-123",
    ],
)
def test_one_article_has_one_address(href: str) -> None:
    base = BASE.replace("?page=2", "/") if href == "hoi-nghi-123" else BASE
    assert clean(href, base) == ARTICLE


@pytest.mark.parametrize(
    "href",
    [
        "https:",
        "",
        "javascript:void(0)",
        "mailto:a@b.vn",
        "http://[::1",
        "tel:0229",
        "data:text/html,x",
    ],
)
def test_what_is_no_address_is_none(href: str) -> None:
    made = clean(href, BASE)
    assert made is None or made == BASE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ARTICLE, ARTICLE + "/"),
        (ARTICLE, ARTICLE.replace("https://", "http://www.")),
        (ARTICLE + "?a=1&b=2", ARTICLE + "?b=2&a=1"),
        ("https://x.vn/chitiet.aspx?ID=1", "https://x.vn/ChiTiet.aspx?ID=1"),
        ("https://x.vn/tin-tuc/a-1", "https://x.vn/TIN-TUC/A-1"),
        ("https://x.vn/tin%C3%A1", "https://x.vn/tiná"),
    ],
)
def test_same_page_same_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.vn/chitiet.asp?id=1", "https://x.vn/chitiet.asp?id=2"),
        ("https://x.vn/modules.php?name=News&sid=1", "https://x.vn/modules.php?name=News&sid=2"),
        ("https://x.vn/a-123.html", "https://x.vn/a-124.html"),
        ("https://x.vn/wps/portal/!ut/p/b1/aB", "https://x.vn/wps/portal/!ut/p/b1/Ab"),
        ("https://x.vn:8080/a", "https://x.vn/a"),
        ("https://x.vn/view_content/1-a", "https://x.vn/view_content/2-a"),
    ],
)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_a_form_is_told_by_what_lasts_not_by_its_view_state() -> None:
    form = "__VIEWSTATE=a&__EVENTTARGET=pager&__EVENTARGUMENT=Page%242"
    assert key_of(ARTICLE, form) == key_of(ARTICLE, form.replace("=a", "=other"))
    assert key_of(ARTICLE, form) != key_of(ARTICLE, form.replace("%242", "%243"))
    assert key_of(ARTICLE, form) != key_of(ARTICLE)


def test_a_print_view_is_known_with_all_that_joomla_says_beside_it() -> None:
    for view in ("?tmpl=component&print=1&layout=default&page=", "?tmpl=component", "?print=1"):
        assert clean(f"https://x.vn/tin/7-hop{view}", BASE) == "https://x.vn/tin/7-hop"
    assert clean("https://x.vn/tin?layout=default", BASE) == "https://x.vn/tin?layout=default"


def test_the_number_of_a_story_is_no_session() -> None:
    story = "https://x.vn/modules.php?name=News&sid=101"
    assert clean(story, BASE) == story
    assert clean("https://x.vn/tin-1.html?sid=0f3a9c77b1d24e5f", BASE) == "https://x.vn/tin-1.html"


@given(st.text(max_size=60))
def test_cleaning_never_fails_and_is_idempotent(href: str) -> None:
    once = clean(href, BASE)
    if once is not None:
        assert clean(once, BASE) == once
        assert key_of(once) == key_of(clean(once, BASE) or "")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://x.vn/dang-nhap", "login page"),
        ("https://x.vn/c/portal/login?x=1", "login page"),
        ("https://x.vn/print/tin-1", "print view"),
        ("https://x.vn/Print.aspx?Id=1027", "print view"),
        ("https://x.vn/print.php?id=1027", "print view"),
        ("https://x.vn/NewsPrint.aspx?ID=7", "print view"),
        ("https://x.vn/in-bai-viet/tin-7.html", "print view"),
        ("https://x.vn/index.php?mod=news&act=print&id=7", "print view"),
        ("https://x.vn/a?p_p_id=59&p_p_state=pop_up", "pop-up window"),
        ("https://x.vn/tin-tuc/dang-nhap-lieu-dat-dai", None),
        ("https://x.vn/tin-tuc/in-trang-sach", None),
        ("https://x.vn/nganh-in/may-printer-7.html", None),
        ("https://x.vn/in-bai-vo-tu-7.html", None),
    ],
)
def test_refusals_say_why(url: str, reason: str | None) -> None:
    assert refusal(url) == reason


def test_files_are_noted_but_not_fetched() -> None:
    made = link("/uploads/Công văn 12.PDF", BASE)
    assert made is not None
    assert (made.kind, made.url.rsplit("/", 1)[1]) == ("file", "C%C3%B4ng%20v%C4%83n%2012.PDF")
    assert made.refused


def test_scope_is_the_portals_hosts_only() -> None:
    hosts = hosts_of("https://www.kimson.gov.vn/", "van-ban.kimson.gov.vn:8080")
    assert in_scope("http://kimson.gov.vn/a", hosts)
    assert in_scope("http://van-ban.kimson.gov.vn:8080/a", hosts)
    assert not in_scope("http://kimson.gov.vn.evil.example/", hosts)
    assert not in_scope("http://kimson.gov.vn:81/", hosts)
