"""What listing pages say of themselves, kept and compared with what was reached."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from crawler.items import ReadPage

_KEEP = """
INSERT INTO listing_claims (url_id, seen_at, series, items, page, pages, total, listed, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (url_id) DO UPDATE SET seen_at = excluded.seen_at, series = excluded.series,
    items = excluded.items, page = excluded.page, pages = excluded.pages,
    total = excluded.total, listed = excluded.listed, raw = excluded.raw
"""


def keep_claim(db: sqlite3.Connection, read: ReadPage, seen_at: str) -> None:
    """Keep what the page claims, in place of what it claimed before; inside a transaction.

    An article may well print "trang 1/9", so only further pages count when one is read.
    """
    claim = read.page.claim
    if claim is None or (read.kind == "article" and claim.page in (None, 1)):
        return
    listed = None if claim.listed is None else sorted({_digest(key) for key in claim.listed})
    db.execute(
        _KEEP,
        (
            read.page.url_id,
            seen_at,
            claim.series,
            None if listed is None else len(listed),
            claim.page,
            claim.pages,
            claim.total,
            None if listed is None else json.dumps(listed),
            claim.raw,
        ),
    )


def _digest(key: str) -> str:
    """Short, as it need only be unique within one listing."""
    return hashlib.sha256(key.encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A listing that says it has more than was reached."""

    url: str
    """Its first page."""
    pages: int | None = None
    """How many pages it says there are."""
    unread: tuple[int, ...] = ()
    """Which of them never came."""
    read: int = 0
    """How many of its pages came."""
    total: int | None = None
    """How many articles it says there are."""
    listed: int = 0
    """How many its pages listed, each once."""


def shortfalls(db: sqlite3.Connection, portal_id: int, round_started: str) -> Iterator[Shortfall]:
    """The listings of a portal that say, since `round_started`, that they have more.

    What changes while it is read must not look like a loss: of several statements of one listing
    the smallest counts, and all pages ever read count as read.
    """
    rows = db.execute(_SERIES, (portal_id,))
    for _, group in groupby(rows, key=lambda row: row["series"]):
        found = _Series.of(list(group), round_started)
        short = found.shortfall() if found else None
        if short and found and not _is_forbidden(db, portal_id, found.series, short):
            yield short


_SERIES = """
SELECT c.series, c.seen_at, c.page, c.pages, c.total, c.listed, u.url FROM listing_claims c
JOIN urls u ON u.id = c.url_id WHERE u.portal_id = ? ORDER BY c.series, c.page IS NULL, c.page, u.id
"""


@dataclass(frozen=True, slots=True)
class _Series:
    """The pages of one listing, together."""

    series: str
    url: str
    pages: int | None
    total: int | None
    numbers: tuple[int | None, ...]
    lists: tuple[str | None, ...] = field(repr=False)

    @classmethod
    def of(cls, rows: list[sqlite3.Row], round_started: str) -> "_Series | None":
        """None when none of its pages came in this round: then it says nothing."""
        fresh = [row for row in rows if row["seen_at"] >= round_started]
        if not fresh:
            return None
        return cls(
            rows[0]["series"],
            rows[0]["url"],
            min((row["pages"] for row in fresh if row["pages"]), default=None),
            min((row["total"] for row in fresh if row["total"]), default=None),
            tuple(row["page"] for row in rows),
            tuple(row["listed"] for row in rows),
        )

    def shortfall(self) -> Shortfall | None:
        """What is missing, told by pages if it can be, else by articles."""
        read = len(set(self.numbers) - {None}) + self.numbers.count(None)
        if self.pages and read < self.pages:
            numbered = None not in self.numbers
            unread = set(range(1, self.pages + 1)) - set(self.numbers) if numbered else ()
            return Shortfall(self.url, self.pages, tuple(sorted(unread)), read)
        listed = self._listed()
        if self.total and listed is not None and listed < self.total:
            return Shortfall(self.url, total=self.total, listed=listed, read=read)
        return None

    def _listed(self) -> int | None:
        if not self.total or None in self.lists:
            return None
        return len({digest for listed in self.lists for digest in json.loads(listed or "[]")})


def _is_forbidden(db: sqlite3.Connection, portal_id: int, series: str, short: Shortfall) -> bool:
    """Whether as many of its pages as are missing are refused: that is a rule, not a loss."""
    refused = db.execute(
        """SELECT count(*) FROM urls u JOIN listing_claims c ON c.url_id = u.found_on
           WHERE u.portal_id = ? AND c.series = ? AND u.state = 'refused'
             AND u.kind IN ('listing', 'refused')""",
        (portal_id, series),
    ).fetchone()[0]
    missing = (short.pages or 0) - short.read if short.pages else 1
    return bool(refused) and refused >= missing
