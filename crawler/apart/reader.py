"""One reading process, and another one when it has died.

What it was at when it died is tried once more; the second time that page is at fault, and the
others go on.
"""

import asyncio
import contextlib
import os
import pickle
import sys
from asyncio.subprocess import Process
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from crawler.apart.process import LENGTH, READY, Outfit, frame
from crawler.apart.starting import started
from crawler.errors import CannotRun
from crawler.words import tr

# Pages take some ms. What takes this long would take for ever.
_SECONDS = 120.0
_TRIES = 3
# A pipe that is full is no longer read, and its end not seen: a process that has ended would be
# waited for without end.
_PIPE = 1 << 30


@dataclass(frozen=True, slots=True)
class Died:
    """What comes instead of a draft when two processes have ended over a page."""

    how: str
    """`signal 9`, `exit code 1`, ..."""


@dataclass(slots=True)
class Stretch:
    """Pages that go to a reader at once, and where their drafts, or `Died`, will be."""

    asked: list[Any]
    drafts: "list[asyncio.Future[Any]]"

    @classmethod
    def of(cls, asked: list[Any]) -> "Stretch":
        """The pages with places for their drafts."""
        new = asyncio.get_running_loop().create_future
        return cls(asked, [new() for _ in asked])


class Work(Protocol):
    """Where readers get their pages."""

    async def next(self) -> Stretch | None:
        """The next pages, as soon as there are any; None when there will be no more."""


def cores() -> int:
    """Processors that this process may use; only Linux tells."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


async def draft_of(draft: "asyncio.Future[Any]", reading: "Iterable[asyncio.Task[None]]") -> Any:
    """The draft, or `Died`; raises what kept the readers, whose tasks `reading` are, from it."""
    waiting: set[asyncio.Future[Any]] = {draft, *reading}
    while not draft.done():
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {draft}:
            task.result()
    return draft.result()


class Reader:
    """Reads what its work brings; it is started when first needed."""

    def __init__(self, outfit: Outfit) -> None:
        self._outfit = outfit
        self._process: Process | None = None

    async def read(self, work: Work) -> None:
        """Read stretches until there is none; CannotRun when no process can be started."""
        await self.started()
        while stretch := await work.next():
            done, died = 0, -1
            while done < len(stretch.asked):
                count, ended = await self._some(stretch, done)
                done += count
                if ended and died == done:
                    _settle(stretch.drafts[done], Died(ended))
                    done += 1
                died = done

    async def _some(self, stretch: Stretch, start: int) -> tuple[int, str]:
        """Read from page `start` on: how many were read, and how the process ended if so."""
        process = await self.started()
        count = 0
        try:
            _put(process, stretch.asked[start:])
            for draft in stretch.drafts[start:]:
                async with asyncio.timeout(_SECONDS):
                    _settle(draft, await _got(process))
                count += 1
        except (EOFError, OSError):
            return count, await self.end()
        except TimeoutError:
            await self.end()
            return count, f"no end within {_SECONDS:.0f} s"
        return count, ""

    async def started(self) -> Process:
        """The process, ready to read; CannotRun when it can't be started."""
        if self._process:
            return self._process
        how = ""
        for _ in range(_TRIES):
            process = self._process = await started("crawler.apart.process", _PIPE)
            try:
                _put(process, self._outfit)
                if await _got(process) == READY:
                    return process
            except (EOFError, OSError):
                how = await self.end()
        raise CannotRun(tr("a reading process can't be started ({how})", how=how))

    async def end(self) -> str:
        """End the process, if there is one; says how it had ended by itself, or that it had not."""
        process, self._process = self._process, None
        if process is None:
            return ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2 if process.returncode is None else 0):
                await process.wait()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        code = await process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


async def end_all(readers: Iterable[Reader], reading: "Iterable[asyncio.Task[None]]") -> None:
    """End the readers, whatever they are at, and their tasks."""
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    for each in readers:
        await each.end()


def _settle(draft: "asyncio.Future[Any]", found: object) -> None:
    # Who waited for it may have been told to end.
    if not draft.done():
        draft.set_result(found)


def _put(process: Process, content: object) -> None:
    if process.stdin is None:
        raise OSError("the reader has no pipes")
    process.stdin.write(frame(content))


async def _got(process: Process) -> Any:
    if process.stdout is None:
        raise OSError("the reader has no pipes")
    length = int.from_bytes(await process.stdout.readexactly(LENGTH))
    # Our own process packed it, and nobody else holds the pipe.
    return pickle.loads(await process.stdout.readexactly(length))  # noqa: S301
