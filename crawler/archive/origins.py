"""Whether rows that were read out of a capture name the capture that they can be of."""

import sqlite3
from collections.abc import Iterator


def of_moments(db: sqlite3.Connection) -> Iterator[tuple[str, int, str]]:
    """Versions and readings of counters that were not seen when their capture was made.

    Table, row and what is wrong. Addresses tell less here: an article may move to a better one, and
    its captures stay with the old.
    """
    for table in ("versions", "view_counts"):
        rows = db.execute(
            f"""SELECT t.id, t.seen_at, c.id, c.captured_at FROM {table} t
                JOIN captures c ON c.id = t.capture_id WHERE c.captured_at <> t.seen_at"""
        )
        for row_id, seen_at, capture_id, captured_at in rows:
            yield table, row_id, f"seen at {seen_at}, but its capture {capture_id} at {captured_at}"


def of_files(db: sqlite3.Connection) -> Iterator[tuple[str, int, str]]:
    """Images and attachments whose bytes did not come from the file's own address."""
    for table in ("images", "attachments"):
        rows = db.execute(
            f"""SELECT t.id, c.id FROM {table} t JOIN captures c ON c.id = t.capture_id
                WHERE c.url_id IS NOT t.url_id"""
        )
        for row_id, capture_id in rows:
            yield table, row_id, f"its capture {capture_id} is of another address"
