"""A page for every cue of a date, a count, an author, a file and for every habit of markup.

Each page is the same article; the table says what is put in and what is then read otherwise. One
test per page and field, so that a cue which is read and spoils another field is seen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache

import pytest

from crawler.items import Article, Page
from crawler.profiles import Profile
from pipelines.clock import VIETNAM
from pipelines.read import read
from tests.cue_tables import AUTHORS, COUNTS, DATES, FILES

FETCHED = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
"""09:00 in Vietnam."""
TITLE = "Hải Lộc hoàn thành đường liên thôn trước hạn"
P1 = (
    "Tuyến đường dài 2,4 km nối thôn Đông với thôn Đoài đã được nhân dân hiến đất, góp công làm "
    "xong "
    "sau bốn tháng, sớm hơn kế hoạch 45 ngày."
)
P2 = (
    "Tổng kinh phí 1,8 tỷ đồng, trong đó ngân sách huyện hỗ trợ xi măng, còn lại do nhân dân "
    "đóng góp "
    "và các doanh nghiệp trên địa bàn ủng hộ."
)
P3 = "Xã đang vận động hai thôn còn lại làm tiếp 3,1 km trong năm tới."
LONG = f"{TITLE} và phát động đợt thi đua cải cách hành chính trong tình hình mới"
TEXT = "\n\n".join((P1, P2, P3))
NO_DATE = "<p>Đang cập nhật</p>"


@dataclass(frozen=True)
class Cue:
    """What is put into the page, and how what is read differs from the plain article."""

    head: str = "<p>04/01/2023 08:30</p>"
    """Between title and text."""
    above: str = ""
    """Before the title, in its box."""
    text: str = f"<p>{P1}</p><p>{P2}</p><p>{P3}</p>"
    end: str = ""
    """Behind the text, in its box."""
    behind: str = ""
    """Behind the box."""
    meta: str = ""
    heading: str = f"<h1>{TITLE}</h1>"
    title: str = f"{TITLE} - Huyện Hải Vân"
    url: str = "https://haivan.example/tin/a-1.html"
    expected: Mapping[str, object] = field(default_factory=dict)


def at(text: str) -> dict[str, object]:
    """What a local time, or a day alone, changes."""
    day, _, clock = text.partition(" ")
    moment = datetime.fromisoformat(text).replace(tzinfo=VIETNAM) if clock else None
    return {
        "published_on": date.fromisoformat(day),
        "published_at": moment and moment.astimezone(UTC),
    }


NONE = {"published_on": None, "published_at": None}


def with_link(markup: str) -> str:
    """The text with the words of a link at its end; an editor's words are text, a viewer has "
    "none."""
    words = re.sub(r"<.*?>", "", markup) if "href='/" in markup else ""
    return f"{TEXT}\n\n{words}" if words else TEXT


CUES = {
    **{
        f"date: {text}": Cue(head=f"<p>{text}</p>", expected=at(day)) for text, day in DATES.items()
    },
    **{
        f"date above the title: {text}": Cue(
            head="", above=f"<div class='d'>{text}</div>", expected=at(day)
        )
        for text, day in list(DATES.items())[:20]
    },
    **{
        f"date below the text: {text}": Cue(head="", behind=f"<p>{text}</p>", expected=at(day))
        for text, day in DATES.items()
        if text.startswith(("Đăng ngày", "Ngày đăng", "Ngày cập nhật", "Ngày xuất bản", "Cập nhật"))
    },
    **{
        f"count: {text}": Cue(
            head=f"<p>04/01/2023 08:30</p><div>{text}</div>",
            expected={"view_count": n} | ({"author": "Vũ Thị Thảo"} if "Thảo" in text else {}),
        )
        for text, n in COUNTS.items()
    },
    **{
        f"count in the date's line: {text}": Cue(
            head=f"<p>04/01/2023 08:30 | {text}</p>", expected={"view_count": n}
        )
        for text, n in COUNTS.items()
        if "<div>" not in text and "Tác giả" not in text
    },
    **{
        f"count below the text: {text}": Cue(
            behind=f"<div>{text}</div>",
            expected={"view_count": n} | ({"author": "Vũ Thị Thảo"} if "Thảo" in text else {}),
        )
        for text, n in COUNTS.items()
    },
    **{
        f"author: {text}": Cue(
            head=f"<p>04/01/2023 08:30</p><div>{text}</div>", expected={"author": name}
        )
        for text, name in AUTHORS["head"].items()
        if "04/01/2023" not in text
    },
    **{
        f"author: {text}": Cue(head=f"<p>{text}</p>", expected={"author": name})
        for text, name in AUTHORS["head"].items()
        if "04/01/2023" in text
    },
    **{
        f"author: {text}": Cue(end=text, expected={"author": name})
        for text, name in AUTHORS["end"].items()
    },
    **{
        f"file: {text}": Cue(end=text, expected={"files": [name], "body": with_link(text)})
        for text, name in FILES.items()
    },
    **{
        f"file behind the text: {text}": Cue(
            behind=f"<div>{text}</div>", expected={"files": [name]}
        )
        for text, name in FILES.items()
    },
    # Dates that stand elsewhere, or contradict each other.
    "author before views in brackets": Cue(
        head="<p>được đăng bởi Thanh Thảo (45 lượt xem) | <b>2023-01-04</b></p>",
        expected={"author": "Thanh Thảo", "view_count": 45, "published_at": None},
    ),
    "title called so over its date, below the section that the page is named after": Cue(
        heading=f"<h1>Tin nông thôn</h1><div class='views-field-title'><span>{TITLE}</span></div>",
        title="Tin nông thôn | Huyện Hải Vân",
    ),
    "title in a box called so around one that only sounds so, day and author above": Cue(
        head="",
        above="<p>Sân đình ngày hội làng</p><p>04/01/2023 08:30</p>"
        "<div class='by-line'><span>Vũ Thị Thảo</span></div>",
        heading=f"<div class='article-title-wrap'><div id='PageTitle'>{TITLE}</div></div>",
        title="Đường liên thôn năm nay",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "no author: who sent the question, over the answer": Cue(
        head="<p>Người gửi : Vũ Thị Thảo</p><p>Ngày gửi : 04/01/2023 08:30</p>"
        "<p><a href='javascript:;'>Nội dung trả lời</a></p>",
    ),
    "no date: today's in the column behind the text": Cue(
        head=NO_DATE,
        behind="<div><div>03/07/2024</div><p>Đang truy cập: 4</p></div>",
        expected=NONE,
    ),
    "no date: that over another article's title behind the text": Cue(
        head=NO_DATE,
        behind="<div>12/06/2023</div><div><a href='/x'>Khai mạc hội khỏe toàn xã</a></div>",
        expected=NONE,
    ),
    "no author: a paper below the text": Cue(
        behind="<div style='text-align: right'>Báo Hải Vân</div>"
    ),
    "author besides who posted it": Cue(
        head="<p>Người đăng tin: Ban Biên tập - Ngày đăng: 04/01/2023 08:30</p>",
        end="<p style='text-align:right'><b>Tác giả: Vũ Thị Thảo</b></p>",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "date of posting before that of change": Cue(
        head="<p>Cập nhật: 09/01/2023 | Ngày đăng: 04/01/2023 08:30</p>"
    ),
    "date of change in a line before": Cue(
        head="<p>Cập nhật: 09/01/2023</p><p>Ngày đăng: 04/01/2023 08:30</p>"
    ),
    "date of issue beside it": Cue(
        head="<p>Ngày ban hành: 01/01/2023</p><p>Ngày đăng: 04/01/2023 08:30</p>"
    ),
    "date in the attribute of a short one": Cue(
        head="<p><time datetime='2023-01-04T08:30:00+07:00'>04/01/2023</time></p>"
    ),
    "two dates side by side": Cue(
        head="<p><time datetime='2023-01-04T08:30:00+07:00'>04/01/2023</time>"
        "<time class='updated'>09/01/2023</time></p>"
    ),
    "date in the title of a short one": Cue(
        head="<p><abbr title='04/01/23 lúc 08:30'>04/01/23</abbr></p>"
    ),
    "date only in the metadata": Cue(
        head="", meta="<meta property='article:published_time' content='2023-01-04T08:30:00+07:00'>"
    ),
    "date only in JSON-LD": Cue(
        head="",
        meta='<script type="application/ld+json">{"@type":"NewsArticle",'
        '"datePublished":"2023-01-04T08:30:00.000 +07:00"}</script>',
    ),
    "date only in Dublin Core": Cue(
        head="", meta="<meta name='DC.date.issued' content='2023-01-04T08:30:00+07:00'>"
    ),
    **{
        f"author in JSON-LD of {site}, where {told} is told": Cue(
            meta=f"<meta property='og:site_name' content='{site}'>"
            '<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":'
            f'"{told}"}}}}</script>',
            expected={"author": name},
        )
        for site, told, name in (
            ("THOI BAO ONLINE", "THOI BAO ONLINE", None),
            ("Báo Hải Yến điện tử", "Hải Yến", None),
            ("HNEWS.VN", "Tri Thức - Hnews", None),
            ("Báo Hải Yến", "Nguyễn Hải Yến", "Nguyễn Hải Yến"),
            ("Báo Hải Yến", "Vũ Thị Thảo", "Vũ Thị Thảo"),
            ("Vũ Thị Thảo", "Vũ Thị Thảo", "Vũ Thị Thảo"),
        )
    },
    "author in JSON-LD: whom it names as the publisher, too": Cue(
        meta='<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":'
        '"Vũ Thảo"},"publisher":{"@type":["Person","Organization"],"name":"Vũ Thảo"}}</script>',
        expected={"author": "Vũ Thảo"},
    ),
    "no author in JSON-LD: the paper that publishes": Cue(
        meta='<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":'
        '"Hải Yến"},"publisher":{"@type":"Organization","name":"Báo Hải Yến"}}</script>',
    ),
    "date written by a script": Cue(
        head="<p id='d'></p><script>document.getElementById('d').innerHTML="
        '"Th&#7913; t&#432;, 04/01/2023, 08:30 GMT+7";</script>',
    ),
    "date written by jQuery": Cue(
        head="<p id='d'></p><script>$('#d').text('Thứ tư, 04/01/2023 08:30');</script>"
    ),
    "date in the metadata of another day": Cue(
        meta="<meta property='article:published_time' content='2023-02-09T10:00:00+07:00'>"
    ),
    "no year but one in the address": Cue(
        head="<p>04/01 | 08:30</p>", url="https://haivan.example/2023/01/04/a-1.html"
    ),
    "no year and another month in the address": Cue(
        head="<p>04/01 | 08:30</p>",
        url="https://haivan.example/2023/02/04/a-1.html",
        expected=NONE,
    ),
    # Titles.
    "title beside a wrong one": Cue(title="Chia sẻ bài viết qua mạng xã hội"),
    "title beside the portal's": Cue(title="Cổng thông tin điện tử huyện Hải Vân"),
    "title without one for machines": Cue(title=""),
    "body with where to follow the paper": Cue(
        text=f"<p>{P1}</p><p>Theo dõi Báo Hải Vân trên <a href='https://news.example'>Google News"
        f"</a></p><p>{P2}</p><p>{P3}</p>"
    ),
    "body over what its author has done": Cue(
        behind="<div class='author-bio'><h4><a href='/author/thao'>Vũ Thị Thảo</a></h4><p>"
        f"{P1.replace('.', ';')} {P2}</p></div>",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "title over two lines": Cue(
        heading=f"<h1>{TITLE.replace(' ', '<br>', 4).replace('<br>', ' ', 3)}</h1>"
    ),
    "title over two lines beside the portal's": Cue(
        heading=f"<h1>{TITLE.replace(' ', '<br>', 4).replace('<br>', ' ', 3)}</h1>",
        title="Huyện Hải Vân",
    ),
    "title under the name of a series": Cue(heading=f"<h1>NÔNG THÔN MỚI:<br>{TITLE}</h1>"),
    "title over a lead in its heading": Cue(
        heading=f"<h1>{TITLE}<br><small>Bà con các xã góp công, huyện góp của.</small></h1>",
        title="Huyện Hải Vân",
    ),
    "title in h2 over the text": Cue(
        heading=f"<h2>{TITLE}</h2>",
        title="Giới thiệu",
        head="",
        expected={"published_on": None, "published_at": None},
    ),
    "title in h2": Cue(heading=f"<h2>{TITLE}</h2>"),
    "title in h3": Cue(heading=f"<h3>{TITLE}</h3>"),
    "title in a named box": Cue(heading=f"<div class='tieude'>{TITLE}</div>", title=""),
    "title in a link that leads nowhere": Cue(
        heading=f"<table><tr><td><a class='tieu_de_tin'>{TITLE}</a></td></tr></table>", title=""
    ),
    "title that stays where it is, over who posted it": Cue(
        heading=f"<h2><a href='#'>{TITLE}</a></h2>",
        head="<div>Đăng bởi <a href='#'>Vũ Thị Thảo</a></div><div>2023-01-04</div>",
        title="Bee Shop",
        expected={"author": "Vũ Thị Thảo", "published_at": None},
    ),
    "title in a picture": Cue(
        heading=f"<div><img src='/td.png' alt='{TITLE}'></div>", expected={"captions": [None]}
    ),
    "title in bold": Cue(heading=f"<p><b>{TITLE}</b></p>"),
    "a long title in large letters in the text's own cell": Cue(
        above="<b>Lịch tháng 11</b>",
        heading="",
        head="",
        text=f"<a href='/t'>Tin tức</a><p><font size='4'><b>{LONG}</b></font></p>"
        f"<p>04/01/2023 08:30</p><p>{P1}</p><p>{P2}</p><p>{P3}</p>",
        title="UBND huyện",
        expected={"title": LONG},
    ),
    "title in large letters": Cue(heading=f"<font size='5'><b>{TITLE}</b></font>", title=""),
    "title that links to itself": Cue(heading=f"<h1><a href='/tin/a-1.html'>{TITLE}</a></h1>"),
    "title split over spans": Cue(
        heading=f"<h1><span>{TITLE[:9]}</span><span>{TITLE[9:]}</span></h1>"
    ),
    "title under its section's, both in h1": Cue(
        above="<h1>Tin tức - Sự kiện</h1><nav><a href='/'>Trang chủ</a> / Tin tức - Sự kiện</nav>",
        title="Tin tức - Sự kiện",
        expected={"category": "Tin tức - Sự kiện"},
    ),
    "category: not the moment in the box of the path": Cue(
        above="<div class='bread-crumb'><ul><li><a href='/n'>Nông thôn mới</a></li></ul>"
        "<div><p>Thứ Tư, 04/01/2023 - 08:30</p></div></div>",
        head="",
        expected={"category": "Nông thôn mới"},
    ),
    "title that its box names, under capitals that the page is called by": Cue(
        above="<div>TIN TỨC SỰ KIỆN</div>",
        heading=f"<div class='tieu-de'><span style='font-weight:bold'>{TITLE}</span></div>",
        title="Chi tiết tin tức sự kiện",
    ),
    "title under its section's, both in h1 and undated": Cue(
        above="<h1>Tin tức nông thôn</h1>",
        title="Tin tức nông thôn",
        head="",
        expected=NONE,
    ),
    "title under what kind of page it is": Cue(
        above="<h2>Chi tiết bài viết</h2>",
        heading=f"<h3>{TITLE}</h3>",
        title="Chi tiết bài viết",
    ),
    "title above the name that the site bears": Cue(
        head="<p><i class='fa fa-user'></i> Vũ Thị Thảo</p><p>Ngày đăng: 04/01/2023 08:30</p>",
        title="Vũ Thị Thảo",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "title in h6 over its date and section": Cue(
        heading=f"<h6 class='title'>{TITLE}</h6>",
        head="<b>Ngày đăng: 08:30 ngày 04-01-2023 \\ Thể loại: <a href='/n'>Nông thôn.</a></b>",
        title="Huyện Hải Vân",
    ),
    "title in h3 over date, author and a file in one line": Cue(
        heading=f"<h3>{TITLE}</h3>",
        head="<span>Được đăng: 04/01/2023 08:30 | Viết bởi Vũ Thị Thảo | </span><a>Toàn văn</a>",
        title="Huyện Hải Vân",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "title under author, day, date and a button": Cue(
        above="<div class='name-author'><a href='#'>Vũ Thị Thảo</a></div><div>Tháng 1 04</div>"
        "<div>T4, 04/01/2023 - 08:30</div><div>Share Post</div>",
        head="",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "title under its path in bold and the clock": Cue(
        above="<table><tr><td><b><a href='/n'>Tin tức</a> &raquo; Làng nghề</b></td>"
        "<td>Thứ tư, 03/07/2024</td></tr></table>",
        heading=f"<div>{TITLE}</div>",
        title="Huyện Hải Vân",
    ),
    "title under the portal's name": Cue(
        above="<h1 class='logo'>Trang thông tin điện tử huyện Hải Vân</h1>",
        heading=f"<h2 class='title'>{TITLE}</h2>",
    ),
    # Leads.
    **{
        f"lead: {name}": Cue(
            head=f"<p>04/01/2023 08:30</p><{tag} class='{name}'>Dân thôn Đông và thôn Đoài có "
            f"đường mới."
            f"</{tag}>",
            expected={"summary": "Dân thôn Đông và thôn Đoài có đường mới."},
        )
        for tag, name in (
            ("h2", "sapo"),
            ("div", "ArticleSummary"),
            ("p", "hometext"),
            ("div", "brief-text"),
            ("div", "news-lead"),
            ("p", "description"),
            ("div", "tomtat"),
            ("span", "trich-dan"),
            ("div", "article__sapo"),
            ("p", "pHead"),
            ("h2", "chapeau"),
            ("div", "cms-desc"),
            ("span", "story_teaser"),
        )
    },
    "lead in bold": Cue(
        head="<p>04/01/2023 08:30</p><div><b>Dân thôn Đông và thôn Đoài từ nay có đường mới để "
        "đi.</b></div>",
        expected={"summary": "Dân thôn Đông và thôn Đoài từ nay có đường mới để đi."},
    ),
    **{
        f"no lead: {line}": Cue(
            head=f"<p>04/01/2023 08:30</p><p class='lead'><i>{line}</i></p>",
            expected={"view_count": 15} if "15" in line else {"author": "Thanh Thảo"},
        )
        for line in ("Cập nhật: 04/01/2023 08:30 - Lượt xem: 15", "đăng bởi Thanh Thảo")
    },
    "no lead: the title a second time": Cue(
        head=f"<p>04/01/2023 08:30</p><p class='lead'><b>{TITLE}</b></p>"
    ),
    "no section: the author's line in the path's element": Cue(
        head="<div class='my-breadcrumbs'><span>được đăng bởi Thanh Thảo (45 lượt xem)</span></div>"
        "<p>04/01/2023 08:30</p>",
        expected={"author": "Thanh Thảo", "view_count": 45},
    ),
    "no section: a menu that starts at the home page": Cue(
        above="<div><a href='/'>Trang chủ</a> | <a href='/gt'>Giới thiệu</a> | <a href='/t'>Tin "
        "tức</a> | <a href='/h'>Hỏi đáp</a></div>"
    ),
    "no picture: the clock before the date": Cue(
        head="<div><img src='/i/post-clock.png'><span>04/01/2023 08:30</span></div>"
    ),
    "no caption: the date under a picture": Cue(
        head="<div><img src='/a.jpg'><span>04/01/2023 08:30</span></div>",
        expected={"captions": [None]},
    ),
    "file behind a text with a box around its box": Cue(
        text=f"<div><div><p>{P1}</p><p>{P2}</p><p>{P3}</p></div></div>",
        end="<div><label>Tài liệu đính kèm</label><a href='/f.pdf'>Tải về</a></div>",
        expected={"files": ["f.pdf"]},
    ),
    "section behind a label": Cue(
        head="<p>04/01/2023 08:30</p><p>Chuyên mục: <a href='/n'>Nông thôn mới</a></p>",
        expected={"category": "Nông thôn mới"},
    ),
    "headings of links below the text": Cue(
        end="<h3>Danh mục bài viết</h3><div><a href='/c1'>Làng nghề</a></div><h3>Nhãn bài viết</h3>"
    ),
    "section below the text": Cue(
        behind="<p><span>Chuyên mục</span> <a href='/n'>Nông thôn mới</a></p>",
        expected={"category": "Nông thôn mới"},
    ),
    "section in the path": Cue(
        above="<div class='breadcrumb'><a href='/'>Trang chủ</a> / <a href='/n'>Nông thôn "
        "mới</a></div>",
        expected={"category": "Nông thôn mới"},
    ),
    "section of a blog": Cue(
        head="<p>04/01/2023 08:30 <a rel='category tag' href='/n'>Nông thôn mới</a></p>",
        expected={"category": "Nông thôn mới"},
    ),
    "rating under the author": Cue(
        end="<p class='text-right'><b>Tác giả bài viết: </b>Vũ Thị Thảo</p><form>Xếp hạng: "
        "<span id='numberrating'>5</span> - <span id='click_rating'>2</span> phiếu bầu</form>",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "link to what else the author wrote": Cue(
        end="<p><a href='/author/thao/'>Xem tất cả bài viết của Thảo</a></p>"
    ),
    # Markup of the text.
    "text in divs": Cue(text=f"<div>{P1}</div><div>{P2}</div><div>{P3}</div>"),
    "text in breaks": Cue(text=f"{P1}<br><br>{P2}<br><br>{P3}"),
    "text in single breaks": Cue(text=f"{P1}<br>{P2}<br>{P3}"),
    "text in a cell": Cue(
        text=f"<table><tr><td><p>{P1}</p><p>{P2}</p><p>{P3}</p></td></tr></table>"
    ),
    "text in cells": Cue(
        text=f"<table><tr><td>{P1}</td></tr><tr><td>{P2}</td></tr><tr><td>{P3}</td></tr></table>"
    ),
    "text in spans": Cue(
        text=f"<span>{P1}</span><br><br><span>{P2}</span><br><br><span>{P3}</span>"
    ),
    "text in fonts": Cue(text=f"<font face='Arial'><p>{P1}</p><p>{P2}</p><p>{P3}</p></font>"),
    "text in parts": Cue(text=f"<div><p>{P1}</p></div><div><p>{P2}</p><p>{P3}</p></div>"),
    "text in a list": Cue(text=f"<p>{P1}</p><ul><li>{P2}</li><li>{P3}</li></ul>"),
    "text between empty paragraphs": Cue(
        text=f"<p>&nbsp;</p><p>{P1}</p><p>&nbsp;</p><p>{P2}</p><p><br></p><p>{P3}</p>"
    ),
    "text with spaces and breaks of lines": Cue(
        text="<p>\n   "
        + P1.replace(" ", "\n   ")
        + f"\n</p><p>{P2.replace(' ', '&nbsp;')}</p><p>{P3}</p>"
    ),
    "text of Word": Cue(
        text=f"<p class='MsoNormal'><span style='font-size:14pt'>{P1}<o:p></o:p></span></p>"
        f"<p class='MsoNormal'><span lang='VI'>{P2}</span></p><p class='MsoNormal'>{P3}</p>"
    ),
    "words split over spans": Cue(
        text="".join(
            "<p>"
            + "".join(f"<span>{w[:1]}</span><span>{w[1:]}</span> " for w in p.split())
            + "</p>"
            for p in (P1, P2, P3)
        )
    ),
    "zero-width and BOM characters": Cue(
        text=f"<p>\ufeff{P1}</p><p>" + P2.replace("kinh", "ki\u200bnh") + f"</p><p>{P3}\ufeff</p>"
    ),
    "references": Cue(
        text="".join(
            "<p>" + "".join(c if c.isascii() else f"&#{ord(c)};" for c in p) + "</p>"
            for p in (P1, P2, P3)
        )
    ),
    "references escaped twice": Cue(
        text="".join(
            "<p>" + "".join(c if c.isascii() else f"&amp;#{ord(c)};" for c in p) + "</p>"
            for p in (P1, P2, P3)
        )
    ),
    "quotes that lost their &": Cue(
        text=f"<p>{P1}</p><p>{P2}</p><p>ldquo;{P3}rdquo;</p>".replace(".rdquo", ". rdquo"),
        expected={"body": f"{P1}\n\n{P2}\n\n“{P3} ”"},
    ),
    "hidden links in the text": Cue(
        text=f"<p>{P1}</p><div style='display:none'><a href='https://x.example'>tài "
        f"xỉu</a></div><p>{P2}</p>"
        f"<p>{P3}</p>"
    ),
    "related links in the text": Cue(
        text=f"<p>{P1}</p><p><a href='/b'>&gt;&gt; Hải Lộc vận động nhân dân hiến đất làm "
        f"đường</a></p>"
        f"<p>{P2}</p><p>{P3}</p>"
    ),
    "related box in the text": Cue(
        text=f"<p>{P1}</p><div class='relate'><a href='/b'>Hải Lộc vận động nhân dân hiến "
        f"đất</a></div>"
        f"<p>{P2}</p><p>{P3}</p>"
    ),
    "related news behind a label": Cue(
        end="<p><b>Tin liên quan:</b></p><ul><li><a href='/b'>Hải Lộc vận động nhân dân hiến "
        "đất</a></li>"
        "<li><a href='/c'>Huyện hỗ trợ xi măng làm đường liên thôn</a></li></ul>"
    ),
    "pictures over the label of related news": Cue(
        end="<center><img src='/a.jpg'></center><center><img src='/b.jpg'></center><hr>"
        "<b>Các tin khác:</b><ul><li><a href='/b'>Hải Lộc vận động nhân dân hiến đất</a></li>"
        "<li><a href='/c'>Huyện hỗ trợ xi măng làm đường liên thôn</a></li></ul>",
        expected={"captions": [None, None]},
    ),
    "a file below the author": Cue(
        end="<p align='right'><b>Vũ Thị Thảo</b></p>"
        "<p>Tải về: <a href='/ke-hoach.pdf'>Văn bản kèm theo</a></p>",
        expected={
            "author": "Vũ Thị Thảo",
            "files": ["ke-hoach.pdf"],
            "body": f"{TEXT}\n\nTải về: Văn bản kèm theo",
        },
    ),
    "share buttons at the end": Cue(
        end="<div class='social-share'><a href='#'>Chia sẻ</a> <a href='#'>Gửi email</a></div>"
    ),
    "keywords at the end": Cue(end="<p>Từ khóa: đường liên thôn, hiến đất</p>"),
    "tools before the text": Cue(
        head="<p>04/01/2023 08:30</p><div class='tools'><a href='#'>A-</a> <a href='#'>A+</a> "
        "In</div>"
    ),
    "a rating before the text": Cue(
        head="<p>04/01/2023 08:30</p><ul class='rating'><li>Đánh giá cho bài viết:</li>"
        "<li>0 điểm ( 0 đánh giá )</li></ul>",
    ),
    "a picture with figcaption": Cue(
        text=f"<p>{P1}</p><figure><img src='/a.jpg'><figcaption>Đường mới ở thôn "
        f"Đông</figcaption></figure>"
        f"<p>{P2}</p><p>{P3}</p>",
        expected={"captions": ["Đường mới ở thôn Đông"]},
    ),
    "a picture with a line in italics": Cue(
        text=f"<p>{P1}</p><p><img src='/a.jpg'></p><p><i>Đường mới ở thôn "
        f"Đông</i></p><p>{P2}</p><p>{P3}</p>",
        expected={"captions": ["Đường mới ở thôn Đông"]},
    ),
    "a picture with a centred line": Cue(
        text=f"<p>{P1}</p><p align='center'><img src='/a.jpg'></p><p align='center'>Đường mới ở "
        f"thôn Đông</p>"
        f"<p>{P2}</p><p>{P3}</p>",
        expected={"captions": ["Đường mới ở thôn Đông"]},
    ),
    "no picture of the article: that of another one": Cue(
        text="<table><tr><td><a href='/b.html'><img src='/b.jpg'></a></td><td><a href='/b.html'>"
        f"Khánh thành cầu dân sinh ở thôn Đoài</a></td></tr></table><p>{P1}</p><p>{P2}</p>"
        "<div><a href='/c.html'><img src='/c.jpg'></a><h4><a href='/c.html'>Thôn Đông ra quân làm "
        f"thủy lợi nội đồng</a></h4></div><p>{P3}</p>",
    ),
    "no picture of the article: one over the text that leads on": Cue(
        head="<p>04/01/2023 08:30</p><ul><li><a href='/b.html'><img src='/b.jpg'></a> <a href="
        "'/b.html'>Khánh thành cầu dân sinh ở thôn Đoài</a></li></ul>"
        "<p><a href='/lon/d.jpg'><img src='/d.jpg'></a></p>",
        expected={"captions": [None]},
    ),
    "no picture of the article: that of its author": Cue(
        head="<div class='meta'><div class='author'><img src='/t.jpg' alt=''><span class='name'>"
        "Vũ Thị Thảo</span></div><a href='/tac-gia/vu-thao.htm'><img src='/u.jpg'></a></div>"
        "<p>04/01/2023 08:30</p>",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "author: over what an editor adds to the text": Cue(
        end="<p align='right'><b>Vũ Thị Thảo</b></p><p><b>Bài 2: Đường về thôn Đoài</b></p>"
        "<p><i>* Tên nhân vật đã được thay đổi.</i></p>",
        expected={
            "author": "Vũ Thị Thảo",
            "body": f"{TEXT}\n\nBài 2: Đường về thôn Đoài\n\n* Tên nhân vật đã được thay đổi.",
        },
    ),
    "no author: whom the text names over a note": Cue(
        end="<p>Vũ Thị Thảo</p><p><i>* Tên nhân vật đã được thay đổi.</i></p>",
        expected={"body": f"{TEXT}\n\nVũ Thị Thảo\n\n* Tên nhân vật đã được thay đổi."},
    ),
    "no text: a list of others under a label of its own, and where to share": Cue(
        end="<p>Chia sẻ bài viết: <a>Facebook</a> <a>Zalo</a></p><h3>Bạn không nên bỏ lỡ</h3>"
        + "".join(
            f"<div><a href='/b{n}.html'>Khánh thành cầu dân sinh số {n} ở thôn Đoài</a> "
            f"<span>0{n}/05/2024 10:00</span></div>"
            for n in range(1, 4)
        ),
    ),
    "no text: what stands over an advertisement": Cue(
        text=f"<p>{P1}</p><div>Quảng cáo</div><p>{P2}</p><p>{P3}</p><p>- ADVERTISEMENT -</p>",
    ),
    "no text: the words beside a picture in its own box": Cue(
        text=f"<p>{P1}</p><div class='img'><img src='/a.jpg'><span class='cap'>Đường mới ở thôn "
        f"Đông</span></div><p>{P2}</p><p>{P3}</p>",
        expected={"captions": ["Đường mới ở thôn Đông"]},
    ),
    "no author: who is quoted at the text's end": Cue(
        end="<div class='quote'><p>Còn sức thì còn làm đường</p><p>Vũ Thị Thảo</p></div>",
        expected={"body": f"{TEXT}\n\nCòn sức thì còn làm đường\n\nVũ Thị Thảo"},
    ),
    "no author: whom the text's last line names": Cue(
        end="<p align='right'><b>Bà Vũ Thị Thảo</b></p>",
        expected={"body": f"{TEXT}\n\nBà Vũ Thị Thảo"},
    ),
    "no text: what a picture shows that a script loads": Cue(
        text=f"<p>{P1}</p><div class='lazy'></div><p align='center'><em>Đường mới ở thôn Đông. "
        f"Ảnh: Thu Hà.</em></p><p>{P2}</p><p>{P3}</p>",
    ),
    "no text: what a player shows, and the button under a picture": Cue(
        text=f"<p>{P1}</p><p><a class='button-save'>Tải xuống</a></p><p>{P2}</p><p>{P3}</p>"
        "<p><b>Video: Đường mới ở thôn Đông</b></p>",
    ),
    "a picture and its caption in cells": Cue(
        text=f"<p>{P1}</p><table><tr><td><img src='/a.jpg'></td></tr><tr><td>Đường mới ở thôn "
        f"Đông</td></tr>"
        f"</table><p>{P2}</p><p>{P3}</p>",
        expected={"captions": ["Đường mới ở thôn Đông"]},
    ),
    "a lazy picture": Cue(
        text=f"<p>{P1}</p><p><img src='data:image/gif;base64,R0' "
        f"data-src='/a.jpg'></p><p>{P2}</p><p>{P3}</p>",
        expected={"captions": [None]},
    ),
    "a gallery": Cue(
        text=f"<p>{P1}</p><p>{P2}</p><p>{P3}</p><div class='gallery'><img data-large='/a.jpg'>"
        "<img data-large='/b.jpg'></div>",
        expected={"captions": [None, None]},
    ),
    "a table of figures": Cue(
        text=f"<p>{P1}</p><p>{P2}</p><table><tr><td>Thôn Đông</td><td>1,2 km</td></tr>"
        f"<tr><td>Thôn Đoài</td><td>1,2 km</td></tr></table><p>{P3}</p>",
        expected={"body": f"{P1}\n\n{P2}\n\nThôn Đông | 1,2 km\n\nThôn Đoài | 1,2 km\n\n{P3}"},
    ),
    "author: behind a line to share it": Cue(
        behind="<div>Chia sẻ</div><div class='text-right'>Vũ Thị Thảo</div>",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "author: behind lines to share what the text says": Cue(
        end="<div>Chia sẻ</div><div>Chia sẻ</div>",
        behind="<p style='text-align:right'>Vũ Thị Thảo</p>",
        expected={"author": "Vũ Thị Thảo"},
    ),
    "title: behind its thread's kind": Cue(
        heading=f"<h1><span class='label'>thảo luận</span> {TITLE}</h1>",
        title=f"thảo luận - {TITLE} | Diễn đàn",
    ),
    "title over its lead and the date, both headings, on a page called by the site's name": Cue(
        heading=f"<h1>{TITLE}</h1><h2>Xã đang vận động hai thôn còn lại làm tiếp</h2>",
        title="Báo Hải Vân",
    ),
    "title under a heading that begins with the site's name": Cue(
        above="<h1>Báo Hải Vân - Tin tức mới nhất</h1>",
        heading=f"<h2>{TITLE}</h2>",
        title="Báo Hải Vân",
    ),
    "title before what marks it for subscribers": Cue(
        heading=f"<h1 class='title'>{TITLE}<span class='badge'>Premium</span></h1>",
    ),
    "count: alone, in an element called view": Cue(
        head="<p>04/01/2023 08:30 <span class='view'>1.204</span></p>",
        expected={"view_count": 1204},
    ),
    "date: with the views, in a line called description": Cue(
        head="<p class='description'><span title='4/1/23 lúc 08:30'>4/1/23</span> · Bình luận: 45 "
        "· Lượt xem: 12,345</p>",
        expected={"view_count": 12345},
    ),
    "no date: that of an item linked above the title": Cue(
        head="",
        above="<p><a href='/x-1'>Tin khác về nông nghiệp của huyện</a> <span>26/04/2015</span></p>",
        expected=NONE,
    ),
    "title, date and views: lines between breaks": Cue(
        above="<div><a href='/ts'>Thời sự</a></div><span>03:42 PM 04/01/2023</span> <span>|</span> "
        "<span>Lượt xem: 1356</span><a href='#'>In bài viết</a><br>",
        heading=f"<span class='newsTitle'>{TITLE}</span><br>",
        head="",
        title="Ban Dân tộc",
        expected={**at("2023-01-04 15:42"), "view_count": 1356},
    ),
}

PLAIN = {
    "title": TITLE,
    "published_on": date(2023, 1, 4),
    "published_at": datetime(2023, 1, 4, 1, 30, tzinfo=UTC),
    "view_count": None,
    "author": None,
    "category": None,
    "summary": None,
    "body": TEXT,
    "captions": [],
    "files": [],
}


@cache
def article(name: str) -> Article:
    cue = CUES[name]
    html = (
        f"<html><head><title>{cue.title}</title>{cue.meta}</head><body><div class='t'>Thứ tư, "
        f"03/07/2024"
        f"</div><div class='m'><a href='/'>Trang chủ</a></div><div class='col'><div class='box'>"
        f"{cue.above}{cue.heading}{cue.head}<div "
        f"class='c'>{cue.text}{cue.end}</div>{cue.behind}</div></div>"
        "<div class='f'>Bản quyền thuộc Ủy ban nhân dân huyện Hải Vân</div></body></html>"
    )
    got = read(Page(cue.url, FETCHED, 200, "text/html", html.encode()), Profile("any", "Any"))
    assert got.article is not None, got.kind
    return got.article


def value(found: Article, name: str) -> object:
    if name == "captions":
        return [image.caption for image in found.images]
    if name == "files":
        return [file.filename for file in found.attachments]
    return getattr(found, name)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("cue", CUES)
def test_cue(cue: str, name: str) -> None:
    assert value(article(cue), name) == CUES[cue].expected.get(name, PLAIN[name])


@pytest.mark.parametrize("cue", [c for c in CUES if c.startswith(("date", "count", "author"))])
def test_each_value_has_its_raw_text_and_rule(cue: str) -> None:
    found = article(cue)
    readings = {reading.field for reading in found.readings if reading.raw and reading.rule}
    for name in ("title", "published_on", "view_count", "author", "body"):
        assert (name in readings) == (getattr(found, name) is not None)
