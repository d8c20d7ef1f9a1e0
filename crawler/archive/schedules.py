"""Table `schedules`: how far the last scheduled run of each portal came, whoever runs them."""

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from crawler.archive.connection import timestamp, transaction

CUT_OFF = ("stopped", "killed")
"""Outcomes of runs that are gone on with."""


@dataclass(frozen=True, slots=True)
class State:
    """How far the last scheduled run of one portal came; times are None until then."""

    portal: str
    since: datetime
    planned_for: datetime | None
    started_at: datetime | None
    crawled_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    problem: str | None
    tries: int
    quiet: int
    """How many crawls in a row found nothing new or changed."""

    @property
    def is_cut_off(self) -> bool:
        """Whether the run has to be gone on with, its crawl or what follows it."""
        return self.started_at is not None and self.ended_at is None


def know(db: sqlite3.Connection, schedules: Iterable[tuple[str, str]], now: datetime) -> None:
    """Note the schedules, as pairs of portal and text; one that has changed begins anew."""
    with transaction(db):
        db.executemany(
            """INSERT INTO schedules (portal, schedule, since) VALUES (?, ?, ?)
               ON CONFLICT (portal) DO UPDATE SET
                   schedule = excluded.schedule, since = excluded.since
               WHERE schedule <> excluded.schedule""",
            [(portal, text, timestamp(now)) for portal, text in schedules],
        )


def states(db: sqlite3.Connection) -> dict[str, State]:
    """The states by portal."""
    rows = db.execute(
        """SELECT portal, since, planned_for, started_at, crawled_at, ended_at, outcome, problem,
                  tries, quiet FROM schedules"""
    )
    return {row["portal"]: _state(row) for row in rows}


def _state(row: sqlite3.Row) -> State:
    times = {
        name: datetime.fromisoformat(row[name]) if row[name] else None
        for name in ("since", "planned_for", "started_at", "crawled_at", "ended_at")
    }
    return State(**{**dict(row), **times})


def begin(db: sqlite3.Connection, portal: str, planned_for: datetime, now: datetime) -> None:
    """A run begins, or is begun again when it is for the same planned time."""
    planned = timestamp(planned_for)
    with transaction(db):
        db.execute(
            """UPDATE schedules SET planned_for = :planned, started_at = :now, crawled_at = NULL,
                   ended_at = NULL, outcome = NULL, problem = NULL,
                   tries = CASE WHEN planned_for = :planned THEN tries + 1 ELSE 1 END
               WHERE portal = :portal""",
            {"portal": portal, "planned": planned, "now": timestamp(now)},
        )


@dataclass(frozen=True, slots=True)
class Crawled:
    """How a crawl has ended."""

    outcome: str
    """Its verdict, one of CUT_OFF, or `failed`."""
    problem: str | None = None
    """Why it came to no verdict."""
    found: int = 0
    """Articles that were new or changed."""


def crawled(db: sqlite3.Connection, portal: str, ended: Crawled, now: datetime) -> None:
    """The crawl has ended; unless it was cut off, what follows it is next.

    To be stopped is no failed try: an operator may do so as often as needed.
    """
    at = None if ended.outcome in CUT_OFF else timestamp(now)
    with transaction(db):
        db.execute(
            """UPDATE schedules SET outcome = :outcome, problem = :problem, crawled_at = :at,
                   tries = CASE WHEN :outcome = 'stopped' THEN 0 ELSE tries END,
                   quiet = CASE WHEN :outcome NOT IN ('complete', 'incomplete') THEN quiet
                       WHEN :found THEN 0 ELSE quiet + 1 END
               WHERE portal = :portal""",
            {"portal": portal, "at": at, **asdict(ended)},
        )


def again(db: sqlite3.Connection, portal: str) -> None:
    """What follows the crawl is begun once more."""
    with transaction(db):
        db.execute("UPDATE schedules SET tries = tries + 1 WHERE portal = ?", (portal,))


def end(db: sqlite3.Connection, portal: str, now: datetime) -> None:
    """All is done, or given up."""
    with transaction(db):
        db.execute("UPDATE schedules SET ended_at = ? WHERE portal = ?", (timestamp(now), portal))


def last_run(db: sqlite3.Connection, portal: str, since: datetime | None) -> sqlite3.Row | None:
    """The portal's last crawl that began at `since` or later, or at all: `id`, `verdict` (None
    while it has none) and `found`, how many articles were new or changed.
    """
    found: sqlite3.Row | None = db.execute(
        """SELECT runs.id, verdict, articles_new + articles_changed AS found
           FROM runs JOIN portals ON portals.id = portal_id
           WHERE slug = ? AND kind = 'crawl' AND started_at >= ? ORDER BY runs.id DESC LIMIT 1""",
        (portal, timestamp(since) if since else ""),
    ).fetchone()
    return found
