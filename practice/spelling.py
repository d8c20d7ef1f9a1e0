"""Facts of Vietnamese writing that the portal needs: slugs, tone placement, windows-1258."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_OLD_PLACEMENT = {
    "hòa": "hoà", "Hòa": "Hoà", "hóa": "hoá", "Hóa": "Hoá", "tỏa": "toả", "khỏe": "khoẻ",
    "Khỏe": "Khoẻ", "ủy": "uỷ", "Ủy": "Uỷ", "lũy": "luỹ", "úy": "uý",
}  # fmt: skip
_OLD_PATTERN = re.compile("|".join(_OLD_PLACEMENT))


def fold(text: str) -> str:
    """Lower case without any marks; đ becomes d."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(ch for ch in bare if not unicodedata.combining(ch))


def slug(text: str) -> str:
    """The form a title takes in an address: folded words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def old_placement(text: str) -> str:
    """The same text with tones placed the old way: hòa becomes hoà, ủy becomes uỷ."""
    return _OLD_PATTERN.sub(lambda found: _OLD_PLACEMENT[found[0]], text)


def sentence_case(text: str) -> str:
    """The text with its first letter in upper case; the rest is left alone."""
    return text[:1].upper() + text[1:]


def dotted(number: int) -> str:
    """A number as Vietnamese pages print it, 1204 as 1.204."""
    return f"{number:,}".replace(",", ".")


@lru_cache(maxsize=2048)
def _in_1258(letter: str) -> bytes:
    """One NFC letter in windows-1258, which has letters and tones but few letters with tones."""
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in _TONES)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        return (base + tones).encode("cp1258", "xmlcharrefreplace")


def windows_1258(text: str) -> bytes:
    """Encode as old Windows editors did: base letter, then the tone as a combining mark."""
    return b"".join(map(_in_1258, unicodedata.normalize("NFC", text)))
