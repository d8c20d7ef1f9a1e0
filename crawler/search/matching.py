"""Where the terms of a query stand in a text, and in what spelling: for the score and for marks."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.search.found import Span
from crawler.search.language import Term
from crawler.search.spellings import EXACT, LOOSE, UNMARKED, closeness, spellings
from crawler.vietnamese import fold

_TOKEN = re.compile(r"[^\W_]+")
# Texts repeat their words: to look a word up is quicker than to fold it again.
_folded = lru_cache(maxsize=100_000)(fold)

_Start = tuple[int, tuple[str, ...], bool, int]
"""A term's number, the rest of a wording, whether its last word may go on, and the closeness."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a term stands."""

    term: int
    at: int
    """Number of the first token."""
    after: int
    """Number of the token that follows."""
    closeness: int


class Matcher:
    """Finds the terms of a query in texts. A loose one takes more marks than were typed, too."""

    def __init__(self, terms: Sequence[Term], *, loose: bool = False) -> None:
        self._fields = [term.field for term in terms]
        self._starts = _Starts(terms, LOOSE if loose else UNMARKED)

    def matches(self, tokens: Sequence[str], field: str) -> Iterator[Match]:
        """Every place in the tokens (lower case) of a column where a term stands, in order."""
        starts, fields = self._starts, self._fields
        # This loop is where scoring spends its time; most tokens start nothing.
        some = [(at, s) for at, s in enumerate(map(starts.__getitem__, tokens)) if s]
        for at, found in some:
            for term, rest, prefix, close in found:
                if fields[term] in (None, field):
                    least = starts.following(rest, tokens[at + 1 : at + 1 + len(rest)], prefix)
                    if least:
                        yield Match(term, at, at + 1 + len(rest), min(close, least))


class _Starts(dict[str, tuple[_Start, ...]]):
    """Token to the wordings that begin with it; what was not asked for yet is worked out."""

    def __init__(self, terms: Sequence[Term], least: int) -> None:
        super().__init__()
        self._least = least
        self._words: dict[str, list[tuple[str, _Start]]] = defaultdict(list)
        self._prefixes: list[tuple[str, _Start]] = []
        for number, term in enumerate(terms):
            for first, *rest in term.wordings:
                start = first, (number, tuple(rest), term.prefix, EXACT)
                if term.prefix and not rest:
                    self._prefixes.append(start)
                else:
                    for form in {fold(spelling) for spelling in spellings(first)}:
                        self._words[form].append(start)

    def __missing__(self, token: str) -> tuple[_Start, ...]:
        likely = [*self._words.get(_folded(token), ()), *self._prefixes]
        # Hardly a word of a text is asked for.
        found = self[token] = self._fitting(token, likely) if likely else ()
        return found

    def _fitting(self, token: str, likely: list[tuple[str, _Start]]) -> tuple[_Start, ...]:
        return tuple(
            (number, rest, prefix, close)
            for first, (number, rest, prefix, _) in likely
            if (close := closeness(first, token, prefix=prefix and not rest)) >= self._least
        )

    def following(self, rest: tuple[str, ...], tokens: Sequence[str], prefix: bool) -> int:
        """The least closeness of the words of a wording after its first; 0 when they differ."""
        if not rest:
            return EXACT
        if len(tokens) < len(rest):
            return 0
        last = len(rest) - 1
        least = min(
            closeness(word, token, prefix=prefix and i == last)
            for i, (word, token) in enumerate(zip(rest, tokens, strict=True))
        )
        return least if least >= self._least else 0


def tokens_of(text: str) -> list[str]:
    """The words of an NFC text as the index has them."""
    return _TOKEN.findall(text.lower())


def spans_of(matcher: Matcher, text: str, field: str) -> list[Span]:
    """Where terms stand in `text`, in characters, in order; neighbours are not joined."""
    found = list(_TOKEN.finditer(text))
    matches = matcher.matches([token[0].lower() for token in found], field)
    spans = {(found[m.at].start(), found[m.after - 1].end()) for m in matches}
    return _without_overlaps(sorted(spans))


def _without_overlaps(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for start, end in spans:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept
