"""Locks that the daemon and timers wait for: so many crawls at a time, and one run of a portal.

A child inherits them: they are held until it, too, has ended, even if its scheduler is killed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from crawler.locking import Held, Lock

_POLL = 0.5
"""Seconds between two looks at whether one has become free."""


@asynccontextmanager
async def one_of(
    folder: Path, names: Sequence[str], given_up: Callable[[], bool]
) -> AsyncIterator[Lock | None]:
    """Within, one of the locks is held, after waiting for it; None if waiting was given up."""
    lock = _free(folder, names)
    while lock is None and not given_up():
        await asyncio.sleep(_POLL)
        lock = _free(folder, names)
    try:
        yield lock
    finally:
        if lock:
            lock.release()


def slots(most: int) -> list[str]:
    """The names of the locks of which each crawl takes one."""
    return [f"_slot{number + 1}" for number in range(most)]


def run_of(slug: str) -> list[str]:
    """The name of the lock of a portal's run: from before its crawl begins until all is done."""
    return [f"_run-{slug}"]


def _free(folder: Path, names: Sequence[str]) -> Lock | None:
    for name in names:
        try:
            return Lock(folder, name)
        except Held:
            continue
    return None
