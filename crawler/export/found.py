"""Everything that a search finds, however much it is."""

import sqlite3
from collections.abc import Iterator

from crawler.search import Filters, search

_AT_A_TIME = 500


def found(db: sqlite3.Connection, query: str, filters: Filters) -> Iterator[int]:
    """The numbers of the articles that `query` finds, the last published first."""
    offset = 0
    while True:
        hits = search(db, query, filters, sort="newest", limit=_AT_A_TIME, offset=offset).hits
        yield from (hit.id for hit in hits)
        if len(hits) < _AT_A_TIME:
            return
        offset += _AT_A_TIME
