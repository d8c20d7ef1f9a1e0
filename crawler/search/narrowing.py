"""Query and filters as the tables and conditions of a SELECT."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawler.archive.hiding import HIDDEN, SHOWN
from crawler.search.expression import exclusion, expression
from crawler.search.found import Filters, Sort
from crawler.search.language import Query
from crawler.search.vocabulary import places
from crawler.units.lineage import told_by
from crawler.vietnamese import nfc

# Microseconds to fetch and sort a match, and to look whether one article matches.
_MATCH, _PROBE = 0.5, 30
_TELLING = "SELECT id FROM portals WHERE unit_id IN (SELECT value FROM json_each(?))"
# From a covering index, so that no row with its text is read.
_FACTS = "articles a INDEXED BY articles_facts"
_ORDERS = {
    "newest": "a.published_on DESC, a.id DESC",
    "oldest": "a.published_on ASC NULLS LAST, a.id",
    "views": "a.view_count DESC, a.id DESC",
}
_WALKS = {"newest": "articles_newest", "oldest": "articles_newest"}
"""The index that has an order, where one has it for all articles."""


@dataclass(frozen=True, slots=True)
class Source:
    """The articles `a` that match: what to write after FROM, and its values.

    Hidden ones never do.
    """

    match: str
    """FTS5 expression; empty when all articles are meant."""
    conditions: tuple[str, ...]
    values: tuple[str, ...]
    index: str = "articles_fts"

    @property
    def sql(self) -> str:
        """Walks the index, and looks up the facts of what matches."""
        return self.within(())

    def within(self, numbers: tuple[int, int] | tuple[()]) -> str:
        """Does so for articles from one number to another, without a look at the others."""
        some = [f"{self.number} BETWEEN {numbers[0]} AND {numbers[1]}"] if numbers else []
        if not self.match:
            return f"{_FACTS} {self._where(*some)}"
        return (
            f"{self.index} CROSS JOIN {_FACTS} ON a.id = {self.index}.rowid "
            f"{self._where(f'{self.index} MATCH ?', *some)}"
        )

    @property
    def number(self) -> str:
        """The column that has an article's number."""
        return f"{self.index}.rowid" if self.match else "a.id"

    def walking(self, order: str) -> str:
        """Walks the articles along another index of theirs, and looks which match.

        That index has only what is shown: SQLite uses it when the condition says just that.
        """
        if not self.match:
            return f"articles a INDEXED BY {order} {self._where(SHOWN)}"
        return (
            f"articles a INDEXED BY {order} CROSS JOIN {self.index} ON {self.index}.rowid = a.id "
            f"{self._where(f'{self.index} MATCH ?', SHOWN)}"
        )

    @property
    def counted(self) -> str:
        """What is enough to count or to tell ids: without conditions the index alone."""
        if self.match and not self.conditions:
            return f"{self.index} {self._where(f'{self.index} MATCH ?')}"
        return self.sql

    @property
    def all_values(self) -> tuple[str, ...]:
        """The values of all these."""
        return ((self.match,) if self.match else ()) + self.values

    def ids(self, db: sqlite3.Connection, order: str = "", limit: int = -1) -> list[int]:
        """The articles; `order` is what to write after ORDER BY."""
        ordered = f"ORDER BY {order} LIMIT {limit}" if order else ""
        rows = db.execute(f"SELECT {self.number} FROM {self.counted} {ordered}", self.all_values)
        return [row[0] for row in rows]

    def first(self, db: sqlite3.Connection, limit: int) -> list[int]:
        """The articles with the lowest numbers, in their order.

        One walk tells how many there are and which, and is all it takes where they are few.
        """
        cursor = db.cursor()
        cursor.row_factory = None  # Rows by name take as long as the walk.
        sql = f"SELECT {self.number} FROM {self.counted} LIMIT {limit}"
        return [number for (number,) in cursor.execute(sql, self.all_values)]

    def _where(self, *first: str) -> str:
        shown = f"{self.number} NOT IN ({HIDDEN})"
        return f"WHERE {' AND '.join((*first, shown, *self.conditions))}"


def source(query: Query, filters: Filters) -> Source:
    """The articles that `query` and `filters` mean."""
    wanted, unwanted = expression(query), exclusion(query)
    used = _conditions(filters)
    if wanted and unwanted:
        wanted = f"{wanted} NOT {unwanted}"
    elif unwanted:
        inside = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
        used = {f"a.id NOT IN ({inside})": unwanted, **used}
    return Source(wanted, tuple(used), tuple(used.values()))


def these(ids: Iterable[int]) -> Source:
    """Just these articles."""
    return Source("", ("a.id IN (SELECT value FROM json_each(?))",), (json.dumps(list(ids)),))


def _conditions(filters: Filters) -> dict[str, str]:
    conditions = {
        "a.published_on >= ?": filters.since,
        "a.published_on <= ?": filters.until,
        "a.portal_id = (SELECT id FROM portals WHERE slug = ?)": filters.portal,
        "a.category = ?": filters.category and nfc(filters.category),
        "a.author = ?": filters.author and nfc(filters.author),
        f"a.portal_id IN ({_TELLING})": json.dumps([*told_by(filters.unit)])
        if filters.unit
        else None,
    }
    return {sql: value for sql, value in conditions.items() if value is not None}


def count(db: sqlite3.Connection, found: Source, most: int) -> int:
    """How many articles match, or `most` and one when they are more."""
    row = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {found.counted} LIMIT {most + 1})", found.all_values
    ).fetchone()
    return int(row[0])


def in_order(
    db: sqlite3.Connection, found: Source, sort: Sort, total: float, limit: int, offset: int = 0
) -> list[int]:
    """The articles by date or views; those without stand last. No `limit` is -1."""
    walk = (limit + offset) * places(db).last / max(total, 1) * _PROBE < total * _MATCH
    index = _WALKS.get(sort) if walk and limit >= 0 else None
    tables = found.walking(index) if index else found.sql
    rows = db.execute(
        f"SELECT a.id FROM {tables} ORDER BY {_ORDERS[sort]} LIMIT ? OFFSET ?",
        (*found.all_values, limit, offset),
    )
    return [row[0] for row in rows]


def with_match(found: Source, match: str, index: str = "articles_fts") -> Source:
    """The same conditions with another expression."""
    return replace(found, match=match, index=index)
