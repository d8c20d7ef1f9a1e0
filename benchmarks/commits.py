"""What committing costs: time in COMMIT and bytes written by it, for each page of a crawl.

    python benchmarks/commits.py [--articles 400] [--rounds 3] [--json]

Crawls a practice portal with politeness off and measures each COMMIT of the archive, with
synchronous = NORMAL, as luutru runs, and FULL, which waits for the disk at each; beside it raw FTS5
takes the same articles, one in a transaction. A COMMIT writes the index's new entries (FTS5 holds
them back until then) and each changed page of the file into the log; every so many pages of the log
it also copies them into the archive and waits for the disk, which is in it, too.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import practice
from benchmarks import crawl, measured

NORMAL, FULL, PEER = "NORMAL", "FULL", "raw FTS5"
_AS_IT_IS = "PRAGMA synchronous = NORMAL"


class Timed(sqlite3.Connection):
    """A connection that adds up what its COMMITs take."""

    spent: ClassVar[Counter[str]] = Counter()
    synchronous = NORMAL

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run the statement; measure it when it is a COMMIT."""
        if sql == _AS_IT_IS:
            sql = f"PRAGMA synchronous = {self.synchronous}"
        if sql != "COMMIT":
            return super().execute(sql, *values)
        before = _written(), time.thread_time(), time.perf_counter()
        cursor = super().execute(sql)
        self.spent["clock"] += time.perf_counter() - before[2]
        self.spent["processor"] += time.thread_time() - before[1]
        self.spent["bytes"] += _written() - before[0]
        self.spent["commits"] += 1
        return cursor


def _written() -> int:
    """Bytes that this process has handed to the system to be written."""
    fields = Path("/proc/self/io").read_text().split()
    return int(fields[fields.index("wchar:") + 1])


def main() -> None:
    """Measure and print."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=400)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=options.articles, crawl_delay=0) as url,
    ):
        rounds = [_round(url, Path(folder) / str(n)) for n in range(options.rounds)]
    measured.tell(_part(rounds, options.articles), options.json)


def _round(url: str, folder: Path) -> dict[str, dict[str, float]]:
    """For each way what commits took for a page: clock, processor (ms), bytes, commits."""
    folder.mkdir()
    made = {mode: _child(mode, url, folder / f"{mode}.db") for mode in (NORMAL, FULL)}
    return {**made, PEER: _plain(folder / f"{NORMAL}.db", folder / "plain.db")}


def _child(mode: str, url: str, db: Path) -> dict[str, float]:
    command = [sys.executable, __file__, mode, url, str(db)]
    result = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env=measured.in_english()
    )
    told: dict[str, float] = json.loads(result.stdout.splitlines()[-1])
    return told


def _plain(archive: Path, path: Path) -> dict[str, float]:
    db = sqlite3.connect(path, isolation_level=None, factory=Timed)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(_AS_IT_IS)
    db.execute("CREATE VIRTUAL TABLE plain USING fts5(title, body)")
    rows = sqlite3.connect(archive).execute("SELECT title, body FROM articles").fetchall()
    Timed.spent.clear()
    for row in rows:
        db.execute("BEGIN")
        db.execute("INSERT INTO plain (title, body) VALUES (?, ?)", row)
        db.execute("COMMIT")
    return _for_each(len(rows))


def _for_each(pages: int) -> dict[str, float]:
    spent = Timed.spent
    return {
        "clock": 1000 * spent["clock"] / pages,
        "processor": 1000 * spent["processor"] / pages,
        "bytes": spent["bytes"] / pages,
        "commits": spent["commits"] / pages,
    }


def _part(rounds: list[dict[str, dict[str, float]]], articles: int) -> measured.Part:
    part = measured.Part(
        "commit",
        f"Time in COMMIT for each answer of a crawl of {articles} practice articles; for raw FTS5 "
        "for each article.",
    )
    names = {NORMAL: "luutru (synchronous NORMAL)", FULL: "luutru, were it FULL", PEER: PEER}
    for unit, key in (("ms by the clock", "clock"), ("ms of the processor", "processor")):
        for way, name in names.items():
            part.measure(name, unit, [each[way][key] for each in rounds])
    for way in (NORMAL, PEER):
        part.measure(names[way], "KB written", [each[way]["bytes"] / 1000 for each in rounds])
    part.measure(names[NORMAL], "commits", [each[NORMAL]["commits"] for each in rounds])
    for unit, key in (("processor time", "processor"), ("bytes written", "bytes")):
        part.compare(
            f"{unit} of a commit, luutru / {PEER}",
            [each[NORMAL][key] for each in rounds],
            [each[PEER][key] for each in rounds],
            measured.LESS,
        )
    return part


def _contend(mode: str, url: str, db: str) -> None:
    """Crawl with measured connections, and print what commits took for a page."""
    Timed.synchronous = mode
    connect = sqlite3.connect
    sqlite3.connect = lambda *given, **more: connect(*given, **{**more, "factory": Timed})  # type: ignore[assignment]
    stats = crawl.luutru(url, db)
    print(json.dumps(_for_each(stats["response_received_count"])))


if __name__ == "__main__":
    if sys.argv[1:2] in ([NORMAL], [FULL]):
        _contend(*sys.argv[1:])
    else:
        main()
