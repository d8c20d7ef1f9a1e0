"""An import by one process and by several: rate, memory of all, and who spends the time.

    python benchmarks/jobs.py [--articles 1000] [--jobs 1 2] [--json]

Processes are looked at five times a second, from the first to the last tenth of the pages, so that
their start is left out. Processor time tells on a busy machine, too: the saving process is the one
that there is only one of, so its milliseconds a page are what no more cores can save.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measured
from benchmarks.replay import made

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Look:
    """All processes of a command at one moment."""

    at: float
    pages: int
    saving: float
    """Seconds of processor time of the process that saves."""
    reading: float
    """And of all others."""
    megabytes: float
    """Of all: what they share is counted once."""


def main() -> None:
    """Make a WARC file of practice articles, import it with each number of readers."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, os.cpu_count() or 1])
    options = parser.parse_args()
    part = measured.Part(
        "jobs", f"{options.articles} article pages out of one WARC file, {os.cpu_count()} cores."
    )
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "articles.warc.gz"
        made(warc, options.articles)
        for jobs in options.jobs:
            curves = [
                list(_looks(warc, Path(folder) / f"{jobs}-{n}.db", jobs))
                for n in range(options.rounds)
            ]
            _tell(part, jobs, curves, options.articles)
    measured.tell(part, options.json)


def _tell(part: measured.Part, jobs: int, curves: list[list[Look]], pages: int) -> None:
    name = f"import, --jobs {jobs}"
    spans = [_span(curve, pages) for curve in curves]
    read = [last.pages - first.pages for first, last in spans]
    for unit, spent in (
        ("pages/s by the clock", [last.at - first.at for first, last in spans]),
        ("pages/core-second", [_spent(last) - _spent(first) for first, last in spans]),
    ):
        part.measure(name, unit, [n / t for n, t in zip(read, spent, strict=True)])
    saving = [1000 * (last.saving - first.saving) for first, last in spans]
    part.measure(
        f"{name}: the process that saves",
        "ms/page",
        [t / n for n, t in zip(read, saving, strict=True)],
    )
    most = [max(look.megabytes for look in curve) for curve in curves]
    part.measure(f"{name}: all processes", "MB at most", most)


def _spent(look: Look) -> float:
    return look.saving + look.reading


def _span(curve: list[Look], pages: int) -> tuple[Look, Look]:
    """The first look behind the first tenth of the pages, and the last before all were there."""
    begun = next(look for look in curve if look.pages >= pages / 10)
    return begun, next(look for look in reversed(curve) if look.pages < pages)


def _looks(warc: Path, db: Path, jobs: int) -> Iterator[Look]:
    luutru = str(Path(sys.executable).with_name("luutru"))
    words = ["import", str(warc), "--db", str(db), "--jobs", str(jobs)]
    with subprocess.Popen([luutru, *words], stdout=subprocess.DEVNULL) as command:
        while command.poll() is None:
            time.sleep(0.2)
            if look := _look(command.pid, db):
                yield look


def _look(pid: int, db: Path) -> Look | None:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        others = [int(child) for child in children.read_text().split()]
        megabytes = sum(map(_megabytes, [pid, *others]))
        saving, reading = _seconds(pid), sum(map(_seconds, others))
        with closing(sqlite3.connect(db, timeout=30)) as archive:
            pages = archive.execute("SELECT count(*) FROM captures").fetchone()[0]
    # It has just begun, or ended.
    except (OSError, sqlite3.OperationalError):
        return None
    return Look(time.monotonic(), pages, saving, reading, megabytes)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
