"""Tables `alarms` and `tellings`: what stands or has happened, and who was told of it."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from crawler.alarms.alarm import Alarm
from crawler.archive.connection import timestamp, transaction

Scope = set[tuple[int | None, str]]
"""Portal (None: the whole archive) and kind of what was judged."""


def note(
    db: sqlite3.Connection,
    found: Iterable[Alarm],
    judged: Scope,
    listeners: Callable[[Alarm], Iterable[str]],
    now: datetime,
) -> None:
    """Write down what was found, and that its `listeners` (names of targets) are to be told; end
    what was judged and stands no more.

    A state that is known is only kept up to date; what happened is noted once.
    """
    at = timestamp(now)
    with transaction(db):
        standing = {_keep(db, alarm, listeners(alarm), at) for alarm in found}
        for row in db.execute(
            "SELECT id, portal_id, kind FROM alarms WHERE resolved_at IS NULL"
        ).fetchall():
            if row["id"] not in standing and (row["portal_id"], row["kind"]) in judged:
                db.execute("UPDATE alarms SET resolved_at = ? WHERE id = ?", (at, row["id"]))


def _keep(db: sqlite3.Connection, alarm: Alarm, targets: Iterable[str], at: str) -> int:
    known = db.execute(
        """SELECT id FROM alarms WHERE portal_id IS ? AND kind = ? AND topic = ?
           AND (? OR resolved_at IS NULL)""",
        (alarm.portal_id, alarm.kind, alarm.topic, alarm.happened),
    ).fetchone()
    if known:
        db.execute(
            "UPDATE alarms SET line = ?, last_seen_at = ?, run_id = ifnull(?, run_id) WHERE id = ?",
            (alarm.line, at, alarm.run_id, known["id"]),
        )
        return int(known["id"])
    return _add(db, alarm, targets, at)


def _add(db: sqlite3.Connection, alarm: Alarm, targets: Iterable[str], at: str) -> int:
    row = db.execute(
        """INSERT INTO alarms (portal_id, run_id, kind, topic, line, since, last_seen_at,
               resolved_at)
           VALUES (:portal_id, :run_id, :kind, :topic, :line, :since, :at,
               iif(:happened, :at, NULL)) RETURNING id""",
        {
            "portal_id": alarm.portal_id,
            "run_id": alarm.run_id,
            "kind": alarm.kind,
            "topic": alarm.topic,
            "line": alarm.line,
            "since": alarm.since or at,
            "at": at,
            "happened": alarm.happened,
        },
    ).fetchone()
    db.executemany(
        "INSERT INTO tellings (alarm_id, target) VALUES (?, ?)",
        [(row["id"], target) for target in targets],
    )
    return int(row["id"])


_ROWS = """SELECT a.*, p.slug AS portal, p.name AS portal_name, p.url AS portal_url
    FROM alarms a LEFT JOIN portals p ON p.id = a.portal_id"""


def standing(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """The alarms that are not over, with their portal, oldest first."""
    return [dict(row) for row in db.execute(f"{_ROWS} WHERE a.resolved_at IS NULL ORDER BY a.id")]


def waiting(db: sqlite3.Connection, target: str) -> list[dict[str, Any]]:
    """The alarms that `target` is still to be told of, with their portal, oldest first."""
    rows = db.execute(
        f"""{_ROWS} JOIN tellings t ON t.alarm_id = a.id
            WHERE t.target = ? AND t.told_at IS NULL ORDER BY a.id""",
        (target,),
    )
    return [dict(row) for row in rows]


def last_told(db: sqlite3.Connection, target: str, kinds: Iterable[str]) -> datetime | None:
    """When `target` was last told of an alarm of these kinds."""
    row = db.execute(
        """SELECT max(told_at) FROM tellings t JOIN alarms a ON a.id = t.alarm_id
           WHERE target = ? AND kind IN (SELECT value FROM json_each(?))""",
        (target, json.dumps(list(kinds))),
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row[0] else None


def note_told(db: sqlite3.Connection, target: str, alarms: Iterable[int], now: datetime) -> None:
    """The alarms have been told to `target`."""
    db.execute(
        """UPDATE tellings SET told_at = ?, tries = tries + 1, problem = NULL
           WHERE target = ? AND alarm_id IN (SELECT value FROM json_each(?))""",
        (timestamp(now), target, json.dumps(list(alarms))),
    )


def note_problem(db: sqlite3.Connection, target: str, alarms: Iterable[int], problem: str) -> None:
    """Why the alarms could not be told to `target`; they wait for the next time."""
    db.execute(
        """UPDATE tellings SET tries = tries + 1, problem = ?
           WHERE target = ? AND alarm_id IN (SELECT value FROM json_each(?))""",
        (problem, target, json.dumps(list(alarms))),
    )


def undelivered(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """By target: how many alarms could not be told, and why the last try failed."""
    rows = db.execute(
        """SELECT target, count(*) AS alarms, max(problem) AS problem FROM tellings
           WHERE told_at IS NULL AND problem IS NOT NULL GROUP BY target ORDER BY target"""
    )
    return [dict(row) for row in rows]
