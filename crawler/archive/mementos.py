"""The captures of an article's address that readers may see, in the order of time."""

import sqlite3
from typing import Any

from crawler.archive.hiding import SHOWN
from crawler.urls import key_asked

Row = dict[str, Any]

# Not all columns of a URL's captures: an article may have thousands of them.
_MEMENTOS = f"""
SELECT c.id, c.captured_at, c.source, c.caveat, c.media_type, c.url AS captured_url,
    c.payload_sha256, o.warc_file, o.warc_offset, o.warc_length
FROM urls u JOIN articles a ON a.url_id = u.id JOIN captures c ON c.url_id = u.id
JOIN captures o ON o.id = ifnull(c.refers_to, c.id)
WHERE u.key = ? AND c.status = 200 AND o.warc_file IS NOT NULL AND {SHOWN}
ORDER BY c.captured_at, c.id
"""


def mementos(db: sqlite3.Connection, url: str) -> list[Row]:
    """Each kept state of the article at `url`, one for a second, oldest first.

    Empty when there is no such article, or it is hidden. Rows have what `payload.message_of` needs.
    """
    rows = db.execute(_MEMENTOS, (key_asked(url),))
    return list({row["captured_at"]: dict(row) for row in rows}.values())
