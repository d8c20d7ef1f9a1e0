"""How well search finds judged answers: luutru, plain FTS5 and Datasette in the same run.

    python benchmarks/retrieval.py FOLDER [--half tune|report|all] [--no-datasette]

FOLDER holds `articles.jsonl.gz` (`id`, `title`, `body`) and `queries.jsonl.gz` (`qid`, `query`,
`relevant`: ids, `set`: name). Every query is asked as written, with all marks removed, with the
marks of a random half of its marked words removed, and with a random half of its single marks
removed (đ has one, ộ has two). The half of the queries that the weights were chosen on (even CRC-32
of `qid`) is `tune`; scores are reported on the other. The last table is the means over all sets.

FTS5 is `unicode61 remove_diacritics 2` ordered by bm25; Datasette's `_search` is asked over HTTP,
once in a table whose index `sqlite-utils enable-fts` made and once in luutru's own archive.
"""

import argparse
import asyncio
import gzip
import json
import random
import sqlite3
import tempfile
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from datasette.app import Datasette
from sqlite_utils import Database

from benchmarks import corpus
from crawler.search import search
from crawler.vietnamese import fold, nfc

BEST = 10
Finder = Callable[[str], list[int]]
"""A query to the numbers of the articles found, best first."""


@dataclass(frozen=True)
class Judged:
    """A query and the documents that answer it."""

    text: str
    relevant: frozenset[str]
    set: str


@dataclass(frozen=True)
class Score:
    """Means over queries, 0 to 1."""

    recall: float
    mrr: float
    success: float

    def __str__(self) -> str:
        return f"{self.recall:9.3f}{self.mrr:8.3f}{self.success:11.3f}"


def queries(path: Path, half: str) -> list[Judged]:
    """The judged queries of one half, or all."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    parity = {"tune": (0,), "report": (1,), "all": (0, 1)}[half]
    return [
        Judged(nfc(row["query"]), frozenset(row["relevant"]), row["set"])
        for row in rows
        if zlib.crc32(row["qid"].encode()) % 2 in parity
    ]


def half_of_words(text: str) -> str:
    """`text` with the marks of a random half of its marked words removed."""
    words = text.split(" ")
    marked = [i for i, word in enumerate(words) if fold(word) != word]
    chosen = random.Random(text).sample(marked, len(marked) // 2)
    return " ".join(fold(word) if i in chosen else word for i, word in enumerate(words))


def half_of_marks(text: str) -> str:
    """`text` with a random half of its single marks removed."""
    letters = list(unicodedata.normalize("NFD", text))
    marks = [i for i, c in enumerate(letters) if unicodedata.combining(c) or c in "đĐ"]
    for i in random.Random(text).sample(marks, len(marks) // 2):
        letters[i] = {"đ": "d", "Đ": "D"}.get(letters[i], "")
    return nfc("".join(letters))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as written": lambda text: text,
    "no marks": fold,
    "half of the words": half_of_words,
    "half of the marks": half_of_marks,
}


def judged_by(finder: Finder, query: Judged, names: list[str]) -> Score:
    """How one query fares; article n of the archive is the document `names[n - 1]`."""
    found = [names[number - 1] for number in finder(query.text)[:BEST]]
    recall = len(query.relevant & set(found)) / len(query.relevant)
    rank = next((1 / i for i, name in enumerate(found, 1) if name in query.relevant), 0.0)
    return Score(recall, rank, float(rank == 1))


def mean_of(scores: list[Score]) -> Score:
    """The mean of each measure."""
    return Score(*(mean(getattr(s, f) for s in scores) for f in ("recall", "mrr", "success")))


@contextmanager
def finders(folder: Path, work: Path, *, with_datasette: bool) -> Iterator[dict[str, Finder]]:
    """Every engine on the same corpus, by name."""
    documents = corpus.read(folder / "articles.jsonl.gz")
    path = work / "archive.db"
    if not path.exists():
        corpus.archive_of(path, documents, len(documents)).close()
        corpus.peer_of(work / "plain.db", path).close()
    db, peer = corpus.open_archive(path), sqlite3.connect(work / "plain.db")
    made: dict[str, Finder] = {
        "luutru": lambda text: [hit.id for hit in search(db, text, limit=BEST).hits],
        "FTS5, all words": lambda text: corpus.plain(peer, text, " AND "),
        "FTS5, any word": lambda text: corpus.plain(peer, text, " OR "),
    }
    if with_datasette:
        made["Datasette _search"] = _datasette(_enabled(work / "enabled.db", documents))
        made["Datasette, luutru's file"] = _datasette(path)
    yield made
    db.close()


def _enabled(path: Path, documents: list[corpus.Document]) -> Path:
    """A database as a user of sqlite-utils makes one, with the same numbers."""
    if not path.exists():
        table = Database(path)["articles"]
        rows = ({"id": n, "title": d.title, "body": d.body} for n, d in enumerate(documents, 1))
        table.insert_all(rows, pk="id")
        table.enable_fts(["title", "body"])
    return path


def _datasette(path: Path) -> Finder:
    server = Datasette([str(path)], settings={"sql_time_limit_ms": 10_000})
    loop = asyncio.new_event_loop()

    def find(text: str) -> list[int]:
        options = {"_search": text, "_size": BEST, "_shape": "array", "_col": "id", "_nocount": 1}
        address = server.urls.table(path.stem, "articles", format="json")
        answer = loop.run_until_complete(server.client.get(address, params=options))
        return [row["id"] for row in answer.json()]

    return find


def main() -> None:
    """Print the scores of every engine for every spelling, by set of queries and for all."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--half", choices=("tune", "report", "all"), default="report")
    arguments.add_argument("--work", type=Path, help="keep the archive here for the next run")
    arguments.add_argument("--only", help="only this engine")
    arguments.add_argument("--every", type=int, default=1, help="only every n-th query")
    arguments.add_argument("--no-datasette", action="store_true")
    given = arguments.parse_args()
    judged = queries(given.folder / "queries.jsonl.gz", given.half)[:: given.every]
    names = [d.name for d in corpus.read(given.folder / "articles.jsonl.gz")]
    with (
        tempfile.TemporaryDirectory() as temporary,
        finders(given.folder, given.work or Path(temporary), with_datasette=not given.no_datasette)
        as engines,
    ):  # fmt: skip
        means = {
            engine: _print(engine, finder, judged, names)
            for engine, finder in engines.items()
            if given.only in (None, engine)
        }
    for spelling in SPELLINGS:
        print(f"\n{spelling:32}{'recall@10':>9}{'MRR@10':>8}{'success@1':>11}")
        for engine, scores in means.items():
            print(f"  {engine:30}{scores[spelling]}")


def _print(engine: str, finder: Finder, judged: list[Judged], names: list[str]) -> dict[str, Score]:
    """Print the scores of an engine; return those over all sets."""
    means = {}
    print(f"\n{engine:32}{'recall@10':>9}{'MRR@10':>8}{'success@1':>11}{'ms/query':>10}")
    for spelling, change in SPELLINGS.items():
        asked = [Judged(change(query.text), query.relevant, query.set) for query in judged]
        begun = time.perf_counter()
        scores = [judged_by(finder, query, names) for query in asked]
        spent = (time.perf_counter() - begun) / len(asked)
        for name in sorted({query.set for query in asked}):
            chosen = [s for s, query in zip(scores, asked, strict=True) if query.set == name]
            print(f"  {spelling:18}{name:12}{mean_of(chosen)}")
        means[spelling] = mean_of(scores)
        print(f"  {spelling:18}{'all':12}{means[spelling]}{1000 * spent:10.1f}", flush=True)
    return means


if __name__ == "__main__":
    main()
