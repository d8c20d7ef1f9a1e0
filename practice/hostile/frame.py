"""Faults that stand on every page of the portal: the links around each article."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from practice import chance
from practice.hostile.fault import DONE, TRAP, End, fault
from practice.hostile.visit import Visit

if TYPE_CHECKING:
    from practice.hostile.site import Site

REFUSED = End("refused|done|failed|gone|waiting", "")
_LANGUAGES = re.compile(r"(?:/(?:vi|en))+$")


@dataclass(frozen=True, slots=True)
class Around:
    """What a fault puts on every page, and which addresses are its own."""

    links: Callable[[Site, str], str]
    """Markup for the page at a given path."""
    pattern: Callable[[Site], str]
    """What a path with its query begins with."""


AROUND: dict[str, Around] = {}


def _anchor(href: str, text: str, style: str = "") -> str:
    given = f' style="{style}"' if style else ""
    return f'<a href="{escape(href)}"{given}>{text}</a> '


def _languages(site: Site, here: str) -> str:
    """Only a third of the articles have them."""
    bare = _LANGUAGES.sub("", here)
    k = site.article_at(bare)
    if k is None or not site.has_languages(k):
        return ""
    return _anchor(f"{here}/vi", "Tiếng Việt") + _anchor(f"{here}/en", "English")


AROUND["language-links"] = Around(
    _languages, lambda site: rf"/(?:{site.folders})/[^?]*?(?:/(?:vi|en))+/?$"
)


@fault(REFUSED, place="everywhere", most=250, stopped=TRAP)
async def language_links(visit: Visit) -> None:
    """Language links behind each article that append /vi and /en without end."""
    k = visit.site.article_at(_LANGUAGES.sub("", visit.path.rstrip("/")))
    if k is None:
        return await visit.page("404", "<h1>Không tìm thấy trang</h1>", "404 Not Found")
    return await visit.reply(visit.site.article_page(k, here=visit.path.rstrip("/")))


def _login(site: Site, here: str) -> str:
    return _anchor(f"{site.login}?{site.return_to}={quote(here, safe='')}", "Đăng nhập")


AROUND["login-copies"] = Around(_login, lambda site: re.escape(site.login))


@fault(REFUSED, place="everywhere", most=60, stopped=TRAP + r"|return|redirect")
async def login_copies(visit: Visit) -> None:
    """A login link on each page, which says where to go back to."""
    await visit.reply(visit.site.login_page())


def _print(site: Site, here: str) -> str:
    k = site.article_at(here)
    return "" if k is None else _anchor(f"{site.print_folder}{site.name_of(k)}", "In trang")


AROUND["print-views"] = Around(_print, lambda site: re.escape(site.print_folder))


@fault(REFUSED, place="everywhere", most=60, stopped=TRAP)
async def print_views(visit: Visit) -> None:
    """A print view of each article."""
    k = visit.site.named(visit.path.rpartition("/")[2])
    if k is None:
        return await visit.page("404", "<h1>Không tìm thấy trang</h1>", "404 Not Found")
    return await visit.reply(visit.site.print_page(k))


def _mail(site: Site, here: str) -> str:
    k = site.article_at(here)
    return "" if k is None else _anchor(f"{site.mail}?bai={k}", "Gửi cho bạn bè")


AROUND["mail-forms"] = Around(_mail, lambda site: re.escape(site.mail))


@fault(REFUSED, place="everywhere", most=60, stopped=TRAP + r"|form")
async def mail_forms(visit: Visit) -> None:
    """A form for each article to mail it to a friend."""
    form = '<form method="post"><input name="nguoi-nhan"><input name="loi-nhan"></form>'
    await visit.page("Gửi bài viết", f"<h1>Gửi cho bạn bè</h1>{form}")


def _poll(_: Site, here: str) -> str:
    number = chance.number(10**6, "poll", here)
    href = f"/?p_p_id=poll_{number}&p_p_lifecycle=1&p_p_state=pop_up&_poll_khaosat=/xem"
    return _anchor(href, "Kết quả bình chọn")


AROUND["poll-pop-ups"] = Around(_poll, lambda _: r"/\?p_p_id=poll")


@fault(REFUSED, place="everywhere", most=60, stopped=TRAP + r"|window")
async def poll_pop_ups(visit: Visit) -> None:
    """A poll in a window of its own, another address on each page."""
    await visit.page("Thăm dò ý kiến", "<h1>Bình chọn</h1><p>Tổng số phiếu: 1204</p>")


def _forbidden(site: Site, here: str) -> str:
    """Ways to write what robots.txt forbids; RFC 9309 (2.2.2) compares them decoded."""
    number = chance.number(30, "forbidden", here)
    folder = site.forbidden_folder
    hidden = "position:absolute;left:-9999px"
    coded = f"/%{ord(folder[1]):02x}{folder[2:]}"
    return (
        _anchor(f"{folder}trang-{number}.html", "Quản trị")
        + _anchor(f"{folder}bay-{number}", "", hidden)
        + _anchor(f"{coded}ma-{number}", "")
        + _anchor(f"{site.forbidden_search}?tu-khoa={number}", "Tìm kiếm")
        + _anchor(f"{here.partition('?')[0]}?kieu=1&{site.forbidden_parameter}=word", "Xuất Word")
        + _anchor(f"/tai-lieu/{number}.bak", "Bản cũ")
    )


AROUND["forbidden-links"] = Around(_forbidden, lambda site: site.forbidden)


@fault(End("refused", r"robots|search|admin|print|trap"), place="everywhere", most=0)
async def forbidden_links(visit: Visit) -> None:
    """Links on every page to what robots.txt forbids, some hidden, some in other spelling."""
    await visit.page("Quản trị", "<h1>Bạn không nên ở đây</h1>")


def _english(_: Site, __: str) -> str:
    return (
        _anchor("/en", "English")
        + _anchor("https:", "Facebook")
        + ('<a href="javascript:trang(2)">2</a> <a href="javascript:;" onclick="trang(3)">3</a>')
    )


AROUND["english-session"] = Around(_english, lambda _: r"/en$")


@fault(DONE, REFUSED, place="everywhere", most=3)
async def english_session(visit: Visit) -> None:
    """A page that turns the whole session English."""
    fields = [("Set-Cookie", "lang=en; Path=/")]
    page = visit.site.page("Portal", "<h1>Welcome to the portal</h1>", here=visit.target)
    await visit.reply(page, fields=fields)


@fault(DONE, place="tree", neighbours=1)
async def allowed_folder(visit: Visit) -> None:
    """A folder that robots.txt allows inside one that it forbids."""
    await visit.page("Công khai", f"<ul>{visit.neighbours}</ul>")
