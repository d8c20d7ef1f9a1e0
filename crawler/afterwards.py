"""What is done after each crawl: check a sample, tell, report, copy, and say that all is well.

Nothing here can undo a crawl: what fails becomes an alarm of its own, and the rest goes on.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.alarms import places, states
from crawler.alarms.alarm import Alarm
from crawler.alarms.telling import Target, tell
from crawler.archive import alarms, reports
from crawler.archive.connection import open_archive
from crawler.durability import put_in_place
from crawler.errors import LuutruError
from crawler.fixity import checking, journal
from crawler.locking import alone
from crawler.reporting.disk import disk_of
from crawler.reporting.page import page
from crawler.reporting.report import report_of
from crawler.telling.message import NotDelivered
from crawler.telling.ping import ping
from crawler.watching import watching
from crawler.words import tr

_WELL = {"complete": True, "incomplete": True, "failed": False}
"""What an outside monitor is told of a verdict; of a stopped run it hears nothing."""
_EVERYWHERE = ("fixity", "disk", "after", "broken")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done after a crawl; what is left empty is not done."""

    sample: float = 0
    """Share of the records to check, from 0 to 1."""
    reports: Path | None = None
    """The folder for a report on each run, as HTML."""
    copies: tuple[str, ...] = ()
    """Folders or URLs that the archive is copied to."""
    targets: tuple[Target, ...] = ()
    """Who is told of alarms."""
    pings: Mapping[str, str] = field(default_factory=dict)
    """By portal: the URL of an outside monitor, which complains when it hears nothing."""
    periods: Mapping[str, timedelta] = field(default_factory=dict)
    """By portal: how often a crawl is expected."""
    times: float = 3
    """After how many such periods without a crawl that came through there is an alarm."""
    least_free: int = places.LEAST_FREE
    """Bytes below which the disk is nearly full."""


@dataclass(frozen=True, slots=True)
class Step:
    """How one thing went that was to be done."""

    name: str
    told: str | None = None
    """What people want to know of it; None: nothing."""
    problem: str | None = None
    """Why it could not be done."""


def after(
    archive: Path, runs: Iterable[int], trouble: LuutruError | None, plan: Plan
) -> list[Step]:
    """Do what `plan` says after crawls that ended with these runs, and with that trouble."""
    with closing(open_archive(archive)) as db, alone(archive):
        ended = [reports.run(db, number) for number in runs]
        done = _checked(db, archive, ended, plan)
        found = [*_broken(trouble), *_undone(done)]
        judge(db, archive, ended, found, plan)
        done += _told(db, archive, plan)
    return [*done, *_pinged(ended, trouble, plan)]


def _try(name: str, do: Callable[[], str | None]) -> Step:
    try:
        return Step(name, do())
    except (LuutruError, NotDelivered, sqlite3.Error, OSError) as error:
        return Step(name, problem=str(error))


def _checked(
    db: sqlite3.Connection, archive: Path, ended: list[alarms.Row], plan: Plan
) -> list[Step]:
    done = [_try("watch", lambda: _watched(db))]
    if plan.sample:
        done.append(_try("verify", lambda: _sampled(db, archive, plan.sample)))
    for run in ended if plan.reports else []:
        done.append(_try("report", lambda run=run: _reported(db, plan.reports, run)))
    return done
