"""A turn's command as a child of a worker: it ends with that, and may not take all memory."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from crawler import parent
from crawler.cluster import servers
from crawler.cluster.job import Job
from crawler.locking import Lock

_POLL = 0.25
_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How the crawl ended."""

    code: int
    """Exit code; negative is the signal that killed it."""
    said: str
    """The last line that it wrote to standard error; empty if none."""
    run: dict[str, Any]
    """What it printed: the row of its run; empty if it came to none."""
    was_told: bool
    """Whether it was told to stop, since its turn was over or its command had ended."""
    grew: bool
    """Whether it was killed, since it took more memory than it may."""


def crawled(job: Job, locks: Sequence[Lock], look: Callable[[], bool]) -> Ended:
    """Crawl until the end, or the end of the turn.

    `look` is called now and then meanwhile; it says whether a page has come in this turn. A turn
    without any is not over: two portals with short ones would take turns for ever.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = _started(job, locks, out, errors)
        was_told, grew = _watched(process, job, look)
        return Ended(process.wait(), _last_line(errors), _run(_last_line(out)), was_told, grew)


def _started(
    job: Job, locks: Sequence[Lock], out: IO[bytes], errors: IO[bytes]
) -> "subprocess.Popen[bytes]":
    paces = "\n".join(str(servers.pace_of(job.folder, each)) for each in job.addresses)
    ours = {parent.NAME: str(os.getpid()), "LUUTRU_PACE_FILES": paces}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-P", "-m", "crawler", *job.words, "--json"],
        cwd=job.folder,
        env={**os.environ, **dict(job.environment), **ours},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=errors,
        start_new_session=True,
        pass_fds=[lock.fileno() for lock in locks],
    )


def _watched(
    process: "subprocess.Popen[bytes]", job: Job, look: Callable[[], bool]
) -> tuple[bool, bool]:
    """Wait for the end. Was it told to stop, which finishes its page, or killed for its memory?

    A limit of the kernel's (setrlimit(2)) would fail single allocations: a crawl that has lost one
    callback may wait for ever, one that is killed goes on. Of a crawl and the processes that read
    for it the largest is killed: a reader takes no more than its page along.
    """
    began = looked = time.monotonic()
    was_told = grew = False
    while process.poll() is None:
        time.sleep(_POLL)
        now = time.monotonic()
        held = _held(process.pid) if job.memory else {}
        if sum(held.values()) > job.memory:
            largest = max(held, key=held.__getitem__)
            with suppress(ProcessLookupError):
                os.kill(largest, signal.SIGKILL)
            grew = largest == process.pid
        if now - looked < _BETWEEN_LOOKS:
            continue
        looked = now
        is_over = look() and job.turn is not None and now - began >= job.turn
        if not was_told and (is_over or not servers.has_command(job.folder, job.command)):
            process.send_signal(signal.SIGTERM)
            was_told = True
    return was_told, grew


def _held(pid: int) -> dict[int, int]:
    """Bytes of memory by process: of this one and those that it started, as far as proc(5) says."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        started = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    except (OSError, IndexError):
        return {}
    held = {pid: pages * os.sysconf("SC_PAGESIZE")}
    for child in " ".join(started).split():
        held |= _held(int(child))
    return held


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    return next(iter(file.read().decode("utf-8", "replace").strip().splitlines()[-1:]), "")


def _run(line: str) -> dict[str, Any]:
    """The row of the run; a replay prints a list, with one of each portal in the archive: then the
    first that is not complete.
    """
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    runs = told.get("runs", [told]) if isinstance(told, dict) else []
    wanting = [run for run in runs if run.get("verdict") != "complete"]
    found: dict[str, Any] = (wanting or runs or [{}])[0]
    return found
