"""Runs: how a crawl begins, what it counts, and the verdict it ends with."""

import sqlite3
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from crawler.archive import changes, drift, frontier, presence, shapes, sources
from crawler.archive.connection import timestamp, transaction
from crawler.archive.verdict import verdict_of
from crawler.profiles import Profile
from crawler.urls import hosts_of, key_of

_ROUND = timedelta(hours=20)
"""How long a stopped round is gone on with, rather than asking anew what has come due."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun."""

    id: int
    portal_id: int
    started_at: str
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
    """obey or ignore."""
    robots_reason: str | None = None
    """Why robots.txt is not obeyed, in the operator's words."""


MODES = ("incremental", "full", "closing")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to ask for, and how much of it."""

    mode: str = MODES[0]
    """What is due, everything, or what was never captured first: one of `MODES`."""
    budget: int | None = None
    """Requests at most; None is no limit."""
    deadline: datetime | None = None
    """No request after it; None is no limit."""


_PLAN = Plan()


def last_crawled(db: sqlite3.Connection, slug: str) -> datetime | None:
    """When the portal was crawled last, as the clock said then; None when it never was."""
    last = db.execute(
        """SELECT max(ifnull(r.finished_at, r.started_at)) FROM runs r
           JOIN portals p ON p.id = r.portal_id WHERE p.slug = ? AND r.kind = 'crawl'""",
        (slug,),
    ).fetchone()[0]
    return datetime.fromisoformat(last) if last else None


def begin(
    db: sqlite3.Connection,
    profile: Profile,
    kind: str,
    who: Identity,
    now: datetime,
    plan: Plan = _PLAN,
) -> Run:
    """Start a run: a new round of what is due, or the rest of the round that the last one left."""
    started = timestamp(now)
    with transaction(db):
        portal_id = portal_of(db, profile)
        round_started = _take_over(db, portal_id, now, plan.mode)
        if not round_started:
            shapes.take_up(db, portal_id, started)
        if not round_started and plan.mode != "incremental":
            frontier.reopen(db, portal_id, now)
            shapes.reopen(db, portal_id, started)
        run_id = db.execute(
            """INSERT INTO runs (portal_id, kind, started_at, round_started_at, mode, budget,
                                 deadline_at, software, user_agent, robots_policy, robots_reason)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (
                portal_id,
                kind,
                started,
                round_started or started,
                plan.mode,
                plan.budget,
                timestamp(plan.deadline) if plan.deadline else None,
                *astuple(who),
            ),
        ).fetchone()[0]
    return Run(
        run_id,
        portal_id,
        started,
        round_started=round_started or started,
        hosts=hosts_of(profile.url, *profile.hosts),
        home=key_of(profile.url),
    )


def portal_of(db: sqlite3.Connection, profile: Profile) -> int:
    """The id of the profile's portal, whose row says what the profile says now.

    Raises BadInput when the archive is merged from others.
    """
    sources.must_be_crawled_into(db)
    row = db.execute(
        """INSERT INTO portals (slug, name, url, cms) VALUES (?, ?, ?, ?)
           ON CONFLICT (slug) DO UPDATE SET name = excluded.name, url = excluded.url,
               cms = excluded.cms
           RETURNING id""",
        (profile.slug, profile.name, profile.url, profile.cms or None),
    ).fetchone()
    return int(row[0])


def _take_over(db: sqlite3.Connection, portal_id: int, now: datetime, mode: str) -> str | None:
    """When the round began that this run goes on with, or None."""
    last = db.execute(
        """SELECT id, verdict, mode, ifnull(round_started_at, started_at) AS round_started FROM runs
           WHERE portal_id = ? AND kind = 'crawl' ORDER BY id DESC LIMIT 1""",
        (portal_id,),
    ).fetchone()
    if last is None or last["verdict"] not in (None, "stopped"):
        return None
    if last["verdict"] is None:
        db.execute(
            """UPDATE runs SET verdict = 'stopped', finished_at = ?, verdict_reasons = ?
                      WHERE id = ?""",
            (timestamp(now), "ended without a word (killed?); the next run went on", last["id"]),
        )
    # Killed after its last page, but before its verdict: nothing waits, and only that is left.
    unfinished = last["verdict"] is None or frontier.left(db, portal_id, last["round_started"])
    return str(last["round_started"]) if unfinished and _fits(last, now, mode) else None


def _fits(last: sqlite3.Row, now: datetime, mode: str) -> bool:
    """Whether a run of that mode may go on with the round: listings of an old one are stale."""
    if mode != "incremental":
        return bool(last["mode"] == mode)
    return now - datetime.fromisoformat(last["round_started"]) < _ROUND


def count(db: sqlite3.Connection, run_id: int, **more: int) -> None:
    """Add to the run's counts, such as `articles_new=1`; call inside a transaction."""
    sums = ", ".join(f"{column} = {column} + ?" for column in more)
    db.execute(f"UPDATE runs SET {sums} WHERE id = ?", (*more.values(), run_id))


def finish(
    db: sqlite3.Connection, run: Run, ended: str, now: datetime, cut: str | None = None
) -> str:
    """Close the run; `ended` is Scrapy's reason, `cut` why it asked for no more (a budget, ...).

    Returns the verdict, which is read from rows.
    """
    with transaction(db):
        left = frontier.left(db, run.portal_id, run.round_started)
        db.execute("UPDATE runs SET left_over = ? WHERE id = ?", (left, run.id))
        drift.watch(db, run.portal_id, run.id, run.round_started, run.home, now)
        verdict, reasons = verdict_of(db, run, ended)
        if cut and left:
            reasons.insert(0, cut)
        db.execute(
            "UPDATE runs SET finished_at = ?, verdict = ?, verdict_reasons = ? WHERE id = ?",
            (timestamp(now), verdict, "\n".join(reasons) or None, run.id),
        )
        if verdict == "complete":
            presence.mark_unlinked(db, run.portal_id)
        changes.prune(db)
    return verdict
