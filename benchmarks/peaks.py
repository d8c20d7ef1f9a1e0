"""How much memory a command takes at most, whoever asks.

On Linux the peak of a process that `wait4` tells begins with the peak of the process that started
it (`setmax_mm_hiwater_rss`, fs/exec.c): whoever held a gigabyte once sees a gigabyte at each of its
commands. So a small process stands between.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

_BETWEEN = """
import os, sys
process = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(process, 0)
with open(sys.argv[1], "w") as told:
    print(os.waitstatus_to_exitcode(status), used.ru_maxrss, file=told)
"""


class Ended(NamedTuple):
    """The exit code of a command, and the megabytes that it held at most."""

    code: int
    megabytes: float


def run(
    words: Sequence[str],
    *,
    stdout: IO[str] | int | None = None,
    stderr: IO[str] | int | None = None,
    env: Mapping[str, str] | None = None,
    longest: float | None = None,
) -> Ended:
    """Run a command, the path of a program and its words, to its end.

    After `longest` seconds it is sent SIGABRT, so that it tells where it was; the megabytes are 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        process = subprocess.Popen(
            [sys.executable, "-c", _BETWEEN, str(told), *words],
            stdout=stdout,
            stderr=stderr,
            env=env,
            start_new_session=True,
        )
        try:
            process.wait(longest)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGABRT)
            return Ended(process.wait(), 0)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        code, kilobytes = told.read_text().split()
        return Ended(int(code), int(kilobytes) / 1024)
