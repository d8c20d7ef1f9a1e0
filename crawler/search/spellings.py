"""Spellings that are the same word: where the tone mark stands, and i for y."""

import re
import unicodedata

from crawler.vietnamese import tone_placements

# i and y alternate where one of them alone ends a syllable after these consonants (kĩ/kỹ, lí/lý,
# sĩ/sỹ, quí/quý); after a vowel they make two words (tai/tay), so nothing moves there.
_SOLE_I = re.compile(r"(h|k|l|m|s|t|qu)([iìíỉĩịyỳýỷỹỵ])")
_I_FOR_Y = dict(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))
_SWAPPED = {**_I_FOR_Y, **{i: y for y, i in _I_FOR_Y.items()}}


def spellings(word: str) -> tuple[str, ...]:
    """Every way to write `word` (one word, lower case, NFC), the given one first."""
    return (*tone_placements(word), *_with_i_for_y(word))


def _with_i_for_y(word: str) -> tuple[str, ...]:
    found = _SOLE_I.fullmatch(word)
    return (found[1] + _SWAPPED[found[2]],) if found else ()


def is_marked(word: str) -> bool:
    """Whether `word` has a Vietnamese mark, đ included."""
    return not word.isascii() and any(_has_mark(letter) for letter in word)


def _has_mark(letter: str) -> bool:
    return letter == "đ" or len(unicodedata.normalize("NFD", letter)) > 1
