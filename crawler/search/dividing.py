"""How the articles found divide over years, categories, portals and authors."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator

from crawler.archive.numbering import Places
from crawler.search.finding import Found, find, shown
from crawler.search.found import Count, Facets, Filters, Results, Sort
from crawler.search.narrowing import these
from crawler.search.vocabulary import places

_VALUES_AT_MOST = 20
_LOOKED_AT = 2_500
_PARTS = 20


def facets(db: sqlite3.Connection, query: str, filters: Filters | None = None) -> Facets:
    """How many of the articles that `search` finds have which year, category, portal, author.

    Of very many articles an n-th is looked at, and the counts are estimates (`Facets.every`).
    """
    return divided(db, find(db, query, filters or Filters()))


def search_divided(
    db: sqlite3.Connection,
    query: str,
    filters: Filters,
    *,
    sort: Sort = "relevance",
    limit: int = 10,
    offset: int = 0,
) -> tuple[Results, Facets]:
    """A page of hits as `search` gives it and how all hits divide, found once."""
    found = find(db, query, filters, sort)
    return shown(db, query, filters, found, sort, limit, offset), divided(db, found)


def divided(db: sqlite3.Connection, found: Found | None) -> Facets:
    """How the articles divide that were found."""
    if found is None:
        return Facets((), (), (), ())
    all_known = found.near is not None or found.extent.whole
    every = 1 if all_known else round(found.extent.likely) // _LOOKED_AT + 1
    years, categories, portals, authors = _counted(db, found, every)
    names = {row["slug"]: row["name"] for row in db.execute("SELECT slug, name FROM portals")}
    return Facets(
        # All of them: a chart would show one that is left out as a year without articles.
        years=tuple(Count(y, y, every * years[y]) for y in sorted(years, reverse=True)),
        categories=_counts(categories, every),
        portals=_counts(portals, every, names.__getitem__),
        authors=_counts(authors, every),
        every=every,
    )


def _counted(db: sqlite3.Connection, found: Found, every: int) -> list[Counter[str]]:
    """Years, categories, portals and authors of an n-th of the articles found."""
    if found.near is None and not found.extent.whole:
        parts = [(found.strict, part) for part in _parts(places(db), every)]
    else:
        ids = found.extent.ids if found.near is None else found.near
        parts = [(these(ids[::every]), ())]
    rows = [
        row
        for source, part in parts
        for row in db.execute(
            f"""SELECT substr(a.published_on, 1, 4), a.category,
                    (SELECT slug FROM portals WHERE id = a.portal_id), a.author
                FROM {source.within(part)}""",
            source.all_values,
        )
    ]
    return [Counter(row[i] for row in rows if row[i]) for i in range(4)]


def _parts(all_of_them: Places, every: int) -> Iterator[tuple[int, int] | tuple[()]]:
    """Numbers of articles from here and there, in all an n-th of them; nothing for all."""
    if every == 1:
        yield ()
        return
    for part in range(_PARTS):
        first = part * all_of_them.last // _PARTS
        last = first + all_of_them.last // _PARTS // every
        yield all_of_them.number(first) + 1, all_of_them.number(last)


def _counts(
    counted: Counter[str], every: int, label: Callable[[str], str] = str
) -> tuple[Count, ...]:
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:_VALUES_AT_MOST]
    return tuple(Count(value, label(value), articles * every) for value, articles in ordered)
