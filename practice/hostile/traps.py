"""Traps: folders in which links never end, although there is little or nothing in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from practice import chance
from practice.hostile.fault import DONE, TRAP, Answer, End, fault
from practice.hostile.visit import Visit

FEW = 120
"""Requests that a crawl may spend on one trap."""
ENDED = End("done|refused|failed|gone|waiting", "")
_serial = count(1)


def _links(*hrefs: str) -> str:
    return "".join(f'<li><a href="{href}">{_words(href)}</a></li>' for href in hrefs)


def _words(href: str) -> str:
    return f"Xem {chance.number(900, 'words', href)}"


def _token() -> str:
    """Another one each time, as a session id is."""
    return f"{chance.number(2**60, 'session', next(_serial)):016x}"


def _number(text: str, default: int = 1) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else default


def _trap(**facts: Any) -> Callable[[Answer], Answer]:
    given = {"place": "tree", "most": FEW, "stopped": TRAP, "neighbours": 1, **facts}
    return fault(ENDED, **given)


async def _show(visit: Visit, title: str, *hrefs: str) -> None:
    await visit.page(title, f"<ul>{visit.neighbours}</ul><ul>{_links(*hrefs)}</ul>")


@_trap()
async def calendar_path(visit: Visit) -> None:
    """A calendar whose months and days go on for ever, in the path."""
    parts = [_number(part, 0) for part in visit.rest.split("/") if part]
    year, month = [*parts, 2024, 7][:2] if len(parts) > 1 else (2024, 7)
    month = min(12, max(1, month))
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    days = [f"{visit.home}{year}/{month}/{day}" for day in range(1, 29)]
    around = [f"{visit.home}{y}/{m}" for y, m in (before, after)]
    await _show(visit, f"Lịch công tác tháng {month}/{year}", *around, *days)


@_trap()
async def calendar_query(visit: Visit) -> None:
    """A calendar whose days go on for ever, in the query."""
    try:
        day = date.fromisoformat(visit.query.get("ngay", ""))
    except ValueError:
        day = date(2024, 7, 3)
    days = [day + timedelta(days=n) for n in (-30, -7, -1, 1, 7, 30)]
    text = "Không có lịch công tác trong ngày."
    inside = _links(*(f"{visit.home}?ngay={each}&kieu=tuan" for each in days))
    await visit.page(f"Lịch ngày {day:%d/%m/%Y}", f"<p>{text}</p>{visit.neighbours}{inside}")


def _own(visit: Visit) -> list[int]:
    return visit.site.neighbours_of(visit.kind)


def _own_article(visit: Visit) -> int | None:
    """The article whose name the rest of the address ends with."""
    names = {visit.site.name_of(k): k for k in _own(visit)}
    return names.get(visit.rest.strip("/").rpartition("/")[2])


async def _own_page(visit: Visit, address: str, links: str) -> None:
    """An article inside of the trap, or the list of them; `address` has a place for the name."""
    k = _own_article(visit)
    places = [address.format(visit.site.name_of(each)) for each in _own(visit)]
    menu = visit.site.items(_own(visit), places) + links
    if k is None:
        await visit.page("Danh mục", f"<ul>{menu}</ul>")
    else:
        await visit.reply(visit.site.article_page(k, beside=f"<ul>{menu}</ul>"))


@_trap(neighbours=3, inside=True)
async def session_in_query(visit: Visit) -> None:
    """A new session id in every link, under a name of the portal's own."""
    here = f"?{visit.site.word('phien', 'maphien', 'tk', 'xid')}={_token()}"
    await _own_page(visit, f"{visit.home}{{}}{here}", _links(visit.home + here))


@_trap(stopped="", neighbours=3, inside=True)
async def session_in_path(visit: Visit) -> None:
    """A new session id in every path, as ASP.NET without cookies does."""
    here = f"{visit.home}(S({_token()}))/"
    await _own_page(visit, here + "{}", _links(here))


@_trap(neighbours=3, inside=True)
async def cache_buster(visit: Visit) -> None:
    """A number against caches in every link."""
    here = f"?{visit.site.word('v', 'rnd', 't', '_')}={1_719_990_000 + next(_serial)}"
    await _own_page(visit, f"{visit.home}{{}}{here}", _links(visit.home + here))


@_trap()
async def repeated_parameter(visit: Visit) -> None:
    """A query in which the same parameter comes once more at each step."""
    mark = "&" if "?" in visit.target else "?"
    more = [f"{visit.target}{mark}{name}" for name in ("trang=1", "muc=2")]
    await _show(visit, "Văn bản", *more)


@_trap()
async def growing_query(visit: Visit) -> None:
    """A query that gets a new parameter at each step."""
    mark, size = ("&" if "?" in visit.target else "?"), visit.target.count("=")
    await _show(visit, "Hỏi đáp", *(f"{visit.target}{mark}{each}{size}=1" for each in "abc"))


@_trap()
async def growing_path(visit: Visit) -> None:
    """Relative links that make the path longer at each step."""
    await _show(visit, "Thư mục", "noi-dung/", "chi-tiet/", "noi-dung/chi-tiet/")


@_trap()
async def circle_of_folders(visit: Visit) -> None:
    """Folders that hold each other, three in turn."""
    names = ("bao-cao", "ke-hoach", "phu-luc")
    step = len([part for part in visit.rest.split("/") if part])
    await _show(visit, "Kho văn bản", f"{visit.home}{visit.rest}{names[step % 3]}/")


@_trap(neighbours=2, inside=True)
async def growing_languages(visit: Visit) -> None:
    """Relative language links that append without end, each page a copy."""
    parts = [part for part in visit.rest.split("/") if part]
    names = {visit.site.name_of(k): k for k in _own(visit)}
    k = next((names[part] for part in parts if part in names), None)
    if k is None:
        own = visit.site.items(_own(visit), [visit.home + name for name in names])
        return await visit.page("Danh mục", f"<ul>{own}</ul>")
    links = _links(f"{visit.path}/vi", f"{visit.path}/en")
    return await visit.reply(visit.site.article_page(k, beside=f"<ul>{links}</ul>"))


@_trap(neighbours=3)
async def pager_past_the_end(visit: Visit) -> None:
    """A pager that shows its last page again and again past the end."""
    own, page = _own(visit), _number(visit.query.get("page", "1"))
    item = visit.site.items([own[min(page, len(own)) - 1]])
    after = f'<a class="next" href="{visit.home}?page={page + 1}">Trang sau</a>'
    await visit.page("Tin hoạt động", f"<ul>{item}</ul><div>{after}</div>")


@_trap(neighbours=3)
async def pager_in_a_circle(visit: Visit) -> None:
    """A pager that starts again at the first page past the end."""
    own, page = _own(visit), _number(visit.query.get("trang", "1"))
    item = visit.site.items([own[(page - 1) % len(own)]])
    links = _links(*(f"{visit.home}?trang={page + n}" for n in range(1, 6)))
    await visit.page("Tin xã, thị trấn", f"<ul>{item}</ul><ul>{links}</ul>")


@_trap(neighbours=1)
async def pager_of_nothing(visit: Visit) -> None:
    """A pager of empty pages that never ends."""
    page = _number(visit.rest.removeprefix("trang-").removesuffix(".htm"))
    shown = f"<ul>{visit.neighbours}</ul>" if page == 1 else "<p>Chưa có bài viết.</p>"
    after = f'<a rel="next" href="{visit.home}trang-{page + 1}.htm">Tiếp</a>'
    await visit.page("Thông báo", f"{shown}<div>{after}</div>")


@_trap(stopped=TRAP)
async def tag_cloud(visit: Visit) -> None:
    """Words to search for that lead to ever more words."""
    dice = chance.dice("tags", visit.rest)
    tags = [f"{visit.home}{dice.randrange(10**9):x}-{dice.randrange(10**6):x}" for _ in range(12)]
    found = "0 kết quả cho từ khóa"
    await visit.page(found, f"<p>{found}</p>{visit.neighbours}<ul>{_links(*tags)}</ul>")


_FACETS = {
    "linh-vuc": ("dat-dai", "y-te", "giao-duc", "thue"),
    "nam": ("2019", "2020", "2021", "2022", "2023"),
    "co-quan": ("ubnd", "hdnd", "so-nn", "so-yt"),
    "loai": ("quyet-dinh", "nghi-quyet", "thong-bao"),
    "sap-xep": ("moi", "cu", "ten"),
    "so-dong": ("10", "20", "50"),
}


@_trap(neighbours=2)
async def facets(visit: Visit) -> None:
    """Facets that can be combined in thousands of ways over two documents."""
    chosen = visit.query
    links = [
        f"{visit.home}?{urlencode({**chosen, name: value})}"
        for name, values in _FACETS.items()
        for value in values
    ]
    await _show(visit, "Văn bản quy phạm", *links)


@_trap(neighbours=1, stopped="", inside=True)
async def many_addresses(visit: Visit) -> None:
    """One article under forty addresses."""
    k = _own(visit)[0]
    name = visit.site.name_of(k)
    if _own_article(visit) == k or name in visit.target.lower():
        return await visit.reply(visit.site.article_page(k))
    place = visit.home + name
    ways = [f"?tu={n}" for n in ("trang-chu", "menu", "tin-moi", "goc-phai")]
    ways += [f"?muc={n}" for n in range(20)]
    ways += [f"?redirect={quote(visit.home)}", "#noi-dung", "/", "?", "?lang=vi&view=1"]
    places = [place + way for way in ways] + [f"{visit.home}index.php/{name}", place.upper()]
    places += [f"{visit.home}./{name}", f"{visit.home}x/../{name}", f"/{place}", f"{place}//"]
    return await visit.page("Chuyên đề", f"<ul>{visit.site.items([k] * len(places), places)}</ul>")


@_trap(
    neighbours=1,
    stopped="",
    inside=True,
)
async def many_addresses_canonical(visit: Visit) -> None:
    """One article under twenty addresses, all naming the right one."""
    k = _own(visit)[0]
    place = visit.home + visit.site.name_of(k)
    canonical = f'<link rel="canonical" href="{visit.site.base}{place}">'
    if _own_article(visit) == k:
        return await visit.reply(visit.site.article_page(k, extra=canonical))
    places = [f"{place}?chuyen-muc={n}" for n in range(20)]
    return await visit.page("Tin theo mục", f"<ul>{visit.site.items([k] * 20, places)}</ul>")


@fault(
    DONE,
    ENDED,
    place="tree",
    neighbours=1,
    most=12,
    inside=True,
)
async def same_text_twice(visit: Visit) -> None:
    """The same text under two addresses."""
    k = _own(visit)[0]
    if visit.rest:
        return await visit.reply(visit.site.article_page(k))
    places = [f"{visit.home}{folder}/{visit.site.name_of(k)}" for folder in ("tin", "bai")]
    return await visit.page("Tin nổi bật", f"<ul>{visit.site.items([k, k], places)}</ul>")
