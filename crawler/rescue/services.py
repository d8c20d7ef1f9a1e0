"""The web archives: where they are asked, and how slowly. Their addresses are settings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from scrapy.settings import BaseSettings

from crawler.archive.listed import Listed
from crawler.errors import BadInput
from crawler.rescue.cdx import stamp
from crawler.words import tr

WAYBACK = "wayback"
COMMONCRAWL = "commoncrawl"
SOURCES = (WAYBACK, COMMONCRAWL)

INDEX_SLOT = "index"
DATA_SLOT = "data"

_LIMIT = re.compile(r"&limit=\d+&showResumeKey=true")

EVERYTHING = "*"
"""The cursor of a question that is asked without a limit, since the index can't go on."""


@dataclass(frozen=True, slots=True)
class Service:
    """One web archive."""

    source: str
    index: str
    """Wayback: the CDX server. Common Crawl: the list of its crawls, collinfo.json."""
    data: str
    """Wayback: where captures are played back. Common Crawl: where its files lie."""
    index_delay: float
    """Seconds between two questions to the index."""
    delay: float
    """Seconds between two captures."""
    lines: int
    """Wayback: captures that one answer of the index is asked to list."""

    @classmethod
    def of(cls, source: str, settings: BaseSettings) -> "Service":
        """The web archive called `source`; BadInput when its address is none."""
        name = source.upper()
        return cls(
            source,
            _address(f"{name}_INDEX", settings),
            _address(f"{name}_DATA", settings).rstrip("/"),
            settings.getfloat("RESCUE_INDEX_DELAY"),
            settings.getfloat("RESCUE_DELAY"),
            settings.getint("RESCUE_LINES"),
        )

    def questions(self, hosts: Iterable[str]) -> list[str]:
        """What to ask first about the portal's hosts."""
        if self.source == COMMONCRAWL:
            return [self.index]
        options = f"matchType=prefix&output=json&collapse=digest&limit={self.lines}"
        return [
            f"{self.index}?url={quote(f'{host}/', safe='')}&{options}&showResumeKey=true"
            for host in sorted(hosts)
        ]

    def playback(self, listed: Listed) -> str:
        """Where the capture is to be had."""
        if self.source == COMMONCRAWL:
            return f"{self.data}/{listed.file}"
        return f"{self.data}/{stamp(listed.captured_at)}id_/{listed.url}"


def asked_at(address: str, cursor: str | None) -> str:
    """The address of the question at `cursor`: a page's number, or a resumption key as it came."""
    if cursor == EVERYTHING:
        return _LIMIT.sub("", address)
    if cursor is None:
        return address
    return f"{address}&{'page' if cursor.isdecimal() else 'resumeKey'}={cursor}"


def of_crawl(api: str, host: str) -> str:
    """The question to the index of one crawl of Common Crawl."""
    return f"{api}?url={quote(f'{host}/*', safe='')}&output=json"


def _address(name: str, settings: BaseSettings) -> str:
    given = str(settings[name])
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadInput(
            tr("{name}: {text!r} is no address; write https://host/...", name=name, text=given)
        )
    return given
