"""How far the crawls of one portal have come, read beside the crawl that is writing."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Headway:
    """Where a portal that has an archive of its own stands."""

    reached: int = 0
    """Different URLs that the present round has asked for: who asks for the same ones again and
    again has come no further."""
    pages: int = 0
    """In all runs."""
    articles: int = 0


def headway(path: Path) -> Headway | None:
    """The counts, or None when the archive can't be read now or is not there yet.

    Call it on the machine that crawls: in WAL mode SQLite can't be read from another one
    (https://www.sqlite.org/wal.html).
    """
    try:
        # Only read; but a connection that may not write leaves SQLite's own files behind.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as db:
            return Headway(*db.execute(_COUNTS).fetchone())
    except sqlite3.Error:
        return None


_COUNTS = """
SELECT (SELECT count(*) FROM urls WHERE kind <> 'robots' AND last_fetched_at >= ifnull(
        (SELECT round_started_at FROM runs WHERE kind = 'crawl' ORDER BY id DESC LIMIT 1), '')),
    (SELECT ifnull(sum(pages), 0) FROM runs), (SELECT count(*) FROM articles)
"""
