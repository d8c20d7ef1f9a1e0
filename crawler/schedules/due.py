"""When a portal's next run is due, from its schedule and how far its last run came."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.archive import schedules
from crawler.archive.schedules import State
from crawler.politeness.window import Window
from crawler.schedules.config import Config, Portal
from crawler.schedules.when import LONGEST_QUIET

TRIES = 8
"""How often a run is started before what cuts it off is taken for its outcome."""
_PAUSE = timedelta(seconds=1)
"""Between the starts of a run that is cut off; doubled each time."""
_QUIET_RUNS = 12


@dataclass(frozen=True, slots=True)
class Due:
    """The next run of a portal."""

    portal: Portal
    at: datetime
    """When to start it (aware): past if that was missed."""
    planned_for: datetime
    """The time of the schedule that it is for: earlier than `at` if its window was shut."""
    wanted: bool = False
    """Whether a person wants it now, whatever its window."""


def due(db: sqlite3.Connection, config: Config, now: datetime) -> list[Due]:
    """The next run of each portal, the earliest first; of several missed ones only one."""
    states = schedules.states(db)
    found = [next_run(portal, states[portal.slug], config.zone, now) for portal in config.portals]
    return sorted(found, key=lambda each: (each.at, each.portal.name))


def next_run(portal: Portal, state: State, zone: ZoneInfo, now: datetime) -> Due:
    """The next run of one portal."""
    if state.is_cut_off and state.tries < TRIES and state.planned_for and state.started_at:
        at = max(now, min(state.started_at, now) + _PAUSE * 2**state.tries)
        return Due(portal, opened(portal, at), state.planned_for)
    # What was planned before the last run began is covered by it. A clock that was ahead then must
    # not put off the next one for years.
    last = min(max(state.since, state.started_at or state.since), now)
    planned = portal.schedule.next(last + _longer(portal, state.quiet), zone)
    return Due(portal, opened(portal, max(planned, now)), planned)


def _longer(portal: Portal, quiet: int) -> timedelta:
    """What `while changing` adds to the interval: it doubles with each run that found nothing."""
    interval = portal.schedule.interval
    if interval is None or not portal.schedule.while_changing:
        return timedelta()
    longer: timedelta = min(interval * 2 ** min(quiet, _QUIET_RUNS), LONGEST_QUIET) - interval
    return max(longer, timedelta())


def opened(portal: Portal, at: datetime) -> datetime:
    """`at`, or the later time at which the portal's window opens."""
    if not portal.window:
        return at
    return at + timedelta(seconds=Window.parse(portal.window).opens_in(at))


def time_left(run: Due, now: datetime) -> timedelta | None:
    """How long a run that starts now may take: until its window shuts, and its own deadline."""
    portal = run.portal
    limits = [portal.deadline] if portal.deadline else []
    if portal.window and not run.wanted:
        limits.append(timedelta(seconds=Window.parse(portal.window).shuts_in(now)))
    return min(limits, default=None)
