"""Abbreviations of officialese, found by what they stand for and the other way round.

The table is `abbreviations.toml`; docs/search.md shows it.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

from crawler.search.language import Query, Term, words_of
from crawler.search.spellings import closeness
from crawler.vietnamese import fold

Words = tuple[str, ...]


@cache
def table() -> dict[str, list[str]]:
    """What abbreviations stand for, and how each is abbreviated."""
    text = (files("crawler.search") / "abbreviations.toml").read_text("utf-8")
    return {long: list(short) for long, short in tomllib.loads(text).items()}


def expanded(query: Query) -> Query:
    """`query` with the other wordings of its terms, in `Term.also`."""
    return replace(query, alternatives=tuple(map(_expanded, query.alternatives)))


def _expanded(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    made, at = [], 0
    while at < len(terms):
        length, also = _longest(terms, at)
        made += [replace(term, also=also) for term in terms[at : at + length]]
        at += length
    return tuple(made)


def _longest(terms: tuple[Term, ...], at: int) -> tuple[int, tuple[Words, ...]]:
    """How many terms from `at` on say what the table knows (else 1), and its other wordings.

    Each word of `ủy ban nhân dân` gets `ubnd` beside it: all words, or the abbreviation.
    """
    for length in range(min(_most_words(), len(terms) - at), 0, -1):
        run = terms[at : at + length]
        if _is_plain(run):
            words = tuple(word for term in run for word in term.words)
            if also := tuple(_others(words, one=length == 1)):
                return length, also
    return 1, ()


def _is_plain(run: tuple[Term, ...]) -> bool:
    if len(run) > 1 and any(len(term.words) > 1 for term in run):
        return False
    return len({term.field for term in run}) == 1 and not any(t.quoted or t.prefix for t in run)


def _others(typed: Words, *, one: bool) -> Iterator[Words]:
    """The other wordings of what was typed; of several terms only what is said in full words."""
    known = _wordings()[tuple(map(fold, typed))]
    for words, is_short, others in known:
        if is_short == one and all(map(closeness, typed, words)):
            yield from (other for other in others if other != typed)


@cache
def _wordings() -> dict[Words, list[tuple[Words, bool, list[Words]]]]:
    """Folded words to what they may be: the wording, whether it is short, the other ones."""
    found = defaultdict(list)
    for long, shorts in table().items():
        full, short = words_of(long), [words_of(text) for text in shorts]
        found[tuple(map(fold, full))].append((full, False, short))
        for words in short:
            found[tuple(map(fold, words))].append((words, True, [full, *short]))
    return found


@cache
def _most_words() -> int:
    return max(len(words_of(long)) for long in table())
