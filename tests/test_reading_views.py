"""The wordings of view counts, and the numbers beside them that are none."""

from datetime import UTC, datetime

import pytest

from crawler.items import Article, Page, Rating, SiteCounts
from crawler.profiles import Profile
from pipelines.rating import rating_in
from pipelines.read import read

FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
TEXT = "<p>" + "Toàn huyện đã gieo cấy xong vụ mùa đúng khung thời vụ đề ra. " * 8 + "</p>"


def article(line: str, below: str = "") -> Article:
    html = f"<body><div><h1>Kế hoạch vụ mùa của huyện</h1>{line}{TEXT}{below}</div></body>"
    got = read(
        Page("https://haivan.example/a-1", FETCHED, 200, "text/html; charset=utf-8", html.encode()),
        Profile("any", "Any"),
    )
    assert got.article is not None, got.kind
    return got.article


@pytest.mark.parametrize(
    ("line", "views"),
    [
        ("<p>04/01/2023 <span>478 lượt xem</span></p>", 478),
        ("<p>Lượt xem: 1.204</p>", 1204),
        ("<p>Lượt xem: 1,204,567</p>", 1204567),
        ("<p>Số lần xem: 169</p>", 169),
        ("<p>Số lượt xem: 0</p>", 0),
        ("<p>Đã xem: 12</p>", 12),
        ("<p>Lượt đọc 33</p>", 33),
        ("<p>Đã đọc: 8</p>", 8),
        ("<p>21/07/2022 | 10:00 AM | View count: 1108</p>", 1108),
        ("<p>Views: 77</p>", 77),
        ("<p>08:52 478 lượt xem</p>", 478),
        ("<p><i class='fa fa-eye'></i> 356</p>", 356),
        ("<p><img src='/img/eye.png'> 9</p>", 9),
        ("<p><img src='/i/1.gif' alt='Lượt xem'> 9</p>", 9),
        ("<p><svg class='icon icon-eye'><path d='M0'/></svg> 1.204</p>", 1204),
        ("<p><svg><use xlink:href='/s.svg#eye'></use></svg> 12</p>", 12),
        ("<p><i class='bi bi-eye-fill'></i><span>12</span></p>", 12),
        ("<p><span class='glyphicon glyphicon-eye-open'></span> 12</p>", 12),
        ("<p>04/01/2023 <span class='views'>1.204</span></p>", 1204),
        ("<div class='view-count'>7</div>", 7),
        ("<div><span class='so-luot-xem'>8</span></div>", 8),
        ("<p>Số lần đọc: 169</p>", 169),
        ("<p>Lượt xem (12)</p>", 12),
        ("<p>Lượt xem tin: 12</p>", 12),
        ("<p>Lượt xem bài viết: 12</p>", 12),
        ("<p>Bài viết đã xem: 12 lần</p>", 12),
        ("<p>1 204 lượt xem</p>", 1204),
        ("<p>04/01/2023 - 1.204 lượt xem 5 bình luận</p>", 1204),
        ("<p>04/01/2023 - 1.204 lượt xem - 5 lượt thích</p>", 1204),
        ("<p>04/01/2023 | 45 lượt xem (3 bình luận)</p>", 45),
        ("<p>04/01/2023 lượt xem 29</p>", 29),
        ("<p>Ngày 4 tháng 1 năm 2023 lượt xem 29</p>", 29),
        ("<p>5 <i class='fa fa-eye'></i> 356</p>", 356),
        ("<p><svg class='icon-eye'></svg>93<span class='like'><svg></svg>57</span></p>", 93),
        ("<div><div>189</div><span>VIEWS</span></div>", 189),
        ("<p>12 lượt đọc</p>", 12),
        ("<p>12 views</p>", 12),
        ("<p>Hits: 12</p>", 12),
        ("<p>Xem: 12</p>", 12),
        ("<p>Publish date 06/05/2014 | 12:00 AM | View count: 353</p>", 353),
        ("<ul><li>04/01/2023</li><li>Lượt xem: 29</li></ul>", 29),
        ("<div><span>Lượt xem:</span></div><div><b>29</b></div>", 29),
        ("<table><tr><td>Lượt xem:</td><td>29</td></tr></table>", 29),
    ],
)
def test_wordings(line: str, views: int) -> None:
    got = article(line)
    assert got.view_count == views
    assert "view_count" in {r.field for r in got.readings}


def test_views_below_the_text() -> None:
    assert article("", "<p>Lượt đọc: 5 | <a href='#'>In trang này</a></p>").view_count == 5


@pytest.mark.parametrize(
    "line",
    [
        "<p>Lượt xem: ---</p>",
        "<p>Lượt xem: đang cập nhật</p>",
        "<p>Số lượt xem: 1,2K</p>",
        "<p>04/01/2023 | 1,2K lượt xem 86</p>",
        "<div><p>189</p><p>Lượt xem</p><p>7 bình luận</p></div>",
    ],
)
def test_a_label_without_a_number_is_a_problem(line: str) -> None:
    got = article(line)
    assert got.view_count is None
    assert "view_count" in {p.field for p in got.problems}


@pytest.mark.parametrize(
    ("line", "below"),
    [
        ("", ""),
        ("<p>0 điểm ( 0 đánh giá )</p>", ""),
        ("<p>Lượt truy cập: 1814239</p>", ""),
        ("<p>Đang trực tuyến: 210</p>", ""),
        ("<p>12 bình luận</p><p>5 lượt thích</p>", ""),
        (
            "",
            "<ul><li><a href='/b'>Một bài khác của trang tin huyện nhà</a> - 99 lượt xem</li></ul>",
        ),
        ("", "<h4>Tin liên quan</h4><p>99 lượt xem</p>"),
    ],
)
def test_what_is_no_view_count(line: str, below: str) -> None:
    got = article(line, below)
    assert got.view_count is None
    assert "view_count" not in {p.field for p in got.problems}


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("0 điểm ( 0 đánh giá )", Rating(0.0, 0)),
        ("4,5 điểm (12 đánh giá)", Rating(4.5, 12)),
        ("Tổng số điểm của bài viết là: 5 trong 1 đánh giá", Rating(5.0, 1)),
        ("Xếp hạng: 4.5 - 2 phiếu bầu", Rating(4.5, 2)),
        ("Hội nghị đánh giá 10 năm", None),
    ],
)
def test_ratings(text: str, rating: Rating | None) -> None:
    assert rating_in(text) == rating


@pytest.mark.parametrize(
    ("box", "counts"),
    [
        (
            "<p>Lượt truy cập: 1814239</p><p>Trực tuyến: 210</p><p>Hôm nay: 1581</p>",
            SiteCounts(1814239, 210, 1581),
        ),
        (
            "<p>Tổng lượt truy cập: 1.024.311</p><p>Đang truy cập: 7</p>",
            SiteCounts(1024311, 7, None),
        ),
        (
            "<table><tr><td>Đang online</td><td>3</td></tr>"
            "<tr><td>Truy cập hôm nay</td><td>41</td></tr>"
            "<tr><td>Tổng truy cập</td><td>9.001</td></tr></table>",
            SiteCounts(9001, 3, 41),
        ),
        ("<p>Số lượt truy cập<br><b>55</b></p>", SiteCounts(55, None, None)),
        (f"{TEXT * 3}<br>Số lượt TRUY CẬP: <b>1.055</b><br>{TEXT}", SiteCounts(1055, None, None)),
        ("<p>Dịch vụ công trực tuyến mức 4</p>", None),
    ],
)
def test_the_traffic_box(box: str, counts: SiteCounts | None) -> None:
    html = f"<body><div>{TEXT}</div><div id='side'><div class='box'>{box}</div></div></body>"
    got = read(
        Page(
            "https://haivan.example/",
            FETCHED,
            200,
            "text/html; charset=utf-8",
            html.encode(),
            kind="listing",
        ),
        Profile("any", "Any"),
    )
    assert got.site_counts == counts
