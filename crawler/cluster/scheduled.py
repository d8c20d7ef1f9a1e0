"""Scheduled crawls in the cluster: portals that are due go into one queue, as they become due.

There is a client of the scheduler only while something is in it: between two nights scheduler and
workers may be away, and other commands may have the folder.
"""

import asyncio
import logging
from contextlib import suppress

from crawler.archive.schedules import Crawled
from crawler.cluster.driving import Driver, Result
from crawler.cluster.jobs import Jobs
from crawler.cluster.portals import Portal, of_run
from crawler.cluster.servers import Command
from crawler.cluster.turns import Turns
from crawler.errors import CannotRun
from crawler.schedules.config import Cluster, Config
from crawler.schedules.due import Due
from crawler.words import tr

_LONGEST = 3600.0
"""Seconds of a turn that nobody waits for: who comes due later waits no longer than that."""
_PATIENCE = 2.0
"""Seconds in which somebody may look whether the folder has a command."""
_AGAIN = 10.0
"""Seconds until a scheduler that was away, or a folder that another command had, is tried again."""
_FAREWELL = 60.0
"""Seconds that turns have to finish their page, once they were told to stop."""
log = logging.getLogger(__name__)


class Crawls:
    """The portals of one file that are due, and the turns that they have."""

    def __init__(self, config: Config, cluster: Cluster) -> None:
        self._config = config
        self._cluster = cluster
        self._turns: Turns[Portal] = Turns([])
        self._ends: dict[Portal, asyncio.Future[Crawled]] = {}
        self._stopping = asyncio.Event()
        self._driving: asyncio.Task[None] | None = None
        self._command: Command | None = None
        self._driver: Driver | None = None

    async def crawl(self, run: Due) -> Crawled:
        """Put the portal into the queue, and wait until it has been crawled."""
        # Names are looked up, which may take its time.
        portal = await asyncio.to_thread(of_run, self._config, run)
        if self._stopping.is_set():
            return Crawled("stopped")
        end = self._ends[portal] = asyncio.get_running_loop().create_future()
        self._turns.add(portal)
        if self._driving is None:
            self._driving = asyncio.create_task(self._drive())
        crawled: Crawled = await end
        return crawled

    def stop(self) -> None:
        """Let the turns finish their page; what waits is not begun."""
        self._stopping.set()
        if self._command:
            self._command.end()
        if self._driver:
            self._driver.stop()
        for portal in self._turns.clear():
            self._ends.pop(portal).set_result(Crawled("stopped"))
        if self._driving:
            asyncio.get_running_loop().call_later(_FAREWELL, self._driving.cancel)

    async def _drive(self) -> None:
        """Give out turns while there are any to give."""
        try:
            while self._turns and not self._stopping.is_set():
                try:
                    await self._drive_once()
                except CannotRun as error:
                    waiting = len(self._turns)
                    log.warning(tr("{n} portals wait: {problem}", n=waiting, problem=error))
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), _AGAIN)
        finally:
            self._driving = None
            for portal in list(self._ends):
                self._ends.pop(portal).set_result(Crawled("stopped"))

    async def _drive_once(self) -> None:
        folder = self._cluster.into
        command = self._command = await asyncio.to_thread(Command, folder, _PATIENCE)
        turn, memory = self._cluster.turn.total_seconds(), self._config.limits.memory
        jobs = Jobs(command.name, folder, turn, _LONGEST, memory)
        self._driver = Driver(self._turns, jobs.make, self._ended, self._cluster.parallel)
        try:
            await self._driver.run(self._cluster.scheduler)
        finally:
            command.release()
            self._command = self._driver = None

    def _ended(self, result: Result) -> None:
        self._ends.pop(result.portal).set_result(self._judged(result))

    def _judged(self, result: Result) -> Crawled:
        portal, outcome = result.portal, result.outcome
        verdict = outcome.run.get("verdict")
        if outcome.turn_is_over:
            # Its budget was spent in the very moment in which its turn was over.
            return Crawled("incomplete" if portal.is_spent else "stopped", found=portal.found)
        if outcome.state == "ended" and verdict:
            return Crawled(verdict, found=portal.found)
        if self._stopping.is_set():
            return Crawled("stopped")
        return Crawled("failed", outcome.reason or outcome.state)
