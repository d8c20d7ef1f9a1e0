"""Property: an article of the practice portal comes back whole, however its page is dressed.

The page is rendered by the portal itself; noise blocks, wordings of labels and encodings are drawn
at random. The reader has no layout to go by.
"""

import html
import re
import unicodedata
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import profiles
from crawler.items import Article, Page
from crawler.profiles import Profile
from pipelines.read import read
from practice.model import LAYOUTS
from practice.pages import Pages
from practice.portal import Portal
from practice.spelling import windows_1258
from practice.truth import truth

BASE = "http://127.0.0.1:8765"
FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
ARTICLES = 150
PROFILES = (profiles.load("generic"), Profile("any", "Any"))

LINKS = "".join(
    f"<li><a href='/tin-khac/{i}'>Họp giao ban công tác tháng {i} của các phòng ban</a> "
    f"<span>(0{i}/02/2020)</span> <i>{i}12 lượt xem</i></li>"
    for i in range(1, 6)
)
ABOVE = (
    "<div class='top'><span>Thứ tư, 03/07/2024</span> <span>09:00:12</span></div>",
    "<div id='clock'>Hôm nay là Thứ tư, ngày 03 tháng 07 năm 2024</div>",
    "<form><input name='u'><input type='password'><b>Đăng nhập</b></form>",
    f"<div><h3>Đọc nhiều nhất</h3><ul>{LINKS}</ul></div>",
    "<div style='display:none'><p>Nhà cái uy tín hàng đầu, nạp rút siêu tốc trong ngày. 01/01/2020"
    "</p></div>",
    "<marquee>Nhiệt liệt chào mừng đại hội đại biểu hội nông dân huyện lần thứ chín!</marquee>",
    "<script>document.title = 'Thứ tư, 03/07/2024';</script><noscript>Hãy bật script</noscript>",
    "<header><h1 class='logo'><a href='/'>Trang thông tin điện tử</a></h1></header>",
)
BEHIND = (
    f"<div><p><b>Tin nổi bật trong tuần</b></p><ul>{LINKS}</ul></div>",
    "<div><h3>Bình luận (1)</h3><b>Trần Văn Tám</b> <span>04/01/2024 08:15</span><p>Bài viết hay, "
    "cảm ơn người viết đã đưa tin về quê hương chúng tôi.</p></div>",
    "<div><h4>Thống kê truy cập</h4><p>Đang truy cập: 12</p><p>Hôm nay: 345</p><p>Tất cả: 1.234.567"
    "</p></div>",
    "<div><p>Chịu trách nhiệm: Ông Phạm Văn Bảy, Chánh Văn phòng</p><p>Giấy phép số 12/GP-TTĐT cấp "
    "ngày 05/06/2019</p></div>",
    "<div class='poll'><p>Bạn đánh giá thế nào về trang này?</p><input type='radio'> Tốt</div>",
    "<div><a href='/len'>Về đầu trang</a> <a href='/in'>In trang</a></div>",
)
VIEWS = ("{n} lượt xem", "Lượt xem: {n}", "Số lần xem: {n}", "Số lượt xem: {n}", "Đã xem: {n}",
         "Lượt đọc: {n}", "Lượt xem : {n}", "{n} lượt đọc", "View count: {n}", "Views: {n}",
         "<i class='fa fa-eye'></i> {n}", "<svg class='icon-eye'></svg> {n}")  # fmt: skip
VIEWS_PRINTED = re.compile(
    r"(?:Lượt xem|Số lần xem|Đã xem|Lượt đọc): ([\d.]+)|([\d.]+) lượt xem(?=</span>)"
    r"|<i class=\"fa fa-eye\"></i> ([\d.]+)"
)
Noise = tuple[str, bool]
"""Markup, and whether it stands in the article's column or at the page's edge."""
BODY, END = re.compile(r"<body[^>]*>"), re.compile(r"</body>")
COLUMN = re.compile(r"<(?:div id=\"main\"|div [^>]*class=\"main[^>]*|td width=\"720\"[^>]*)>")
OTHERS = re.compile(r"<div class=\"(?:related|UIOtherArticle|other-news|[^\"]*related-news)\">")
AUTHORS = ("Tác giả:", "Tác giả bài viết:", "Người viết:", "Bài viết:", "Tin bài:", "Tin, ảnh:")


def twice_escaped(page: str) -> str:
    """The page as an editor leaves it who escapes what is escaped already; scripts stay."""
    pieces = re.split(r"(<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>)", page, flags=re.S)
    return "".join(p if place % 2 else _escaped(_escaped(p)) for place, p in enumerate(pieces))


def _escaped(text: str) -> str:
    if not text.isascii():
        return "".join(c if c.isascii() else f"&#{ord(c)};" for c in html.unescape(text))
    return re.sub(r"&(?=#\d+;)", "&amp;", text)


def cp1258(page: str) -> bytes:
    return windows_1258(re.sub(r"charset=\"?utf-8\"?", 'charset="windows-1258"', page))


ENCODINGS = {
    "utf-8": str.encode,
    "nfd": lambda page: unicodedata.normalize("NFD", page).encode(),
    "windows-1258": cp1258,
    "double-escaped": lambda page: twice_escaped(unicodedata.normalize("NFC", page)).encode(),
}


@cache
def portal(layout: str) -> Portal:
    return Portal(ARTICLES, day=3, layout=layout)


@cache
def answers(layout: str) -> dict[str, dict[str, object]]:
    return {str(a["url"]): a for a in truth(portal(layout), BASE)["articles"]}


@cache
def pages(layout: str) -> Pages:
    return Pages(portal(layout))


def dressed(page: str, above: list[Noise], behind: list[Noise], views: str, author: str) -> str:
    for noise, is_near in above:
        place = COLUMN if is_near else BODY
        page = place.sub(lambda start, noise=noise: start[0] + noise, page, count=1)
    for noise, is_near in behind:
        place = OTHERS if is_near and OTHERS.search(page) else END
        page = place.sub(lambda end, noise=noise: noise + end[0], page, count=1)
    page = VIEWS_PRINTED.sub(lambda m: views.format(n=next(filter(None, m.groups()))), page)
    return page.replace("Tác giả:", author)


def noise(blocks: tuple[str, ...]) -> st.SearchStrategy[list[Noise]]:
    one = st.tuples(st.sampled_from(blocks), st.booleans())
    return st.lists(one, max_size=4, unique_by=lambda drawn: drawn[0])


def as_truth(article: Article) -> dict[str, object]:
    at = article.published_at
    return {
        "title": article.title,
        "published_on": article.published_on and article.published_on.isoformat(),
        "published_at": at and f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "view_count": article.view_count,
        "author": article.author,
        "category": article.category,
        "summary": article.summary,
        "body": article.body,
    }


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
@settings(max_examples=12)
def test_an_article_comes_back(layout: str, encoding: str, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, portal(layout).total - 1), label="article")
    head = portal(layout).headline(k)
    expected = answers(layout).get(BASE + head.path)
    if expected is None:  # it has vanished by this day
        return
    page = dressed(
        pages(layout).article(k, BASE),
        data.draw(noise(ABOVE), label="above"),
        data.draw(noise(BEHIND), label="behind"),
        data.draw(st.sampled_from(VIEWS), label="views"),
        data.draw(st.sampled_from(AUTHORS), label="author"),
    )
    profile = data.draw(st.sampled_from(PROFILES), label="profile")
    body = ENCODINGS[encoding](page)
    got = read(Page(BASE + head.path, FETCHED, 200, "text/html", body), profile)
    assert got.article is not None, got.kind
    fields = as_truth(got.article)
    assert fields == {name: expected[name] for name in fields}
