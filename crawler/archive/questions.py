"""Questions to the indexes of web archives, rows of `index_queries`: a frontier like the captures.

When the next thing is due, and whether anything is, is told here for both.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from crawler.archive.connection import timestamp, transaction
from crawler.archive.listed import FILE, Holder, Question, Wish, add
from crawler.archive.policy import NEVER


def ask(
    db: sqlite3.Connection,
    holder: Holder,
    addresses: Iterable[str],
    now: datetime,
    cursor: str | None = None,
) -> None:
    """Note questions, each once, to be asked from `cursor` on; call inside a transaction."""
    db.executemany(
        """INSERT INTO index_queries (portal_id, source, address, cursor, due_at)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        [(*holder.key, address, cursor, timestamp(now)) for address in addresses],
    )


def is_idle(db: sqlite3.Connection, holder: Holder) -> bool:
    """Whether no question and no capture waits: the last rescue came to its end."""
    return not (_waits(db, "index_queries", holder) or _waits(db, "listed_captures", holder))


def _waits(db: sqlite3.Connection, table: str, holder: Holder) -> bool:
    query = f"SELECT 1 FROM {table} WHERE portal_id = ? AND source = ? AND state = 'waiting'"
    return db.execute(f"{query} LIMIT 1", holder.key).fetchone() is not None


def reopen(db: sqlite3.Connection, holder: Holder, addresses: Iterable[str], now: datetime) -> None:
    """Ask these questions anew, and once more for what could not be had or was not wanted yet."""
    moment = timestamp(now)
    with transaction(db):
        db.executemany(
            """UPDATE index_queries SET state = 'waiting', cursor = NULL, tries = 0, due_at = ?
               WHERE portal_id = ? AND source = ? AND address = ?""",
            [(moment, *holder.key, address) for address in addresses],
        )
        db.execute(
            """UPDATE index_queries SET state = 'waiting', tries = 0, due_at = ?
               WHERE portal_id = ? AND source = ? AND state = 'failed'""",
            (moment, *holder.key),
        )
        db.execute(
            """UPDATE listed_captures SET state = 'waiting', tries = 0, due_at = ?
               WHERE portal_id = ? AND source = ?
                 AND (state = 'failed' OR state = 'refused' AND kind = ? AND due_at < ?)""",
            (moment, *holder.key, FILE, NEVER),
        )


def first(db: sqlite3.Connection, holder: Holder, now: datetime, skip: set[int]) -> Question | None:
    """The first question that is due and not in `skip`."""
    rows = db.execute(
        """SELECT id, address, cursor, tries FROM index_queries
           WHERE portal_id = ? AND source = ? AND state = 'waiting' AND due_at <= ?
           ORDER BY due_at, id LIMIT ?""",
        (*holder.key, timestamp(now), len(skip) + 1),
    )
    return next((Question(*row) for row in rows if row["id"] not in skip), None)


def answered(
    db: sqlite3.Connection,
    holder: Holder,
    asked: Question,
    wishes: Iterable[Wish],
    cursor: str | None,
    now: datetime,
) -> None:
    """Note what the answer listed, and where the next one goes on (None: that was all)."""
    moment = timestamp(now)
    with transaction(db):
        found = add(db, holder, wishes, moment)
        db.execute(
            """UPDATE index_queries SET cursor = ?, state = iif(? IS NULL, 'done', 'waiting'),
                   listed = listed + ?, reason = NULL, tries = 0, asked_at = ? WHERE id = ?""",
            (cursor, cursor, found, moment, asked.id),
        )


def next_due(
    db: sqlite3.Connection, holder: Holder, questions: set[int], captures: set[int] | None
) -> str | None:
    """When the first of what waits may be asked for, but for what is under way; None: nothing.

    Without `captures` only questions count.
    """
    asked = _next_due(db, holder, "index_queries", questions)
    if captures is None:
        return asked
    found = _next_due(db, holder, "listed_captures", captures)
    return min(filter(None, (asked, found)), default=None)


def _next_due(db: sqlite3.Connection, holder: Holder, table: str, skip: set[int]) -> str | None:
    rows = db.execute(
        f"""SELECT id, due_at FROM {table} WHERE portal_id = ? AND source = ?
            AND state = 'waiting' ORDER BY due_at LIMIT ?""",
        (*holder.key, len(skip) + 1),
    )
    return next((row["due_at"] for row in rows if row["id"] not in skip), None)


def left(db: sqlite3.Connection, holder: Holder) -> int:
    """How many questions are not answered to the end."""
    row = db.execute(
        """SELECT count(*) FROM index_queries
           WHERE portal_id = ? AND source = ? AND state <> 'done'""",
        holder.key,
    )
    return int(row.fetchone()[0])
