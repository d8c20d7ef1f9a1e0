"""Pages of a live crawl, read apart as they arrive."""

import asyncio
from typing import Any

from crawler.apart.process import Outfit
from crawler.apart.reader import Reader, Stretch, draft_of, end_all

_LONGEST = 8
"""Pages that go to a reader at once."""


class Arrivals:
    """As many readers as were asked for take the pages as they come."""

    def __init__(self, jobs: int, outfit: Outfit) -> None:
        self._readers = [Reader(outfit) for _ in range(jobs)]
        self._reading: list[asyncio.Task[None]] = []
        self._waiting: asyncio.Queue[tuple[Any, asyncio.Future[Any]]] = asyncio.Queue()

    def start(self) -> None:
        """Have the processes started, which takes them as long as reading a hundred pages."""
        self._reading = [asyncio.create_task(each.read(self)) for each in self._readers]

    async def draft(self, asked: Any) -> Any:
        """What `asked` gives, or `Died`; CannotRun when no process can be started."""
        draft: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((asked, draft))
        return await draft_of(draft, self._reading)

    async def next(self) -> Stretch:
        """The pages that wait to be read, when there are any."""
        waiting = [await self._waiting.get()]
        while len(waiting) < _LONGEST and not self._waiting.empty():
            waiting.append(self._waiting.get_nowait())
        asked, drafts = zip(*waiting, strict=True)
        return Stretch(list(asked), list(drafts))

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        await end_all(self._readers, self._reading)
