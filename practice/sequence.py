"""A row of articles with gaps where articles have vanished, read from its new end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable


class Sequence:
    """Members 0..length-1 without the `gone` ones; position 0 is the newest that is left."""

    def __init__(self, length: int, gone: Iterable[int], number: Callable[[int], int]) -> None:
        self._gone = sorted(gone)
        self._before_gone = [member - i for i, member in enumerate(self._gone)]
        self._number = number
        self.present = length - len(self._gone)

    def page(self, number: int, size: int) -> list[int]:
        """Article numbers on a page (counted from 1), newest first; empty past the end."""
        first = (number - 1) * size
        return self.slice(first, first + size)

    def slice(self, first: int, end: int) -> list[int]:
        """Article numbers at the positions first..end-1 that exist."""
        return [self._at(i) for i in range(max(0, first), min(end, self.present))]

    def pages(self, size: int) -> int:
        """How many pages there are; an empty row has one."""
        return max(1, -(-self.present // size))

    def position(self, member: int) -> int:
        """Where a member that is still there stands."""
        return self.present - 1 - (member - bisect_right(self._gone, member))

    def _at(self, position: int) -> int:
        rank = self.present - 1 - position
        return self._number(rank + bisect_right(self._before_gone, rank))
