"""What merging many portals costs, at first and each day, and what a search costs afterwards.

    python -m benchmarks.merge CORPUS.jsonl.gz [--portals 100] [--articles 2000] [--work DIR]
                               [--queries N]

The sources are filled in bulk, without their own index, which merging does not read: the corpus
is repeated with changes, and one article in twenty is a press release that portals carry with small
edits. A day's changes: a hundredth of the articles with another text, half as many new, a tenth
seen again with a higher count. Beside it, in the same run, what one would do by hand: `INSERT ...
SELECT` of all articles of all archives into one table, and FTS5's own index over title and body
(`unicode61 remove_diacritics 2`), each day anew. The last line of the curve extends what was
measured to 15 million articles. Times of queries are the processor's, warm.
"""

import argparse
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from math import log
from pathlib import Path
from statistics import median, quantiles

from benchmarks import corpus
from benchmarks.search import Asked, Luutru, Plain, drawn
from crawler.archive.connection import open_archive, transaction
from crawler.archive.merging import TABLES
from crawler.merging import archives_in, merge

SEEN = corpus.SEEN
_CARRIED = 20
"""One article in so many is a press release."""
_CARRIERS = 10
_OTHER_URLS = 5
_FIELDS = ("title", "published_on", "author", "category", "view_count", "body")
_WHOLE = 15_000_000


class Portals:
    """Archives of portals, filled in bulk with articles that a corpus is repeated into."""

    def __init__(self, folder: Path, documents: list[corpus.Document]) -> None:
        self._folder = folder
        self._documents = corpus.repeated([d for d in documents if d.title])
        self._releases: list[corpus.Document] = []
        self._chance = random.Random(3)

    def make(self, number: int, articles: int) -> None:
        """An archive with one portal."""
        path = self._path(number)
        path.parent.mkdir(parents=True)
        with closing(_without_triggers(path)) as db, transaction(db):
            db.execute(
                "INSERT INTO portals (id, slug, name, url) VALUES (1, ?, ?, ?)",
                (f"huyen{number}", f"Huyện {number}", f"https://huyen{number}.example/"),
            )
            db.execute(
                "INSERT INTO runs (id, portal_id, kind, started_at, software) "
                f"VALUES (1, 1, 'import', '{SEEN}', 'benchmark')"
            )
            for n, document in enumerate(islice(self._texts(), articles), 1):
                self._add(db, number, n, document)

    def a_day(self, number: int) -> None:
        """Change a hundredth of the articles, add half as many, see a tenth of them again."""
        with closing(_without_triggers(self._path(number), keep="row_changes")) as db:
            last = db.execute("SELECT max(id) FROM articles").fetchone()[0]
            ids = list(range(1, last + 1))
            with transaction(db):
                for n in self._chance.sample(ids, last // 100):
                    self._edit(db, n)
                for n in self._chance.sample(ids, last // 10):
                    self._count(db, n)
                for n, document in enumerate(islice(self._texts(), last // 200), last + 1):
                    self._add(db, number, n, document)

    def _path(self, number: int) -> Path:
        return self._folder / f"huyen{number}" / "archive.db"

    def _texts(self) -> Iterator[corpus.Document]:
        while True:
            document = next(self._documents)
            if self._chance.random() < 1 / _CARRIED:
                if len(self._releases) < 50 or self._chance.random() < 1 / _CARRIERS:
                    self._releases = [*self._releases[-200:], document]
                document = self._carried(self._chance.choice(self._releases))
            yield document

    def _carried(self, release: corpus.Document) -> corpus.Document:
        """The press release as another portal has it: a sentence more, or one less."""
        place = self._chance.choice(("Cổng thông tin điện tử huyện", "Ban Tuyên giáo", "Đài huyện"))
        sentences = release.body.split(". ")
        if len(sentences) > 8 and self._chance.random() < 0.5:
            sentences.pop(self._chance.randrange(len(sentences)))
        return corpus.Document(
            release.name, release.title, ". ".join([*sentences, f"Theo {place}."]), release.day
        )

    def _add(self, db: sqlite3.Connection, portal: int, n: int, document: corpus.Document) -> None:
        chance, first = self._chance, n * (_OTHER_URLS + 1)
        address = f"https://huyen{portal}.example/"
        day = f"{chance.randint(2009, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        keys = [f"{address}{n}-{i}" for i in range(6)]
        urls = [(first - i, k, k, "file" if i else "article") for i, k in enumerate(keys)]
        db.executemany(
            f"""INSERT INTO urls (id, portal_id, key, url, kind, found_at, state, due_at)
            VALUES (?, 1, ?, ?, ?, '{SEEN}', 'done', '{SEEN}')""",
            urls,
        )
        db.execute(
            f"""INSERT INTO captures (id, url_id, run_id, captured_at, status, payload_sha256, size,
            warc_file, warc_offset, warc_length, source, url)
            VALUES (?, ?, 1, '{SEEN}', 200, hex(randomblob(32)), 30000, '20240703-1.warc.gz', ?,
            9000, 'live', ?)""",
            (n, first, n * 9000, urls[0][1]),
        )
        category, author = document.category or "Tin tức", f"Tác giả {chance.randrange(500)}"
        html = "".join(f"<p>{part}</p>" for part in document.body.split("\n"))
        db.execute(
            f"""INSERT INTO articles (id, portal_id, url_id, url, title, body, body_html,
            published_on, category, author, view_count, first_seen_at, last_seen_at, capture_id)
            VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{SEEN}', '{SEEN}', ?)""",
            (
                n, first, urls[0][1], document.title, document.body, html, document.day or day,
                category, author, int(50 * chance.paretovariate(1)), n,
            ),
        )  # fmt: skip
        self._version(db, n)
        self._count(db, n)
        db.executemany(
            """INSERT INTO readings (article_id, capture_id, field, raw, rule)
            VALUES (?, ?, ?, 'Ngày đăng: 04/01/2023', 'css: .ngay')""",
            [(n, n, field) for field in _FIELDS],
        )

    def _edit(self, db: sqlite3.Connection, n: int) -> None:
        db.execute(
            "UPDATE articles SET body = body || ' Tin đã được bổ sung ngày ' || ? WHERE id = ?",
            (self._chance.randrange(1000), n),
        )
        self._version(db, n)

    def _count(self, db: sqlite3.Connection, n: int) -> None:
        db.execute(
            "UPDATE articles SET view_count = view_count + 1, last_seen_at = ? WHERE id = ?",
            ("2024-07-04T02:00:00Z", n),
        )
        db.execute(
            f"""INSERT INTO view_counts (article_id, seen_at, views, capture_id)
            SELECT id, '{SEEN}', view_count, capture_id FROM articles WHERE id = ?""",
            (n,),
        )

    def _version(self, db: sqlite3.Connection, n: int) -> None:
        db.execute(
            f"""INSERT INTO versions (article_id, capture_id, seen_at, title, published_on, author,
            body, content_sha256) SELECT id, capture_id, '{SEEN}', title, published_on, author,
            body, hex(randomblob(32)) FROM articles WHERE id = ?""",
            (n,),
        )


def _without_triggers(path: Path, keep: str = "-") -> sqlite3.Connection:
    """The archive, whose index is not kept: nobody searches it."""
    db = open_archive(path, create=True)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        if not name.startswith(keep):
            db.execute(f"DROP TRIGGER {name}")
    return db


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor and of the clock that `work` takes."""
    processor, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - processor, time.perf_counter() - clock


def merged(folder: Path, target: Path) -> None:
    """Merge all archives in `folder`."""
    for outcome in merge(target, archives_in([folder], target), datetime.now(UTC)):
        if outcome.problem:
            raise SystemExit(f"{outcome.path}: {outcome.problem}")


def by_hand(folder: Path, target: Path) -> None:
    """Make one table with all articles, and FTS5's own index of it, anew."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, url, title, body)")
        for path in archives_in([folder], target):
            db.execute("ATTACH ? AS source", (str(path),))
            db.execute(
                """INSERT INTO articles (url, title, body)
                SELECT url, title, body FROM source.articles"""
            )
            db.execute("DETACH source")
        db.execute(
            "CREATE VIRTUAL TABLE plain USING fts5(title, body, content='articles', "
            "content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
        )
        db.execute("INSERT INTO plain (plain) VALUES ('rebuild')")


def size(path: Path) -> float:
    """Megabytes of an archive, its log folded in."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size / 1e6


def milliseconds(engine: Luutru | Plain, asked: list[Asked]) -> tuple[float, float]:
    """The middle and the 95th of 100 queries, once each was asked."""
    for one in asked:
        engine.ask(one)
    times = [1000 * spent(partial(engine.ask, one))[0] for one in asked]
    return median(times), quantiles(times, n=20)[18]


@dataclass(frozen=True)
class Point:
    """What was measured with so many articles."""

    articles: int
    rows: int
    megabytes: float
    seconds: float
    """Of the processor, to merge a thousand of the last ones."""
    middle: float
    worst: float
    """Milliseconds of a query: median and 95th of 100."""

    def __str__(self) -> str:
        return (
            f"{self.articles:>12,}{self.rows:>14,}{self.megabytes:>12,.0f}{self.seconds:>10.2f}"
            f"{self.middle:>10.1f}{self.worst:>10.1f}"
        )


def point(target: Path, asked: list[Asked], seconds: float) -> Point:
    """Measure the merged archive."""
    with closing(open_archive(target)) as db:
        rows = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES}
    measured = milliseconds(Luutru(target), asked)
    return Point(rows["articles"], sum(rows.values()), size(target), seconds, *measured)


def extended(points: list[Point], articles: int) -> Point:
    """What that many articles would take: sizes in proportion, times by their growth so far."""
    first, last = points[-3], points[-1]
    times = articles / last.articles

    def grown(before: float, now: float) -> float:
        return now * times ** max(log(now / before) / log(last.articles / first.articles), 0)

    return Point(
        articles,
        round(last.rows * times),
        last.megabytes * times,
        grown(first.seconds, last.seconds),
        grown(first.middle, last.middle),
        grown(first.worst, last.worst),
    )


class Benchmark:
    """Sources, and the archive that they are merged into."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._folder, self.target = given.work / "sources", given.work / "national.db"
        self._documents = corpus.read(given.corpus)
        self._portals = Portals(self._folder, self._documents)
        self._made = 0
        self.asked: list[Asked] = []

    def curve(self) -> None:
        """Merge more and more portals, print each point and what they make likely."""
        print(f"{'articles':>12}{'rows':>14}{'MB':>12}{'s/1000':>10}{'p50 ms':>10}{'p95 ms':>10}")
        points = []
        for number in sorted(
            {*(n for n in (3, 10, 40) if n < self._given.portals), self._given.portals}
        ):
            points.append(self._more(number))
            print(points[-1], flush=True)
        if len(points) > 2:
            print(extended(points, _WHOLE), " (extended, not measured)", flush=True)

    def _more(self, number: int) -> Point:
        new = range(self._made + 1, number + 1)
        for each in new:
            self._portals.make(each, self._given.articles)
        self._made = number
        seconds = spent(self.merge)[0] / (len(new) * self._given.articles / 1000)
        if not self.asked:
            self.asked = drawn(Luutru(self.target).db, self._documents, self._given.queries)
        return point(self.target, self.asked, seconds)

    def merge(self) -> None:
        """Bring all sources up to date."""
        merged(self._folder, self.target)

    def day(self) -> None:
        """A merge without changes, then a day's changes and the merge of them."""
        took = spent(self.merge)
        print("nothing changed: {:.2f} s of the processor, {:.2f} s".format(*took))
        before = size(self.target)
        for each in range(1, self._made + 1):
            self._portals.a_day(each)
        took = spent(self.merge)
        print("a day's changes: {:.1f} s of the processor, {:.1f} s".format(*took), end=", ")
        print(f"{size(self.target) - before:+.1f} MB of {before:,.0f}")
        measured = milliseconds(Luutru(self.target), self.asked)
        print("searched after it: p50 {:.1f} ms, p95 {:.1f} ms".format(*measured), flush=True)

    def hand(self) -> None:
        """The same by hand."""
        path = self._given.work / "by-hand.db"
        took = spent(lambda: by_hand(self._folder, path))
        print("by hand, each day: {:.1f} s of the processor, {:.1f} s".format(*took), end=", ")
        measured = milliseconds(Plain(path), self.asked)
        print("{:,.0f} MB, p50 {:.1f} ms, p95 {:.1f} ms".format(size(path), *measured))


def main() -> None:
    """Make the sources, merge them, let a day pass, and compare."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--portals", type=int, default=100)
    arguments.add_argument("--articles", type=int, default=2000, help="of each portal")
    arguments.add_argument("--work", type=Path, default=Path("merge-benchmark"))
    arguments.add_argument("--queries", type=int, default=30, help="of each kind")
    given = arguments.parse_args()
    shutil.rmtree(given.work, ignore_errors=True)
    benchmark = Benchmark(given)
    benchmark.curve()
    benchmark.day()
    benchmark.hand()
    with closing(open_archive(benchmark.target)) as db:
        groups = db.execute("SELECT count(*), count(DISTINCT first_id) FROM article_groups")
        print("the same text: {:,} articles in {:,} groups".format(*groups.fetchone()))


if __name__ == "__main__":
    main()
