"""How well an article answers a query.

BM25 over columns (Robertson, Zaragoza, Taylor 2004: weighted counts are summed before they
saturate), plus the same for neighbours in the query that are neighbours in the text, because most
Vietnamese words are two syllables (after the sequential dependence model of Metzler and Croft,
2005). The weights were chosen on one half of the queries of benchmarks/retrieval.py and scored on
the other.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from crawler.search.language import Query
from crawler.search.matching import Matcher, tokens_of
from crawler.search.spellings import EXACT, LOOSE, UNMARKED

COLUMNS = {"title": 4.0, "summary": 2.0, "author": 2.0, "body": 1.0, "attachments_text": 0.5}
"""The searched columns and what one occurrence there counts."""

_CLOSENESS = {EXACT: 1.0, UNMARKED: 0.85, LOOSE: 0.5}
_SATURATION = 1.0
_LENGTH_SHARE = 0.75
_USUAL_LENGTH = 250
"""Words in a text whose occurrences count as they are; in a longer one they count less."""
NEIGHBOURS = 0.6
"""What two terms after one another count beside the two alone."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one article answers."""

    rank: tuple[bool, float]
    """Orders articles: first whether the one term is there as it was typed, then points."""
    coverage: float
    """Share of the query that the article has, by weight, 0 to 1."""


class _Counts:
    """What one article has of the terms."""

    def __init__(self) -> None:
        self.single: dict[int, float] = defaultdict(float)
        self.double: dict[int, float] = defaultdict(float)
        """Occurrences right after the term before."""
        self.closeness: dict[int, int] = defaultdict(int)


class Scorer:
    """Scores articles against one query.

    `weights` are those of its terms as typed; `folded` those without marks, for what is found in
    another spelling.
    """

    def __init__(
        self,
        query: Query,
        weights: Sequence[float],
        folded: Sequence[float] = (),
        *,
        loose: bool = False,
    ) -> None:
        self._matcher = Matcher(query.terms, loose=loose)
        # `ban` must not drown in `bạn`. Where there are more words, neighbours tell better which
        # ones are meant: in `hình anh đầu` not those that have `anh` just so.
        self._is_one = len(query.terms) == 1
        self._weights, self._folded = weights, folded or weights
        self._whole = sum(self._folded) or 1.0
        ends = accumulate(map(len, query.alternatives))
        self._first = {0, *ends}

    def score(self, row: sqlite3.Row) -> Score:
        """The score of a row of `articles`."""
        counts = _Counts()
        for column, weight in COLUMNS.items():
            if row[column]:
                self._count(column, row[column], weight, counts)
        having = sum(self._folded[term] for term in counts.single)
        # Equal but for the last digit is equal: the newer one goes first.
        points = round(self._points(counts) / self._whole, 3)
        as_typed = self._is_one and counts.closeness.get(0) == EXACT
        return Score((as_typed, points), having / self._whole)

    def _count(self, column: str, text: str, weight: float, counts: _Counts) -> None:
        tokens = tokens_of(text)
        one = weight / (1 - _LENGTH_SHARE + _LENGTH_SHARE * len(tokens) / _USUAL_LENGTH)
        ends: dict[int, int] = {}
        for match in self._matcher.matches(tokens, column):
            term, value = match.term, one * _CLOSENESS[match.closeness]
            counts.single[term] += value
            counts.closeness[term] = max(counts.closeness[term], match.closeness)
            ends[term] = match.after
            # An abbreviation answers several terms at one place: they are neighbours, too.
            previous = None if term in self._first else ends.get(term - 1)
            if previous in (match.at, match.after):
                counts.double[term] += value

    def _points(self, counts: _Counts) -> float:
        worth = {
            term: (self._weights if close == EXACT else self._folded)[term]
            for term, close in counts.closeness.items()
        }
        single = sum(worth[term] * _saturated(n) for term, n in counts.single.items())
        double = sum(
            (worth[term - 1] + worth[term]) * _saturated(n) for term, n in counts.double.items()
        )
        return single + NEIGHBOURS * double


def _saturated(count: float) -> float:
    return count * (_SATURATION + 1) / (count + _SATURATION)
