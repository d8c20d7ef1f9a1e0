"""A query as an FTS5 expression."""

from collections.abc import Iterable
from itertools import product

from crawler.search.language import Query, Term
from crawler.search.spellings import spellings

# FTS5 keeps no expression with more nodes than that at one level.
_SPELLINGS_AT_MOST = 16


def expression(query: Query) -> str:
    """The FTS5 expression of what `query` wants; what it leaves out is `exclusion`.

    Words go in as quoted strings, so that none can be an operator.
    """
    return _any(_all(map(term_expression, terms)) for terms in query.alternatives)


def exclusion(query: Query) -> str:
    """The FTS5 expression of what `query` leaves out; empty when that is nothing."""
    return _any(map(term_expression, query.excluded))


def term_expression(term: Term) -> str:
    """Every spelling of `term`, in its column."""
    star = " *" if term.prefix else ""
    phrases = product(*map(spellings, term.words))
    text = _any(
        f'"{" ".join(words)}"{star}'
        for words, _ in zip(phrases, range(_SPELLINGS_AT_MOST), strict=False)
    )
    return f"{{{term.field} {term.field}_folded}} : {text}" if term.field else text


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def _any(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({' OR '.join(f'({part})' for part in listed)})" if listed else ""
