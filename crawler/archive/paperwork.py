"""Official documents as readers look for them: by number, by words of the abstract, by year."""

import json
import sqlite3
from typing import Any

from crawler.archive.hiding import SHOWN
from crawler.vietnamese import fold, nfc

Row = dict[str, Any]

# Those whose article is hidden are not shown either; one without an article is no article's.
_FOUND = f"""FROM documents d JOIN portals p ON p.id = d.portal_id
LEFT JOIN articles a ON a.id = d.article_id JOIN urls u ON u.id = d.url_id
WHERE {SHOWN} AND (:kind IS NULL OR d.kind = :kind)
    AND (:year IS NULL OR d.issued_on LIKE :year || '-%')
    AND (:words IS NULL OR has_words(ifnull(d.number, '') || ' ' ||
        ifnull(d.abstract, ''), :words))"""


def _has_words(text: str, words: str) -> bool:
    """Whether all words occur: those with marks as written, those without in every spelling."""
    low, folded = nfc(text).lower(), fold(text).lower()
    return all(
        word in (folded if word == fold(word) else low) for word in nfc(words).lower().split()
    )


def documents(
    db: sqlite3.Connection, asked: dict[str, str | None], limit: int, offset: int
) -> list[Row]:
    """The documents that fit `asked` (words, kind, year; None narrows nothing), newest first.

    Each with its portal, the article that it is or the address of its page, and its `files`.
    """
    db.create_function("has_words", 2, _has_words, deterministic=True)
    rows = db.execute(
        f"""SELECT d.*, p.slug AS portal, a.title, u.url, (SELECT json_group_array(json_object(
                'id', f.id, 'filename', f.filename, 'media_type', f.media_type,
                'capture_id', f.capture_id)) FROM document_files f WHERE f.document_id = d.id)
                AS files
            {_FOUND} ORDER BY d.issued_on DESC, d.id DESC LIMIT :limit OFFSET :offset""",
        {**asked, "limit": limit, "offset": offset},
    )
    return [{**row, "files": json.loads(row["files"])} for row in map(dict, rows)]


def count_documents(db: sqlite3.Connection, asked: dict[str, str | None]) -> int:
    """How many documents fit `asked`."""
    db.create_function("has_words", 2, _has_words, deterministic=True)
    return int(db.execute(f"SELECT count(*) {_FOUND}", asked).fetchone()[0])


def choices(db: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """The kinds and the years, latest first, that documents have."""
    kinds = db.execute("SELECT DISTINCT kind FROM documents WHERE kind NOTNULL ORDER BY 1")
    years = db.execute(
        "SELECT DISTINCT substr(issued_on, 1, 4) FROM documents WHERE issued_on NOTNULL ORDER BY 1"
    )
    return [row[0] for row in kinds], [row[0] for row in years][::-1]
