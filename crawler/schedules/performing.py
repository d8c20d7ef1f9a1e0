"""One scheduled run: the crawl, then all that follows it, each as a child process.

How far it came is noted in the archive at each step, so that whoever comes next goes on there.
"""

import asyncio
import logging
import sqlite3
from datetime import UTC, datetime

from crawler.archive import schedules
from crawler.capture.folder import folder_of
from crawler.locking import Lock, is_held
from crawler.schedules.children import Children, Ended
from crawler.schedules.command import crawl_words
from crawler.schedules.config import Config
from crawler.schedules.due import TRIES, Due
from crawler.schedules.slots import one_of, run_of, slots
from crawler.words import tr

_POLL = 0.5
"""Seconds between two looks at whether another crawl of the portal has ended."""
log = logging.getLogger(__name__)


async def perform(db: sqlite3.Connection, config: Config, run: Due, children: Children) -> str:
    """Make the run once a slot is free, and give its outcome.

    An outcome of `schedules.CUT_OFF` means that the run is due again: `stopped` when the children
    were told to stop, `killed` when something else ended them.
    """
    folder, slug = folder_of(config.archive), run.portal.slug
    async with (
        one_of(folder, run_of(slug), lambda: children.stopping) as own,
        one_of(folder, slots(config.limits.parallel), lambda: children.stopping) as slot,
    ):
        while is_held(folder, slug) and not children.stopping:
            await asyncio.sleep(_POLL)
        if own is None or slot is None or children.stopping:
            return "stopped"
        return await _Performance(db, config, run, children, (own, slot)).make()


class _Performance:
    def __init__(
        self,
        db: sqlite3.Connection,
        config: Config,
        run: Due,
        children: Children,
        locks: tuple[Lock, Lock],
    ) -> None:
        self.db = db
        self.config = config
        self.run = run
        self.slug = run.portal.slug
        self.children = children
        self.locks = locks
        """Those of the run and of its slot: while a child lives on, they are held."""

    async def make(self) -> str:
        """The crawl, unless only what follows it was cut off; then what follows."""
        state = self.state()
        if not (state.is_cut_off and state.crawled_at):
            outcome = await self.crawl()
            if outcome in schedules.CUT_OFF:
                return outcome
        return await self.follow()

    async def crawl(self) -> str:
        began, name = datetime.now(UTC), self.run.portal.name
        schedules.begin(self.db, self.slug, self.run.planned_for, began)
        planned = self.run.planned_for.astimezone(self.config.zone).isoformat()
        log.info(tr("{name}: the crawl begins, planned for {time}", name=name, time=planned))
        ended = await self.child(*crawl_words(self.config, self.run, began))
        outcome, problem = self.judged(began, ended)
        schedules.crawled(self.db, self.slug, outcome, problem, datetime.now(UTC))
        log.info(tr("{name}: the crawl has ended: {outcome}", name=name, outcome=tr(outcome)))
        if outcome == "failed" and problem:
            log.info("%s: %s", name, problem)
        return outcome

    def judged(self, began: datetime, ended: Ended) -> tuple[str, str | None]:
        """Outcome and problem of a crawl: the verdict in the archive, if it came so far."""
        run = schedules.last_run(self.db, self.slug, began)
        if run and run[1]:
            return run[1], None
        if self.children.stopping:
            # It may have been told before it had begun, and ends in one of several ways then.
            return "stopped", None
        if ended.code < 0:
            outcome = "killed" if self.state().tries < TRIES else "failed"
            return outcome, tr("ended by signal {n}", n=-ended.code)
        return "failed", ended.problem or tr("ended with exit code {n}", n=ended.code)

    async def follow(self) -> str:
        """Do what follows the crawl; the outcome is the crawl's, unless this is cut off."""
        if self.children.stopping:
            return "stopped"
        name, config = self.run.portal.name, str(self.config.path)
        ended = await self.child("schedule", "after", name, "--config", config)
        if ended.code < 0 and self.children.stopping:
            return "stopped"
        state = self.state()
        if ended.code < 0 and state.tries < TRIES:
            schedules.again(self.db, self.slug)
            return "killed"
        schedules.end(self.db, self.slug, datetime.now(UTC))
        return state.outcome or "failed"

    async def child(self, *words: str) -> Ended:
        return await self.children.run(*words, keeping=self.locks)

    def state(self) -> schedules.State:
        return schedules.states(self.db)[self.slug]
