"""The server: raw sockets, so that it can break every rule; and a log of all that was asked."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from practice.hostile.fault import FAULTS, Fault
from practice.hostile.frame import AROUND
from practice.hostile.site import Site
from practice.hostile.truth import truth
from practice.hostile.visit import Left, Visit

_NAMES = ("127.0.0.1", "127.0.0.2", "::1")


@dataclass
class Asked:
    """One request as it came. Times are seconds of one clock."""

    target: str
    method: str
    host: str
    cookie: str | None
    kind: str
    """The fault that answered, or empty."""
    connection: int
    began: float
    ended: float | None = None


@dataclass
class Log:
    """What was asked of the portal, and what arrived at the canary."""

    connections: int = 0
    requests: list[Asked] = field(default_factory=list)
    canary: list[str] = field(default_factory=list)


class Server:
    """One hostile portal on one port, and the canary on another."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.log = Log()
        self._times: Counter[str] = Counter()
        self._exact = {site.path_of(kind): FAULTS[kind] for kind in FAULTS if site.path_of(kind)}
        self._around = [(re.compile(a.pattern(site)), FAULTS[k]) for k, a in AROUND.items()]

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Open both ports; the portal's is the one that is returned."""
        canary = await _listening_everywhere(self._at_canary)
        portal = await asyncio.start_server(self._connected, host, port)
        self.site.port = portal.sockets[0].getsockname()[1]
        self.site.canary_port = canary
        self.site.base = f"http://{host}:{self.site.port}"
        return portal

    async def _at_canary(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = b""
        with suppress(ConnectionError, TimeoutError, ValueError):
            line = await asyncio.wait_for(reader.readline(), 1)
        self.log.canary.append(line.decode("latin-1").strip() or "a connection")
        writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.log.connections += 1
        number = self.log.connections
        over = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError)
        with suppress(Left, ConnectionError, *over):
            while visit := await self._visit(reader, writer):
                await self._serve(visit, number)
                if not visit.keeps_open:
                    break
        if not writer.is_closing():
            writer.close()

    async def _visit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Visit | None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3:
            return None
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = headers.get("content-length", "0")
        body = await reader.readexactly(int(length)) if length.isdecimal() else b""
        return Visit(reader, writer, self.site, words[0], words[1], headers, body)

    async def _serve(self, visit: Visit, connection: int) -> None:
        if visit.path in ("/_truth.json", "/_log.json"):
            return await self._about(visit)
        self._times[visit.target] += 1
        visit.nth = self._times[visit.target]
        visit.fault, visit.rest = self._fault_at(visit)
        asked = self._asked(visit, connection)
        self.log.requests.append(asked)
        try:
            await (visit.fault.answer(visit) if visit.fault else self._in_order(visit))
        finally:
            asked.ended = time.monotonic()
        return None

    @staticmethod
    def _asked(visit: Visit, connection: int) -> Asked:
        host, cookie = visit.headers.get("host", ""), visit.headers.get("cookie")
        began = time.monotonic()
        return Asked(visit.target, visit.method, host, cookie, visit.kind, connection, began)

    async def _about(self, visit: Visit) -> None:
        data: Any = truth(self.site) if "truth" in visit.path else asdict(self.log)
        await visit.reply(json.dumps(data, ensure_ascii=False), media_type="application/json")

    def _fault_at(self, visit: Visit) -> tuple[Fault | None, str]:
        path = unquote(visit.path)
        if exact := self._exact.get(path):
            return exact, ""
        for place, fault in self._exact.items():
            if fault.place == "tree" and path.lstrip("/").lower().startswith(place[1:].lower()):
                return fault, path.lstrip("/")[len(place) - 1 :]
        for pattern, fault in self._around:
            if pattern.match(unquote(visit.target)):
                return fault, ""
        return None, ""

    async def _in_order(self, visit: Visit) -> None:
        """An answer without any fault."""
        site, path = self.site, visit.path
        k = site.article_at(path)
        if path == "/":
            await visit.reply(site.home_page())
        elif path == "/robots.txt":
            await visit.reply(site.robots(), media_type="text/plain")
        elif path in ("/sitemap.xml", "/sitemap-tin.xml"):
            await visit.reply(site.sitemap(path) or "", media_type="application/xml")
        elif path == "/rss.xml":
            await visit.reply(site.feed(), media_type="application/rss+xml")
        elif file := site.file(path):
            await visit.reply(file[0], media_type=file[1])
        elif k is not None:
            await visit.reply(site.article_page(k, here=path))
        elif listing := self._listing(visit):
            await visit.reply(listing)
        else:
            await visit.page("404", "<h1>Không tìm thấy trang</h1>", "404 Not Found")

    def _listing(self, visit: Visit) -> str | None:
        found = re.fullmatch(r"/muc-([0-3])", urlsplit(visit.target).path)
        page = visit.query.get("page", "1")
        if not found or not page.isdecimal() or not 1 <= int(page) < 1000:
            return None
        return self.site.listing(int(found[1]), int(page))


async def _listening_everywhere(answer: Any) -> int:
    """Listen on one port of all of this machine's own names; returns the port."""
    first = await asyncio.start_server(answer, _NAMES[0], 0)
    port: int = first.sockets[0].getsockname()[1]
    for name in _NAMES[1:]:
        # A machine may have no IPv6; then there is nobody to be warned of there.
        with suppress(OSError):
            await asyncio.start_server(answer, name, port)
    return port
