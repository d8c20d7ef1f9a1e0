"""Search: from what was typed to a page of hits."""

import sqlite3
from dataclasses import dataclass

from crawler.search.abbreviations import expanded
from crawler.search.excerpt import hits
from crawler.search.found import Filters, Results, Sort
from crawler.search.language import Query, parse
from crawler.search.loosely import is_free_text, nearest
from crawler.search.narrowing import MOST, MOST_OF_MANY_WORDS, Source, count, in_order, source
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
    total: int
    """How many those are."""
    more: bool
    """They are more than that."""
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
    found = find(db, query, filters or Filters(), sort)
    if found is None:
        return Results(0, ())
    if found.near is not None:
        page = hits(db, found.query, found.near[offset : offset + limit], loose=True)
        other = None if found.total else suggestion(db, query, filters or Filters())
        return Results(len(found.near), page, other, strict=found.total)
    ids = _page(db, found, sort, limit, offset)
    shown = hits(db, found.query, ids)
    return Results(found.total, shown, strict=found.total, more=found.more)


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
    quick, most = with_common_words(db, asked), MOST_OF_MANY_WORDS
    total = count(db, source(quick, filters), most) if quick is not asked else 0
    if not total:
        quick, most = asked, MOST
        total = count(db, source(quick, filters), most)
    strict = source(quick, filters)
    by_chance = sort == "relevance" and is_free_text(asked) and total <= _BY_CHANCE
    near = _near(db, asked, filters, strict, total) if by_chance or not total else None
    more = total > most or quick is not asked
    return Found(asked, quick, strict, min(total, most), more, near)


def _near(
    db: sqlite3.Connection, query: Query, filters: Filters, strict: Source, total: int
) -> list[int]:
    """Those that have every word and those that come near, best first."""
    known = Frequencies(db)
    having_all = strict.ids(db) if total else []
    likely = candidates(db, query, strict, total, known.postings(query)) if total else []
    ranked = [number for number, _ in nearest(db, query, filters, known, likely)]
    return list(dict.fromkeys((*ranked, *having_all)))


def _page(db: sqlite3.Connection, found: Found, sort: Sort, limit: int, offset: int) -> list[int]:
    if sort != "relevance" or not found.query.alternatives:
        order = "newest" if sort == "relevance" else sort
        return in_order(db, found.strict, order, found.total, limit, offset)
    best = _best(db, found)
    if len(best) < min(offset + limit, found.total):
        # What was not scored comes last.
        known, more = set(best), offset + limit + len(best)
        newest = in_order(db, found.strict, "newest", found.total, more)
        best += [number for number in newest if number not in known]
    return best[offset : offset + limit]


def _best(db: sqlite3.Connection, found: Found) -> list[int]:
    """The articles worth a look, best first."""
    known = Frequencies(db)
    likely = candidates(db, found.quick, found.strict, found.total, known.postings(found.quick))
    scorer = Scorer(found.query, known.weights(found.quick))
    return [number for number, _ in scored(db, scorer, likely)]
