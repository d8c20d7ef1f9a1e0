"""Archives filled with a corpus of articles, and the plain index that they are compared with.

A corpus is JSON Lines, gzipped: `id`, `title`, `body`, maybe `date` (begins YYYY-MM-DD) and
`category`.
"""

import gzip
import json
import random
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crawler.archive.connection import open_archive, transaction
from crawler.vietnamese import fold, nfc

SEEN = "2024-07-03T02:00:00Z"
_BATCH = 5000
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_CATEGORIES = (
    "Tin tức", "Kinh tế", "Văn hóa - Xã hội", "An ninh - Quốc phòng", "Nông thôn mới",
    "Thông báo", "Cải cách hành chính", "Y tế", "Giáo dục", "Thể thao",
)  # fmt: skip
_PORTALS = 20


@dataclass(frozen=True)
class Document:
    """One article of a corpus."""

    name: str
    title: str
    body: str
    day: str | None = None
    category: str | None = None


def read(path: Path) -> list[Document]:
    """The documents of a corpus, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Document(
            row["id"],
            nfc(row["title"]),
            nfc(row["body"]),
            (row.get("date") or "")[:10] or None,
            row.get("category"),
        )
        for row in rows
    ]


def repeated(documents: list[Document], seed: int = 5) -> Iterator[Document]:
    """The documents, then changed copies of them without end.

    A copy has part of another title, sentences of others among its own, and other numbers.
    """
    yield from documents
    chance = random.Random(seed)
    titled = [document for document in documents if document.title]
    sentences = [[s for s in _SENTENCE.split(d.body) if s] or [""] for d in titled]
    number = 0
    while True:
        for document, own in zip(titled, sentences, strict=True):
            number += 1
            yield _copy(document, own, titled, sentences, chance, number)


def _copy(
    document: Document,
    own: list[str],
    titled: list[Document],
    sentences: list[list[str]],
    chance: random.Random,
    number: int,
) -> Document:
    first, second = document.title.split(), chance.choice(titled).title.split()
    title = " ".join(first[: len(first) // 2 + 1] + second[len(second) // 2 :])
    body = " ".join(
        chance.choice(chance.choice(sentences)) if chance.random() < 0.6 else s for s in own
    )
    body = re.sub(r"\d+", lambda m: str(chance.randrange(10 ** min(len(m[0]), 6))), body)
    return Document(f"copy:{number}", title, body)


def archive_of(path: Path, documents: Iterable[Document], limit: int) -> sqlite3.Connection:
    """A new archive at `path` with `limit` documents; article 1 is the first of them.

    What the index's triggers would do is done here in bulk, with the same outcome
    (`INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)` checks it).
    """
    db = open_archive(path, create=True)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    triggers = _triggers(db)
    for name in triggers:
        db.execute(f"DROP TRIGGER {name}")
    _fill(db, islice(documents, limit))
    for sql in triggers.values():
        db.execute(sql)
    db.execute("PRAGMA optimize")
    return db


def _triggers(db: sqlite3.Connection) -> dict[str, str]:
    rows = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'articles'"
    )
    return dict(map(tuple, rows))


def _fill(db: sqlite3.Connection, documents: Iterable[Document]) -> None:
    chance = random.Random(7)
    with transaction(db):
        db.executemany(
            "INSERT INTO portals (id, slug, name, url) VALUES (?, ?, ?, ?)",
            [
                (n, f"huyen{n}", f"Huyện {n}", f"https://huyen{n}.example/")
                for n in range(1, _PORTALS + 1)
            ],
        )
        db.execute(
            "INSERT INTO runs (id, portal_id, kind, started_at, software) "
            f"VALUES (1, 1, 'import', '{SEEN}', 'benchmark')"
        )
    numbered = enumerate(documents, 1)
    while batch := list(islice(numbered, _BATCH)):
        with transaction(db):
            for number, document in batch:
                _add(db, number, document, chance)


def _add(db: sqlite3.Connection, number: int, document: Document, chance: random.Random) -> None:
    portal, url = chance.randint(1, _PORTALS), f"https://corpus.example/{number}"
    day = f"{chance.randint(2009, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    author = "Ban biên tập" if chance.random() < 0.3 else f"Tác giả {chance.randrange(500)}"
    category, title = document.category or chance.choice(_CATEGORIES), document.title or None
    db.execute(
        f"""INSERT INTO urls (id, portal_id, key, url, kind, found_at, state, due_at)
        VALUES (?, ?, ?, ?, 'article', '{SEEN}', 'done', '{SEEN}')""",
        (number, portal, url, url),
    )
    db.execute(
        f"""INSERT INTO captures (id, url_id, run_id, captured_at, status, payload_sha256, size,
        source) VALUES (?, ?, 1, '{SEEN}', 200, 'x', 1, 'file')""",
        (number, number),
    )
    db.execute(
        f"""INSERT INTO articles (id, portal_id, url_id, url, title, body, published_on, category,
        author, view_count, first_seen_at, last_seen_at, capture_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{SEEN}', '{SEEN}', ?)""",
        (
            number, portal, number, url, title, document.body, document.day or day, category,
            author, int(50 * chance.paretovariate(1)), number,
        ),
    )  # fmt: skip
    _index(db, number, title, author, document.body)


def _index(db: sqlite3.Connection, number: int, title: str | None, author: str, body: str) -> None:
    everything, folded = f"{title or ''}  {author} {body} ", title and fold(title)
    db.execute(
        """INSERT INTO articles_fts (rowid, title, author, body, title_folded, author_folded,
        body_folded, decomposed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            number, title, author, body, folded, fold(author), fold(body),
            unicodedata.normalize("NFD", everything),
        ),
    )  # fmt: skip
    db.execute(
        "INSERT INTO titles_fts (rowid, title, title_folded) VALUES (?, ?, ?)",
        (number, title, folded),
    )


def peer_of(path: Path, archive: Path) -> sqlite3.Connection:
    """The plain FTS5 index of the same titles and bodies, as its manual makes it for Latin text."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("ATTACH ? AS archive", (str(archive),))
    db.execute(
        "CREATE VIRTUAL TABLE plain USING fts5(title, body, content='', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    db.execute(
        "INSERT INTO plain (rowid, title, body) SELECT id, title, body FROM archive.articles"
    )
    db.execute("DETACH archive")
    return db


def plain(db: sqlite3.Connection, text: str, operator: str, limit: int = 10) -> list[int]:
    """What the plain index finds for the words of `text`, best first by its own bm25."""
    words = re.findall(r"\w+", text)
    match = operator.join(f'"{word}"' for word in words)
    rows = db.execute(
        "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY bm25(plain) LIMIT ?", (match, limit)
    )
    return [row[0] for row in rows] if words else []
