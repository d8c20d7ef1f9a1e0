"""Indexing what luutru itself saves, as the triggers would, with the spellings made by Python.

SQL makes them in 1.2 ms of an article of 3 KB, Python in 0.2, from the same table of letters. The
index takes in a whole transaction's articles at its end: each statement in between that may have
to be undone would make it write out what it has.
"""

import sqlite3
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.archive.fulltext import ALL, ALL_OF_TITLES, INDEXED_BY_WRITER, INDEXES, SEARCHED
from crawler.vietnamese import FOLDING

_FOLDED = str.maketrans(FOLDING)
_DECOMPOSED = str.maketrans({letter: unicodedata.normalize("NFD", letter) for letter in FOLDING})
_KEPT = ", ".join(f"a.{column}" for column in SEARCHED)
# In the order of their numbers: for a lower one the index would write out what it has. CROSS, so
# that SQLite walks along those few and sorts them, and not along all articles in their order.
_TAKEN_OVER = f"""SELECT a.id FROM {INDEXED_BY_WRITER} w CROSS JOIN articles a USING (url_id)
    ORDER BY a.id"""
_TEXTS = f"SELECT a.id, {_KEPT} FROM articles a WHERE a.id = ?"
_KNOWN = f"""SELECT a.id, {_KEPT} FROM articles a WHERE a.url_id = :url
    AND NOT EXISTS (SELECT 1 FROM {INDEXED_BY_WRITER} WHERE url_id = :url)"""


def take_over(db: sqlite3.Connection, url_id: int, columns: Mapping[str, Any]) -> None:
    """Take care of the article of this URL, which is about to be written with these `columns`.

    Call inside a transaction, before the article is written; `finish` has to be called in it, too.
    """
    known = db.execute(_KNOWN, {"url": url_id}).fetchone()
    if known is None or any(known[name] != columns.get(name, known[name]) for name in SEARCHED):
        if known:
            _tell(db, "delete", known)
        db.execute(f"INSERT OR IGNORE INTO {INDEXED_BY_WRITER} (url_id) VALUES (?)", (url_id,))


def moved(db: sqlite3.Connection, url_id: int, to: int) -> None:
    """The article of `url_id` is now that of the URL `to`."""
    db.execute(f"UPDATE {INDEXED_BY_WRITER} SET url_id = ? WHERE url_id = ?", (to, url_id))


def finish(db: sqlite3.Connection) -> None:
    """Index the articles that were taken over in this transaction, as they are now."""
    numbers = [row[0] for row in db.execute(_TAKEN_OVER)]
    for number in numbers:
        _tell(db, None, db.execute(_TEXTS, (number,)).fetchone())
    if numbers:
        db.execute(f"DELETE FROM {INDEXED_BY_WRITER}")


def _tell(db: sqlite3.Connection, command: str | None, article: Sequence[Any]) -> None:
    """Add the article to the indexes, or have them forget it (`command` delete)."""
    rowid, *written = article
    folded = [text and text.translate(_FOLDED) for text in written]
    decomposed = " ".join(text or "" for text in written).translate(_DECOMPOSED)
    values = (*written, *folded, decomposed), (written[0], folded[0])
    for index, columns, row in zip(INDEXES, (ALL, ALL_OF_TITLES), values, strict=True):
        db.execute(_statement(index, columns), (command, rowid, *row))


def _statement(index: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {index} ({index}, rowid, {', '.join(columns)}) VALUES (?, ?, {marks})"
