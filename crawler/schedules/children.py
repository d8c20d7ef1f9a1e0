"""Commands of luutru as child processes: they end with the scheduler, and keep their last words."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler import parent
from crawler.locking import Lock


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    code: int
    """Exit code; negative is the signal that killed it."""
    problem: str
    """The last line that it wrote to standard error; empty if none."""


class Children:
    """The children that run now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: set[asyncio.subprocess.Process] = set()
        self.stopping = False
        """Whether they were told to stop; no other is started from then on."""

    async def run(self, *words: str, keeping: Sequence[Lock] = ()) -> Ended:
        """Run `luutru` with `words` in the folder, to its end; it gets the locks `keeping`."""
        with tempfile.TemporaryFile() as errors:
            # A session of its own: Ctrl-C must reach the scheduler alone, which passes it on once.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "crawler",
                *words,
                cwd=self._folder,
                env={**os.environ, parent.NAME: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                pass_fds=[lock.fileno() for lock in keeping],
            )
            self._running.add(process)
            if self.stopping:
                process.send_signal(signal.SIGTERM)
            try:
                code = await process.wait()
            finally:
                self._running.discard(process)
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
        sys.stderr.write(said)
        return Ended(code, next(iter(said.strip().splitlines()[-1:]), ""))

    def stop(self) -> None:
        """Tell all that they should stop: a crawl finishes its page."""
        self.stopping = True
        for process in self._running:
            process.send_signal(signal.SIGTERM)
