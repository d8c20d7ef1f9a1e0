"""How much two texts are the same text: by the runs of four words that they share.

A press release that ten districts carry differs by a dateline, a signature, a sentence more or
less. Texts from one form (weather, prices, schedules) share their words and differ in the numbers.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

KEYS = 8
"""So many keys a text has; texts that are 0.8 alike share one in 49 of 50 cases."""
_MINIMA = 4
"""A key is made of so many of a text's lowest numbers, one of each part of the range."""
_FEWEST = 40
"""Shorter texts say too little: captions, phone numbers."""
_ALIKE = 0.7
_SAME_NUMBERS = 0.6
_WORD = re.compile(r"\w+")
_BITS = 48
_MASK = (1 << _BITS) - 1
_PARTS = KEYS * _MINIMA


@dataclass(frozen=True, slots=True)
class Shingles:
    """A text as what can be compared; empty for one that is too short."""

    runs: frozenset[int]
    numbers: frozenset[str]

    def looked_up_by(self) -> list[int]:
        """Numbers of which texts that are alike share at least one, nearly always."""
        if not self.runs:
            return []
        ordered = sorted(self.runs)
        # The lowest in each part of the range; where a part has none, that of the next one.
        lowest = [
            ordered[at % len(ordered)]
            for at in (bisect_left(ordered, part * (_MASK // _PARTS)) for part in range(_PARTS))
        ]
        return [_key(lowest[first : first + _MINIMA]) for first in range(0, _PARTS, _MINIMA)]

    def is_like(self, other: "Shingles") -> float:
        """How much of both texts is in both, from 0 to 1; 0 when they are not the same text."""
        alike = _shared(self.runs, other.runs)
        if alike < _ALIKE or _shared(self.numbers, other.numbers) < _SAME_NUMBERS:
            return 0
        return alike


def shingles(text: str | None) -> Shingles:
    """`text` made ready for comparison."""
    words = _WORD.findall((text or "").lower())
    if len(words) < _FEWEST:
        return Shingles(frozenset(), frozenset())
    said = list(map(_number, words))
    runs = zip(said, said[1:], said[2:], said[3:], strict=False)
    return Shingles(
        frozenset([(a * 3 + b * 5 + c * 17 + d * 257) * _ODD & _MASK for a, b, c, d in runs]),
        frozenset(word for word in words if word.isdecimal()),
    )


_ODD = 0x9E3779B1


@lru_cache(maxsize=200_000)
def _number(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))


def _key(numbers: list[int]) -> int:
    mixed = 0
    for number in numbers:
        mixed = (mixed * 31 + number) * _ODD & (1 << 64) - 1
    return mixed >> 17


def _shared(
    some: frozenset[int] | frozenset[str], others: frozenset[int] | frozenset[str]
) -> float:
    together = len(some | others)
    return len(some & others) / together if together else 1
