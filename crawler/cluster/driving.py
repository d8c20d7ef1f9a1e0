"""The command's side: hands turns to dask, and goes by what comes of them.

At most one turn of a server is in the cluster at any time, and as many in all as its workers have
threads; the rest waits here, so that a free worker takes what is next and not what was dealt to it.
A turn whose worker dies is given to another one by dask itself.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
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


JobOf = Callable[[Portal, bool], Job]
"""Makes the next turn of a portal, told whether others wait for it to end."""


class NoScheduler(CannotRun):
    """There is none at that address; it may come back."""

    def __init__(self, address: str, error: BaseException) -> None:
        why = str(error).partition("\n")[0]
        super().__init__(
            tr("no scheduler answers at {address} ({error})", address=address, error=why)
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a portal."""

    portal: Portal
    outcome: Outcome


def drive(
    address: str, portals: Sequence[Portal], job_of: JobOf, tell: Callable[[Result], None]
) -> None:
    """Crawl `portals` in the cluster whose scheduler is at `address`; `tell` hears of each end.

    Raises CannotRun when there is no scheduler, or it ends.
    """
    driver = Driver(Turns(portals), job_of, tell)
    try:
        asyncio.run(driver.run(address))
    except NoScheduler as error:
        raise CannotRun(
            tr("{problem}; start one (dask scheduler), then run the same command again: it goes "
               "on", problem=error)
        ) from None  # fmt: skip


class Driver:
    """Gives out the turns of the portals in a queue, which may grow meanwhile."""

    def __init__(
        self,
        turns: Turns[Portal],
        job_of: JobOf,
        tell: Callable[[Result], None],
        most: int = 0,
    ) -> None:
        """`most` is how many turns there may be at a time; 0 leaves that to the workers."""
        self._turns = turns
        self._job_of = job_of
        self._tell = tell
        self._most = most
        self._running: dict[asyncio.Task[Outcome], Portal] = {}
        self._is_stopping = False
        self._has_told = False

    async def run(self, address: str) -> None:
        """Until no portal waits or is being crawled.

        Raises NoScheduler when there is none at `address`, or it ends; then all portals that have
        not come to an end wait in the queue.
        """
        async with connected(address) as client:
            try:
                await self._run(client)
            finally:
                await self._forget()

    def stop(self) -> None:
        """Wait for the turns that are under way, and begin no other."""
        self._is_stopping = True

    async def _run(self, client: Client) -> None:
        while self._running or (self._turns and not self._is_stopping):
            self._fill(client, await self._threads(client))
            if not self._running:
                await asyncio.sleep(_POLL)
                continue
            done, _ = await asyncio.wait(
                self._running, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                # Taken out last: should it raise, its portal goes back into the queue.
                self._ended(self._running[task], task.result())
                del self._running[task]

    async def _forget(self) -> None:
        """Wait for no turn any more; the workers see by themselves that the command has ended."""
        for task, portal in self._running.items():
            task.cancel()
            self._turns.end(portal, again=True)
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    async def _threads(self, client: Client) -> int:
        threads = sum(map(int, (await client.nthreads()).values()))
        if not threads and not self._has_told:
            click.echo(tr("no worker is there; start one: dask worker ADDRESS"), err=True)
        self._has_told = not threads
        return min(threads, self._most or threads)

    def _fill(self, client: Client, most: int) -> None:
        while (
            len(self._running) < most
            and not self._is_stopping
            and (portal := self._turns.next(Portal.may_begin))
        ):
            portal.turns += 1
            others_wait = self._turns.has_rival(portal) or len(self._turns) >= most
            job = self._job_of(portal, others_wait)
            # pure=False: a turn is no value to be looked up; the key is what the dashboard shows.
            key = (portal.slug, f"{job.command}-{job.number}")
            future = client.submit(perform, job, key=key, pure=False)
            self._running[asyncio.ensure_future(_outcome(future))] = portal

    def _ended(self, portal: Portal, outcome: Outcome) -> None:
        portal.pages += int(outcome.run.get("pages") or 0)
        portal.found += sum(int(outcome.run.get(f"articles_{x}") or 0) for x in ("new", "changed"))
        came_to_nothing = outcome.state in ("broken", "held")
        portal.tries = portal.tries + 1 if came_to_nothing else 0
        again = portal.tries < TRIES if came_to_nothing else outcome.turn_is_over
        again = again and not portal.is_spent and not self._is_stopping
        self._turns.end(portal, again=again)
        if not again:
            state = "poisoned" if outcome.state == "broken" else outcome.state
            self._tell(Result(portal, replace(outcome, state=state)))


def trouble(address: str) -> CannotRun | None:
    """Why nothing can be crawled there now, if so."""
    try:
        threads = asyncio.run(_threads(address))
    except NoScheduler as error:
        return error
    return None if threads else CannotRun(tr("{address} has no worker", address=address))


async def _threads(address: str) -> int:
    async with connected(address) as client:
        return len(await client.nthreads())


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    """A client of the scheduler at `address`; what fails within for want of it is NoScheduler."""
    # Its own lines would come between ours; what matters of them is told in one.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    client = Client(address, asynchronous=True, timeout=_CONNECT)
    try:
        try:
            await client
        except (RuntimeError, TypeError, ValueError) as error:
            # What dask makes of tls:// without certificates, and of certificates without tls://.
            raise NoScheduler(address, error) from None
        yield client
    except (OSError, CancelledError) as error:
        raise NoScheduler(address, error) from None
    finally:
        await client.close()


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
