"""Faults of redirects: those without end, and those that lead where no crawl may go."""

from __future__ import annotations

from collections.abc import Callable

from practice.hostile.fault import DONE, GARBLED, MOVED, TOO_LARGE, End, fault
from practice.hostile.visit import Visit

ENDLESS = End(
    "done|failed|refused|gone", r"redirect|loop|HTTP 30\d|moved|too many|itself|trap|grow"
)


async def _moved(visit: Visit, location: str, status: str = "302 Found") -> None:
    text = location.encode().decode("latin-1")
    await visit.reply(b"", status, fields=[("Location", text)])


@fault(ENDLESS)
async def redirect_to_itself(visit: Visit) -> None:
    """A redirect to itself."""
    await _moved(visit, visit.target)


@fault(ENDLESS, place="tree", most=12)
async def redirect_loop(visit: Visit) -> None:
    """Two addresses that redirect to each other."""
    other = "b" if visit.rest != "b" else "a"
    await _moved(visit, visit.home + other, "301 Moved Permanently")


@fault(
    ENDLESS,
    place="tree",
    most=60,
    stopped=r"redirect|chain|too many|trap|loop|repeat|grow|same|limit|deep|enough|endless",
)
async def redirect_chain(visit: Visit) -> None:
    """Redirects without end, each to a new address."""
    number = int(visit.rest) if visit.rest.isdecimal() else 0
    await _moved(visit, f"{visit.home}{number + 1}")


@fault(
    ENDLESS,
    place="tree",
    most=60,
    stopped=r"redirect|chain|too many|trap|loop|repeat|grow|same|limit|long|parameter|enough"
    r"|endless",
)
async def redirect_growing(visit: Visit) -> None:
    """Redirects without end, each with a longer query."""
    mark = "&" if "?" in visit.target else "?"
    await _moved(visit, f"{visit.target}{mark}lan={visit.target.count('=')}")


@fault(DONE, ENDLESS, place="tree", neighbours=1, most=30)
async def redirects_to_an_article(visit: Visit) -> None:
    """Four redirects, then a good article."""
    step = int(visit.rest) if visit.rest.isdecimal() else 0
    place = visit.site.path_of_article(visit.site.neighbours_of(visit.kind)[0])
    await _moved(visit, place if step >= 3 else f"{visit.home}{step + 1}")


@fault(TOO_LARGE, MOVED, GARBLED)
async def redirect_far(visit: Visit) -> None:
    """A redirect with an address of 100,000 characters."""
    await _moved(visit, f"/{'x' * 100_000}")


@fault(End("failed|done|refused|gone", r"redirect|30\d"))
async def redirect_nowhere(visit: Visit) -> None:
    """A redirect that does not say whereto."""
    await visit.reply(b"", "302 Found")


@fault(MOVED)
async def redirect_garbage(visit: Visit) -> None:
    """A redirect whose address is no address."""
    await _moved(visit, "http://[không/::phải:địa chỉ]\\")


@fault(MOVED)
async def redirect_to_forbidden(visit: Visit) -> None:
    """A redirect into a folder that robots.txt forbids."""
    await _moved(visit, f"{visit.site.forbidden_folder}cau-hinh.html")


Whereto = Callable[[Visit], str]
_ESCAPES: dict[str, tuple[str, Whereto]] = {
    "another-port": ("another port of the same address", lambda v: v.site.canary("127.0.0.1")),
    "loopback": ("this machine under another number", lambda v: v.site.canary("127.0.0.2")),
    "localhost": ("this machine by its name", lambda v: v.site.canary("localhost")),
    "loopback-6": ("this machine under its IPv6 number", lambda v: v.site.canary("[::1]")),
    "decimal": ("this machine as one whole number", lambda v: v.site.canary("2130706433")),
    "mapped": ("this machine as IPv4 in IPv6", lambda v: v.site.canary("[::ffff:127.0.0.1]")),
    "zero": ("this machine as 0.0.0.0", lambda v: v.site.canary("0.0.0.0")),  # noqa: S104 - bait
    "short": ("this machine as 127.1", lambda v: v.site.canary("127.1")),
    "own-port-other-name": ("the same port by another name", lambda v: v.site.alias),
    "metadata": ("the metadata service of clouds", lambda _: "http://169.254.169.254/latest/"),
    "private": ("a private network", lambda _: "http://192.168.1.1/cgi-bin/"),
    "file": ("a file of the crawler's machine", lambda _: "file:///etc/passwd"),
    "betting": ("a betting site", lambda _: "https://w99-vip.example/tai-xiu"),
    "other-host": ("a new name after a merger", lambda _: "https://thuonggiang.binhhai.example/"),
    "script": ("a script", lambda _: "javascript:alert(1)"),
    "scheme": ("another protocol", lambda v: v.site.canary("127.0.0.1").replace("http", "ftp")),
    "two-slashes": ("an address without protocol", lambda v: v.site.canary("127.0.0.2")[5:]),
    "user": ("an address with the portal's name as user", lambda v: v.site.disguised),
}


def _escaping(name: str, seen: str, whereto: Whereto) -> None:
    @fault(MOVED, kind=f"redirect-{name}", seen=f"A redirect to {seen}")
    async def answer(visit: Visit) -> None:
        await _moved(visit, whereto(visit))


for _name, (_seen, _whereto) in _ESCAPES.items():
    _escaping(_name, _seen, _whereto)


@fault(DONE, MOVED, article="may")
async def refresh_header(visit: Visit) -> None:
    """A Refresh header that leads to another host."""
    whereto = visit.site.canary("127.0.0.2")
    await visit.reply(visit.article, fields=[("Refresh", f"0; url={whereto}")])
