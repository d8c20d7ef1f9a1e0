"""Undoing disguises: look-alike letters, digits for letters, spaces, invisible characters."""

import re
import unicodedata

from crawler.vietnamese import fold
from pipelines.planted.facts import LEET, LOOK_ALIKES

_MIXED = re.compile(r"[a-z0-9@$!|]+")
_SPACED = re.compile(r"(?<!\w)(?:\w[\s._*|·•~-]{1,3}){3,}\w(?!\w)")
_GAPS = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """`text` in lower case without marks; for NFC text the number of characters stays."""
    return fold(text.lower())


def undisguised(text: str) -> str:
    """`text` as a reader's eye takes it in, folded: Latin letters for all that look like them."""
    shown = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Mn", "Me"))
    latin = letters.translate(LOOK_ALIKES).replace("đ", "d")
    return _MIXED.sub(_spelled_out, latin)


def spaced_out(text: str) -> list[str]:
    """Each run of single letters in `text`, put together: `t à i  x ỉ u` is `taixiu`."""
    return [_GAPS.sub("", run) for run in _SPACED.findall(undisguised(text))]


def is_foreign(text: str) -> bool:
    """Whether most letters are of another script than Latin."""
    letters = [letter for letter in text if letter.isalpha()]
    strange = sum(letter > "\u036f" and not "\u1e00" <= letter <= "\u1eff" for letter in letters)
    return strange * 2 > len(letters)


def _spelled_out(word: "re.Match[str]") -> str:
    """Digits and signs among letters as the letters they stand for; numbers stay."""
    written = word.group()
    return written.translate(LEET) if any(map(str.isalpha, written)) else written
