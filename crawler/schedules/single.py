"""`luutru schedule now`: one run of one portal, for a timer of systemd or a person."""

import asyncio
import signal
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from crawler.archive import schedules
from crawler.schedules.children import Children
from crawler.schedules.config import Config, Portal
from crawler.schedules.due import Due, next_run
from crawler.schedules.elsewhere import Elsewhere
from crawler.schedules.performing import perform

_EARLY = timedelta(seconds=60)
"""Timers may be that much ahead of the schedule."""


async def run_now(
    db: sqlite3.Connection,
    config: Config,
    portal: Portal,
    elsewhere: Elsewhere | None = None,
    *,
    if_due: bool,
) -> str | None:
    """Make the run, and go on with it when it is killed; its outcome, None if it is not due."""
    children, stop = Children(config.path.parent), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _tell, children, elsewhere, stop)
    run = _next(db, config, portal)
    if if_due and run.planned_for > _now() + _EARLY:
        return None
    outcome = "stopped"
    while not await _stopped(stop, run.at if if_due else _now()):
        wanted = run if if_due else Due(portal, _now(), min(run.planned_for, _now()), wanted=True)
        outcome = await perform(db, config, wanted, children, elsewhere)
        if outcome not in schedules.CUT_OFF:
            break
        run = _next(db, config, portal)
    return outcome


def _tell(children: Children, elsewhere: Elsewhere | None, stop: asyncio.Event) -> None:
    children.stop()
    if elsewhere:
        elsewhere.stop()
    stop.set()


def _next(db: sqlite3.Connection, config: Config, portal: Portal) -> Due:
    return next_run(portal, schedules.states(db)[portal.slug], config.zone, _now())


async def _stopped(stop: asyncio.Event, until: datetime) -> bool:
    """Whether the run was stopped before the time `until` came."""
    left = max(0.0, (until - _now()).total_seconds())
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), left)
    return stop.is_set()


def _now() -> datetime:
    return datetime.now(UTC)
