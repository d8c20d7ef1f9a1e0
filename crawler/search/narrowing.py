"""Filters and query as the tables and conditions of a SELECT."""

from crawler.archive.hiding import SHOWN
from crawler.search.expression import exclusion, expression
from crawler.search.found import Filters
from crawler.search.language import Query
from crawler.vietnamese import nfc


def source(query: Query, filters: Filters) -> tuple[str, list[str]]:
    """FROM and WHERE of the articles (`a`, portals `p`, index `articles_fts`) that are meant.

    Hidden articles are never meant.
    """
    index, values = _index(query)
    conditions, more = _conditions(filters)
    joined = "JOIN articles_fts ON articles_fts.rowid = a.id" if query.alternatives else ""
    where = " AND ".join([SHOWN, *index, *conditions])
    return (
        f"FROM articles a JOIN portals p ON p.id = a.portal_id {joined} WHERE {where}",
        [*values, *more],
    )


def _index(query: Query) -> tuple[list[str], list[str]]:
    wanted, unwanted = expression(query), exclusion(query)
    if wanted:
        match = f"{wanted} NOT {unwanted}" if unwanted else wanted
        return ["articles_fts MATCH ?"], [match]
    if unwanted:
        inside = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
        return [f"a.id NOT IN ({inside})"], [unwanted]
    return [], []


def _conditions(filters: Filters) -> tuple[list[str], list[str]]:
    conditions = {
        "a.published_on >= ?": filters.since,
        "a.published_on <= ?": filters.until,
        "p.slug = ?": filters.portal,
        "a.category = ?": filters.category and nfc(filters.category),
        "a.author = ?": filters.author and nfc(filters.author),
    }
    used = {sql: value for sql, value in conditions.items() if value is not None}
    return list(used), list(used.values())
