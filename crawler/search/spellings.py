"""Spellings of one word: where the tone mark stands, i for y, and marks that were not typed."""

import re
from functools import lru_cache
from unicodedata import normalize

from crawler.vietnamese import fold, tone_placements

# i and y alternate where one of them alone ends a syllable after these consonants (kĩ/kỹ, lí/lý,
# sĩ/sỹ, quí/quý); after a vowel they make two words (tai/tay), so nothing moves there.
_SOLE_I = re.compile(r"(h|k|l|m|s|t|qu)([iìíỉĩịyỳýỷỹỵ])")
_I_FOR_Y = dict(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))
_SWAPPED = {**_I_FOR_Y, **{i: y for y, i in _I_FOR_Y.items()}}

EXACT, UNMARKED, LOOSE = 3, 2, 1
"""How a written word answers the one asked for: so spelled; asked for without any mark; with all
the marks that were typed, but those were not all."""


@lru_cache(maxsize=10_000)
def spellings(word: str) -> tuple[str, ...]:
    """Every way to write `word` (one word, lower case, NFC), the given one first."""
    return (*tone_placements(word), *_with_i_for_y(word))


def _with_i_for_y(word: str) -> tuple[str, ...]:
    found = _SOLE_I.fullmatch(word)
    return (found[1] + _SWAPPED[found[2]],) if found else ()


def is_marked(word: str) -> bool:
    """Whether `word` has a Vietnamese mark, đ included."""
    return fold(word) != word


@lru_cache(maxsize=100_000)
def closeness(asked: str, written: str, *, prefix: bool = False) -> int:
    """How the word `written` answers the one `asked` for, or how its beginning does; 0: not."""
    return max(
        _closeness(form, written[: len(form)] if prefix else written) for form in spellings(asked)
    )


def _closeness(form: str, written: str) -> int:
    if form == written:
        return EXACT
    if len(form) != len(written) or fold(form) != fold(written):
        return 0
    if not is_marked(form):
        return UNMARKED
    fits = all(_parts(a) <= _parts(b) for a, b in zip(form, written, strict=True))
    return LOOSE if fits else 0


@lru_cache(maxsize=1_000)
def _parts(letter: str) -> frozenset[str]:
    """A letter and its marks; đ is a d with one."""
    return frozenset("d-" if letter == "đ" else normalize("NFD", letter))
