"""Asking the Wayback Machine to keep pages ("Save Page Now"): only if told to, and slowly.

A page is asked for by its address behind the service's (https://web.archive.org/save/URL); the
service fetches it from the portal itself.
"""

import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from crawler import __version__
from crawler.archive import evidence
from crawler.archive.connection import transaction
from crawler.errors import BadInput
from crawler.words import tr

_TIMEOUT = 120
_MANY = 429
# The service itself is out of order, or nobody is there: the other pages would fare no better.
_LOST_PATIENCE = 3


@dataclass(slots=True)
class Asked:
    """What came of it."""

    kept: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Why, by address."""
    stopped: str = ""
    """Why no more was asked for; empty when all was."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The service, and how it is asked."""

    address: str
    user_agent: str
    delay: float
    """Seconds between two pages."""
    sleep: Callable[[float], None] = time.sleep

    def ask(self, db: sqlite3.Connection, urls: Iterable[str]) -> Asked:
        """Ask for each of `urls` in turn; each answer becomes a row of `events`."""
        asked, failures = Asked(), 0
        for number, url in enumerate(urls):
            if number:
                self.sleep(self.delay)
            why = self._ask(url)
            _note(db, url, why)
            if why is None:
                asked.kept.append(url)
                failures = 0
                continue
            asked.refused[url] = why
            failures += 1
            if why.startswith(f"HTTP {_MANY}") or failures == _LOST_PATIENCE:
                asked.stopped = why
                break
        return asked

    def _ask(self, url: str) -> str | None:
        """None when the page is kept there now, else why not."""
        address = f"{self.address.rstrip('/')}/{quote(url, safe='/:?&=%+,;@~')}"
        if not address.startswith(("http://", "https://")):
            raise BadInput(tr("{text} is no address of a web archive", text=self.address))
        request = urllib.request.Request(  # noqa: S310 - the scheme is looked at above
            address, headers={"User-Agent": self.user_agent}
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - as above
                answer.read()
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code} {error.reason}"
        except OSError as error:
            return str(error)
        return None


def _note(db: sqlite3.Connection, url: str, why: str | None) -> None:
    outcome, detail = ("failure", why) if why else ("success", "kept by the Wayback Machine")
    with transaction(db):
        evidence.note(
            db, datetime.now(UTC), "replication", url, outcome, detail, f"luutru {__version__}"
        )
