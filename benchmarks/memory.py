"""Memory over a long crawl and a long replay: resident megabytes at every tenth of it.

    python benchmarks/memory.py [--articles 20000] [--json]

The curve is that of the largest process of the command. What must not happen is growth with the
pages: the ratio sets the last tenth beside the second (the first still loads).
"""

import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import practice
from benchmarks import measured

CRAWLED, READ = (
    "SELECT count(*) FROM captures",
    "SELECT ifnull(max(pages), 0) FROM runs WHERE id > 1",
)
Curve = list[tuple[int, float]]
"""Pages so far, and resident megabytes then."""


def main() -> None:
    """Crawl a practice portal with politeness off, replay it, and print both curves."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=options.articles, crawl_delay=0) as url,
    ):
        db = Path(folder) / "archive.db"
        quick = ["--delay", "0", "--concurrency", "16"]
        curves = {
            "crawl": _curve(["crawl", url, "--db", str(db), *quick], db, CRAWLED),
            "replay": _curve(["replay", str(db)], db, READ),
        }
    measured.tell(_part(curves, options.articles), options.json)


def _curve(words: list[str], db: Path, query: str) -> Curve:
    """Sizes of the command's largest process, ten times a second."""
    luutru = str(Path(sys.executable).with_name("luutru"))
    seen: Curve = []
    with subprocess.Popen([luutru, *words], stdout=subprocess.DEVNULL) as command:
        while command.poll() is None:
            time.sleep(0.1)
            seen.append((_pages(db, query), _largest_mb(command.pid)))
    # A process that is ending holds nothing any more.
    return [point for point in seen if point[1]]


def _tenths(curve: Curve) -> Curve:
    """The first point of each tenth of the pages, and the last of all."""
    whole = curve[-1][0]
    firsts = [next(p for p in curve if p[0] >= whole * tenth / 10) for tenth in range(1, 10)]
    return [*firsts, curve[-1]]


def _part(curves: dict[str, Curve], articles: int) -> measured.Part:
    part = measured.Part(
        "memory", f"Resident megabytes of the largest process, {articles} practice articles."
    )
    for name, curve in curves.items():
        tenths = _tenths(curve)
        part.measure(f"{name}, all of it", "MB resident", [size for _, size in tenths])
        part.compare(
            f"MB resident, last tenth / second tenth of a {name}",
            [tenths[-1][1]],
            [tenths[1][1]],
            measured.LESS,
        )
        points = ", ".join(f"{pages:,}: {size:.0f}" for pages, size in tenths)
        part.notes.append(f"{name}, pages: MB: {points}")
    return part


def _pages(db: Path, query: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as archive:
            return int(archive.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        # The crawl has not made the archive yet.
        return 0


def _largest_mb(pid: int) -> float:
    """Of a process and those that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        started = children.read_text().split()
    except OSError:
        started = []
    return max(_resident_mb(pid), *(_resident_mb(int(child)) for child in started), 0)


def _resident_mb(pid: int) -> float:
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found.group(1)) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
