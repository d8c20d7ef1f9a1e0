"""`luutru schedule run`: one process that starts each portal's crawl when it is due.

APScheduler wakes it; what is due is computed from the archive (`crawler.schedules.due`), so that a
daemon that was killed, or a machine that slept, catches up what was missed, once.
"""

import asyncio
import logging
import signal
import sqlite3
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from crawler.archive import schedules
from crawler.schedules.children import Children
from crawler.schedules.config import Config
from crawler.schedules.due import Due, due
from crawler.schedules.elsewhere import Elsewhere
from crawler.schedules.performing import perform
from crawler.words import tr

_LOOK, _WATCH = "_look", "_watch"
_LOOK_SECONDS = 30
"""A sleeping machine's timers sleep, too: so often the clock on the wall is looked at."""
_AFTER_ERROR = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Daemon:
    """Runs until it is told to stop, or until nothing is due if that is wanted."""

    def __init__(
        self,
        config: Config,
        db: sqlite3.Connection,
        elsewhere: Elsewhere | None = None,
        *,
        until_idle: bool = False,
    ) -> None:
        self._elsewhere = elsewhere
        self._config = config
        self._db = db
        self._until_idle = until_idle
        self._children = Children(config.path.parent)
        self._timer = AsyncIOScheduler(timezone=config.zone)
        self._running: set[str] = set()
        # Hundreds that wait for a slot would each hold a file open and look twice a second. What is
        # crawled elsewhere has its own queue.
        self._turns = nullcontext() if elsewhere else asyncio.Semaphore(config.limits.parallel)
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Start what is due, whenever it is; returns when all children have ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        self._timer.add_listener(self._after, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._timer.add_job(self._look, "interval", seconds=_LOOK_SECONDS, id=_LOOK)
        if not self._until_idle:
            every = self._config.heartbeat.every.total_seconds()
            self._timer.add_job(self._watch, "interval", seconds=every, id=_WATCH)
        schedules.know(
            self._db, [(each.slug, each.schedule.text) for each in self._config.portals], _now()
        )
        for each in due(self._db, self._config, _now()):
            self._plan(each)
        self._timer.start()
        self._look()
        await self._over.wait()
        self._timer.shutdown()

    def _plan(self, run: Due, at: datetime | None = None) -> None:
        # No grace time: what was missed is run now. One job for each portal: never two crawls.
        self._timer.add_job(
            self._perform,
            "date",
            run_date=at or run.at,
            args=[run],
            id=run.portal.slug,
            misfire_grace_time=None,
        )

    async def _perform(self, run: Due) -> str:
        self._running.add(run.portal.slug)
        try:
            async with self._turns:
                return await perform(self._db, self._config, run, self._children, self._elsewhere)
        finally:
            self._running.discard(run.portal.slug)

    def _after(self, event: JobExecutionEvent) -> None:
        """A run has ended, or could not be noted in the archive; its portal's next is planned."""
        if event.job_id not in (_LOOK, _WATCH) and not self._children.stopping:
            now = _now()
            run = next(x for x in due(self._db, self._config, now) if x.portal.slug == event.job_id)
            at = max(run.at, now + _AFTER_ERROR) if event.exception else run.at
            self._plan(run, at)
        self._look()

    async def _watch(self) -> None:
        """What needs no crawl: the disk, portals that nothing was heard of, the monitor's ping."""
        self._running.add(_WATCH)
        try:
            await self._children.run("alarms", "--tell", "--config", str(self._config.path))
        finally:
            self._running.discard(_WATCH)

    def _look(self) -> None:
        """End when there is no more to do."""
        if self._running:
            return
        if self._children.stopping or (self._until_idle and not self._waiting()):
            self._over.set()

    def _waiting(self) -> bool:
        """Whether something is due now, or will be in a moment."""
        soon = _now() + timedelta(seconds=2)
        jobs: list[Any] = self._timer.get_jobs()
        return any(job.id not in (_LOOK, _WATCH) and job.next_run_time <= soon for job in jobs)

    def _stop(self) -> None:
        log.info(tr("stopping; crawls finish their page"))
        self._timer.pause()
        self._children.stop()
        if self._elsewhere:
            self._elsewhere.stop()
        self._look()


def _now() -> datetime:
    return datetime.now(UTC)
