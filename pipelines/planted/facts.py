"""The facts of `facts.toml`, ready for use."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from crawler.vietnamese import fold

_FACTS: dict[str, Any] = tomllib.loads(
    (files("pipelines.planted") / "facts.toml").read_text("utf-8")
)
_GAP = r"[\W_]{0,3}"

THRESHOLD: int = _FACTS["threshold"]
POINTS: dict[str, int] = _FACTS["points"]
"""By sign."""


def glued(word: str) -> str:
    """A word or phrase without marks and gaps, by which it is known: `tài xỉu` is `taixiu`."""
    return re.sub(r"[\W_]+", "", fold(word.lower()))


def _named(group: str) -> dict[str, str]:
    return {glued(word): word for word in _FACTS["words"][group]}


def _pattern(words: Iterable[str]) -> "re.Pattern[str]":
    """Finds `words` in folded text, whatever stands between their syllables; digits may touch."""
    spelled = (_GAP.join(map(re.escape, re.findall(r"\w+", fold(word.lower())))) for word in words)
    longest_first = sorted(spelled, key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(longest_first)})(?![^\W\d_])")


def _anywhere(words: Iterable[str]) -> "re.Pattern[str]":
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _letters(pairs: str) -> dict[int, str]:
    """A table for `str.translate`."""
    return {ord(pair[0]): pair[1] for pair in pairs.split()}


BETTING = _named("betting") | _named("spam")
"""Each betting word as it is written, by its glued form."""
BETTING_WORDS = _pattern(BETTING.values())
DOUBTFUL = frozenset(_named("doubtful"))
GLUED_BRANDS = _anywhere(word for word in map(glued, _FACTS["brands"]["names"]) if len(word) > 4)
GLUED_WORDS = _anywhere(word for word in BETTING if len(word) > 5)
WEAK_WORDS = _pattern(_FACTS["words"]["weak"])
PROMOTION = _pattern(_FACTS["words"]["promotion"])
WARNING = _pattern(_FACTS["words"]["warning"])
FOREIGN_WORDS = _anywhere(_FACTS["words"]["foreign"])
BRANDS = _pattern(_FACTS["brands"]["names"])
BRAND_SHAPE = re.compile(
    rf"(?<![^\W_])(?:{_FACTS['brands']['shape'].replace(chr(10), '')})(?![^\W_])"
)
NO_BRAND = re.compile(_FACTS["brands"]["innocent"])

HOST_WORDS = _anywhere(_FACTS["hosts"]["words"])
ENDINGS = frozenset(_FACTS["hosts"]["endings"])
CHEAP_ENDINGS = frozenset(_FACTS["hosts"]["cheap"])
KNOWN_HOSTS = frozenset(_FACTS["hosts"]["known"])
LEADING_ON = frozenset(_FACTS["hosts"]["leading_on"])

LOOK_ALIKES = _letters(_FACTS["spelling"]["look_alikes"])
LEET = _letters(_FACTS["spelling"]["leet"])

UI_TAGS = frozenset(_FACTS["hiding"]["ui_tags"])
SLIDE_NAME = re.compile("|".join(_FACTS["hiding"]["slide_names"]), re.IGNORECASE)
UI_NAME = re.compile("|".join(_FACTS["hiding"]["ui_names"]), re.IGNORECASE)
