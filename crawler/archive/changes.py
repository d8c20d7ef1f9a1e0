"""What was changed or removed since somebody last looked: a log that triggers keep.

Rows that were added are found by their numbers, which only grow. A line of the log is one short
row at the end of its table; of several about the same row the last is enough (`prune`).
"""

import sqlite3

_URLS = (
    "portal_id", "key", "url", "form", "kind", "found_on", "state", "reason", "due_at", "tries",
    "last_status", "last_fetched_at", "priority", "visits", "changes", "changed_at",
    "recheck_days", "same_as", "likeness",
)  # fmt: skip
WITH_WORDS = (*_URLS, "linked_as")

_WATCHED = (
    "portals", "runs", "urls", "captures", "articles", "versions", "view_counts", "readings",
    "images", "attachments", "site_counts", "suspect_links", "problems", "url_shapes",
    "listing_claims", "certificates", "coverage", "documents", "document_readings",
    "document_files", "index_queries", "listed_captures",
)  # fmt: skip

_TABLES = (
    """CREATE TABLE row_changes (
    id INTEGER PRIMARY KEY,
    table_name TEXT NOT NULL,
    row_id INTEGER NOT NULL
)""",
    "CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL)",
    "INSERT INTO identity VALUES (1, lower(hex(randomblob(16))))",
)


def statements() -> list[str]:
    """The SQL that makes the log, and gives the archive a name that no other has."""
    return [*_TABLES, *(sql for table in _WATCHED for sql in watching(table))]


def watching(table: str) -> list[str]:
    """The SQL of the triggers that log what is changed in `table` or removed from it."""
    deletion = f"CREATE TRIGGER row_changes_{table}_delete AFTER DELETE ON {table}"
    return [noted(table), f"{deletion} BEGIN {_note(table)} END"]


def noted(table: str, urls: tuple[str, ...] = _URLS) -> str:
    """The SQL of the trigger for changes: any, but in the table `urls` of these columns only.

    Every page links to hundreds of known addresses, and each round notes that (last_linked_at):
    to readers that is no change.
    """
    old, new = (", ".join(f"{row}.{name}" for name in urls) for row in ("old", "new"))
    when = f"WHEN ({old}) IS NOT ({new})" if table == "urls" else ""
    update = f"CREATE TRIGGER row_changes_{table}_update AFTER UPDATE ON {table} {when}"
    return f"{update} BEGIN {_note(table)} END"


def _note(table: str) -> str:
    return f"INSERT INTO row_changes (table_name, row_id) VALUES ('{table}', old.id);"


def prune(db: sqlite3.Connection) -> None:
    """Keep the last line about each row; the log then has no more lines than the archive rows."""
    db.execute(
        """DELETE FROM row_changes WHERE id NOT IN (
               SELECT max(id) FROM row_changes GROUP BY table_name, row_id)"""
    )
