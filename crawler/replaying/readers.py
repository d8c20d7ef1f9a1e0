"""Drafts by several processes, in the order of the exchanges.

Exchanges go out in short stretches, each to the reader that is free.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crawler.apart.process import Outfit
from crawler.apart.reader import Died, Reader, Stretch, cores, draft_of, end_all
from crawler.replaying.drafts import Asked, Draft
from crawler.replaying.kept import Kept

_LONGEST, _HEAVIEST = 8, 2 << 20
"""Exchanges of a stretch, and the bytes of their records: what is under way has to be held."""
_AHEAD = 3
"""Stretches for each reader that may be under way or wait for their turn to be saved."""
# A reader takes half a second of its own to start. Four bring as much as one process can save, and
# all of them together take 340 MB.
_WORTH_WHILE, _ENOUGH = 200, 4

Ask = Callable[[Kept], Asked]


def jobs_for(wanted: int, exchanges: int) -> int:
    """How many processes read so many exchanges; 0 wants as many as are worth their start."""
    if wanted:
        return wanted
    return min(cores(), _ENOUGH) if exchanges >= _WORTH_WHILE else 1


class Readers:
    """As many reading processes as were asked for; they are started when first needed."""

    def __init__(self, jobs: int, outfit: Outfit) -> None:
        self._readers = [Reader(outfit) for _ in range(jobs)]
        self._reading: list[asyncio.Task[None]] = []

    async def drafts(
        self, exchanges: Sequence[Kept], ask: Ask
    ) -> AsyncGenerator[tuple[Kept, Draft], None]:
        """Each exchange with its draft; `ask` says what is thought of it when it goes out."""
        work = _Work(exchanges, ask, _AHEAD * len(self._readers))
        reading = [asyncio.create_task(each.read(work)) for each in self._readers]
        self._reading = reading
        try:
            async for stretch in work.in_order(reading):
                for asked, draft in zip(stretch.asked, stretch.drafts, strict=True):
                    found = await draft_of(draft, reading)
                    died = isinstance(found, Died)
                    yield asked.kept, Draft(died_of=found.how) if died else found
        finally:
            for task in reading:
                task.cancel()

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        await end_all(self._readers, self._reading)


@dataclass(slots=True)
class _Work:
    """The stretches of a replay: taken by readers, given back in order."""

    exchanges: Iterable[Kept]
    ask: Ask
    most: int
    _room: asyncio.Semaphore = field(init=False)
    _made: "asyncio.Queue[Stretch | None]" = field(init=False, default_factory=asyncio.Queue)
    _parts: Iterator[list[Kept]] = field(init=False)

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.most)
        self._parts = _parts(self.exchanges)

    async def next(self) -> Stretch | None:
        """The next stretch to be read, when there is room for it; None when there is no more."""
        await self._room.acquire()
        part = next(self._parts, None)
        if part is None:
            self._room.release()
            self._made.put_nowait(None)
            return None
        stretch = Stretch.of([self.ask(kept) for kept in part])
        self._made.put_nowait(stretch)
        return stretch

    async def in_order(self, reading: "list[asyncio.Task[None]]") -> AsyncIterator[Stretch]:
        """The stretches as they were made; the next one when the last one has been saved."""
        while stretch := await self._made.get():
            yield stretch
            self._room.release()


def _parts(exchanges: Iterable[Kept]) -> Iterator[list[Kept]]:
    part, size = list[Kept](), 0
    for kept in exchanges:
        length = kept.spot.place.length
        if part and (len(part) == _LONGEST or size + length > _HEAVIEST):
            yield part
            part, size = [], 0
        part.append(kept)
        size += length
    if part:
        yield part
