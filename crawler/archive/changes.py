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
# Every page links to hundreds of known addresses, and each round notes that (last_linked_at):
# to readers that is no change.
_CHANGED = f"""WHEN ({", ".join(f"old.{name}" for name in _URLS)})
    IS NOT ({", ".join(f"new.{name}" for name in _URLS)})"""

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
    when = _CHANGED if table == "urls" else ""
    note = f"INSERT INTO row_changes (table_name, row_id) VALUES ('{table}', old.id);"
    return [
        f"CREATE TRIGGER row_changes_{table}_update AFTER UPDATE ON {table} {when} "
        f"BEGIN {note} END",
        f"CREATE TRIGGER row_changes_{table}_delete AFTER DELETE ON {table} BEGIN {note} END",
    ]


def prune(db: sqlite3.Connection) -> None:
    """Keep the last line about each row; the log then has no more lines than the archive rows."""
    db.execute(
        """DELETE FROM row_changes WHERE id NOT IN (
               SELECT max(id) FROM row_changes GROUP BY table_name, row_id)"""
    )
