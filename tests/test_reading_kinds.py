"""Which pages are articles: own examples of everything else that comes with status 200."""

import re
from datetime import UTC, datetime

import pytest

from crawler.items import Page, ReadPage
from crawler.profiles import Profile, load
from pipelines.read import read

FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
SENTENCE = "Toàn xã đã gieo cấy xong vụ mùa đúng khung thời vụ, không còn diện tích bỏ hoang. "
TITLES = (
    "Hội Cựu chiến binh huyện gặp mặt truyền thống đầu năm",
    "Thị trấn hoàn thành lát vỉa hè tuyến đường trung tâm",
    "Tập huấn kỹ thuật nuôi ngao cho hộ dân vùng bãi bồi",
    "Khánh thành cầu dân sinh bắc qua sông Vạc ở xã Hải Lộc",
    "Đoàn thanh niên ra quân chiến dịch tình nguyện hè",
    "Kiểm tra công tác phòng chống thiên tai trên tuyến đê",
    "Trao quà cho học sinh nghèo vượt khó ở bốn xã bãi ngang",
    "Công bố quyết định bổ nhiệm lãnh đạo phòng Giáo dục",
)
LEADS = tuple(
    f"{title.split()[0]} ngành của huyện trong tuần qua đã có buổi làm việc với các xã, nhằm "
    f"đánh giá "
    f"kết quả và bàn việc cần làm trong thời gian tới, lần thứ {i}."
    for i, title in enumerate(TITLES)
)
MENU = "<ul>" + "".join(
    f"<li><a href='/{i}'>{name}</a></li>"
    for i, name in enumerate(("Trang chủ", "Giới thiệu", "Tin tức", "Văn bản", "Hỏi đáp", "Liên "
    "hệ"))
) + "</ul>"  # fmt: skip
FOOTER = (
    "<div><p>Bản quyền thuộc Ủy ban nhân dân huyện Hải Vân</p><p>Địa chỉ: Số 1, đường Trung "
    "tâm, thị "
    "trấn Hải Vân - Điện thoại: 0229 000 000</p><p>Lượt truy cập: 1.234.567</p></div>"
)


def items(form: str, count: int = len(TITLES)) -> str:
    return "".join(
        form.format(n=n, title=TITLES[n], lead=LEADS[n], day=10 + n) for n in range(count)
    )


LINKS = "<ul>" + items("<li><a href='/tin/{n}.html'>{title}</a></li>") + "</ul>"


def get(
    body: str, title: str = "Trang thông tin điện tử huyện Hải Vân", head: str = ""
) -> ReadPage:
    html = (
        f"<html><head><title>{title}</title>{head}</head><body>"
        f"<div class='top'>Thứ tư, 03/07/2024</div>{MENU}{body}{FOOTER}</body></html>"
    )
    return read(
        Page("https://haivan.example/x", FETCHED, 200, "text/html", html.encode()),
        Profile("any", "Any"),
    )


NO_ARTICLES = {
    "home page of links": f"<h2>Tin mới</h2>{LINKS}<h2>Thông báo</h2>{LINKS}",
    "home page with leads": "<div class='hot'>"
    + items("<div><h3><a href='/{n}'>{title}</a></h3><p>{lead}</p></div>")
    + f"</div><h2>Văn bản mới</h2>{LINKS}",
    "home page with one long lead": f"<div><h2><a "
    f"href='/1'>{TITLES[0]}</a></h2><p>{SENTENCE * 4}</p>"
    f"</div><h2>Tin khác</h2>{LINKS}{LINKS}",
    "home page with a welcome": f"<div><h2>Chào mừng bạn đến với trang tin huyện Hải "
    f"Vân</h2></div>{LINKS}",
    "list with leads and dates": "<h1>Tin nông nghiệp của huyện</h1>"
    + items(
        "<div><h3><a href='/{n}'>{title}</a></h3><span>{day}/06/2024</span><p>{lead}</p></div>"
    ),
    "list with dates before the titles": "<h1>Tin nông nghiệp của huyện</h1>"
    + items(
        "<div><span>{day}/06/2024</span><h3><a href='/{n}'>{title}</a></h3><p>{lead}</p></div>"
    ),
    "list with leads in links": "<h1>Tin nông nghiệp</h1>"
    + items("<div><a href='/{n}'><h3>{title}</h3><p>{lead}</p></a></div>"),
    "list in paragraphs": "<h1>Tin nông nghiệp</h1><div>"
    + items("<p><a href='/{n}'>{title}</a></p><p>{lead}</p><p><a href='/{n}'>Xem tiếp</a></p>")
    + "</div>",
    "list in a table": "<table><tr><td class='tieude'>Tin nông nghiệp của huyện</td></tr>"
    + items("<tr><td><a href='/{n}'><b>{title}</b></a> ({day}/06/2024)<br>{lead}</td></tr>")
    + "</table>",
    "list of two": "<h1>Tin nông nghiệp của huyện</h1>"
    + items("<div><h3><a href='/{n}'>{title}</a></h3><i>{day}/06/2024</i><p>{lead}</p></div>", 2)
    + "<p>Trang 9/9</p>",
    "list of one": "<h1>Tin nông nghiệp của huyện</h1><div><h3>"
    + items("<a href='/{n}'>{title}</a></h3><i>{day}/06/2024</i><p>{lead}</p></div>", 1)
    + "<p>Trang 9/9</p>",
    "empty list": "<h1>Tin nông nghiệp của huyện</h1><p>Chưa có bài viết nào trong chuyên mục.</p>",
    "search results": "<h1>Kết quả tìm kiếm cho từ khóa: thủy lợi</h1><p>Tìm thấy 8 kết quả</p>"
    + items("<div><a href='/{n}'>{title}</a><p>... {lead} ...</p></div>"),
    "no search results": "<h1>Tìm kiếm</h1><p>Không tìm thấy kết quả nào phù hợp với từ khóa "
    "của bạn.</p>",
    "documents": "<h1>Văn bản chỉ đạo điều hành</h1><table><tr><th>Số ký hiệu</th><th>Ngày ban hành"
    "</th><th>Trích yếu</th></tr>"
    + items(
        "<tr><td>{n}/KH-UBND</td><td>{day}/06/2024</td><td><a href='/vb/{n}'>{title}</a></td></tr>"
    )
    + "</table>",
    "documents with long subjects": "<h1>Văn bản quy phạm pháp luật</h1><table>"
    + items(
        "<tr><td><a href='/vb/{n}'>{n}/QĐ-UBND</a></td><td>{day}/06/2024</td><td>{lead}</td></tr>"
    )
    + "</table>",
    "questions": "<h1>Hỏi đáp</h1>"
    + items("<div><a href='/hoi/{n}'>{title}?</a><p>Người gửi: Ẩn danh - {day}/06/2024</p></div>"),
    "answered complaints": "<h1>Phản ánh, kiến nghị</h1>"
    + items(
        "<div><h4>{title}</h4><p><i>Nguyễn Văn An - {day}/06/2024</i></p><p>{lead}</p>"
        "<p><b>Trả lời:</b> {lead}</p></div>"
    ),
    "leaders and when they were born": "<h1>Lãnh đạo huyện Hải Vân</h1>"
    + items(
        "<div><p><b>Đồng chí Trần Văn An</b></p><p>Phó Chủ tịch</p><p>Ngày sinh: {day}/02/1970. "
        "Quê quán: xã Hải Lộc. Trình độ chuyên môn: Thạc sĩ Quản lý công.</p></div>"
    ),
    "photo albums": "<h1>Thư viện ảnh</h1>"
    + items("<div><a href='/anh/{n}'><img src='/{n}.jpg'></a><a href='/anh/{n}'>{title}</a></div>"),
    "videos": "<h1>Thư viện video</h1>"
    + items(
        "<div><a href='/v/{n}'><img src='/{n}.jpg'></a><h4>{title}</h4><span>{day} lượt "
        "xem</span></div>"
    ),
    "sitemap": "<h1>Sơ đồ cổng</h1><ul>"
    + items("<li><a href='/{n}'>{title}</a><ul><li><a href='/{n}/1'>Mục con {n}</a></li></ul></li>")
    + "</ul>",
    "login": "<h1>Đăng nhập</h1><form><label>Tên đăng nhập</label><input name='u'><label>Mật "
    "khẩu</label>"
    "<input type='password'><p>Quên mật khẩu? Liên hệ quản trị viên để được cấp lại mật khẩu "
    "mới.</p></form>",
    "login among boxes": "<form><h2>Đăng nhập hệ thống</h2><input name='u'><input type='password'>"
    f"</form><h3>Tin mới</h3>{LINKS}",
    "registration": "<h1>Đăng ký tài khoản</h1><form><input name='u'><input type='password'>"
    "<input type='password'><p>Bạn cần điền đủ các ô có dấu sao trước khi bấm nút gửi.</p></form>",
    "not found": "<h1>Không tìm thấy trang</h1><p>Trang bạn yêu cầu không tồn tại hoặc đã bị "
    "xóa.</p>",
    "not found in a few words": "<p>Tài nguyên không được tìm thấy.</p>",
    "article gone": f"<h2>Bài viết không tồn tại hoặc đã bị gỡ</h2><h3>Tin mới</h3>{LINKS}",
    "error in English": "<h1>404</h1><p>The page you are looking for does not exist.</p>",
    "poll": "<h2>Thăm dò ý kiến</h2><p>Bạn quan tâm mục gì nhất trên trang thông tin của chúng "
    "tôi?</p>"
    "<form><input type='radio'> Tin tức <input type='radio'> Văn bản</form><p>Tổng số phiếu: "
    "1.024</p>",
    "contact": "<h1>Liên hệ</h1><p>Địa chỉ: Số 1, đường Trung tâm, thị trấn Hải Vân</p><p>Điện "
    "thoại: "
    "0229 000 000</p><form><input name='ten'><input name='email'><textarea></textarea></form>",
    "staff": "<h1>Danh bạ điện thoại</h1><table>"
    + items("<tr><td>{n}</td><td>Trần Văn Tám</td><td>Phó phòng</td><td>0229 000 00{n}</td></tr>")
    + "</table>",
    "frame only": "",
    "tag page": "<h1>Từ khóa: thủy lợi</h1>"
    + items(
        "<article><h2><a "
        "href='/{n}'>{title}</a></h2><time>{day}/06/2024</time><p>{lead}</p></article>"
    ),
    "author page": "<h1>Nguyễn Hà Chi</h1><p>Phóng viên</p>"
    + items("<article><h3><a href='/{n}'>{title}</a></h3><p>{lead}</p></article>"),
    "calendar": "<h1>Lịch công tác tuần</h1><table>"
    + items("<tr><td>{day}/06/2024</td><td>8h00</td><td>Họp giao ban</td></tr>")
    + "</table>",
    "matches of each day": "<h1>Lịch thi đấu giải bóng chuyền huyện</h1>"
    + items(
        "<h3>Vòng {n} - {day}/06/2024</h3><table><tr><td>17:15</td><td>Xã Hải Lộc</td><td>vs</td>"
        "<td>Xã Hải Đông</td></tr><tr><td>18:30</td><td>Xã Hải Vân</td><td>vs</td>"
        "<td>Xã Hải Tây</td></tr></table>",
        3,
    ),
    "feeds": "<h1>RSS</h1><p>RSS là gì?</p>" + items("<p><a href='/rss/{n}'>{title}</a></p>"),
}

HEAD = "<h1>Xã Hải Lộc hoàn thành gieo cấy vụ mùa</h1><p>04/01/2023 08:30</p>"
ARTICLES = {
    "three lines": f"{HEAD}<div><p>{SENTENCE}</p></div>",
    "one long paragraph": f"{HEAD}<div>{SENTENCE * 12}</div>",
    "only a file": f"{HEAD}<div class='c'><p><a href='/f/ke-hoach.pdf'>Tải về kế hoạch gieo cấy "
    f"vụ mùa"
    "</a></p></div>",
    "a sentence and a file": f"{HEAD}<div class='c'><p>Kế hoạch gieo cấy vụ mùa năm 2023 của "
    f"xã, xem "
    "tệp đính kèm.</p><p><a href='/f/ke-hoach.pdf'>ke-hoach.pdf</a></p></div>",
    "only pictures": f"{HEAD}<div class='c'>"
    + "".join(
        f"<p><img src='/a{n}.jpg'></p><p><em>Nông dân thôn {n} xuống đồng</em></p>"
        for n in range(6)
    )
    + "</div>",
    "only a video": f"{HEAD}<div class='c'><iframe "
    f"src='https://video.example/embed/1'></iframe><p>Phóng sự "
    "về vụ mùa ở xã Hải Lộc.</p></div>",
    "a long table": f"{HEAD}<div class='c'><table>"
    + "".join(f"<tr><td>{n}</td><td>Thôn {n}</td><td>{n}2 ha</td></tr>" for n in range(1, 40))
    + "</table></div>",
    "a list of names": f"{HEAD}<div class='c'><p>Danh sách hộ gia đình đạt danh hiệu văn hóa "
    f"năm 2022 "
    "của xã Hải Lộc như sau:</p>"
    + "".join(f"<p>{n}. Trần Văn {w}</p>" for n, w in enumerate(("Tám", "Chín", "Mười", "Sáu"), 1))
    + "</div>",
    "questions and answers": f"{HEAD}<div class='c'><p><b>Hỏi:</b> {SENTENCE}</p><p><b>Đáp:</b> "
    f"{SENTENCE * 3}</p></div>",
    "with a login box": f"<form><input name='u'><input type='password'><b>Đăng "
    f"nhập</b></form>{HEAD}<div>"
    f"<p>{SENTENCE * 4}</p></div>",
    "with a poll beside": f"{HEAD}<div><p>{SENTENCE * 4}</p></div><div><h3>Thăm dò ý "
    f"kiến</h3><p>Bạn quan "
    "tâm mục gì nhất trên trang của chúng tôi?</p></div>",
    "among many leads": f"{HEAD}<div><p>{SENTENCE * 4}</p></div><h3>Tin cùng chuyên mục</h3>"
    + items("<div><h4><a href='/{n}'>{title}</a></h4><p>{lead}</p></div>"),
    "undated": f"<h1>Chức năng, nhiệm vụ của phòng Nông "
    f"nghiệp</h1><div>{f'<p>{SENTENCE * 2}</p>' * 6}</div>",
    "with links in its text": f"{HEAD}<div>"
    + "".join(
        f"<p>{SENTENCE}<a href='/{n}'>{title}</a>. {SENTENCE}</p>" for n, title in enumerate(TITLES)
    )
    + "</div>",
    "with other articles between its paragraphs": f"{HEAD}<div>"
    + "".join(
        f"<p>{SENTENCE * 2}</p>{link}<p>{SENTENCE}</p><p>{SENTENCE * 2}</p><p>{SENTENCE}</p>"
        for link in (
            f"<div><a href='/{n}'>{title}</a></div>" if n < 3 else ""
            for n, title in enumerate(TITLES[:4])
        )
    )
    + "</div>",
    "with whom to call": f"{HEAD}<div><p>{SENTENCE}</p>"
    + "".join(f"<p>Trạm bơm số {n} của xã, điện thoại: 0229.000.00{n}</p>" for n in range(4))
    + "</div>",
    "a document with its text": "<h1>Kế hoạch phòng chống thiên tai năm 2023</h1><p>Số ký hiệu: "
    "15/KH-UBND"
    f"</p><p>Ngày ban hành: 04/01/2023</p><div>{f'<p>{SENTENCE * 2}</p>' * 5}</div>",
    "about a page not found": f"{HEAD}<div><p>Trang thông tin không tồn tại là lỗi thường gặp. "
    f"{SENTENCE * 5}</p></div>",
}


@pytest.mark.parametrize("case", NO_ARTICLES)
def test_what_is_no_article(case: str) -> None:
    got = get(NO_ARTICLES[case])
    assert got.kind != "article"
    assert got.article is None


@pytest.mark.parametrize("case", NO_ARTICLES)
def test_what_is_no_article_whatever_it_calls_itself(case: str) -> None:
    """Its own heading in the title, and metadata that calls every page an article."""
    body = NO_ARTICLES[case]
    heading = re.search(r"<h[12]>([^<]+)</h[12]>", body)
    title = heading[1] if heading else "Tin nông nghiệp của huyện"
    claims = "<meta property='og:type' content='article'><meta property='og:title' content='{}'>"
    assert get(body, f"{title} - Huyện Hải Vân", claims.format(title)).kind != "article"


@pytest.mark.parametrize("case", ARTICLES)
def test_what_is_an_article(case: str) -> None:
    title = "Xã Hải Lộc hoàn thành gieo cấy vụ mùa - Trang thông tin điện tử huyện Hải Vân"
    got = get(ARTICLES[case], title)
    assert got.kind == "article"


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        ("login", "login"),
        ("login among boxes", "login"),
        ("not found", "not_found"),
        ("not found in a few words", "not_found"),
        ("article gone", "not_found"),
        ("error in English", "not_found"),
        ("poll", "poll"),
        ("home page of links", "listing"),
        ("list with leads and dates", "listing"),
        ("documents", "listing"),
    ],
)
def test_kinds_by_name(case: str, kind: str) -> None:
    assert get(NO_ARTICLES[case]).kind == kind


def test_a_theme_of_wordpress_that_shows_no_title() -> None:
    """The layout knows the box; the days of the widget beside it are those of other articles."""
    title = "Xã Hải Lộc hoàn thành gieo cấy vụ mùa"
    beside = items("<li><a href='/{n}'>{title}</a><span class='post-date'>1{n}/11/2017</span></li>")
    page = (
        f"<html><head><title>{title} &#8211; Huyện Hải Vân</title></head><body class='single'>"
        f"<div class='entry-content'>{f'<p>{SENTENCE * 2}</p>' * 3}</div>"
        f"<section class='widget'><h2>Bài viết mới</h2><ul>{beside}</ul></section></body></html>"
    )
    url = "https://haivan.example/hai-loc/"
    got = read(Page(url, FETCHED, 200, "text/html", page.encode()), load("wordpress"))
    assert got.article
    assert (got.article.title, got.article.published_on) == (title, None)


def test_the_author_stands_under_the_title() -> None:
    """Of two headings of one size, one names every page of the site so."""
    got = get(
        "<h2>Chi Tiết Bài Viết</h2><div><h2>Xã Hải Lộc hoàn thành gieo cấy vụ mùa</h2>"
        "<p>Người đăng: Lê Thị Sáu</p><p>Danh mục: Mùa vụ</p><p>Số lượt xem: 63</p>"
        f"<div>{f'<p>{SENTENCE * 2}</p>' * 3}</div></div>",
        "Ứng dụng",
    )
    assert got.article
    assert got.article.title == "Xã Hải Lộc hoàn thành gieo cấy vụ mùa"
    assert (got.article.author, got.article.view_count) == ("Lê Thị Sáu", 63)


def test_the_title_is_a_paragraph_in_a_box_of_that_name() -> None:
    text = f"<div class='detail-text'>{f'<p>{SENTENCE * 2}</p>' * 3}</div>"
    title = "<div class='%s'><p>Xã Hải Lộc gieo cấy vụ mùa</p></div><span>Lượt đọc: 63</span>"
    got = get(f"<div>{title % 'blog-detail-title'}{text}</div>", "Chợ đất")
    assert got.article
    assert (got.article.title, got.article.view_count) == ("Xã Hải Lộc gieo cấy vụ mùa", 63)


@pytest.mark.parametrize("box", ["comments", "binh-luan", "related", "sidebar"])
def test_who_wrote_something_else_is_no_author(box: str) -> None:
    text = f"<div class='text'>{f'<p>{SENTENCE * 2}</p>' * 3}</div>"
    said = f"<div class='{box}'><p>Người viết: Nguyễn Văn An</p><p>Bài hay quá</p></div>"
    got = get(f"<div><h1>Xã Hải Lộc gieo cấy vụ mùa</h1><p>01/07/2024</p>{text}{said}</div>")
    assert got.article
    assert got.article.author is None
