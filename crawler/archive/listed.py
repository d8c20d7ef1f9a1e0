"""What web archives list of a portal: the captures to fetch, rows of `listed_captures`.

The table is a frontier: nothing is taken out when a request is handed out, so a kill loses nothing,
and a rescue that takes weeks goes on where it was.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.connection import timestamp
from crawler.archive.policy import NEVER, Retries

FILE = "file"
"""The kind of what no article may want, told by its address."""

FILE_PRIORITY = 10
"""Of files; that of pages is higher."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A capture as the index of a web archive names it."""

    url: str
    at: datetime
    """When the web archive captured it, UTC, to the second."""
    status: int | None
    media_type: str | None
    digest: str
    """Of the payload, as written; empty when there is none."""
    size: int | None
    """Bytes of the compressed record."""
    file: str | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry on its way into the table, judged by its address."""

    entry: Entry
    key: str
    kind: str
    priority: int
    refused: str | None = None
    """Why it is not wanted; None when it is."""


@dataclass(frozen=True, slots=True)
class Question:
    """A row of `index_queries`."""

    id: int
    address: str
    cursor: str | None
    tries: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of `listed_captures` that is to be fetched."""

    id: int
    url: str
    key: str
    kind: str
    captured_at: str
    status: int | None
    media_type: str | None
    digest: str
    size: int | None
    file: str | None
    offset: int | None
    reason: str | None
    """Why it was not had the last time."""
    tries: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose captures of what: every query here is about one portal and one web archive."""

    portal_id: int
    source: str
    """wayback or commoncrawl."""

    @property
    def key(self) -> tuple[int, str]:
        """The first two parameters of a query."""
        return self.portal_id, self.source


def add(db: sqlite3.Connection, holder: Holder, wishes: Iterable[Wish], now: str) -> int:
    """Note what an index lists; returns how many were not known. Call inside a transaction."""
    before = db.total_changes
    db.executemany(_ADD, [_row(holder, wish, now) for wish in wishes])
    return db.total_changes - before


_ADD = """
INSERT INTO listed_captures (portal_id, source, url, key, kind, captured_at, status, media_type,
    digest, size, file, file_offset, state, reason, priority, due_at, listed_at)
VALUES (:portal, :source, :url, :key, :kind, :at, :status, :media_type, :digest, :size, :file,
    :offset, iif(:refused IS NULL, 'waiting', 'refused'), :refused, :priority,
    iif(:refused IS NULL, :now, :never), :now)
ON CONFLICT DO NOTHING
"""


def _row(holder: Holder, wish: Wish, now: str) -> dict[str, object]:
    entry = wish.entry
    return {
        "portal": holder.portal_id,
        "source": holder.source,
        "url": entry.url,
        "key": wish.key,
        "kind": wish.kind,
        "at": timestamp(entry.at),
        "status": entry.status,
        "media_type": entry.media_type,
        "digest": entry.digest,
        "size": entry.size,
        "file": entry.file,
        "offset": entry.offset,
        "refused": wish.refused,
        "priority": wish.priority,
        "now": now,
        "never": NEVER,
    }


_COLUMNS = """id, url, key, kind, captured_at, status, media_type, digest, size, file, file_offset,
    reason, tries"""


def first(db: sqlite3.Connection, holder: Holder, now: datetime, skip: set[int]) -> Listed | None:
    """The most valuable capture that is due and not in `skip`.

    Files come when no page waits any more, due or not: a page tells which files are wanted.
    """
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM listed_captures
            WHERE portal_id = :portal AND source = :source AND state = 'waiting' AND due_at <= :now
              AND (priority > :file OR NOT EXISTS (SELECT 1 FROM listed_captures
                   WHERE portal_id = :portal AND source = :source AND state = 'waiting'
                     AND priority > :file))
            ORDER BY priority DESC, key, captured_at, id LIMIT :most""",
        {
            "portal": holder.portal_id,
            "source": holder.source,
            "now": timestamp(now),
            "file": FILE_PRIORITY,
            "most": len(skip) + 1,
        },
    )
    return next((Listed(*row) for row in rows if row["id"] not in skip), None)


def settle(
    db: sqlite3.Connection,
    listed_id: int,
    state: str,
    reason: str | None = None,
    place: tuple[str, int] | None = None,
) -> None:
    """Write down what became of a listed capture; `place` is its record's file and offset."""
    db.execute(
        """UPDATE listed_captures SET state = ?, reason = ?, capture_id = (
               SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?) WHERE id = ?""",
        (state, reason, *(place or (None, None)), listed_id),
    )


def postpone(
    db: sqlite3.Connection,
    what: Question | Listed,
    reason: str,
    now: datetime,
    retries: Retries,
) -> bool:
    """Let a question or capture wait for another try; it has failed when it had all of them."""
    table = "index_queries" if isinstance(what, Question) else "listed_captures"
    last = retries.counted and what.tries >= retries.times
    wait = min(retries.delay * 2 ** min(what.tries, 16), retries.longest)
    db.execute(
        f"UPDATE {table} SET state = ?, reason = ?, due_at = ?, tries = tries + ? WHERE id = ?",
        (
            "failed" if last else "waiting",
            reason,
            timestamp(now + timedelta(seconds=wait)),
            int(retries.counted),
            what.id,
        ),
    )
    return not last


def counts(db: sqlite3.Connection, holder: Holder) -> dict[str, int]:
    """How many listed captures are in each state; those without any are left out."""
    rows = db.execute(
        """SELECT state, count(*) FROM listed_captures WHERE portal_id = ? AND source = ?
           GROUP BY state""",
        holder.key,
    )
    return dict(map(tuple, rows))


def lost(db: sqlite3.Connection, holder: Holder) -> list[sqlite3.Row]:
    """What the web archive lists and could not deliver: url, captured_at, reason."""
    return db.execute(
        """SELECT url, captured_at, reason FROM listed_captures
           WHERE portal_id = ? AND source = ? AND state = 'failed' ORDER BY url, captured_at""",
        holder.key,
    ).fetchall()
