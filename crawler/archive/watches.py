"""Tables `watches` and `watch_hits`: saved searches, and what each of them has found."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from crawler.archive.connection import timestamp, transaction
from crawler.archive.hiding import SHOWN
from crawler.search import Filters


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search."""

    id: int
    query: str
    filters: Filters
    channel: str
    """email, webhook or command."""
    target: str
    """Mail address, URL or command."""


def add(
    db: sqlite3.Connection,
    query: str,
    filters: Filters,
    channel: str,
    target: str,
    known: Iterable[int],
    at: datetime,
) -> int:
    """Save a search and return its number; the articles `known` are there already: never told."""
    now = timestamp(at)
    values = {**asdict(filters), "query": query, "channel": channel, "target": target, "now": now}
    with transaction(db):
        row = db.execute(
            """INSERT INTO watches (query, since, until, portal, category, author, unit_id, channel,
                   target, created_at)
               VALUES (:query, :since, :until, :portal, :category, :author, :unit, :channel,
                   :target, :now) RETURNING id""",
            values,
        ).fetchone()
        db.executemany(
            "INSERT INTO watch_hits (watch_id, article_id, found_at, known) VALUES (?, ?, ?, 1)",
            [(row["id"], article_id, now) for article_id in known],
        )
    return int(row["id"])


def remove(db: sqlite3.Connection, watch_id: int) -> bool:
    """Forget a saved search and what it found; whether there was one."""
    with transaction(db):
        return db.execute("DELETE FROM watches WHERE id = ?", (watch_id,)).rowcount > 0


def watches(db: sqlite3.Connection) -> list[Watch]:
    """All saved searches, oldest first."""
    return [
        Watch(
            row["id"],
            row["query"],
            Filters(
                row["since"],
                row["until"],
                row["portal"],
                row["category"],
                row["author"],
                row["unit_id"],
            ),
            row["channel"],
            row["target"],
        )
        for row in db.execute("SELECT * FROM watches ORDER BY id")
    ]


def listed(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """The rows of all saved searches, each with how many hits were `told` and how many `wait`."""
    rows = db.execute(
        """SELECT w.*, (SELECT count(*) FROM watch_hits h WHERE h.watch_id = w.id
               AND h.delivered_at IS NOT NULL) AS told,
           (SELECT count(*) FROM watch_hits h WHERE h.watch_id = w.id
               AND h.delivered_at IS NULL AND NOT h.known) AS waiting
           FROM watches w ORDER BY w.id"""
    )
    return [dict(row) for row in rows]


def note_hits(db: sqlite3.Connection, watch_id: int, articles: Iterable[int], at: datetime) -> None:
    """Note what a search finds now; what it found before is left as it is."""
    with transaction(db):
        db.execute(
            """INSERT INTO watch_hits (watch_id, article_id, found_at)
               SELECT ?, value, ? FROM json_each(?) WHERE true
               ON CONFLICT (watch_id, article_id) DO NOTHING""",
            (watch_id, timestamp(at), json.dumps(list(articles))),
        )
        db.execute("UPDATE watches SET last_run_at = ? WHERE id = ?", (timestamp(at), watch_id))


def waiting(db: sqlite3.Connection, watch_id: int) -> list[int]:
    """The articles that a search has found and not told of, in the order found."""
    rows = db.execute(
        f"""SELECT h.article_id FROM watch_hits h JOIN articles a ON a.id = h.article_id
            WHERE h.watch_id = ? AND h.delivered_at IS NULL AND NOT h.known AND {SHOWN}
            ORDER BY h.id""",
        (watch_id,),
    )
    return [row["article_id"] for row in rows]


def note_told(db: sqlite3.Connection, watch_id: int, articles: Iterable[int], at: datetime) -> None:
    """The articles were told of; whatever was wrong before is over."""
    with transaction(db):
        db.execute(
            """UPDATE watch_hits SET delivered_at = ?
               WHERE watch_id = ? AND article_id IN (SELECT value FROM json_each(?))""",
            (timestamp(at), watch_id, json.dumps(list(articles))),
        )
        note_problem(db, watch_id, None)


def note_problem(db: sqlite3.Connection, watch_id: int, problem: str | None) -> None:
    """Why the articles that wait could not be told of."""
    db.execute("UPDATE watches SET problem = ? WHERE id = ?", (problem, watch_id))
