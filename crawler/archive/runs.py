"""Runs: how a crawl begins, what it counts, and the verdict it ends with."""

import sqlite3
from dataclasses import astuple, dataclass
from datetime import datetime

from crawler.archive import frontier, presence
from crawler.archive.connection import timestamp, transaction
from crawler.profiles import Profile
from crawler.urls import hosts_of, key_of


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun."""

    id: int
    portal_id: int
    started_at: str
    resumed: bool
    """Whether it goes on where a stopped or killed run of the same portal ended."""
    round_started: str = ""
    """When the crawl began that it belongs to: earlier than `started_at` if it goes on."""
    hosts: frozenset[str] = frozenset()
    """The portal's hosts, as `crawler.urls.in_scope` wants them."""
    home: str = ""
    """Key of the portal's home page."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs, for `runs` and later for the evidence."""

    software: str
    user_agent: str
    robots_policy: str


def begin(db: sqlite3.Connection, profile: Profile, kind: str, who: Identity, now: datetime) -> Run:
    """Start a run. Everything known is due again, unless the last run still has work left."""
    started = timestamp(now)
    with transaction(db):
        portal_id = _portal(db, profile)
        round_started = _take_over(db, portal_id, started)
        if not round_started:
            frontier.reopen(db, portal_id, now)
        run_id = db.execute(
            """INSERT INTO runs (portal_id, kind, started_at, round_started_at, software,
                                 user_agent, robots_policy)
               VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (portal_id, kind, started, round_started or started, *astuple(who)),
        ).fetchone()[0]
    return Run(
        run_id,
        portal_id,
        started,
        resumed=round_started is not None,
        round_started=round_started or started,
        hosts=hosts_of(profile.url, *profile.hosts),
        home=key_of(profile.url),
    )


def _portal(db: sqlite3.Connection, profile: Profile) -> int:
    row = db.execute(
        """INSERT INTO portals (slug, name, url, cms) VALUES (?, ?, ?, ?)
           ON CONFLICT (slug) DO UPDATE SET name = excluded.name, url = excluded.url,
               cms = excluded.cms
           RETURNING id""",
        (profile.slug, profile.name, profile.url, profile.cms or None),
    ).fetchone()
    return int(row[0])


def _take_over(db: sqlite3.Connection, portal_id: int, now: str) -> str | None:
    """When the round began that the last run has left unfinished, or None."""
    last = db.execute(
        """SELECT id, verdict, ifnull(round_started_at, started_at) AS round_started FROM runs
           WHERE portal_id = ? AND kind = 'crawl' ORDER BY id DESC LIMIT 1""",
        (portal_id,),
    ).fetchone()
    if last is None or last["verdict"] not in (None, "stopped"):
        return None
    if last["verdict"] is None:
        db.execute(
            """UPDATE runs SET verdict = 'stopped', finished_at = ?, verdict_reasons = ?
                      WHERE id = ?""",
            (now, "ended without a word (killed?); the next run went on", last["id"]),
        )
    # Killed after its last page, but before its verdict: nothing waits, and only that is left.
    unfinished = last["verdict"] is None or frontier.counts(db, portal_id).get("waiting", 0)
    return str(last["round_started"]) if unfinished else None


def count(db: sqlite3.Connection, run_id: int, **more: int) -> None:
    """Add to the run's counts, such as `articles_new=1`; call inside a transaction."""
    sums = ", ".join(f"{column} = {column} + ?" for column in more)
    db.execute(f"UPDATE runs SET {sums} WHERE id = ?", (*more.values(), run_id))


def finish(db: sqlite3.Connection, run: Run, ended: str, now: datetime) -> str:
    """Close the run; `ended` is Scrapy's reason. Returns the verdict, which is read from rows."""
    with transaction(db):
        verdict, reasons = _verdict(db, run, ended)
        db.execute(
            "UPDATE runs SET finished_at = ?, verdict = ?, verdict_reasons = ? WHERE id = ?",
            (timestamp(now), verdict, "\n".join(reasons) or None, run.id),
        )
        if verdict == "complete":
            presence.mark_unlinked(db, run.portal_id, run.round_started)
    return verdict


def _verdict(db: sqlite3.Connection, run: Run, ended: str) -> tuple[str, list[str]]:
    reasons = _failures(db, run)
    waiting = frontier.counts(db, run.portal_id).get("waiting", 0)
    if waiting:
        reasons.append(f"{waiting} URLs are still waiting")
    answered = db.execute(
        """SELECT 1 FROM captures c JOIN runs r ON r.id = c.run_id
           WHERE (r.id = ? OR r.portal_id = ? AND r.round_started_at = ?) AND c.status < 400
           LIMIT 1""",
        (run.id, run.portal_id, run.round_started),
    ).fetchone()
    if ended != "finished":
        return "stopped", [f"stopped: {ended}", *reasons]
    if not answered:
        return "failed", ["the portal gave no page at all", *reasons]
    return ("incomplete" if reasons else "complete"), reasons


def _failures(db: sqlite3.Connection, run: Run) -> list[str]:
    rows = db.execute(
        """SELECT reason, count(*) AS n, min(url) AS example FROM urls
           WHERE portal_id = ? AND state = 'failed' GROUP BY reason ORDER BY n DESC, reason""",
        (run.portal_id,),
    )
    return [f"{row['n']} × {row['reason']}, such as {row['example']}" for row in rows]
