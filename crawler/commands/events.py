"""Events that a command notes where it can: what it did is no less done where it can't."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from crawler.archive.connection import is_writable
from crawler.words import tr


def unnoted(db: Path, note: Callable[[], None]) -> str:
    """Why `note` could not write its events into the archive; empty when it could.

    The archive may lie on a read-only medium, be damaged, or its disk be full.
    """
    if not is_writable(db):
        return tr("no event was written: {db} can't be written", db=db)
    try:
        note()
    except sqlite3.DatabaseError as error:
        return tr("no event was written: {db}: {why}", db=db, why=error)
    return ""
