"""What a page is made from and what it is: a visit comes in, a page goes out."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browse.links import Asked, PageLinks


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone asks for a page."""

    db: sqlite3.Connection
    """Read-only."""
    warcs: Path
    """The folder of the archive's WARC files."""
    to: PageLinks
    words: dict[str, str]
    """What the address names, such as the article's number."""
    query: str = ""
    """What stands behind the question mark, as it came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the request, by lower-case name."""

    @property
    def asked(self) -> Asked:
        """What stands behind the question mark."""
        return self.to.asked

    def number(self, name: str, default: int = 1) -> int:
        """The whole number asked for by `name`; `default` when there is none above 0."""
        given = self.asked.get(name, "")
        return (int(given) if given.isdecimal() and len(given) < 10 else 0) or default


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be drawn."""

    template: str
    """Name in `browse/templates/luutru`, without `.html`."""
    facts: dict[str, Any] = field(default_factory=dict)
    """The template's variables."""
    status: int = 200


@dataclass(frozen=True, slots=True)
class File:
    """Something to be sent as it is: a feed, a download, an image."""

    body: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


class NotThere(Exception):
    """There is no such page; the reader is told so (404)."""
