"""How the articles found divide over years, categories, portals and authors."""

import sqlite3

from crawler.search.found import Count, Facets, Filters
from crawler.search.language import parse
from crawler.search.narrowing import source

_VALUES_AT_MOST = 20


def facets(db: sqlite3.Connection, query: str, filters: Filters | None = None) -> Facets:
    """How many of the articles that `search` finds have which year, category, portal, author."""
    asked = parse(query)
    if query.strip() and not asked:
        return Facets((), (), (), ())
    found = source(asked, filters or Filters())
    year = "substr(a.published_on, 1, 4)"
    return Facets(
        years=_counts(db, found, year, year, "1 DESC"),
        categories=_counts(db, found, "a.category", "a.category"),
        portals=_counts(db, found, "p.slug", "p.name"),
        authors=_counts(db, found, "a.author", "a.author"),
    )


def _counts(
    db: sqlite3.Connection,
    found: tuple[str, list[str]],
    value: str,
    label: str,
    order: str = "3 DESC, 1",
) -> tuple[Count, ...]:
    tables, values = found
    rows = db.execute(
        f"""SELECT {value}, {label}, count(*) {tables} AND {value} IS NOT NULL
            GROUP BY 1 ORDER BY {order} LIMIT {_VALUES_AT_MOST}""",
        values,
    )
    return tuple(Count(*row) for row in rows)
