"""Articles saved per second, beside sqlite-utils with full-text search and raw FTS5.

    python benchmarks/ingest.py [--articles 400] [--rounds 3] [--json]

All save the same articles, read beforehand, one in a transaction, in WAL mode with synchronous
NORMAL. luutru saves the capture, article, version, counts, images, attachments, what was found on
the page and two indexes (with and without marks); sqlite-utils title, date, author and body in one
table with an index that triggers keep; raw FTS5 title and body in an index and nothing else.
"""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from benchmarks import extraction, measured, readers
from crawler.archive import frontier, runs
from crawler.archive.connection import open_archive, transaction
from crawler.archive.saving import save
from crawler.capture.exchange import Capture
from crawler.items import ReadPage
from crawler.profiles import Profile
from crawler.urls import link

NOW = datetime(2026, 11, 28, tzinfo=UTC)
WHO = runs.Identity("luutru benchmark", "benchmark", "obey")
Row = dict[str, str | None]
Each = TypeVar("Each")


def main() -> None:
    """Measure and print."""
    parser = measured.parser(__doc__)
    parser.add_argument("--articles", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        read = _read(Path(folder), options.articles)
        rounds = [_round(read, Path(folder) / str(n)) for n in range(options.rounds)]
    measured.tell(_part(rounds, len(read)), options.json)


def _read(folder: Path, articles: int) -> list[ReadPage]:
    """Article pages of a practice portal, as the readers hand them to be saved."""
    reader = extraction.luutru(None)
    pages = readers.practice_pages(folder, articles)
    return [reader(page.truth["url"], page.body) for page in pages]


def _round(read: list[ReadPage], folder: Path) -> dict[str, float]:
    """Articles a core-second of each."""
    folder.mkdir()
    rows = [_row(each) for each in read]
    return {
        "luutru": _luutru(read, folder / "archive.db"),
        "sqlite-utils with FTS": _sqlite_utils(rows, folder / "utils.db"),
        "raw FTS5": _plain(rows, folder / "plain.db"),
    }


def _row(read: ReadPage) -> Row:
    article = read.article
    if article is None:
        return {"url": read.page.url, "title": None, "day": None, "author": None, "body": None}
    day = article.published_on.isoformat() if article.published_on else None
    return {
        "url": read.page.url, "title": article.title, "day": day, "author": article.author,
        "body": article.body,
    }  # fmt: skip


def _luutru(read: list[ReadPage], path: Path) -> float:
    db = open_archive(path, create=True)
    home = read[0].page.url
    run = runs.begin(db, Profile(slug="thu", name="Thử", url=home), "crawl", WHO, NOW)
    known = [_known(db, run, each) for each in read]
    return _rate(known, lambda each: save(db, run, each))


def _known(db: sqlite3.Connection, run: runs.Run, read: ReadPage) -> ReadPage:
    """The page as a crawl has it: known to the frontier, with its capture."""
    found = link(read.page.url, read.page.url, "article")
    assert found is not None
    with transaction(db):
        frontier.add(db, run.portal_id, [found], NOW)
    url_id = db.execute("SELECT id FROM urls WHERE key = ?", (found.key,)).fetchone()[0]
    digest = hashlib.sha256(read.page.body).hexdigest()
    capture = Capture(NOW, 200, "text/html", digest, len(read.page.body))
    return replace(read, page=replace(read.page, url_id=url_id, captures=(capture,)))


def _sqlite_utils(rows: list[Row], path: Path) -> float:
    db = Database(path)
    db.enable_wal()
    db.execute("PRAGMA synchronous = NORMAL")
    table = db["articles"]
    table.create(dict.fromkeys(rows[0], str), pk="url")
    table.enable_fts(["title", "body"], create_triggers=True)
    return _rate(rows, table.insert)


def _plain(rows: list[Row], path: Path) -> float:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("CREATE VIRTUAL TABLE plain USING fts5(title, body)")
    sql = "INSERT INTO plain (title, body) VALUES (:title, :body)"
    return _rate(rows, lambda row: db.execute(sql, row))


def _rate(every: Sequence[Each], keep: Callable[[Each], object]) -> float:
    def work() -> None:
        for each in every:
            keep(each)

    return len(every) / measured.own_seconds(work)


def _part(rounds: list[dict[str, float]], articles: int) -> measured.Part:
    part = measured.Part(
        "ingest",
        f"{articles} practice articles, read beforehand, one in a transaction. luutru saves the "
        "evidence, versions and links with them and indexes each text twice.",
    )
    rates = {name: [each[name] for each in rounds] for name in rounds[0]}
    for name, values in rates.items():
        part.measure(name, "articles/core-second", values)
    for peer in list(rates)[1:]:
        part.compare(
            f"articles/core-second, luutru / {peer}", rates["luutru"], rates[peer], measured.MORE
        )
    return part


if __name__ == "__main__":
    main()
