"""One crawl of a portal at a time: a lock beside its WARC files that the kernel lets go of.

What several crawls do at their end, such as telling people, is done one after the other (`alone`).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import TextIO

from crawler.archive.connection import timestamp
from crawler.errors import CannotRun
from crawler.words import tr

ENDING = ".lock"


class Held(CannotRun):
    """Another process has the lock; trying again makes sense once that has ended."""

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(tr("{slug} is being crawled already: {holder}", slug=name, holder=holder))
        self.holder = holder
        """Number, machine and beginning of that process."""


class Lock:
    """Held from its making to `release`, or to the end of the process, whatever ends it.

    The file says who holds it, for people; that it lies there says nothing (a killed crawl leaves
    it behind). Only the kernel's lock on it counts.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Take the lock of that name, a portal's slug; raises Held when somebody has it,
        and CannotRun when there can be no such file.
        """
        self._path = folder / f"{name}{ENDING}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._taken(name)
        except OSError as error:
            raise CannotRun(f"{self._path}: {error.strerror}") from None
        self._file.truncate(0)
        self._file.write(f"pid {os.getpid()} @ {gethostname()}, {timestamp(datetime.now(UTC))}\n")
        self._file.flush()

    def fileno(self) -> int:
        """The file of the lock: a child that is given it keeps the lock when this process dies."""
        return self._file.fileno()

    def release(self) -> None:
        """Let go of the lock and remove its file."""
        # Removed first: once it is unlocked, it may be another's.
        self._path.unlink(missing_ok=True)
        self._file.close()

    def _taken(self, name: str) -> TextIO:
        while True:
            file = self._path.open("a+", encoding="utf-8")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "?"
                file.close()
                raise Held(name, holder) from None
            if self._is_there(file):
                return file
            file.close()

    def _is_there(self, file: TextIO) -> bool:
        """Whether the file that was opened is not one that its holder has just removed."""
        try:
            return self._path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return False


def is_held(folder: Path, slug: str) -> bool:
    """Whether a crawl of the portal `slug` is under way."""
    try:
        with (folder / f"{slug}{ENDING}").open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # It is not there, or it is none, which the crawl itself will say.
        return False
    return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Within, no other process is in such a block for this folder; it waits. Don't nest them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CannotRun(f"{folder}: {error.strerror}") from None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
