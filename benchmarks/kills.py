"""Crawls killed with SIGKILL at random moments, then finished by the same command.

What the archive holds in the end must be what an undisturbed crawl gives, each thing once; every
WARC file must be readable, every digest right (warcio says so too), and `luutru verify` clean:
`python benchmarks/kills.py [--kills 100] [--articles 60] [--seed 1] [--concurrency 1,4,16]`.
Exits 1 on any difference.
"""

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

import practice

# Ids and times differ from crawl to crawl, and so does how many runs it took, each of which begins
# with robots.txt; nothing else may.
_SAME = {
    "articles": """SELECT url, title, published_on, published_at, published_raw, view_count, author,
        category, summary, body, body_html, layout, rating_score, rating_count, status
        FROM articles""",
    "versions": """SELECT a.url, v.title, v.published_on, v.author, v.body, v.content_sha256
        FROM versions v JOIN articles a ON a.id = v.article_id""",
    "view_counts": """SELECT a.url, v.views FROM view_counts v
        JOIN articles a ON a.id = v.article_id""",
    "readings": """SELECT a.url, r.field, r.raw, r.rule FROM readings r
        JOIN articles a ON a.id = r.article_id""",
    "images": """SELECT a.url, i.url, i.caption FROM images i
        JOIN articles a ON a.id = i.article_id""",
    "attachments": """SELECT a.url, t.url, t.filename FROM attachments t
        JOIN articles a ON a.id = t.article_id""",
    "urls": "SELECT key, state, kind, last_status FROM urls",
    "captures": """SELECT u.key, c.status, c.media_type FROM captures c
        JOIN urls u ON u.id = c.url_id WHERE u.kind <> 'robots'""",
    "last verdict": "SELECT verdict FROM runs ORDER BY id DESC LIMIT 1",
}
# The interpreter takes the first third to start; a few kills before the first row are enough.
_EARLIEST = 0.25
_RUNS = "SELECT count(*), sum(verdict IS NULL) FROM runs"

Contents = dict[str, Counter[tuple[object, ...]]]
Command = Callable[[Path], list[str]]


@dataclass(frozen=True)
class Kill:
    """One killed and finished crawl."""

    after: float
    """Seconds from the start of the process to its end by SIGKILL."""
    saved: int | None
    """Articles saved by then; None when there was no archive yet."""
    found: int
    """Articles in the end."""
    wrong: tuple[str, ...]
    """What differs from the undisturbed crawl, or can't be read; empty when all is well."""


def main() -> None:
    """Kill, finish, compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", default="1,4,16", help="requests at a time, each in turn")
    options = parser.parse_args()
    wrong = False
    for concurrency in map(int, options.concurrency.split(",")):
        print(f"{concurrency} requests at a time", flush=True)
        kills = []
        for kill in killed_and_finished(options.kills, options.articles, options.seed, concurrency):
            kills.append(kill)
            print(_line(len(kills), kill), flush=True)
        _print_summary(kills, options.articles)
        wrong |= any(kill.wrong for kill in kills)
    sys.exit(1 if wrong else 0)


def killed_and_finished(
    kills: int, articles: int, seed: int, concurrency: int = 8
) -> Iterator[Kill]:
    """Kill that many crawls of a practice portal, each at a moment drawn from `seed`.

    `concurrency` is how many requests are under way at a time.
    """
    chance = random.Random(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        practice.running(articles=articles, seed=seed, crawl_delay=0.001) as url,
    ):
        command = partial(_command, url, concurrency)
        expected, _ = _undisturbed(command, Path(folder) / "undisturbed.db")
        # The portal answers faster when it is warm.
        _, lasts = _undisturbed(command, Path(folder) / "timed.db")
        done = 0
        for number in range(kills * 10):
            if done == kills:
                return
            db = Path(folder) / f"{number}.db"
            kill = _kill(command, db, chance.uniform(_EARLIEST, 1) * lasts, expected)
            if kill:
                done += 1
                yield kill
    raise RuntimeError("nearly every crawl ended before it was killed")


def _undisturbed(command: Command, db: Path) -> tuple[Contents, float]:
    """What the crawl gives, and how many seconds it lasts."""
    began = time.monotonic()
    subprocess.run(command(db), check=True, stdout=subprocess.DEVNULL)
    return contents(db), time.monotonic() - began


def _kill(command: Command, db: Path, after: float, expected: Contents) -> Kill | None:
    """Kill a crawl after that many seconds and finish it; None when it had ended before."""
    began = time.monotonic()
    crawl = subprocess.Popen(command(db), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(max(0, began + after - time.monotonic()))
    crawl.kill()
    crawl.wait()
    if _has_ended(db):
        return None
    saved = _saved(db)
    wrong = tuple(_wrong(command, db, expected))
    return Kill(after, saved, _saved(db) or 0, wrong)


def _wrong(command: Command, db: Path, expected: Contents) -> Iterator[str]:
    finished = subprocess.run(command(db), capture_output=True, text=True, check=False)
    if finished.returncode:
        yield f"exit code {finished.returncode}: {finished.stdout[-500:]}{finished.stderr[-2000:]}"
        return
    found = contents(db)
    for table, rows in expected.items():
        if found[table] != rows:
            yield f"{table}: {_difference(found[table] - rows, rows - found[table])}"
    yield from _unreadable(db.with_suffix(".warcs"))
    verified = subprocess.run(
        [*_luutru(), "verify", "--db", str(db)], capture_output=True, text=True, check=False
    )
    if verified.returncode:
        yield f"verify: {verified.stdout[-500:]}{verified.stderr[-500:]}"


def _difference(more: Counter[tuple[object, ...]], less: Counter[tuple[object, ...]]) -> str:
    first = str(next(iter(more or less)))[:200]
    return f"{more.total()} too many, {less.total()} too few, such as {first}"


def _unreadable(folder: Path) -> Iterator[str]:
    """WARC files that warcio can't read to the end, or finds a wrong digest in."""
    for path in sorted(folder.iterdir()):
        if path.suffix != ".gz":
            yield f"{path.name}: left open"
        try:
            with path.open("rb") as file:
                for record in ArchiveIterator(file, check_digests="raise"):
                    record.content_stream().read()
        except Exception as error:
            yield f"{path.name}: {error!r}"


def _luutru() -> list[str]:
    return [sys.executable, "-c", "from crawler.cli import main; main()"]


def _command(url: str, concurrency: int, db: Path) -> list[str]:
    options = ("--db", str(db), "--delay", "0", "--concurrency", str(concurrency))
    return [*_luutru(), "crawl", url, *options]


def contents(db: Path) -> Contents:
    """What has to be the same, however often a crawl was broken off: rows without times and ids."""
    with closing(sqlite3.connect(db)) as archive:
        return {name: Counter(archive.execute(sql).fetchall()) for name, sql in _SAME.items()}


def _has_ended(db: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as archive:
            runs, unended = archive.execute(_RUNS).fetchone()
    except sqlite3.OperationalError:
        return False
    return bool(runs and not unended)


def _saved(db: Path) -> int | None:
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as archive:
            return int(archive.execute("SELECT count(*) FROM articles").fetchone()[0])
    except sqlite3.OperationalError:
        return None


def _line(number: int, kill: Kill) -> str:
    saved = "no archive yet" if kill.saved is None else f"{kill.saved} articles saved"
    return f"{number:4}  killed after {kill.after:5.2f} s  {saved:>18}  " + (
        "; ".join(kill.wrong) or "the same"
    )


def _print_summary(kills: list[Kill], articles: int) -> None:
    phases = Counter(_phase(kill, articles) for kill in kills)
    for phase in ("before the archive", "before the first article", "between", "after the last"):
        print(f"{phases[phase]:4} killed {phase}")
    print(f"{sum(not kill.wrong for kill in kills):4} of {len(kills)} the same as undisturbed")
    fewest, most = min(kill.found for kill in kills), max(kill.found for kill in kills)
    print(f"{fewest:4} of {articles} articles in the end at least, {most} at most\n", flush=True)


def _phase(kill: Kill, articles: int) -> str:
    if not kill.saved:
        return "before the archive" if kill.saved is None else "before the first article"
    return "between" if kill.saved < articles else "after the last"


if __name__ == "__main__":
    main()
