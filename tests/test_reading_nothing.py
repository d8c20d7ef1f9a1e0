"""What is not on the page is not read, whatever looks like a date, a view count or an author."""

from datetime import UTC, datetime

import pytest

from crawler.items import Article, Page
from crawler.profiles import Profile
from pipelines.read import read

FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
PROSE = "Toàn xã đã gieo cấy xong vụ mùa đúng khung thời vụ, không còn diện tích nào bỏ hoang. "
TEXT = f"<p>{PROSE * 3}</p><p>{PROSE * 4}</p>"
TITLE = "Xã Hải Lộc hoàn thành gieo cấy vụ mùa"


def article(
    above: str = "",
    head: str = "",
    text: str = TEXT,
    end: str = "",
    behind: str = "",
    meta: str = "",
) -> Article:
    html = (
        f"<html><head><title>{TITLE}</title>{meta}</head><body>{above}<div id='m'>"
        f"<h1>{TITLE}</h1>{head}<div class='c'>{text}{end}</div></div>{behind}</body></html>"
    )
    page = Page("https://haivan.example/a-1.html", FETCHED, 200, "text/html", html.encode())
    got = read(page, Profile("any", "Any"))
    assert got.article is not None, got.kind
    assert got.article.title == TITLE
    return got.article


LIST = "".join(
    f"<li><a href='/b{i}'>Tin khác về sản xuất nông nghiệp của huyện số {i}</a> {{}}</li>"
    for i in range(4)
)

NO_DATE = {
    "header clock written by a script": {
        "above": "<div><span id='ngay'></span></div><script>document.getElementById('ngay')"
        ".innerHTML='Thứ tư, 03/07/2024 09:00';</script>"
    },
    "clock beside the title written by a script": {
        "head": "<p id='clock'></p><script>$('#clock').html('Thứ tư, 03/07/2024 09:00')</script>"
    },
    "clock in the article's box": {"head": "<p>Hôm nay, thứ tư ngày 03/07/2024</p>"},
    "a running announcement": {"head": "<marquee>Treo cờ ngày 04/01/2023</marquee>"},
    "a day that words lead up to": {"head": "<p>Thông báo treo cờ Tổ quốc ngày 04/01/2023</p>"},
    "days of an event": {"head": "<p>Bắt đầu: 04/01/2023</p><p>Kết thúc: 05/01/2023</p>"},
    "the days on which users joined a forum": {
        "head": "<p>Tham gia: 04/01/2023</p><p>Gia nhập: 12/03/2009</p>"
    },
    "days from and to": {"head": "<p>Từ ngày 04/01/2023 đến ngày 10/01/2023</p>"},
    "the day of fetching below": {"behind": "<p>Cập nhật: 03/07/2024</p>"},
    "the day and the visits below": {"behind": "<p>Cập nhật 02/07/2024. Lượt truy cập: 40.112</p>"},
    "the last change below": {"behind": "<p>Cập nhật lần cuối: 04/01/2023</p>"},
    "header clock": {"above": "<div class='top'>Thứ tư, 03/07/2024 09:00:12</div>"},
    "clock in a table beside the menu": {
        "above": "<table><tr><td>Thứ tư, 03/07/2024</td>"
        "<td><a href='/'>Trang chủ</a></td></tr></table>"
    },
    "date of issue": {"head": "<p>Ngày ban hành: 04/01/2023</p>"},
    "date of effect": {
        "head": "<p>Ngày hiệu lực: 04/01/2023</p><p>Ngày hết hiệu lực: 04/01/2030</p>"
    },
    "date of announcement": {"head": "<p>Ngày công bố: 04/01/2023</p>"},
    "date of signing": {"head": "<p>Ngày ký 04/01/2023</p>"},
    "a document's dateline": {"text": f"<p>Hải Lộc, ngày 04 tháng 01 năm 2023</p>{TEXT}"},
    "a document's number": {"text": f"<p>Số: 15/KH-UBND ngày 04/01/2023</p>{TEXT}"},
    "an event": {"head": "<p>Thời gian: 08 giờ 00, ngày 04/01/2023</p>"},
    "a first day of building": {"head": "<p>Khởi công: 04/01/2023</p>"},
    "a broadcast": {"head": "<p>Phát sóng lúc: 20:05 04/01/2023</p>"},
    "the day of the figures": {"head": "<p>Tính đến ngày: 04/01/2023</p>"},
    "a day of two calendars": {"head": "<p>Dương lịch: 04/01/2023</p><p>Âm lịch: 13/12/2022</p>"},
    "a deadline": {"head": "<p>Hạn nộp hồ sơ: 04/01/2023</p>"},
    "an unnamed lead": {
        "head": "<div>Chiều 04/01/2023, xã tổ chức hội nghị tổng kết vụ mùa.</div>"
    },
    "the first sentence": {"text": f"<p>Ngày 04/01/2023, xã họp bàn về vụ mùa.</p>{TEXT}"},
    "a date in the text": {"text": f"<p>{PROSE}Đến ngày 04/01/2023 thì xong. {PROSE}</p>{TEXT}"},
    "the last sentence": {"end": "<p>Hội nghị kết thúc ngày 04/01/2023.</p>"},
    "a document's dateline at the end": {"end": "<p align=right>Hải Lộc, ngày 04/01/2023</p>"},
    "related news": {
        "behind": f"<h3>Tin liên quan</h3><ul>{LIST.format(*['(04/01/2023)'] * 4)}</ul>"
    },
    "related news without a label": {"behind": f"<ul>{LIST.format(*['04/01/2023'] * 4)}</ul>"},
    "related news inside": {
        "end": f"<p>Các tin khác</p><ul>{LIST.format(*['04/01/2023'] * 4)}</ul>"
    },
    "comments": {
        "behind": "<div><h3>Bình luận (1)</h3><p>Trần Văn Tám - 04/01/2023 10:15</p>"
        "<p>Hay quá</p></div>"
    },
    "licence": {"behind": "<div>Giấy phép số 12/GP-TTĐT cấp ngày 04/01/2023</div>"},
    "the site's own update": {"behind": "<div>Trang được cập nhật lần cuối ngày 04/01/2023</div>"},
    "copyright": {
        "behind": "<div>Copyright © 2023 - Cập nhật phần mềm: phiên bản 04/01/2023</div>"
    },
    "weeks ago": {"head": "<p>2 tuần trước</p>"},
    "years ago": {"head": "<p>3 năm trước</p>"},
    "a title of today": {"head": "<p><a href='/x'>Giá lúa hôm nay</a></p>"},
    "a forum's last change": {"end": "<p>Sửa lần cuối: 04/01/2023</p>"},
    "a date of birth": {"head": "<p>Ngày sinh: 04/01/1998</p>"},
    "no year": {"head": "<p>04/01</p>"},
    "a number like a date": {"head": "<p>Quyết định 12/01/2023/QĐ-UBND</p>"},
    "day and night": {"head": "<p>Trực 24/7</p>"},
}

NO_VIEWS = {
    "likes": {"head": "<p>12 lượt thích</p>"},
    "comments": {"head": "<p>12 bình luận</p>"},
    "shares": {"head": "<p>Chia sẻ: 12</p>"},
    "downloads": {"end": "<p>Số lượt tải: 12</p>"},
    "downloads of a file": {"behind": "<p>Lượt tải về: 12</p>"},
    "votes": {"head": "<p>Bình chọn: 12 phiếu</p>"},
    "points": {"head": "<p>Tổng số điểm của bài viết là: 5 trong 1 đánh giá</p>"},
    "stars": {"end": "<p>5 điểm ( 12 đánh giá )</p>"},
    "the portal's visits": {"behind": "<div>Lượt truy cập: 1.814.239</div>"},
    "the portal's visits by an eye": {
        "behind": "<div><h4>Thống kê truy cập</h4><p>Hôm nay: 12</p><p>Tất cả: 1.814.239</p></div>"
    },
    "visitors now": {"behind": "<div>Đang trực tuyến: 210</div><div>Đang xem: 3</div>"},
    "views of other articles": {"behind": f"<ul>{LIST.format(*['99 lượt xem'] * 4)}</ul>"},
    "views of other articles inside": {
        "end": f"<p>Tin liên quan</p><ul>{LIST.format(*['99 lượt xem'] * 4)}</ul>"
    },
    "most read above": {"above": f"<ul>{LIST.format(*['99 lượt xem'] * 4)}</ul>"},
    "views told in the text": {"text": f"<p>Đoạn phim đã có 12.000 lượt xem. {PROSE}</p>{TEXT}"},
    "views told at the end": {"end": "<p>Đoạn phim đến nay đã có 12.000 lượt xem trên mạng.</p>"},
    "an invitation": {"end": "<p>Xem: Kế hoạch 15 của xã</p>"},
    "font size": {"head": "<p>Xem cỡ chữ: 12</p>"},
    "reading time": {"head": "<p>Đọc 3 phút</p>"},
    "rounded": {"head": "<p>1,2K lượt xem</p>"},
    "eye test": {"head": "<p><a href='/m'><i class='fa fa-eyedropper'></i> 12</a></p>"},
}

NO_AUTHOR = {
    "who asked": {
        "head": "<p>Người gửi: Trần Văn Hùng</p>",
        "text": f"<b>Câu hỏi:</b><p>{PROSE}</p><b>Trả lời:</b><p>{PROSE * 4}</p>",
    },
    "a person's icon before what is no name": {
        "head": "<p><i class='fa fa-user'></i> Đăng nhập</p><p><i class='fa fa-user'></i> 12</p>"
    },
    "who was there, behind a person's icon": {
        "head": "<p><i class='fa fa-user-plus'></i> Theo dõi tác giả này</p>"
    },
    "who signs a letter under the office": {
        "end": "<p align='right'>Hiệu trưởng nhà trường</p><p align='right'><b>Vũ Thị Thảo</b></p>"
    },
    "who signs for others": {"end": "<p>Đại diện các hộ dân</p><p>Vũ Thị Thảo</p>"},
    "a section over the date": {"head": "<p>Xây Dựng Đảng</p><p>04/01/2023</p>"},
    "a district over the date": {"head": "<p>Huyện Kim Sơn</p><p>04/01/2023</p>"},
    "a heading below the text": {
        "behind": "<div><b>Sản Phẩm Nổi Bật</b></div><p>Gạo nếp cái hoa vàng</p>"
    },
    "the head of a box about the author": {
        "behind": "<div class='author'><b>Về Tác Giả</b> <i>Nhà báo ở Hải Vân</i></div>"
    },
    "a place over the date": {"head": "<p>Ninh Bình</p><p>04/01/2023</p>"},
    "an agency": {"end": "<p align='right'><b>(TTXVN)</b></p>"},
    "an agency and its paper": {"end": "<p align='right'><b>(TTXVN/Vietnam+)</b></p>"},
    "a person in the text": {
        "text": f"<p>{PROSE}</p><p>Ông Trần Văn Tám cho biết: {PROSE}</p>{TEXT}"
    },
    "the source": {"end": "<p align=right>Theo Báo Hải Vân</p>"},
    "the source in brackets": {"end": "<p align=right><i>(Theo TTXVN)</i></p>"},
    "the source with a label": {"end": "<p><b>Nguồn: Cổng thông tin điện tử</b></p>"},
    "a photographer": {"end": "<p>Ảnh: Trần Văn Tám</p>"},
    "the signer": {
        "end": "<p align=center><b>TM. ỦY BAN NHÂN DÂN</b></p><p align=center><b>CHỦ TỊCH</b></p>"
        "<p align=center>(Đã ký)</p><p align=center><b>Trần Văn Tám</b></p>"
    },
    "the signer without a mark": {
        "end": "<p align=right><b>GIÁM ĐỐC</b></p><p align=right><b>Trần Văn Tám</b></p>"
    },
    "the last of a list of names": {
        "end": "<p>Trần Văn Tám</p><p>Lê Thị Chín</p><p>Phạm Văn Mười</p>"
    },
    "thanks": {"end": "<p><b>Trân Trọng Cảm Ơn</b></p>"},
    "thanks in capitals": {"end": "<p align=center><b>TRÂN TRỌNG KÍNH MỜI</b></p>"},
    "an address": {"end": "<p><b>Địa Chỉ Liên Hệ</b></p>"},
    "a wish": {"end": "<p><b>Chúc Mừng Năm Mới</b></p>"},
    "a place before the date": {
        "head": "<p>Hải Vân, 04/01/2023</p>",
        "above": "<p><a href='/'>Hải Vân</a></p>",
    },
    "a section before the date": {"head": "<p>Thời sự - 04/01/2023</p>"},
    "a section in capitals": {
        "above": "<ul><li><a href='/n'>NÔNG NGHIỆP</a></li></ul>",
        "head": "<p>NÔNG NGHIỆP | 04/01/2023</p>",
    },
    "who commented": {
        "behind": "<div class='comment'><h3>Bình luận</h3><span class='author'>Trần Văn Tám</span>"
        "<p>Hay quá</p></div>"
    },
    "who commented, without a name": {
        "behind": "<div><h3>2 bình luận</h3><p class='username'>Trần Văn Tám</p>"
        "<p>Hay quá</p></div>"
    },
    "the site in the metadata": {"meta": "<meta name='author' content='Huyện Hải Vân'>"},
    "the site's address": {"meta": "<meta property='article:author' content='haivan.example'>"},
    "the site's page elsewhere": {
        "meta": "<meta property='article:author' content='https://social.example/haivan'>"
    },
    "the site in JSON-LD": {
        "meta": '<script type="application/ld+json">{"@type":"NewsArticle","author":'
        '{"@type":"Organization","name":"Cổng thông tin điện tử huyện Hải Vân"}}</script>'
    },
    "the organisation in JSON-LD": {
        "meta": '<script type="application/ld+json">{"@type":"NewsArticle","author":'
        '{"@type":"Organization","name":"Hải Vân"}}</script>'
    },
    "who answers for the site": {"behind": "<p>Chịu trách nhiệm: Trần Văn Tám</p>"},
    "an editor's office": {"behind": "<p>Trưởng ban biên tập: Ông Trần Văn Tám</p>"},
    "a heading in capitals behind": {"behind": "<h3>Thống Kê Truy Cập</h3>"},
    "a link to what an author wrote": {
        "head": "<p><a href='/author/tam'>Xem tất cả bài viết</a></p>"
    },
    "a paper in a box for the author": {
        "behind": "<div class='news-author'>Theo <b>Mực Tím</b></div>"
    },
    "a link to sign in": {"above": "<ul><li class='sign-in'><a href='/l'>Sign In</a></li></ul>"},
    "how many posts a user wrote": {"head": "<p>Bài viết: 412</p>"},
    "a link behind": {"behind": "<p><a href='/x'>Liên Kết Website</a></p>"},
}


@pytest.mark.parametrize("case", NO_DATE)
def test_no_date(case: str) -> None:
    got = article(**NO_DATE[case])
    assert (got.published_on, got.published_at) == (None, None)
    assert "published_on" in {problem.field for problem in got.problems}


@pytest.mark.parametrize("case", NO_VIEWS)
def test_no_views(case: str) -> None:
    assert article(**NO_VIEWS[case]).view_count is None


@pytest.mark.parametrize("case", NO_AUTHOR)
def test_no_author(case: str) -> None:
    assert article(**NO_AUTHOR[case]).author is None


@pytest.mark.parametrize("owner", ["UBND huyện Kim Sơn", "Cổng thông tin điện tử huyện Kim Sơn"])
def test_the_sites_owner_is_no_title(owner: str) -> None:
    html = (
        f"<title>{owner}</title><meta property='og:title' content='{owner}'>"
        f"<meta property='og:type' content='article'><div>{TEXT}</div>"
    )
    page = Page("https://haivan.example/a-1.html", FETCHED, 200, "text/html", html.encode())
    got = read(page, Profile("any", "Any"))
    assert got.article is not None
    assert got.article.title is None
