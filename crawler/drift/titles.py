"""Whether a title is what other pages call the article: a line that is wrong is read as well."""

import re

from crawler.vietnamese import fold

_WORD = re.compile(r"\w+")
_ENOUGH = 0.5


def alike(title: str, words: str) -> bool:
    """Whether most words of the shorter stand in the longer: lists cut titles, and add leads."""
    mine, theirs = (set(_WORD.findall(fold(text).lower())) for text in (title, words))
    return len(mine & theirs) >= _ENOUGH * min(len(mine), len(theirs))
