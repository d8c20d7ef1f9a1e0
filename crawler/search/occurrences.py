"""Where the words of a query stand in a text, in whatever spelling the text has."""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import normalize

from crawler.search.found import Span
from crawler.search.language import Query, Term
from crawler.search.spellings import spellings
from crawler.vietnamese import fold

_TOKEN = re.compile(r"[^\W_]+")


def occurrences(query: Query, text: str | None, field: str | None = None) -> list[Span]:
    """Where terms of `query` stand in `text` (NFC), which is the column `field`; in order."""
    tokens = [
        (token[0].lower(), token.start(), token.end()) for token in _TOKEN.finditer(text or "")
    ]
    found = (
        span
        for term in query.terms
        if term.field in (None, field)
        for span in _of_term(term, tokens)
    )
    return _merged(found)


def _of_term(term: Term, tokens: list[tuple[str, int, int]]) -> Iterator[Span]:
    length = len(term.words)
    for i in range(len(tokens) - length + 1):
        if all(
            is_spelling(word, tokens[i + j][0], prefix=term.prefix and j == length - 1)
            for j, word in enumerate(term.words)
        ):
            yield tokens[i][1], tokens[i + length - 1][2]


@lru_cache(maxsize=100_000)
def is_spelling(asked: str, written: str, *, prefix: bool = False) -> bool:
    """Whether the word `asked` for is the word `written`, or the beginning of it.

    Every mark that was typed must be there; marks that were not typed may be.
    """
    return any(
        _fits(form, written[: len(form)] if prefix else written) for form in spellings(asked)
    )


def _fits(form: str, written: str) -> bool:
    return form == written or (
        len(form) == len(written)
        and fold(form) == fold(written)
        and all(_parts(a) <= _parts(b) for a, b in zip(form, written, strict=True))
    )


def _parts(letter: str) -> set[str]:
    """A letter and its marks; đ is a d with one."""
    return set("d-" if letter == "đ" else normalize("NFD", letter))


def _merged(spans: Iterator[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(set(spans)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
