"""The command's side: hands turns to dask, and goes by what comes of them.

At most one turn of a server is in the cluster at any time, and as many in all as its workers have
threads; the rest waits here, so that a free worker takes what is next and not what was dealt to it.
A turn whose worker dies is given to another one by dask itself.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click
from distributed import CancelledError, Client, Future, KilledWorker

from crawler.cluster.job import Job, Outcome
from crawler.cluster.performing import TRIES, perform
from crawler.cluster.portals import Portal
from crawler.cluster.turns import Turns
from crawler.errors import CannotRun
from crawler.words import tr

_POLL = 2.0
"""Seconds between two looks at who may begin and how many workers there are."""
_CONNECT = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a portal."""

    portal: Portal
    outcome: Outcome


def drive(
    address: str,
    portals: Sequence[Portal],
    job_of: Callable[[Portal, bool], Job],
    tell: Callable[[Result], None],
) -> None:
    """Crawl `portals` in the cluster whose scheduler is at `address`; `tell` hears of each end.

    `job_of` makes the next turn of a portal, told whether others wait for it to end. Raises
    CannotRun when there is no scheduler, or it ends.
    """
    # Its own lines would come between ours; what matters of them is told in one.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        asyncio.run(_drive(address, portals, job_of, tell))
    except (OSError, CancelledError) as error:
        raise CannotRun(
            tr(
                "no scheduler answers at {address} ({error}); start one (dask scheduler), then "
                "run the same command again: it goes on",
                address=address,
                error=str(error).partition("\n")[0],
            )
        ) from None


async def _drive(
    address: str,
    portals: Sequence[Portal],
    job_of: Callable[[Portal, bool], Job],
    tell: Callable[[Result], None],
) -> None:
    async with Client(address, asynchronous=True, timeout=_CONNECT) as client:
        driver = _Driver(client, Turns(portals), job_of, tell)
        try:
            await driver.run()
        finally:
            await driver.forget()


class _Driver:
    def __init__(
        self,
        client: Client,
        turns: Turns[Portal],
        job_of: Callable[[Portal, bool], Job],
        tell: Callable[[Result], None],
    ) -> None:
        self._client = client
        self._turns = turns
        self._job_of = job_of
        self._tell = tell
        self._running: dict[asyncio.Task[Outcome], Portal] = {}
        self._has_told = False

    async def run(self) -> None:
        while self._turns or self._running:
            self._fill(await self._threads())
            if not self._running:
                await asyncio.sleep(_POLL)
                continue
            done, _ = await asyncio.wait(
                self._running, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                self._ended(self._running.pop(task), task.result())

    async def forget(self) -> None:
        """Wait for no turn any more; the workers see by themselves that the command has ended."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _threads(self) -> int:
        threads = sum(map(int, (await self._client.nthreads()).values()))
        if not threads and not self._has_told:
            click.echo(tr("no worker is there; start one: dask worker ADDRESS"), err=True)
        self._has_told = not threads
        return threads

    def _fill(self, threads: int) -> None:
        while len(self._running) < threads and (portal := self._turns.next(Portal.may_begin)):
            portal.turns += 1
            others_wait = self._turns.has_rival(portal) or len(self._turns) >= threads
            job = self._job_of(portal, others_wait)
            # pure=False: a turn is no value to be looked up; the key is what the dashboard shows.
            key = (portal.slug, f"{job.command}-{job.number}")
            future = self._client.submit(perform, job, key=key, pure=False)
            self._running[asyncio.ensure_future(_outcome(future))] = portal

    def _ended(self, portal: Portal, outcome: Outcome) -> None:
        portal.pages += int(outcome.run.get("pages") or 0)
        came_to_nothing = outcome.state in ("broken", "held")
        portal.tries = portal.tries + 1 if came_to_nothing else 0
        again = portal.tries < TRIES if came_to_nothing else outcome.turn_is_over
        spent = portal.budget is not None and portal.pages >= portal.budget
        self._turns.end(portal, again=again and not spent)
        if not again or spent:
            state = "poisoned" if outcome.state == "broken" else outcome.state
            self._tell(Result(portal, replace(outcome, state=state)))


async def _outcome(future: "Future[Any]") -> Outcome:
    """What the turn came to; a worker that was lost with it, once too often, is a broken one."""
    try:
        found: Outcome = await future.result()
    except KilledWorker as error:
        where = str(getattr(error.last_worker, "address", error.last_worker))
        return Outcome("broken", where, tr("its workers died, one after the other"))
    except (CancelledError, OSError):
        raise
    except Exception as error:
        # What a worker can't load or unpack, such as another version of luutru.
        return Outcome("broken", "", f"{type(error).__name__}: {error}".splitlines()[0])
    return found
