"""What listing pages say of themselves, in the words of real portals."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import profiles
from crawler.items import ListingClaim, Page
from spiders import claims
from spiders.claims import claim_of
from spiders.walk import links_of

NOW = datetime(2024, 7, 3, tzinfo=UTC)
PROFILE = profiles.load("generic")
BASE = "https://thu.example"


def _claim(
    body: str, path: str = "/tin-tuc", form: str | None = None, referer: str = ""
) -> ListingClaim | None:
    page = Page(f"{BASE}{path}", NOW, 200, "text/html; charset=utf-8", body.encode())
    kind, links = links_of(page, "", PROFILE)
    return claim_of(page, "listing" if form is not None else kind, links, form, referer)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Hiển thị 1 - 20 of 29", (1, 2, 29)),
        ("Showing 1 - 20 of 29 results.", (1, 2, 29)),
        ("Showing <b>21</b> - <b>29</b> of <b>29</b>", (1, None, 29)),
        ("Hiển thị từ 11 đến 20 trong tổng số 1.204 bản ghi", (2, 121, 1204)),
        ("Showing 1 to 10 of 57 entries", (1, 6, 57)),
        ("Hiển thị kết quả 1-10 trong 95", (1, 10, 95)),
        ("Tổng số 129 bản ghi", (1, None, 129)),
        ("Tổng số: <b>129</b> tin bài", (1, None, 129)),
        ("Tổng số bài viết: 1.204", (1, None, 1204)),
        ("Tìm thấy 35 kết quả", (1, None, 35)),
        ("Trang 1/9", (1, 9, None)),
        ("<span>Trang 1/9</span><a href='#'>2</a>", (1, 9, None)),
        ("Trang <b>1</b>/<b>9</b>", (1, 9, None)),
        ("Trang: <b>2</b> / 7 - Tổng số 129 bản ghi", (2, 7, 129)),
        ("Trang 1 trên 14", (1, 14, None)),
        ("Page 1 of 9", (1, 9, None)),
        ("<script>var maxPage = parseInt(9);</script>", (1, 9, None)),
        ("<a href='/tin-tuc?page=7'>Trang cuối</a> Trang 1/7", (1, 7, None)),
    ],
)
def test_what_is_said(words: str, said: tuple[int | None, ...]) -> None:
    claim = _claim(f"<html><body><h1>Tin tức</h1><div>{words}</div></body></html>")
    assert claim
    assert (claim.page, claim.pages, claim.total) == said
    assert claim.raw


@pytest.mark.parametrize(
    "words",
    [
        "Trang 1/9/2023",
        "Tổng số điểm của bài viết là: 5 trong 1 đánh giá",
        "Tổng số lượt truy cập: 1.814.239",
        "Tổng số 45.000 lượt xem",
        "Hiển thị 20 - 1 of 29",
        "Hiển thị 1 - 20 of 99999999999",
        "<a href='/tin-tuc?id=9'>cuối »</a>",
    ],
)
def test_what_is_no_claim(words: str) -> None:
    assert _claim(f"<html><body><h1>Tin tức</h1><div>{words}</div></body></html>") is None


PAGER = "".join(f"<a href='?page={number}'>{number}</a> " for number in range(1, 6))
FROM_ZERO = "".join(f"<a href='?page={number - 1}'>{number}</a> " for number in range(2, 6))
ENTRIES = "".join(f"<a href='?start={4 * number - 4}'>{number}</a> " for number in range(1, 6))


@pytest.mark.parametrize(
    ("pager", "path", "page", "pages"),
    [
        (PAGER, "/tin-tuc?page=3", 3, None),
        (PAGER + "<a href='?page=9'>cuối »</a>", "/tin-tuc?page=3", 3, 9),
        (PAGER + "<a href='?page=9' title='Trang cuối'>&gt;|</a>", "/tin-tuc?page=3", 3, 9),
        (PAGER + "<a href='?page=9'>»</a>", "/tin-tuc?page=3", 3, None),
        (FROM_ZERO + "<a href='?page=8'>cuối »</a>", "/tin-tuc?page=2", 3, 9),
        (PAGER + " Trang 4/6", "/tin-tuc?page=2", 2, None),
        (ENTRIES + "<a href='?start=32'>Cuối</a>", "/tin-tuc?start=8", 3, 9),
        (ENTRIES + "Trang 3/9", "/tin-tuc?start=8", 3, 9),
    ],
)
def test_the_largest_number_of_a_pager_is_no_claim(
    pager: str, path: str, page: int, pages: int | None
) -> None:
    claim = _claim(f"<html><body>{pager}</body></html>", path)
    assert claim
    assert (claim.page, claim.pages) == (page, pages)


@pytest.mark.parametrize(
    ("first", "further"),
    [
        ("/tin-tuc", "/tin-tuc?page=2"),
        ("/tin-tuc/", "/tin-tuc/page-2/"),
        ("/tin-tuc.htm", "/tin-tuc/trang-2.htm"),
        ("/danhsach.asp?cat=9", "/danhsach.asp?cat=9&Page=2"),
        ("/danhsach.asp?cat=9", "/danhsach.asp?Page=2&cat=9"),
        ("/", "/?page=2"),
        ("/van-hoa", "/Default.aspx?cat=5&page=2"),
        ("/index.php/tin-tuc", "/index.php/tin-tuc?start=20"),
        ("/c/vi/news?_101_INSTANCE_x_cur=1", "/c/vi/news?_101_INSTANCE_x_cur=2"),
    ],
)
def test_the_pages_of_a_listing_are_told_to_be_one_series(first: str, further: str) -> None:
    pager = f"<body>Trang 1/3 <a href='{further}'>2</a></body>"
    claims = [_claim(pager, first), _claim(pager.replace("1/3", "2/3"), further)]
    assert len({claim.series for claim in claims if claim}) == 1
    assert [claim.page for claim in claims if claim] == [1, 2]


@pytest.mark.parametrize("label", ["Tiếp theo", "Trang sau »", "Cuối cùng →", "Next", "»"])
def test_a_pager_without_numbers_tells_the_series_as_well(label: str) -> None:
    further = "/web/tin?p_p_id=news_INSTANCE_x&news_INSTANCE_x_cur=2"
    pager = f"<body>Trang 1/3 <a href='{further}'>{label}</a></body>"
    claims = [_claim(pager, "/web/tin"), _claim(pager.replace("1/3", "2/3"), further)]
    assert len({claim.series for claim in claims if claim}) == 1


def test_two_listings_are_two_series() -> None:
    claims = [_claim("Trang 1/3", f"/danhsach.asp?cat={cat}") for cat in (9, 10)]
    assert len({claim.series for claim in claims if claim}) == 2


def test_a_posted_page_belongs_to_the_page_that_its_form_stood_on() -> None:
    service = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
    form = urlencode({"article_category_id": "5", "page": "3"})
    claim = _claim("<ul><li>Tin</li></ul>", service, form, f"{BASE}/tin-tuc")
    assert claim
    assert (claim.series, claim.page) == ("thu.example/tin-tuc", 3)


def test_a_post_back_belongs_to_its_own_address() -> None:
    pager = (
        "<body><form action='/Default.aspx?TabID=5'><div>Tổng số 40 bản ghi</div>"
        "<a href=\"javascript:__doPostBack('pager$ctl02','Page$2')\">2</a></form></body>"
    )
    first = _claim(pager, "/tin-tuc")
    form = urlencode({"__EVENTTARGET": "pager$ctl02", "__EVENTARGUMENT": "Page$2"})
    second = _claim(pager, "/Default.aspx?TabID=5", form, f"{BASE}/tin-tuc")
    assert first
    assert second
    assert (first.page, second.page) == (1, 2)
    assert first.series == second.series


def test_what_a_listing_lists_is_kept_by_its_keys() -> None:
    items = "".join(
        f"<div class='news-item'><a href='/tin-{number}?utm_source=x'>Tin số {number}</a></div>"
        for number in (1, 2, 2)
    )
    claim = _claim(f"<body>{items}Tổng số 3 bản ghi</body>")
    assert claim
    assert claim.listed is not None
    assert set(claim.listed) == {"thu.example/tin-1", "thu.example/tin-2"}


_PIECES = st.sampled_from(
    ["Trang", "TRANG số", "page", "Hiển thị", "SHOWING", "kết quả", "Tổng số", "total", "bản ghi",
     "bài", "1", "12", "1.204", "-", "đến", "of", "/", ":", " ", " ", "x", "ß", "İ", "2023"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_words_are_looked_for_only_where_they_begin_and_all_are_found(text: str) -> None:
    for pattern in (claims._PAGE_OF, claims._RANGE, claims._TOTAL):
        found, plain = claims._first(pattern, text, text.lower()), pattern.search(text)
        assert (found and found.span()) == (plain and plain.span())
