"""Checksums of rows that no other digest covers, so that `luutru verify` sees what became of them.

They are made when a row is written and hold as long as the row does, however pages are read later.
Eight bytes of a SHA-256 tell a change, and are a hundredth of what the rows take; whoever forges a
row can make its checksum, as he can its `content_sha256`. Rows of before have none.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping

FACTS = (
    "published_at",
    "published_raw",
    "category",
    "summary",
    "body_html",
    "layout",
    "rating_score",
    "rating_count",
)
"""Columns of `articles` that are read out of a page and are no part of a version."""
# Made once, it takes half the time. What somebody put into a row may be of no type that JSON knows.
_json = json.JSONEncoder(ensure_ascii=False, default=repr).encode
_COVERED = {
    "articles": FACTS,
    "view_counts": ("seen_at", "views"),
    "readings": ("field", "raw", "rule"),
}


def checksum(*values: object) -> int:
    """The first eight bytes of the SHA-256 of the values, written as a JSON list."""
    text = _json(values).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big", signed=True)


def of_article(columns: Mapping[str, object]) -> int:
    """That of an article's facts, as `columns` has them by name."""
    return checksum(*(columns[name] for name in FACTS))


def changed(db: sqlite3.Connection) -> Iterator[tuple[str, int, str]]:
    """Table and row of what is not as it was written, and what is wrong."""
    for table, columns in _COVERED.items():
        rows = db.execute(
            f"SELECT id, checksum, {', '.join(columns)} FROM {table} WHERE checksum IS NOT NULL"
        )
        what = f"it is not what was written: one of {', '.join(columns)} is another"
        yield from ((table, row[0], what) for row in rows if checksum(*row[2:]) != row[1])


def uncovered(db: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each table were written before there were checksums."""
    # Of a long row its type is at hand; to look at the value would be to read all before it.
    count = "SELECT count(*) FROM {} WHERE typeof(checksum) = 'null'"
    found = {table: db.execute(count.format(table)).fetchone()[0] for table in _COVERED}
    return {table: rows for table, rows in found.items() if rows}
