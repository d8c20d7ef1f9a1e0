"""Search: from what was typed to the articles that answer, and to a page of them."""

import sqlite3
from dataclasses import dataclass, replace

from crawler.search.abbreviations import expanded
from crawler.search.excerpt import hits
from crawler.search.extent import Extent, extent
from crawler.search.found import Filters, Results, Sort
from crawler.search.language import Query, parse
from crawler.search.loosely import is_free_text, nearest
from crawler.search.narrowing import Source, in_order, source
from crawler.search.once import has_groups, once
from crawler.search.ranking import candidates, scored
from crawler.search.scoring import Scorer
from crawler.search.suggestion import suggestion
from crawler.search.vocabulary import Frequencies, with_common_words

# A text of five words and more that so many articles have by chance is a question, not a condition.
_BY_CHANCE = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds, before a page of it is shown."""

    query: Query
    quick: Query
    """The same with common words for a prefix* (`with_common_words`)."""
    strict: Source
    """The articles that have every word."""
    extent: Extent
    """How many those are, and which."""
    near: list[int] | None
    """When those are none, or few by chance: all articles to show, best first."""


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
    chosen = filters or Filters()
    return shown(db, query, chosen, find(db, query, chosen, sort), sort, limit, offset)


def shown(
    db: sqlite3.Connection,
    query: str,
    filters: Filters,
    found: Found | None,
    sort: Sort,
    limit: int,
    offset: int,
) -> Results:
    """A page of what `query` found."""
    if found is None:
        return Results(0, ())
    if found.near is not None:
        near = once(db, found.near)
        page = hits(db, found.query, near[offset : offset + limit], loose=True)
        other = None if found.extent.total else suggestion(db, query, filters)
        return Results(len(near), page, other, strict=found.extent.total)
    page = hits(db, found.query, _page(db, found, sort, limit, offset))
    reach = found.extent
    total = len(once(db, reach.ids)) if reach.whole else reach.total
    return Results(total, page, strict=total, more=reach.more)


def matching(db: sqlite3.Connection, query: str, filters: Filters | None = None) -> list[int]:
    """The numbers of all articles that have every word of `query`, the last published first."""
    asked = expanded(parse(query))
    if query.strip() and not asked:
        return []
    return in_order(db, source(asked, filters or Filters()), "newest", 0, -1)


def find(
    db: sqlite3.Connection, query: str, filters: Filters, sort: Sort = "relevance"
) -> Found | None:
    """What `query` finds; None when it has no word."""
    asked = expanded(parse(query))
    if query.strip() and not asked:
        return None
    quick = with_common_words(db, asked)
    strict = source(quick, filters)
    reach = extent(db, quick, strict)
    if quick is not asked and reach.total:
        reach = replace(reach, more=True)  # Other words begin so, too.
    elif quick is not asked:
        quick, strict = asked, source(asked, filters)
        reach = extent(db, asked, strict)
    by_chance = sort == "relevance" and is_free_text(asked) and reach.total <= _BY_CHANCE
    near = _near(db, asked, filters, strict, reach) if by_chance or not reach.total else None
    return Found(asked, quick, strict, reach, near)


def _near(
    db: sqlite3.Connection, query: Query, filters: Filters, strict: Source, reach: Extent
) -> list[int]:
    """Those that have every word and those that come near, best first."""
    known = Frequencies(db)
    likely = candidates(db, query, strict, reach, known)
    ranked = [number for number, _ in nearest(db, query, filters, known, likely)]
    return list(dict.fromkeys((*ranked, *reach.ids)))


def _page(db: sqlite3.Connection, found: Found, sort: Sort, limit: int, offset: int) -> list[int]:
    if sort != "relevance" or not found.query.alternatives:
        order = "newest" if sort == "relevance" else sort
        return _in_order(db, found, order, limit, offset)
    best = once(db, _best(db, found))
    if len(best) < min(offset + limit, found.extent.total):
        # What was not scored comes last.
        newest = _in_order(db, found, "newest", offset + limit + len(best), 0)
        best = once(db, list(dict.fromkeys((*best, *newest))))
    return best[offset : offset + limit]


def _in_order(
    db: sqlite3.Connection, found: Found, sort: Sort, limit: int, offset: int
) -> list[int]:
    """The articles by date or views, each text once."""
    likely = found.extent.likely
    if not has_groups(db):
        return in_order(db, found.strict, sort, likely, limit, offset)
    wanted = fetched = offset + limit
    while True:
        fetched *= 2
        ids = in_order(db, found.strict, sort, likely, fetched)
        shown = once(db, ids)
        if len(shown) >= wanted or len(ids) < fetched:
            return shown[offset:wanted]


def _best(db: sqlite3.Connection, found: Found) -> list[int]:
    """The articles worth a look, best first."""
    known = Frequencies(db)
    likely = candidates(db, found.quick, found.strict, found.extent, known)
    scorer = Scorer(found.query, known.weights(found.quick))
    return [number for number, _ in scored(db, scorer, likely)]
