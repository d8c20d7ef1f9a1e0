"""Numbers of rows in a merged archive: whose row it is, and which, told by arithmetic alone.

Every source has a number of its own, and its rows keep their numbers in a block of that source's.
Articles are dealt out in turn instead: the first of every source, the second of every source, and
so on. The search takes an article's number for its age and samples by it; in blocks it would look
at one source and take it for all.

Numbers stay below 2**45: exact in JSON and JavaScript, and short in addresses.
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

SOURCES = 8192
"""Sources have the numbers below this one, from 1 on."""
ROWS = 2**32
"""Rows that a table of a source may have."""
_DEALT_OUT = "articles"


def merged(table: str, number: int, source: int) -> int:
    """The number that row `number` of a source's `table` has in the merged archive."""
    return number * SOURCES + source if table == _DEALT_OUT else source * ROWS + number


def own(table: str, number: int) -> tuple[int, int]:
    """The source of a row in the merged archive, and the row's number there."""
    source, row = divmod(number, ROWS)
    return (number % SOURCES, number // SOURCES) if table == _DEALT_OUT else (source, row)


def expression(table: str, number: str, source: int) -> str:
    """`merged` in SQL; NULL stays NULL."""
    if table == _DEALT_OUT:
        return f"({number} * {SOURCES} + {source})"
    return f"({number} + {source * ROWS})"


def is_of(source: int) -> str:
    """The SQL condition on `id` for the rows of a source, in every table but `articles`."""
    return f"id BETWEEN {source * ROWS} AND {source * ROWS + ROWS - 1}"


class Places:
    """Where an article stands among all by its number, as nearly as the sources' sizes tell.

    An archive that was not merged has no sources: number and place are the same there.
    """

    def __init__(self, last: int, sizes: Iterable[int]) -> None:
        """`last` is the highest number, `sizes` are the highest numbers in the sources."""
        self._sizes = sorted(size for size in sizes if size)
        # Up to the size of the n-th smallest source, so many articles are dealt out.
        steps = (
            (size - before) * (len(self._sizes) - n)
            for n, (before, size) in enumerate(zip([0, *self._sizes], self._sizes, strict=False))
        )
        self._dealt = list(accumulate(steps))
        self.last = self._dealt[-1] if self._dealt else last
        """The place of the last one: about how many there are."""

    def place(self, number: int) -> int:
        """The place of the article with that number."""
        if not self._sizes:
            return number
        round_ = number // SOURCES
        n = bisect_left(self._sizes, round_)
        if n == len(self._sizes):
            return self.last
        return self._dealt[n] - (self._sizes[n] - round_) * (len(self._sizes) - n)

    def number(self, place: int) -> int:
        """The number of the article at that place."""
        if not self._sizes:
            return place
        n = min(bisect_left(self._dealt, place), len(self._sizes) - 1)
        lacking = (self._dealt[n] - place) // (len(self._sizes) - n)
        return (self._sizes[n] - lacking) * SOURCES
