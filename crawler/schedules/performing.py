"""One scheduled run: the crawl, then all that follows it, each as a child process.

How far it came is noted in the archive at each step, so that whoever comes next goes on there.
"""

import asyncio
import logging
import sqlite3
from datetime import UTC, datetime

from crawler.archive import schedules
from crawler.capture.warc import folder_of
from crawler.locking import is_held
from crawler.schedules.children import Children, Ended
from crawler.schedules.config import Config, Portal
from crawler.schedules.due import TRIES, Due, time_left
from crawler.schedules.slots import slot
from crawler.words import tr

_POLL = 0.5
"""Seconds between two looks at whether another crawl of the portal has ended."""
log = logging.getLogger(__name__)


async def perform(db: sqlite3.Connection, config: Config, run: Due, children: Children) -> str:
    """Make the run once a slot is free, and give its outcome.

    An outcome of `schedules.CUT_OFF` means that the run is due again: `stopped` when the children
    were told to stop, `killed` when something else ended them.
    """
    folder = folder_of(config.archive)
    async with slot(folder, config.limits.parallel, lambda: children.stopping) as free:
        while free and is_held(folder, run.portal.slug) and not children.stopping:
            await asyncio.sleep(_POLL)
        if children.stopping:
            return "stopped"
        state = schedules.states(db)[run.portal.slug]
        if not (state.is_cut_off and state.crawled_at):
            outcome = await _crawl(db, config, run, children)
            if outcome in schedules.CUT_OFF:
                return outcome
        return await _follow(db, config, run.portal, children)


async def _crawl(db: sqlite3.Connection, config: Config, run: Due, children: Children) -> str:
    portal, began = run.portal, _now()
    schedules.begin(db, portal.slug, run.planned_for, began)
    log.info(tr("{name}: the crawl begins", name=portal.name))
    ended = await children.run(*crawl_words(config, portal, began))
    outcome, problem = _judged(db, portal, began, ended, stopping=children.stopping)
    if outcome == "killed" and schedules.states(db)[portal.slug].tries >= TRIES:
        outcome = "failed"
    schedules.crawled(db, portal.slug, outcome, problem, _now())
    log.info(tr("{name}: the crawl has ended: {outcome}", name=portal.name, outcome=tr(outcome)))
    return outcome


def _judged(
    db: sqlite3.Connection, portal: Portal, began: datetime, ended: Ended, *, stopping: bool
) -> tuple[str, str | None]:
    """Outcome and problem of a crawl: the verdict in the archive, if it came so far."""
    if ended.code < 0:
        return "stopped" if stopping else "killed", f"signal {-ended.code}"
    run = schedules.last_run(db, portal.slug, began)
    if run and run[1]:
        return run[1], None
    return "failed", ended.problem or f"exit code {ended.code}"


async def _follow(
    db: sqlite3.Connection, config: Config, portal: Portal, children: Children
) -> str:
    """Do what follows the crawl; the outcome is the crawl's, unless this is cut off."""
    ended = await children.run("schedule", "after", portal.name, "--config", str(config.path))
    if ended.code < 0 and children.stopping:
        return "stopped"
    state = schedules.states(db)[portal.slug]
    if ended.code < 0 and state.tries < TRIES:
        schedules.again(db, portal.slug)
        return "killed"
    schedules.end(db, portal.slug, _now())
    return state.outcome or "failed"


def crawl_words(config: Config, portal: Portal, now: datetime) -> list[str]:
    """The words of `luutru crawl` for a run that starts now."""
    words = ["crawl", portal.url or portal.name, "--db", str(config.archive)]
    if config.contact:
        words += ["--contact", config.contact]
    if portal.kind != "incremental":
        words.append(f"--{portal.kind}")
    if portal.budget:
        words += ["--budget", str(portal.budget)]
    if portal.delay is not None:
        words += ["--delay", str(portal.delay)]
    if portal.window:
        words += ["--window", portal.window]
    # In the night after this one the schedule goes on; to wait in between would keep a slot.
    if left := time_left(portal, now):
        words += ["--deadline", f"{max(1, int(left.total_seconds()))}s"]
    return words


def _now() -> datetime:
    return datetime.now(UTC)
