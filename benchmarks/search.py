"""How quickly search answers in a large archive: luutru, raw FTS5 and tantivy in the same run.

    python benchmarks/search.py CORPUS.jsonl.gz [--articles 1000000] [--work DIR] [--queries N]
                                [--cold N] [--judged QUERIES.jsonl.gz] [--processor]

The corpus is repeated with changes until there are so many articles. Queries are drawn from it by
a fixed seed, half of them without marks. luutru is asked as a program asks it, `search()` with
total, snippets and marks; raw FTS5 (`unicode61 remove_diacritics 2`) only for the numbers of the
best ten, `ORDER BY bm25() LIMIT 10`. Cold is with the disk cache dropped before each query, which
only root may do. `pip install tantivy` brings what a dedicated engine would do. Where others use
the machine, too, `--processor` gives the processor's time of warm queries, not that of the clock.
"""

import argparse
import asyncio
import os
import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from datasette.app import Datasette

from benchmarks import corpus
from benchmarks.retrieval import Finder, judged_by, mean_of, queries
from crawler.search import facets, search
from crawler.search.language import words_of
from crawler.search.vocabulary import places
from crawler.vietnamese import fold

COMMON = 0.05
"""A word is common when more than this share of the articles has it."""
BEST = 10
Clock = Callable[[], float]


@dataclass(frozen=True)
class Asked:
    """A query in the language of each engine."""

    kind: str
    luutru: str
    plain: str
    """For FTS5, which tantivy's own language is near enough to."""


def drawn(db: sqlite3.Connection, documents: list[corpus.Document], number: int) -> list[Asked]:
    """So many queries of each kind, from places in the corpus chosen at random."""
    chance = random.Random(11)
    made: dict[str, list[Asked]] = {}
    while len(made) < 7 or min(map(len, made.values())) < number:
        document = chance.choice(documents)
        words = words_of(chance.choice((document.title, document.body, document.body)))
        if len(words) < 4:
            continue
        at = chance.randrange(len(words) - 3)
        for asked in _from(db, words[at : at + 4], chance):
            made.setdefault(asked.kind, []).append(asked)
    return [asked for kind in sorted(made) for asked in made[kind][:number]]


def _from(db: sqlite3.Connection, words: tuple[str, ...], chance: random.Random) -> Iterator[Asked]:
    if chance.random() < 0.5:
        words = tuple(map(fold, words))
    kind = "common word" if _is_common(db, words[0]) else "other word"
    yield Asked(kind, words[0], f'"{words[0]}"')
    for length in (2, 3, 4):
        some = words[:length]
        yield Asked(f"{length} words", " ".join(some), " AND ".join(f'"{w}"' for w in some))
    phrase = " ".join(words[: chance.choice((2, 2, 3))])
    yield Asked("phrase", f'"{phrase}"', f'"{phrase}"')
    beginning = words[0][: chance.choice((2, 3, 3, 4))]
    if beginning.isalpha():
        yield Asked("prefix", f"{beginning}*", f'"{beginning}" *')


def _is_common(db: sqlite3.Connection, word: str) -> bool:
    articles = places(db).last
    having = db.execute(
        "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", (f'"{word}"',)
    ).fetchone()[0]
    return bool(having > COMMON * articles)


def spent(ask: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Milliseconds that a call takes."""
    begun = clock()
    ask()
    return 1000 * (clock() - begun)


def forget(*files: Path) -> None:
    """Drop what the system keeps of files in memory."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


class Luutru:
    """The archive, asked as a program asks it."""

    name = "luutru"

    def __init__(self, path: Path) -> None:
        self.files = [path]
        self.path = path
        self.db = corpus.open_archive(path)

    def ask(self, asked: Asked) -> object:
        """One page of results."""
        return search(self.db, asked.luutru, limit=BEST)


class Plain:
    """Raw FTS5."""

    name = "FTS5"

    def __init__(self, path: Path) -> None:
        self.files = [path]
        self.path = path
        self.db = sqlite3.connect(path)

    def ask(self, asked: Asked) -> object:
        """The numbers of the best."""
        return self.db.execute(
            "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY bm25(plain) LIMIT ?",
            (asked.plain, BEST),
        ).fetchall()


class Tantivy:
    """A dedicated engine, folding marks and đ, title and body in one field as FTS5 scores them."""

    name = "tantivy"

    def __init__(self, path: Path) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", stored=True)
        builder.add_text_field("text", tokenizer_name="folded")
        self.index = tantivy.Index(builder.build(), path=str(path))
        folding = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.ascii_fold())
            .build()
        )
        self.index.register_tokenizer("folded", folding)
        self.path = path
        self.files = [file for file in path.iterdir() if file.is_file()]

    def fill(self, db: sqlite3.Connection) -> None:
        """Add every article of the archive."""
        import tantivy

        writer = self.index.writer(heap_size=200_000_000, num_threads=1)
        for number, title, body in db.execute("SELECT id, title, body FROM articles"):
            writer.add_document(tantivy.Document(id=number, text=f"{title or ''}\n{body}"))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def ask(self, asked: Asked) -> object:
        """The best, with their numbers."""
        searcher = self.index.searcher()
        words = asked.plain.replace('" *', "*").removeprefix('"') if "*" in asked.plain else ""
        query = self._prefix(words) if words else self.index.parse_query(asked.plain, ["text"])
        return [searcher.doc(at)["id"] for _, at in searcher.search(query, BEST).hits]

    def _prefix(self, beginning: str) -> object:
        import tantivy

        pattern = fold(beginning.rstrip("*")) + ".*"
        return tantivy.Query.regex_query(self.index.schema, "text", pattern)


def report(
    engines: list[Luutru | Plain | Tantivy], asked: list[Asked], cold: int, clock: Clock
) -> None:
    """Print p50 and p95 of every kind of query for every engine, and the ratio to FTS5."""
    print(
        f"\n{'milliseconds':16}", *(f"{e.name + ' p50':>12}{'p95':>9}" for e in engines), "  x FTS5"
    )
    for kind in sorted({one.kind for one in asked}):
        some = [one for one in asked if one.kind == kind]
        for state, chosen in (("warm", some), ("cold", some[:cold])):
            times = [
                _times(engine, chosen, None if state == "cold" else clock) for engine in engines
            ]
            if times[0]:
                middle = [quantiles(t, n=20)[9] for t in times]
                worst = [quantiles(t, n=20)[18] for t in times]
                cells = (f"{m:12.1f}{w:9.1f}" for m, w in zip(middle, worst, strict=True))
                print(f"{kind:12}{state}", *cells, f"{worst[0] / worst[1]:8.2f}", flush=True)


def _times(
    engine: Luutru | Plain | Tantivy, asked: list[Asked], clock: Clock | None
) -> list[float]:
    """Milliseconds for each query; without a clock cold, which includes the wait for the disk."""
    times = []
    for one in asked:
        if clock:
            engine.ask(one)
        else:
            forget(*engine.files)
        times.append(spent(lambda one=one: engine.ask(one), clock or time.perf_counter))
    return times if len(times) > 1 else []


def report_pages(path: Path, asked: list[Asked], clock: Clock) -> None:
    """Print how long a page of results of the site takes, with facets, for every kind of query."""
    server = Datasette([str(path)], settings={"sql_time_limit_ms": 10_000})
    loop = asyncio.new_event_loop()

    def ask(one: Asked) -> int:
        answer = loop.run_until_complete(
            server.client.get(f"/{path.stem}/-/search", params={"q": one.luutru})
        )
        return int(answer.status_code)

    db = corpus.open_archive(path)
    print("\npage of the site, milliseconds    p50      p95   of these facets p95")
    for kind in sorted({one.kind for one in asked}):
        some = [one for one in asked if one.kind == kind]
        assert {ask(one) for one in some} == {200}
        times = [spent(lambda one=one: ask(one), clock) for one in some]
        counting = [spent(lambda one=one: facets(db, one.luutru), clock) for one in some]
        cells = (
            quantiles(times, n=20)[9],
            quantiles(times, n=20)[18],
            quantiles(counting, n=20)[18],
        )
        print(f"{kind:28}" + "".join(f"{cell:9.1f}" for cell in cells), flush=True)


def report_sizes(
    archive: sqlite3.Connection, plain: sqlite3.Connection, tantivy: Path | None
) -> None:
    """Print the size of each index as a share of the text."""
    text = archive.execute(
        """SELECT sum(length(CAST(ifnull(title, '') AS BLOB)) + length(CAST(body AS BLOB)))
           FROM articles"""
    ).fetchone()[0]
    sizes = {"text": text, "luutru, words": _size(archive, "articles_fts")}
    sizes |= {"luutru, titles": _size(archive, "titles_fts"), "FTS5": _size(plain, "plain")}
    if tantivy:
        sizes["tantivy"] = sum(f.stat().st_size for f in tantivy.iterdir() if f.is_file())
    for name, size in sizes.items():
        print(f"{name:16}{size / 1e6:10.0f} MB{100 * size / text:8.0f} % of the text")


def _size(db: sqlite3.Connection, index: str) -> int:
    parts = (
        f"(SELECT sum(length({c})) FROM {index}_{t})"
        for t, c in (("data", "block"), ("docsize", "sz"))
    )
    return int(db.execute(f"SELECT {' + '.join(parts)}").fetchone()[0])


def report_quality(engines: dict[str, Finder], path: Path, names: list[str], every: int) -> None:
    """Print how the judged queries fare among so many articles."""
    judged = queries(path, "report")[::every]
    print(f"\n{'judged queries':24}{'recall@10':>9}{'MRR@10':>8}{'success@1':>11}")
    for kind in sorted({query.set for query in judged}):
        some = [query for query in judged if query.set == kind]
        for engine, finder in engines.items():
            score = mean_of([judged_by(finder, query, names) for query in some])
            print(f"{kind:12}{engine:12}{score}", flush=True)


def build(documents: list[corpus.Document], work: Path, articles: int) -> None:
    """Fill the indexes that are not there yet, and print how long each took."""
    archive = work / "archive.db"
    if not archive.exists():
        took = spent(
            lambda: corpus.archive_of(archive, corpus.repeated(documents), articles).close()
        )
        print(f"archive of {articles} articles: {took / 1000:.0f} s, indexes and evidence rows")
    if not (work / "plain.db").exists():
        took = spent(lambda: corpus.peer_of(work / "plain.db", archive).close())
        print(f"FTS5: {took / 1000:.0f} s")
    if not (work / "tantivy").exists():
        _build_tantivy(work, archive)


def _build_tantivy(work: Path, archive: Path) -> None:
    try:
        (work / "tantivy").mkdir()
        engine = Tantivy(work / "tantivy")
    except ImportError:
        (work / "tantivy").rmdir()
        print("tantivy is not installed: pip install tantivy")
        return
    print(f"tantivy: {spent(lambda: engine.fill(sqlite3.connect(archive))) / 1000:.0f} s")


def main() -> None:
    """Build what is missing, then print times, sizes and quality."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--work", type=Path, default=Path("search-benchmark"))
    arguments.add_argument("--queries", type=int, default=60, help="of each kind")
    arguments.add_argument("--cold", type=int, default=10, help="of each kind")
    arguments.add_argument("--judged", type=Path)
    arguments.add_argument("--every", type=int, default=20, help="only every n-th judged query")
    arguments.add_argument("--processor", action="store_true", help="the processor's time")
    given = arguments.parse_args()
    given.work.mkdir(exist_ok=True)
    documents = corpus.read(given.corpus)
    build(documents, given.work, given.articles)
    ours, plain = Luutru(given.work / "archive.db"), Plain(given.work / "plain.db")
    engines: list[Luutru | Plain | Tantivy] = [ours, plain]
    if (given.work / "tantivy").exists():
        engines.append(Tantivy(given.work / "tantivy"))
    report_sizes(ours.db, plain.db, engines[2].path if engines[2:] else None)
    asked = drawn(ours.db, documents, given.queries)
    clock = time.process_time if given.processor else time.perf_counter
    report(engines, asked, given.cold, clock)
    report_pages(ours.path, asked, clock)
    if given.judged:
        finders: dict[str, Finder] = {
            "luutru": lambda text: [hit.id for hit in search(ours.db, text, limit=BEST).hits],
            "FTS5": lambda text: corpus.plain(plain.db, text, " AND "),
        }
        copies = ["copy"] * (given.articles - len(documents))
        report_quality(finders, given.judged, [d.name for d in documents] + copies, given.every)
    print(f"\nmemory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
