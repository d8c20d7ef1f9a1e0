"""A limit on crawls at a time, for the daemon and for timers alike: so many locks, not one more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from crawler.locking import Held, Lock

_POLL = 0.5
"""Seconds between two looks at whether one has become free."""


@asynccontextmanager
async def slot(folder: Path, most: int, given_up: Callable[[], bool]) -> AsyncIterator[bool]:
    """Within, one of `most` slots is held, after waiting for it; False if waiting was given up."""
    lock = _free(folder, most)
    while lock is None and not given_up():
        await asyncio.sleep(_POLL)
        lock = _free(folder, most)
    try:
        yield lock is not None
    finally:
        if lock:
            lock.release()


def _free(folder: Path, most: int) -> Lock | None:
    for number in range(most):
        try:
            return Lock(folder, f"_slot{number + 1}")
        except Held:
            continue
    return None
