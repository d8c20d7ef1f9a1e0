"""Listing layouts and pagers of the CMS families: each item's link is found, no list is an article.

The markup is our own, made after the habits that portals of these families show: dates of every
form or none, pictures that load late, titles in headings, in links, in cells.
"""

from datetime import UTC, datetime

import pytest

from crawler import profiles
from crawler.items import Link, Page
from pipelines.read import read
from spiders.walk import links_of

FETCHED = datetime(2025, 11, 3, 2, 0, tzinfo=UTC)
URL = "https://haivan.example/tin-tuc"
ITEMS = (
    ("khai-giang-lop-day-nghe-may-20101", "Khai giảng lớp dạy nghề may cho 35 phụ nữ"),
    ("dua-may-cay-ve-dong-20102", "Hợp tác xã đưa máy cấy về đồng ruộng"),
    ("ngay-hoi-thon-20103", "Ngày hội đại đoàn kết ở thôn Tây Cường"),
    ("ra-quan-lam-thuy-loi-20104", "Ra quân làm thủy lợi mùa khô năm 2025"),
    ("trao-nha-tinh-thuong-20105", "Trao hai ngôi nhà tình thương trước Tết"),
    ("khoi-cong-tram-y-te-20106", "Khởi công xây trạm y tế xã Hải Lộc"),
)
LEAD = "Buổi lễ diễn ra sáng nay với sự tham dự của lãnh đạo xã và đông đảo bà con trong vùng. "
CLOCK = "<div class='header'><span class='date-now'>Thứ hai, 03/11/2025</span></div>"
MENU = "<ul class='menu'><li><a href='/'>Trang chủ</a></li><li><a href='/l'>Liên hệ</a></li></ul>"
FOOT = (
    "<div class='footer'><p>Chịu trách nhiệm: Ông Phạm Văn Bảy</p><p>Truy cập: 1.204.551</p></div>"
)


def page(body: str, heading: str = "Tin tức", url: str = URL) -> Page:
    html = (
        f"<html><head><title>{heading} - Huyện Hải Vân</title></head><body>{CLOCK}{MENU}"
        f"<h1>{heading}</h1>{body}{FOOT}</body></html>"
    )
    return Page(url, FETCHED, 200, "text/html", html.encode())


def items(form: str) -> str:
    return "".join(
        form.format(a=f"/tin-tuc/{slug}", title=title, n=n, lead=LEAD)
        for n, (slug, title) in enumerate(ITEMS, 1)
    )


VHV = {
    "one with the bar in the date": (
        "<ul class='news-list-layout'>"
        + items(
            "<li><a class='image-thumb' href='{a}'><img src='/blank.gif' data-original='/{n}.jpg'>"
            "</a><h3><a href='{a}'>{title}</a></h3><span class='post-date'>Thứ năm, 3{n}/10/2025"
            "<span class='drash'> | </span>10:31</span><div class='brief'>{lead}</div></li>"
        )
        + "</ul>"
    ),
    "two with time[datetime]": (
        "<div class='ModuleWrapper module34'>"
        + items(
            "<div class='item'><time class='post-date' datetime='2025-10-1{n}T10:31:00+07:00'>"
            "1{n}/10/2025</time><h4><a href='{a}'>{title}</a></h4></div>"
        )
        + "</div>"
    ),
    "three with a year of two digits": (
        "<div class='list-news'>"
        + items("<div class='item'><a href='{a}'>{title}</a> <i>(1{n}/10/25)</i></div>")
        + "</div>"
    ),
    "four without dates": (
        items(
            "<div class='article-item'><a href='{a}'><img data-original='/{n}.jpg' alt='{title}'>"
            "</a><p><a href='{a}'>{title}</a></p></div>"
        )
    ),
    "five in a grid, all of a card a link": (
        "<div class='row'>"
        + items(
            "<div class='col-md-4'><a class='article-item card' href='{a}'><img data-original="
            "'/{n}.jpg'><h3>{title}</h3><span class='post-date'>1{n}/10/2025</span></a></div>"
        )
        + "</div>"
    ),
    "six with a section's badge before each title": (
        "<ul class='news-list-layout'>"
        + items(
            "<li><a class='cate' href='/tin-tuc'>Tin tức</a><h3><a href='{a}?categoryId=7'>{title}"
            "</a></h3><p>{lead}</p></li>"
        )
        + "</ul>"
    ),
    "seven with a lead story and links": (
        "<div class='module34'>"
        + items("<div class='item'><h3><a href='{a}'>{title}</a></h3><p>{lead}{lead}</p></div>")
        + "</div><div class='relatedArticles'><a href='/gioi-thieu'>Giới thiệu</a></div>"
    ),
}
VNPORTAL = {
    "A": (
        "<div class='UIArticleInMenu_Default'><ul class='ArticleList'>"
        + items(
            "<li class='row'><h2 class='Title'><a href='{a}'>{title}</a></h2>"
            "<div class='Ngaydang'>1{n}/10/2025</div><p>{lead}</p><p>Xem tiếp</p></li>"
        )
        + "</ul></div>"
    ),
    "B": (
        "<div class='UIListNews_Default'>"
        + items("<div class='item'><a href='{a}'>{title}</a></div>")
        + "</div>"
    ),
}
LIFERAY = {
    "abstracts": items(
        "<div class='asset-abstract'><h3 class='asset-title'><a href='/tin/-/view_content/{n}0233-a"
        ".html?redirect=%2Ftin'>{title}</a></h3><div class='asset-summary'>{lead}</div>"
        "<span>View count: 1108</span> <span>Publish date 1{n}/10/2025</span></div>"
    )
    + "<p>Showing 1 - 6 of 29</p>",
    "a table": "<table>"
    + items(
        "<tr class='results-row'><td>{n}</td><td><a href='/tin/-/view_content/{n}0233-a.html?"
        "redirect=https%3A%2F%2Fhaivan.example%2Ftin'>{title}</a></td></tr>"
    )
    + "</table><p>Hiển thị 1 - 6 of 29</p>",
}
SHAREPOINT = {
    "news": items(
        "<div class='news-item'><a href='/portal/Pages/2025-10-1{n}/tin{n}a.aspx'>{title}</a>"
        "<span>10/1{n}/2025 9:15 AM</span><p>{lead}</p></div>"
    ),
    "a list view": "<table class='ms-listviewtable'>"
    + items(
        "<tr><td><a href='/tin/View_Detail.aspx?ItemID={n}'>{title}</a></td><td>1{n}/10/2025</td>"
        "</tr>"
    )
    + "</table>",
}
LAYOUTS = {
    (cms, name): body
    for cms, layouts in (
        ("vhv", VHV),
        ("vnportal", VNPORTAL),
        ("liferay", LIFERAY),
        ("sharepoint", SHAREPOINT),
    )
    for name, body in layouts.items()
}


def walked(body: str, cms: str, url: str = URL) -> list[Link]:
    return links_of(page(body, url=url), "", profiles.load(cms))[1]


@pytest.mark.parametrize(("cms", "name"), LAYOUTS)
def test_each_item_is_an_article_once(cms: str, name: str) -> None:
    links = walked(LAYOUTS[cms, name], cms)
    listed = [link for link in links if link.kind == "article"]
    assert len({link.key for link in listed}) == len(ITEMS)
    assert not any("categoryId" in link.url for link in listed)


@pytest.mark.parametrize(("cms", "name"), LAYOUTS)
def test_each_item_is_called_by_its_title(cms: str, name: str) -> None:
    words = [link.words for link in walked(LAYOUTS[cms, name], cms) if link.kind == "article"]
    assert words == [title for _, title in ITEMS]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<a href='/a-1'>{title}</a>", True),
        ("<a href='/a-1'><h3>{title}</h3><p>{lead}</p></a>", True),
        ("<a href='/a-1'><b>{title}</b>\n</a><a href='/a-1'>Xem thêm</a>", True),
        ("<a href='/a-1'>Khai giảng lớp dạy...</a><a href='/a-1'>{title}</a>", True),
        ("<a href='/a-1'>Trang chủ</a>", False),
        ("<a href='/a-1'>{lead}{lead}{lead}{lead}</a>", False),
        ("<a href='/a-1'><script>{title}</script></a>", False),
    ],
)
def test_words_of_a_link_are_kept_if_they_may_be_a_title(markup: str, words: bool) -> None:
    title = ITEMS[0][1]
    links = walked(markup.format(title=title, lead=LEAD), "generic")
    assert {link.words for link in links if "a-1" in link.url} == {title if words else None}


@pytest.mark.parametrize("profile", ["its own", "generic"])
@pytest.mark.parametrize(("cms", "name"), LAYOUTS)
def test_no_list_is_an_article(cms: str, name: str, profile: str) -> None:
    slug = cms if profile == "its own" else "generic"
    got = read(page(LAYOUTS[cms, name]), profiles.load(slug))
    assert (got.kind, got.article) == ("listing", None)


PAGERS = {
    "VHV's next": ("vhv", "<a class='next' href='/tin-tuc?page=7'>Sau</a>"),
    "VHV's next page": ("vhv", "<a class='next-pages' href='/tin-tuc?pageNo=7'>&gt;</a>"),
    "VHV's button": ("vhv", "<ul><li class='btn-next'><a href='/tin-tuc/?page=7'>»</a></li></ul>"),
    "SharePoint": ("sharepoint", "<a href='/tin-tuc.aspx?PageIndex=7'>7</a>"),
    "SharePoint's section": ("sharepoint", "<a href='/Tin.aspx?ChuyenMucID=12&amp;page=7'>7</a>"),
    "Liferay": ("liferay", "<a href='/tin?p_p_id=101&amp;_101_cur=7'>7</a>"),
    "NukeViet": ("nukeviet", "<a href='/vi/news/tin-tuc/page-7/'>7</a>"),
    "DNN": ("dnn", "<a href='/Default.aspx?TabID=1736&amp;p=7'>7</a>"),
    "plain": ("generic", "<a href='/tin-tuc?page=7'>7</a>"),
    "capital": ("generic", "<a href='/tin-tuc?Page=7'>7</a>"),
    "a folder": ("generic", "<a href='/tin-tuc/trang-7.htm'>7</a>"),
    "a short folder": ("generic", "<a href='/tin-tuc-d6/p7'>7</a>"),
    "WordPress": ("wordpress", "<a href='/category/tin-tuc/page/7/'>7</a>"),
    "Joomla": ("joomla", "<a href='/tin-tuc?start=70'>8</a>"),
    "Drupal": ("drupal", "<a href='/tin-tuc?page=7'>8</a>"),
}


@pytest.mark.parametrize("style", PAGERS)
def test_a_pager_leads_on(style: str) -> None:
    cms, markup = PAGERS[style]
    links = walked(f"<div class='pager'><span>6</span> {markup}</div>", cms)
    assert [link.kind for link in links if "7" in link.url] == ["listing"]


def test_a_last_page_leads_nowhere() -> None:
    """Where the link to the next page has become a span."""
    links = walked("<div><a href='/tin-tuc?page=5'>5</a><span class='next'>Sau</span></div>", "vhv")
    assert [link.url for link in links if link.kind == "listing"] == [f"{URL}?page=5"]


def test_double_and_trailing_slashes_are_one_address() -> None:
    links = walked(
        "<a href='//haivan.example//tin//a-20101/'>A</a><a href='/tin/a-20101'>A</a>", "vhv"
    )
    assert len({link.key for link in links if "20101" in link.url}) == 1


ZONE = "<input type='hidden' id='hdZoneId' value='1181'>"
TIMELINE = "https://haivan.example/timelinelist/1181/{}.htm"


def test_a_hidden_timeline_is_followed_to_its_end() -> None:
    assert TIMELINE.format(1) in [link.url for link in walked(ZONE, "generic")]
    full = walked("<li><a href='/a-20101.htm'>A</a></li>", "generic", TIMELINE.format(4))
    assert TIMELINE.format(5) in [link.url for link in full]
    empty = links_of(
        Page(TIMELINE.format(9), FETCHED, 200, "text/html", b"<html></html>"),
        "",
        profiles.load("generic"),
    )[1]
    assert empty == []


@pytest.mark.parametrize("value", ["", "0", "x/../y"])
def test_no_zone_has_no_timeline(value: str) -> None:
    links = walked(ZONE.replace("1181", value), "generic")
    assert not any("timeline" in link.url for link in links)
