"""Drafts by several processes, in the order of the exchanges.

Exchanges go out in short stretches, each to the reader that is free. What a reader was at when it
died is tried once more; the second time that page is at fault, and the others go on.
"""

import asyncio
import contextlib
import os
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler import parent
from crawler.errors import CannotRun
from crawler.replaying.drafts import Asked, Draft
from crawler.replaying.kept import Kept
from crawler.replaying.reader import LENGTH, READY, Outfit, frame
from crawler.words import tr

_LONGEST, _HEAVIEST = 8, 2 << 20
"""Exchanges of a stretch, and the bytes of their records: what is under way has to be held."""
_AHEAD = 3
"""Stretches for each reader that may be under way or wait for their turn to be saved."""
# Pages take some ms. What takes this long would take for ever.
_SECONDS = 120.0

_TRIES = 3
_PIPE = 1 << 30
# A reader takes half a second of its own to start. Four bring as much as one process can save, and
# all of them together take 340 MB.
_WORTH_WHILE, _ENOUGH = 200, 4

Ask = Callable[[Kept], Asked]


def jobs_for(wanted: int, exchanges: int) -> int:
    """How many processes read so many exchanges; 0 wants as many as are worth their start."""
    if wanted:
        return wanted
    return min(_cores(), _ENOUGH) if exchanges >= _WORTH_WHILE else 1


def _cores() -> int:
    """Those that this process may use; only Linux tells."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True)
class _Stretch:
    asked: list[Asked]
    drafts: "list[asyncio.Future[Draft]]"


class Readers:
    """As many reading processes as were asked for; they are started when first needed."""

    def __init__(self, jobs: int, outfit: Outfit) -> None:
        self._readers = [_Reader(outfit) for _ in range(jobs)]
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
                    yield asked.kept, await _or_failure(draft, reading)
        finally:
            for task in reading:
                task.cancel()

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        for each in self._readers:
            await each.end()


async def _or_failure(draft: "asyncio.Future[Draft]", reading: "list[asyncio.Task[None]]") -> Draft:
    """The draft; raises what kept the readers from making it."""
    waiting: set[asyncio.Future[Draft] | asyncio.Task[None]] = {draft, *reading}
    while not draft.done():
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in reading:
            if task.done():
                task.result()
                waiting.discard(task)
    return draft.result()


@dataclass(slots=True)
class _Work:
    """The stretches of a replay: taken by readers, given back in order."""

    exchanges: Iterable[Kept]
    ask: Ask
    most: int
    _room: asyncio.Semaphore = field(init=False)
    _made: "asyncio.Queue[_Stretch | None]" = field(init=False, default_factory=asyncio.Queue)
    _parts: Iterator[list[Kept]] = field(init=False)

    def __post_init__(self) -> None:
        self._room = asyncio.Semaphore(self.most)
        self._parts = _parts(self.exchanges)

    async def next(self) -> _Stretch | None:
        """The next stretch to be read, when there is room for it; None when there is no more."""
        await self._room.acquire()
        part = next(self._parts, None)
        if part is None:
            self._room.release()
            self._made.put_nowait(None)
            return None
        new = asyncio.get_running_loop().create_future
        stretch = _Stretch([self.ask(kept) for kept in part], [new() for _ in part])
        self._made.put_nowait(stretch)
        return stretch

    async def in_order(self, reading: "list[asyncio.Task[None]]") -> AsyncIterator[_Stretch]:
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


class _Reader:
    """One process, and another one when it has died."""

    def __init__(self, outfit: Outfit) -> None:
        self._outfit = outfit
        self._process: Process | None = None

    async def read(self, work: _Work) -> None:
        """Read stretches until there is none."""
        while stretch := await work.next():
            done, died = 0, -1
            while done < len(stretch.asked):
                count, ended = await self._some(stretch, done)
                done += count
                if ended and died == done:
                    stretch.drafts[done].set_result(Draft(died_of=ended))
                    done += 1
                died = done

    async def _some(self, stretch: _Stretch, start: int) -> tuple[int, str]:
        """Read from exchange `start` on: how many were read, and how the process ended if so."""
        process = self._process or await self._start()
        count = 0
        try:
            _put(process, stretch.asked[start:])
            for draft in stretch.drafts[start:]:
                async with asyncio.timeout(_SECONDS):
                    draft.set_result(await _got(process))
                count += 1
        except (EOFError, OSError):
            return count, await self.end()
        except TimeoutError:
            await self.end()
            return count, f"no end within {_SECONDS:.0f} s"
        return count, ""

    async def _start(self) -> Process:
        how = ""
        for _ in range(_TRIES):
            process = self._process = await _spawned()
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


async def _spawned() -> Process:
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        # -P: what lies in the folder that the replay was started from is none of our modules.
        *(sys.executable, "-P", "-m", "crawler.replaying.reader"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        # A pipe that is full is no longer read, and its end not seen: a process that has ended
        # would be waited for without end.
        limit=_PIPE,
        env={**os.environ, "PYTHONPATH": path, parent.NAME: str(os.getpid())},
        # Ctrl-C must reach the replay alone, which saves what was read.
        start_new_session=True,
    )


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
