"""Images, attachments and document files that readers may see, and where their bytes lie."""

import sqlite3
from typing import Any

from crawler.archive.hiding import SHOWN

Row = dict[str, Any]

# The bytes of a revisit lie in the record that it refers to.
_PART = f"""SELECT f.*, c.url AS captured_url, c.captured_at, c.payload_sha256,
    o.warc_file, o.warc_offset, o.warc_length
FROM {{table}} f JOIN articles a ON a.id = f.article_id JOIN captures c ON c.id = f.capture_id
JOIN captures o ON o.id = ifnull(c.refers_to, c.id)
WHERE f.id = ? AND {SHOWN}"""

_DOCUMENT_FILE = f"""SELECT f.*, c.url AS captured_url, c.captured_at, c.payload_sha256,
    o.warc_file, o.warc_offset, o.warc_length
FROM document_files f JOIN documents d ON d.id = f.document_id
LEFT JOIN articles a ON a.id = d.article_id JOIN captures c ON c.id = f.capture_id
JOIN captures o ON o.id = ifnull(c.refers_to, c.id)
WHERE f.id = ? AND {SHOWN}"""


def image(db: sqlite3.Connection, image_id: int) -> Row | None:
    """A captured image of an article that is not hidden, with its record; else None."""
    return _part(db, "images", image_id)


def attachment(db: sqlite3.Connection, attachment_id: int) -> Row | None:
    """A captured attachment of an article that is not hidden, with its record; else None."""
    return _part(db, "attachments", attachment_id)


def document_file(db: sqlite3.Connection, file_id: int) -> Row | None:
    """A captured file of an official document whose article is not hidden, with its record."""
    row = db.execute(_DOCUMENT_FILE, (file_id,)).fetchone()
    return dict(row) if row else None


def _part(db: sqlite3.Connection, table: str, part_id: int) -> Row | None:
    row = db.execute(_PART.format(table=table), (part_id,)).fetchone()
    return dict(row) if row else None
