"""Search: from what was typed to a page of hits."""

import sqlite3

from crawler.search.excerpt import hit
from crawler.search.found import Filters, Hit, Results, Sort
from crawler.search.language import Query, parse
from crawler.search.narrowing import source

# Title, summary, author, body, attachments: as written, then folded; then decomposed.
_WEIGHTS = "10, 4, 2, 2, 1, 5, 2, 1, 1, 0.5, 0"
_ORDERS: dict[Sort, str] = {
    "relevance": f"bm25(articles_fts, {_WEIGHTS}), a.published_on DESC, a.id",
    "newest": "a.published_on IS NULL, a.published_on DESC, a.id DESC",
    "oldest": "a.published_on IS NULL, a.published_on, a.id",
    "views": "a.view_count IS NULL, a.view_count DESC, a.id DESC",
}


def search(
    db: sqlite3.Connection,
    query: str,
    filters: Filters | None = None,
    *,
    sort: Sort = "relevance",
    limit: int = 10,
    offset: int = 0,
) -> Results:
    """The articles that match `query`, from the `offset`th on, `limit` of them.

    Any text is a query and none is an error. Without a query all articles match, newest first; a
    query without any word, such as punctuation, matches none.
    """
    asked = parse(query)
    if query.strip() and not asked:
        return Results(0, ())
    order = _ORDERS[sort if asked.alternatives or sort != "relevance" else "newest"]
    tables, values = source(asked, filters or Filters())
    total = db.execute(f"SELECT count(*) {tables}", values).fetchone()[0]
    ids = db.execute(
        f"SELECT a.id {tables} ORDER BY {order} LIMIT ? OFFSET ?", (*values, limit, offset)
    )
    return Results(total, _hits(db, asked, [row[0] for row in ids]))


def matching(db: sqlite3.Connection, query: str, filters: Filters | None = None) -> list[int]:
    """The numbers of all articles that `search` finds, the last published first."""
    asked = parse(query)
    if query.strip() and not asked:
        return []
    tables, values = source(asked, filters or Filters())
    rows = db.execute(f"SELECT a.id {tables} ORDER BY {_ORDERS['newest']}", values)
    return [row[0] for row in rows]


def similar(db: sqlite3.Connection, article_id: int, limit: int = 5) -> tuple[Hit, ...]:
    """The articles most like that one, best first; none when there is no such article."""
    row = db.execute("SELECT title FROM articles WHERE id = ?", (article_id,)).fetchone()
    asked = parse(row[0] or "") if row else Query((), ())
    loose = Query(tuple((term,) for term in asked.terms), ())
    tables, values = source(loose, Filters())
    if not loose:
        return ()
    ids = db.execute(
        f"SELECT a.id {tables} AND a.id <> ? ORDER BY {_ORDERS['relevance']} LIMIT ?",
        (*values, article_id, limit),
    )
    return _hits(db, loose, [row[0] for row in ids])


def _hits(db: sqlite3.Connection, query: Query, ids: list[int]) -> tuple[Hit, ...]:
    rows = (
        db.execute(
            """SELECT a.*, p.slug AS portal FROM articles a JOIN portals p ON p.id = a.portal_id
               WHERE a.id = ?""",
            (article_id,),
        ).fetchone()
        for article_id in ids
    )
    return tuple(hit(query, row) for row in rows)
