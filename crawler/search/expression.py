"""A query as an FTS5 expression."""

from collections.abc import Iterable, Iterator
from itertools import islice, product

from crawler.search.language import Query, Term
from crawler.search.spellings import is_marked, spellings
from crawler.vietnamese import fold

# A long phrase with many syllables of two spellings is looked up in the first of them.
_SPELLINGS_AT_MOST = 16


def expression(query: Query) -> str:
    """The FTS5 expression of what `query` wants; what it leaves out is `exclusion`.

    Words go in as quoted strings, so that none can be an operator.
    """
    return _any(_all(map(term_expression, terms)) for terms in query.alternatives)


def exclusion(query: Query) -> str:
    """The FTS5 expression of what `query` leaves out; empty when that is nothing."""
    return _any(map(term_expression, query.excluded))


def phrase_expression(query: Query) -> str:
    """The FTS5 expression of an alternative's words one after the other; empty if all are single.

    Without marks if one of them has none; other wordings and columns are left to `expression`.
    """
    runs = (
        tuple(word for term in terms for word in term.words)
        for terms in query.alternatives
        if len(terms) > 1 and not any(term.field or term.prefix for term in terms)
    )
    return _any(term_expression(Term(_marked_or_not(words))) for words in runs)


def is_mixed(query: Query) -> bool:
    """Whether an alternative has words with marks and others without, so that its phrase has none.

    Then the phrase is in other articles, too.
    """
    return any(
        len({is_marked(word) for term in terms for word in term.words}) > 1
        for terms in query.alternatives
    )


def _marked_or_not(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words as they are if all have marks, else all without: no column has a mixture."""
    return words if all(map(is_marked, words)) else tuple(map(fold, words))


def term_expression(term: Term) -> str:
    """Every wording and spelling of `term`, in its column."""
    star = " *" if term.prefix else ""
    text = _any(f'"{" ".join(words)}"{star}' for words in _spelled(term))
    return f"{{{term.field} {term.field}_folded}} : {text}" if term.field else text


def _spelled(term: Term) -> Iterator[tuple[str, ...]]:
    for wording in term.wordings:
        yield from islice(product(*map(spellings, wording)), _SPELLINGS_AT_MOST)


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def _any(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({' OR '.join(f'({part})' for part in listed)})" if listed else ""
