"""Asking the Wayback Machine to keep pages ("Save Page Now"): only if told to, and slowly.

A page is asked for by its address behind the service's (https://web.archive.org/save/URL); the
service fetches it from the portal itself. It leads to the capture, or names a job to ask about, or
says why not, often with status 200 ("Save Page Now 2 Public API", Internet Archive 2022).
"""

import json
import re
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from crawler import __version__
from crawler.archive import evidence
from crawler.archive.connection import transaction
from crawler.errors import BadInput
from crawler.words import tr

_TIMEOUT = 120
_LARGEST = 1 << 20
_CAPTURE = re.compile(r"/web/\d{14}")
_JOB = re.compile(rb"spn2-[0-9a-f]+")
_LOOKS = 24
"""So often a job is asked about, two minutes in all with the usual delay of 5 seconds."""
_LOOK = 5.0
_LIMITS = ("HTTP 429", "session-limit", "too-many-")
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
class _Answer:
    places: tuple[str, ...]
    """Where it came from after redirects, and its Content-Location."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Keeper:
    """The service, and how it is asked."""

    address: str
    user_agent: str
    delay: float
    """Seconds between two pages; jobs are asked about no more slowly than every 5 seconds."""
    sleep: Callable[[float], None] = time.sleep

    def ask(self, db: sqlite3.Connection, urls: Iterable[str]) -> Asked:
        """Ask for each of `urls` in turn; each answer becomes a row of `events`."""
        asked, failures = Asked(), 0
        for number, url in enumerate(urls):
            if number:
                self.sleep(self.delay)
            # Some reasons have lines.
            why = " ".join((self._ask(url) or "").split()) or None
            _note(db, url, why)
            if why is None:
                asked.kept.append(url)
                failures = 0
                continue
            asked.refused[url] = why
            failures += 1
            if any(limit in why for limit in _LIMITS) or failures == _LOST_PATIENCE:
                asked.stopped = why
                break
        return asked

    def _ask(self, url: str) -> str | None:
        """None when the page is kept there now, else why not."""
        try:
            answer = self._got(quote(url, safe="/:?&=%+,;@~"))
            if any(_CAPTURE.match(urlsplit(place).path) for place in answer.places):
                return None
            job = _JOB.search(answer.body)
            return self._outcome(job.group().decode()) if job else _told(answer.body)
        except urllib.error.HTTPError as error:
            with error:
                return f"HTTP {error.code} {error.reason}"
        except (OSError, HTTPException) as error:
            return str(error) or type(error).__name__

    def _outcome(self, job: str) -> str | None:
        """The same of what it does in its own time."""
        for _ in range(_LOOKS):
            self.sleep(min(self.delay, _LOOK))
            answer = self._got(f"status/{job}")
            status = _read(answer.body).get("status")
            if status != "pending":
                return None if status == "success" else _told(answer.body)
        return "it was not done in time"

    def _got(self, what: str) -> _Answer:
        address = f"{self.address.rstrip('/')}/{what}"
        if not address.startswith(("http://", "https://")):
            raise BadInput(tr("{text} is no address of a web archive", text=self.address))
        request = urllib.request.Request(  # noqa: S310 - the scheme is looked at above
            address, headers={"User-Agent": self.user_agent}
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - as above
            places = (answer.url, answer.headers.get("Content-Location", ""))
            return _Answer(places, answer.read(_LARGEST))


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _told(body: bytes) -> str:
    """Why a page is not kept, in the service's words."""
    found = _read(body)
    words = [str(found[name]) for name in ("status_ext", "message") if found.get(name)]
    return ": ".join(words) or "the answer does not say that the page is kept"


def _note(db: sqlite3.Connection, url: str, why: str | None) -> None:
    outcome, detail = ("failure", why) if why else ("success", "kept by the Wayback Machine")
    with transaction(db):
        evidence.note(
            db, datetime.now(UTC), "replication", url, outcome, detail, f"luutru {__version__}"
        )
