"""Which articles answer best, without a look at all that match.

bm25() visits every match, which takes seconds where a word is common. So a few hundred candidates
are chosen by what is quick to know (words in the title, words that follow each other, few matches),
and only these are scored. With few matches all of them are candidates.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.search.expression import expression, is_mixed, phrase_expression
from crawler.search.extent import Extent
from crawler.search.language import Query, Term
from crawler.search.narrowing import Source, with_match
from crawler.search.scoring import COLUMNS, Score, Scorer
from crawler.search.vocabulary import Frequencies

_CANDIDATES = 100
_TIER = 50
# bm25() knows nothing of neighbours, but the best are among its first ones.
_FEW = 40
# Microseconds that bm25() may take, and takes: for each article that it orders, and for each that
# has one of the words.
_LONG = 25_000
_ORDERED, _WALKED, _WALKED_IN_PHRASE = 0.85, 0.08, 0.2
# Of more titles the newest are taken.
_TITLES = 20_000

# Title, summary, author, body, attachments: as written, then folded; then decomposed.
_WEIGHTS = "10, 4, 2, 2, 1, 5, 2, 1, 1, 0.5, 0"


def candidates(
    db: sqlite3.Connection, query: Query, found: Source, reach: Extent, known: Frequencies
) -> list[int]:
    """Articles among which the best are."""
    if reach.total <= _FEW:
        return reach.ids
    is_quick = _ORDERED * reach.likely + _cost(query, known) <= _LONG
    if not is_quick and reach.total <= _CANDIDATES:
        return reach.ids
    chosen: dict[int, None] = {}
    for tier in _by_bm25(db, query, found) if is_quick else _tiers(db, query, found, reach, known):
        chosen |= dict.fromkeys(tier)
        if len(chosen) >= _CANDIDATES:
            break
    return list(chosen)


def _cost(query: Query, known: Frequencies) -> float:
    """Microseconds to walk twice along the words of `query`; those of a phrase are compared."""
    return sum(
        (_WALKED if len(wording) == 1 else _WALKED_IN_PHRASE) * known.having(Term((word,)))
        for term in query.terms
        for wording in term.wordings
        for word in wording
    )


def _by_bm25(db: sqlite3.Connection, query: Query, found: Source) -> Iterator[list[int]]:
    """The best by SQLite's own score, and those it can't tell: with the words side by side."""
    yield found.ids(db, f"bm25(articles_fts, {_WEIGHTS})", _FEW)
    if phrase := phrase_expression(query):
        yield _phrased(query, found, phrase).ids(db, "articles_fts.rowid DESC", _FEW // 2)


def _tiers(
    db: sqlite3.Connection, query: Query, found: Source, reach: Extent, known: Frequencies
) -> Iterator[list[int]]:
    """Candidates by what is better known to be good, each tier with fewer of them."""
    phrase = phrase_expression(query)
    if not query.excluded and all(term.field in (None, "title") for term in query.terms):
        titles = with_match(found, expression(query), "titles_fts")
        if phrase:
            yield _phrased(query, titles, phrase).ids(db, "titles_fts.rowid DESC", _TIER)
        are_many = known.matching(titles.match, "titles_fts") > _TITLES
        order = "titles_fts.rowid DESC" if are_many else "bm25(titles_fts, 2, 1)"
        yield titles.ids(db, order, 2 * _TIER)
    if phrase:
        newest = _newest(_phrased(query, found, phrase), query, known)
        yield newest.ids(db, "articles_fts.rowid DESC", _TIER)
    # A phrase that few have takes a walk along all of its words: what is known isn't asked again.
    yield (
        reach.ids[: -_TIER - 1 : -1]
        if reach.whole
        else found.ids(db, "articles_fts.rowid DESC", _TIER)
    )


def _newest(found: Source, query: Query, known: Frequencies) -> Source:
    """Those in the youngest part of the archive, as much of it as can be walked along quickly."""
    words = (word for term in query.terms for word in term.words)
    cost = _WALKED_IN_PHRASE * sum(known.having(Term((word,))) for word in words)
    if cost <= _LONG:
        return found
    first = f"{found.number} > {known.places.number(int(known.among * (1 - _LONG / cost)))}"
    return replace(found, conditions=(first, *found.conditions))


def _phrased(query: Query, found: Source, phrase: str) -> Source:
    """Those that also have the words side by side; which often says it all."""
    says_all = len(query.alternatives) == 1 and not query.excluded and not is_mixed(query)
    match = phrase if says_all else f"({found.match}) AND {phrase}"
    return with_match(found, match, found.index)


def scored(db: sqlite3.Connection, scorer: Scorer, ids: Iterable[int]) -> list[tuple[int, Score]]:
    """The articles and their scores, best first; of equally good ones the newest."""
    columns = ", ".join(COLUMNS)
    rows = (
        db.execute(
            f"SELECT id, published_on, {columns} FROM articles WHERE id = ?", (number,)
        ).fetchone()
        for number in ids
    )
    found = [(scorer.score(row), row["published_on"] or "", row["id"]) for row in rows]
    found.sort(key=lambda one: (one[0].rank, *one[1:]), reverse=True)
    return [(number, score) for score, _, number in found]
