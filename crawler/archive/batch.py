"""Several pages in one transaction, where a kill between two of them may undo both.

A replay can: it starts anew and ends the same. A crawl can't, for it would have to ask again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from crawler.archive import indexing

_MOST = 16
_SECONDS = 0.03
"""Another program that wants to write waits 5 seconds at most, and looks ten times a second."""


class Batch:
    """Pages of one connection that are committed together, each of them whole or not at all."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._pages = 0
        self._began = 0.0
        self._seen = self._version()
        self._alone = True

    @contextmanager
    def page(self) -> Iterator[None]:
        """What is written inside is committed with what came before, or a little later."""
        if not self._db.in_transaction:
            self._begin()
        self._db.execute("SAVEPOINT page")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO page")
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE page")
        self._pages += 1
        if not self._alone or self._pages >= _MOST or monotonic() - self._began > _SECONDS:
            self.commit()

    def commit(self) -> None:
        """Commit what was written so far."""
        if self._db.in_transaction:
            indexing.finish(self._db)
            self._db.execute("COMMIT")
        self._pages = 0

    def _begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._began = monotonic()
        # Where another program writes, too, it gets its turn behind each page.
        self._alone = self._alone and self._version() == self._seen

    def _version(self) -> int:
        """It changes when another connection has committed."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])
