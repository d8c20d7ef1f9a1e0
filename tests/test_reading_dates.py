"""Every form of date that Vietnamese pages print, one line each."""

from datetime import UTC, date, datetime

import pytest

from crawler.items import Page
from crawler.profiles import Profile, load
from pipelines.clock import VIETNAM, read_moment
from pipelines.read import read

ANY = Profile("any", "Any")
FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
TEXT = "<p>" + "Toàn huyện đã gieo cấy xong vụ mùa đúng khung thời vụ đề ra. " * 8 + "</p>"


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("04/01/2023", "2023-01-04", None),
        ("4-1-2023", "2023-01-04", None),
        ("13.09.2021", "2021-09-13", None),
        ("24/12/12", "2012-12-24", None),
        ("25 - 11 - 2022", "2022-11-25", None),
        ("(04/01/2023)", "2023-01-04", None),
        ("Thứ năm, 30/10/2025 | 10:31", "2025-10-30", "10:31:00"),
        ("Đăng ngày 04/01/2023", "2023-01-04", None),
        ("Ngày đăng: 04/01/2023 - Lượt xem: 120", "2023-01-04", None),
        ("Cập nhật lúc 15h20 ngày 04/01/2023", "2023-01-04", "15:20:00"),
        ("15:20 04/01/2023", "2023-01-04", "15:20:00"),
        ("21/07/2022 | 10:00 AM", "2022-07-21", "10:00:00"),
        ("21/07/2022 | 12:00 AM", "2022-07-21", None),
        ("21/07/2022 | 12:05 AM", "2022-07-21", "00:05:00"),
        ("21/07/2022 | 12:00 PM", "2022-07-21", "12:00:00"),
        ("07-03-2026 - 00:01 AM", "2026-03-07", "00:01:00"),
        ("15:20 PM | 21/12/2012", "2012-12-21", "15:20:00"),
        ("thứ hai, ngày 24/12/12 11:05 tối", "2012-12-24", "23:05:00"),
        ("04:00 chiều 03/04/2022", "2022-04-03", "16:00:00"),
        ("14/12/12 at 16:18", "2012-12-14", "16:18:00"),
        ("8 giờ 30 phút ngày 4/1/2023", "2023-01-04", "08:30:00"),
        ("04/01/2023 15:20:33", "2023-01-04", "15:20:33"),
        ("9 giờ trước", "2024-07-03", None),
        ("10 giờ trước", "2024-07-02", None),
        ("3 ngày trước", "2024-06-30", None),
        ("hôm qua", "2024-07-02", None),
        ("ngày 25 tháng 11 năm 2022", "2022-11-25", None),
        ("25 tháng Mười Một, 2022", "2022-11-25", None),
        ("Thứ Bảy, ngày 07 tháng 03 năm 2026, 08:52", "2026-03-07", "08:52:00"),
        ("2026-03-07T08:52:11.000 +07:00", "2026-03-07", "08:52:11"),
        ("2026-03-07T08:52:11+0700", "2026-03-07", "08:52:11"),
        ("2026-03-07T08:52:11+07", "2026-03-07", "08:52:11"),
        ("2026-03-06T20:52:11Z", "2026-03-07", "03:52:11"),
        ("2026-03-07", "2026-03-07", None),
        ("31/02/2020, sửa thành 01/03/2020", "2020-03-01", None),
        ("Số 113 Ngày 20/05/2008 Cập nhật: 7:52 AM, 20/05/2008", "2008-05-20", "07:52:00"),
        ("20/05/2008, sửa 08:00 21/05/2008", "2008-05-20", None),
    ],
)
def test_forms_of_dates(text: str, day: str, clock: str | None) -> None:
    moment = read_moment(text, FETCHED)
    assert moment is not None
    assert moment.on == date.fromisoformat(day)
    at = moment.at.astimezone(VIETNAM).time().isoformat() if moment.at else None
    assert at == clock


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25/11",
        "31/02/2020",
        "Nghị định 15/2020/NĐ-CP",
        "478 lượt xem",
        "Đang cập nhật",
        "24/7",
        "1.204.500",
        "Số 12/34/5678/QĐ",
        "01/01/0001",
        "99/99/9999",
    ],
)
def test_what_is_no_whole_date(text: str) -> None:
    assert read_moment(text, FETCHED) is None


@pytest.mark.parametrize(
    "line",
    [
        "Ngày ban hành: 01/02/2020",
        "Ngày hiệu lực: 01/02/2020",
        "Ngày công bố 01/02/2020",
    ],
)
def test_dates_of_documents_are_not_the_articles(line: str) -> None:
    assert article(f"<h1>Kế hoạch vụ mùa của huyện</h1><p>{line}</p>{TEXT}").published_on is None


@pytest.mark.parametrize(
    "markup",
    [
        "<div id='header'><b>Thứ tư, 03/07/2024</b></div><div><a href='/a'>Tin tức</a></div>"
        "<div><h1>Kế hoạch vụ mùa của huyện</h1>{text}</div>",
        "<div><h1>Kế hoạch vụ mùa của huyện</h1>{text}"
        "<p>Sáng 01/02/2020 đoàn đi xem lúa.</p></div>",
        "<div><h1>Kế hoạch vụ mùa của huyện</h1>{text}</div><div class='related'>"
        "<h3>Tin liên quan</h3><ul><li><a href='/b'>Tin cũ về vụ mùa trước</a> (01/02/2020)</li>"
        "</ul></div>",
    ],
)
def test_no_date_is_taken_from_elsewhere(markup: str) -> None:
    got = article(markup.format(text=TEXT))
    assert got.published_on is None
    assert [p.field for p in got.problems] == ["published_on"]


def test_metadata_gives_the_seconds_only_where_it_agrees() -> None:
    head = '<script type="application/ld+json">{"@type": "Article", "datePublished": "%s"}</script>'
    page = "<h1>Kế hoạch vụ mùa của huyện</h1><p>07/03/2026 08:52</p>" + TEXT
    agreeing = article(page, head % "2026-03-07T08:52:11.000 +07:00").published_at
    assert agreeing == datetime(2026, 3, 7, 1, 52, 11, tzinfo=UTC)
    other = article(page, head % "2026-03-08T11:00:00+07:00").published_at
    assert other == datetime(2026, 3, 7, 1, 52, tzinfo=UTC)


def test_metadata_is_read_where_nothing_is_printed() -> None:
    head = '<meta property="article:published_time" content="2026-03-07T08:06:00+07:00">'
    assert article("<h1>Kế hoạch vụ mùa của huyện</h1>" + TEXT, head).published_on == date(
        2026, 3, 7
    )


def article(body: str, head: str = "", profile: Profile = ANY):  # type: ignore[no-untyped-def]
    html = f"<html><head>{head}</head><body class='single'>{body}</body></html>"
    got = read(
        Page("https://haivan.example/a-1", FETCHED, 200, "text/html; charset=utf-8", html.encode()),
        profile,
    )
    assert got.article is not None, got.kind
    return got.article


def test_a_posts_date_stands_before_its_title() -> None:
    line = "Gửi: Ba Tháng 5 31, 2011 10:15 am Tiêu đề: Còn gieo vụ mùa được không?"
    got = article(f"<h1>Kế hoạch vụ mùa của huyện</h1><p>{line}</p><div>{TEXT}</div>")
    assert got.published_on == date(2011, 5, 31)


def test_a_footer_of_the_article_tells_its_date() -> None:
    changed = "<footer class='%s'><small>Cập nhật: lúc 07:15 14 tháng 6, 2024</small></footer>"
    page = f"<h1>Kế hoạch vụ mùa của huyện</h1><section><article>{TEXT}</article>%s</section>"
    assert article(page % (changed % "article-footer")).published_on == date(2024, 6, 14)
    assert article(page % (changed % "site-footer")).published_on is None


def test_a_widgets_days_are_other_articles() -> None:
    badge = (
        "<li><div><div class='post-date'><b>1{0}</b> <b>Th6</b></div><a href='/{0}'>Tin</a></div>"
    )
    posts = "".join(map(badge.format, range(4)))
    got = article(
        "<div><article class='type-post'><h1 class='entry-title'>Kế hoạch vụ mùa của huyện</h1>"
        "<p><span>Chia sẻ</span> <span>Đăng ngày 14/06/2024</span></p>"
        f"<div class='entry-content'>{TEXT}</div></article><aside><ul>{posts}</ul></aside></div>",
        profile=load("generic"),
    )
    assert got.published_on == date(2024, 6, 14)


def test_author_and_day_stand_over_the_title() -> None:
    head = "<span>Lê Thị Sáu</span><span style='float: right'>2024-06-14 07:15:00</span>"
    got = article(
        f"<div><div>{head}<h1>Kế hoạch vụ mùa của huyện</h1></div><div>{TEXT}</div></div>"
    )
    assert (got.published_on, got.author) == (date(2024, 6, 14), "Lê Thị Sáu")
