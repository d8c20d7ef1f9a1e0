"""The facts of articles for tables that people take away, one plain row each."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from crawler.archive.hiding import SHOWN

COLUMNS = (
    "id", "portal", "url", "title", "published_on", "author", "category", "view_count", "summary",
    "body", "status", "first_seen_at", "last_seen_at", "absent_since", "captured_at", "sha256",
)  # fmt: skip
"""Names of the columns, in order."""


def facts(db: sqlite3.Connection, articles: Iterable[int]) -> Iterator[dict[str, Any]]:
    """A row of COLUMNS for each of `articles` that is not hidden, in their order."""
    rows = db.execute(
        f"""SELECT a.id, p.slug AS portal, a.url, a.title, a.published_on, a.author, a.category,
            a.view_count, a.summary, a.body, a.status, a.first_seen_at, a.last_seen_at,
            a.absent_since, c.captured_at, c.payload_sha256 AS sha256
            FROM json_each(?) wanted JOIN articles a ON a.id = wanted.value
            JOIN portals p ON p.id = a.portal_id JOIN captures c ON c.id = a.capture_id
            WHERE {SHOWN} ORDER BY wanted.key""",
        (json.dumps(list(articles)),),
    )
    return (dict(row) for row in rows)
