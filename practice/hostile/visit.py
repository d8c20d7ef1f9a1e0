"""One request, and everything that can be done to the one who asks."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from practice.hostile.fault import Fault
    from practice.hostile.site import Site

PATIENCE = 300
"""Seconds after which even an endless answer ends, for visitors without a limit of their own."""
HTML = "text/html; charset=utf-8"
Fields = Iterable[tuple[str, str]]


class Left(ConnectionError):
    """The visitor has gone."""


@dataclass
class Visit:
    """A request on its connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    site: Site
    method: str
    target: str
    """As it stands in the request line."""
    headers: dict[str, str]
    body: bytes = b""
    nth: int = 1
    """How often this very target has been asked for, this time included."""
    fault: Fault | None = None
    rest: str = ""
    """What follows the folder of a fault that is a tree."""
    keeps_open: bool = field(default=False, init=False)

    @property
    def path(self) -> str:
        """The path as sent."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def kind(self) -> str:
        """The kind of the fault that answers."""
        return self.fault.kind if self.fault else ""

    @property
    def home(self) -> str:
        """The path at which the fault stands."""
        return self.site.path_of(self.kind)

    @property
    def article(self) -> bytes:
        """The page of the article that would be here if all were well."""
        return self.site.article_page(self.site.article_of(self.kind)).encode()

    @property
    def neighbours(self) -> str:
        """Links to the articles that are linked from here only."""
        return self.site.items(self.site.neighbours_of(self.kind))

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are; Left when nobody takes them."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            raise Left from error

    async def reply(
        self,
        body: bytes | str,
        status: str = "200 OK",
        media_type: str = HTML,
        fields: Fields = (),
    ) -> None:
        """Send a faultless answer and keep the connection open."""
        data = body.encode() if isinstance(body, str) else body
        given = [("Content-Type", media_type), ("Content-Length", str(len(data))), *fields]
        await self.raw(head(status, given) + data)
        self.keeps_open = True

    async def page(self, title: str, inside: str, status: str = "200 OK", extra: str = "") -> None:
        """Reply with a page of the portal."""
        await self.reply(self.site.page(title, inside, extra, here=self.target), status)

    async def pause(self, seconds: float) -> None:
        """Wait; Left as soon as the visitor hangs up."""
        try:
            data = await asyncio.wait_for(self.reader.read(65536), seconds)
        except TimeoutError:
            return
        except ConnectionError as error:
            raise Left from error
        if not data:
            raise Left

    async def hang(self) -> None:
        """Do nothing until the visitor hangs up."""
        for _ in range(PATIENCE):
            await self.pause(1)

    def reset(self) -> None:
        """End the connection as a firewall does, with a reset."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def head(status: str = "200 OK", fields: Fields = (), version: str = "HTTP/1.1") -> bytes:
    """The head of an answer, with the empty line at its end."""
    lines = [f"{version} {status}", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def framed(body: bytes, *fields: tuple[str, str], status: str = "200 OK") -> bytes:
    """An answer whose only lines are its type, its length and `fields`."""
    return (
        head(status, [("Content-Type", HTML), ("Content-Length", str(len(body))), *fields]) + body
    )
