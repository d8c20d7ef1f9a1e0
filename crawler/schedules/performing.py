"""One scheduled run: the crawl, then all that follows it, each as a child process.

How far it came is noted in the archive at each step, so that whoever comes next goes on there.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from crawler.archive import schedules
from crawler.archive.schedules import Crawled
from crawler.capture.folder import folder_of
from crawler.locking import Lock, is_held
from crawler.schedules.children import Children, Ended
from crawler.schedules.command import crawl_words
from crawler.schedules.config import Config
from crawler.schedules.due import TRIES, Due
from crawler.schedules.elsewhere import Elsewhere
from crawler.schedules.slots import one_of, run_of, slots
from crawler.words import tr

_POLL = 0.5
"""Seconds between two looks at whether another crawl of the portal has ended."""
log = logging.getLogger(__name__)


async def perform(
    db: sqlite3.Connection,
    config: Config,
    run: Due,
    children: Children,
    elsewhere: Elsewhere | None = None,
) -> str:
    """Make the run once a slot is free, and give its outcome.

    What is crawled elsewhere takes a slot for what follows the crawl only. An outcome of
    `schedules.CUT_OFF` means that the run is due again: `stopped` when the children were told to
    stop, `killed` when something else ended them.
    """
    folder, slug = folder_of(config.archive), run.portal.slug
    async with one_of(folder, run_of(slug), lambda: children.stopping) as own:
        if own is None:
            return "stopped"
        performance = _Performance(db, config, run, children)
        if elsewhere and (outcome := await performance.crawl(elsewhere.crawl)) in schedules.CUT_OFF:
            return outcome
        async with one_of(folder, slots(config.limits.parallel), lambda: children.stopping) as slot:
            while is_held(folder, slug) and not children.stopping:
                await asyncio.sleep(_POLL)
            if slot is None or children.stopping:
                return "stopped"
            return await performance.make((own, slot))


class _Performance:
    def __init__(
        self,
        db: sqlite3.Connection,
        config: Config,
        run: Due,
        children: Children,
    ) -> None:
        self.db = db
        self.config = config
        self.run = run
        self.slug = run.portal.slug
        self.children = children
        self.locks: Sequence[Lock] = ()
        """Those of the run and of its slot: while a child lives on, they are held."""

    async def make(self, locks: Sequence[Lock]) -> str:
        """The crawl on this machine, if there was none; then what follows."""
        self.locks = locks
        outcome = await self.crawl(self.here)
        return outcome if outcome in schedules.CUT_OFF else await self.follow()

    async def crawl(self, made: Callable[[Due], Awaitable[Crawled]]) -> str:
        """The crawl, unless only what follows it was cut off; its outcome."""
        state = self.state()
        if state.is_cut_off and state.crawled_at:
            return state.outcome or "failed"
        began, name = datetime.now(UTC), self.run.portal.name
        schedules.begin(self.db, self.slug, self.run.planned_for, began)
        planned = self.run.planned_for.astimezone(self.config.zone).isoformat()
        log.info(tr("{name}: the crawl begins, planned for {time}", name=name, time=planned))
        ended = await made(self.run)
        schedules.crawled(self.db, self.slug, ended, datetime.now(UTC))
        said = tr(ended.outcome)
        log.info(tr("{name}: the crawl has ended: {outcome}", name=name, outcome=said))
        if ended.outcome == "failed" and ended.problem:
            log.info("%s: %s", name, ended.problem)
        return ended.outcome

    async def here(self, run: Due) -> Crawled:
        """Have a child crawl."""
        began = datetime.now(UTC)
        return self.judged(began, await self.child(*crawl_words(self.config, run, began)))

    def judged(self, began: datetime, ended: Ended) -> Crawled:
        """How a child's crawl ended: the verdict in the archive, if it came so far."""
        run = schedules.last_run(self.db, self.slug, began)
        if run and run["verdict"]:
            return Crawled(run["verdict"], found=run["found"])
        if self.children.stopping:
            # It may have been told before it had begun, and ends in one of several ways then.
            return Crawled("stopped")
        if ended.code < 0:
            outcome = "killed" if self.state().tries < TRIES else "failed"
            return Crawled(outcome, tr("ended by signal {n}", n=-ended.code))
        return Crawled("failed", ended.problem or tr("ended with exit code {n}", n=ended.code))

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
