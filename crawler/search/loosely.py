"""What comes nearest when no article has every word: a question, a sentence, a half-marked query.

Articles are chosen by the weight of what they have, words and neighbours in the query, rare ones
first, and as far as that is quick; the best of them are scored. Quoted words, columns and
exclusions hold all the same.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import nlargest
from itertools import pairwise

from crawler.search.expression import term_expression
from crawler.search.found import Filters
from crawler.search.language import Query, Term
from crawler.search.narrowing import Source, source, with_match
from crawler.search.ranking import scored
from crawler.search.scoring import NEIGHBOURS, Score, Scorer
from crawler.search.spellings import is_marked
from crawler.search.vocabulary import Frequencies
from crawler.vietnamese import fold

_CANDIDATES = 200
_COVERAGE = 0.4
_FREE_TEXT = 5
# Each takes a fifth of a microsecond to fetch and add up.
_POSTINGS = 200_000
_UNMARKED = 0.6


@dataclass(frozen=True, slots=True)
class _Evidence:
    """An expression, about how many articles it takes to evaluate, and what a match gains."""

    match: str
    articles: float
    gain: float


def is_free_text(query: Query) -> bool:
    """Whether `query` is words without any operator, five or more."""
    return (
        len(query.alternatives) == 1
        and not query.excluded
        and len(query.terms) >= _FREE_TEXT
        and all(map(_is_free, query.terms))
    )


def nearest(
    db: sqlite3.Connection,
    query: Query,
    filters: Filters,
    known: Frequencies,
    also: Iterable[int] = (),
    *,
    coverage: float = _COVERAGE,
) -> list[tuple[int, Score]]:
    """The articles that have most of the words, best first, at most some hundreds.

    Those of `also` are scored, too. `coverage` is the share of the query, by weight, that an
    article must have.
    """
    free = dict.fromkeys(term for term in query.terms if _is_free(term))
    if len(free) < 2:
        return []
    evidence = [
        *(one for term in free for one in _words(term, known)),
        *(one for terms in query.alternatives for one in _neighbours(terms, known)),
    ]
    chosen = _chosen(
        db, sorted(evidence, key=lambda e: e.articles), source(_strict(query), filters)
    )
    scorer = Scorer(query, known.weights(query), known.weights(_folded(query)), loose=True)
    ranked = scored(db, scorer, dict.fromkeys((*chosen, *also)))
    return [(number, score) for number, score in ranked if score.coverage >= coverage]


def _is_free(term: Term) -> bool:
    return not (term.quoted or term.field or term.prefix)


def _strict(query: Query) -> Query:
    """The part of a query that holds in any case."""
    kept = (tuple(t for t in terms if t.quoted or t.field) for terms in query.alternatives)
    return replace(query, alternatives=tuple(filter(None, kept)))


def _folded(query: Query) -> Query:
    return replace(
        query, alternatives=tuple(tuple(map(_bare, terms)) for terms in query.alternatives)
    )


def _bare(term: Term) -> Term:
    return replace(term, words=tuple(map(fold, term.words)))


def _words(term: Term, known: Frequencies) -> Iterator[_Evidence]:
    """A word as it was typed; and without its marks, because they may not be all or not right."""
    bare = _bare(term)
    count, gain = known.having(bare), known.weight(bare)
    if not any(map(is_marked, term.words)):
        yield _Evidence(term_expression(bare), count, gain)
        return
    yield _Evidence(term_expression(bare), count, _UNMARKED * gain)
    more = known.weight(term) - _UNMARKED * gain
    yield _Evidence(term_expression(term), known.having(term), more)


def _neighbours(terms: tuple[Term, ...], known: Frequencies) -> Iterator[_Evidence]:
    """Two words after one another, marks or not: most Vietnamese words are two syllables."""
    for one, other in pairwise(map(_bare, filter(_is_free, terms))):
        rarer = min(known.having(one), known.having(other))
        gain = NEIGHBOURS * 2 * min(known.weight(one), known.weight(other))
        yield _Evidence(term_expression(Term(one.words + other.words)), rarer, gain)


def _chosen(db: sqlite3.Connection, evidence: list[_Evidence], strict: Source) -> list[int]:
    gained: dict[int, float] = defaultdict(float)
    fetched = 0.0
    for one in evidence:
        fetched += one.articles
        if fetched > _POSTINGS and gained:
            break
        match = f"({one.match}) AND {strict.match}" if strict.match else one.match
        for number in with_match(strict, match).ids(db):
            gained[number] += one.gain
    return nlargest(_CANDIDATES, gained, key=gained.__getitem__)
