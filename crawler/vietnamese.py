"""Facts about Vietnamese text: normal form, folding, tone placement, numbers.

Everything luutru stores is NFC; everything it compares goes through `nfc` first.
"""

import re
import unicodedata
from itertools import product

_MARKED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"


def _bare(letter: str) -> str:
    # đ (U+0111) has no canonical decomposition: it is a letter, not a d with a mark.
    return {"đ": "d", "Đ": "D"}.get(letter) or unicodedata.normalize("NFD", letter)[0]


FOLDING: dict[str, str] = {letter: _bare(letter) for letter in _MARKED + _MARKED.upper()}
"""Each of the 134 marked letters, in both cases, and the plain letter that folding makes of it."""

_FOLD_TABLE = str.maketrans(FOLDING)


def nfc(text: str) -> str:
    """`text` in normal form C, which is how everything is stored (Unicode annex 15)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """`text` without Vietnamese marks, đ as d; for NFC text the number of characters stays.

    The full-text index folds with the same table in SQL, so both always agree.
    """
    return nfc(text).translate(_FOLD_TABLE)


# Old style puts the tone on the first vowel (hòa, khỏe, thủy), new style on the second
# (hoà, khoẻ, thuỷ). They differ only where oa, oe, uy end the syllable; after q the u is
# part of the consonant (quý), so nothing moves.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_OLD_TO_NEW = {
    nfc(first + tone + second): nfc(first + second + tone)
    for first, second in ("oa", "oe", "uy")
    for tone in _TONES
}
_NEW_TO_OLD = {new: old for old, new in _OLD_TO_NEW.items()}
_OPEN_SYLLABLE = re.compile(
    rf"(?<![qQ])({'|'.join([*_OLD_TO_NEW, *_NEW_TO_OLD])})(?!\w)", re.IGNORECASE
)


def tone_placements(text: str) -> list[str]:
    """Every spelling of `text` that differs only in tone placement, the given one first.

    At most eight: a phrase with four and more such syllables is looked up as given.
    """
    pieces = _OPEN_SYLLABLE.split(nfc(text))
    if not 1 < len(pieces) <= 7:
        return [nfc(text)]
    choices = [[p, _moved(p)] if i % 2 else [p] for i, p in enumerate(pieces)]
    return ["".join(choice) for choice in product(*choices)]


def _moved(vowels: str) -> str:
    low = vowels.lower()
    moved = _OLD_TO_NEW.get(low) or _NEW_TO_OLD[low]
    return "".join(m.upper() if v.isupper() else m for v, m in zip(vowels, moved, strict=True))


_WHOLE_NUMBER = re.compile(r"\d{1,3}(?:[.,\u00a0 ]\d{3})+|\d+")


def whole_number(text: str) -> int | None:
    """The one whole number in `text` (`1.204` is 1204), or None if there is not just one."""
    found = _WHOLE_NUMBER.findall(text)
    return int(re.sub(r"\D", "", found[0])) if len(found) == 1 else None


def squeeze(text: str) -> str:
    """NFC `text` on one line: any white space (U+00A0 and U+FEFF too) becomes one space."""
    return one_line(nfc(text))


def one_line(text: str) -> str:
    """What `squeeze` does, for text that is NFC already, as a page's source is once decoded."""
    line = " ".join(text.split())
    # `translate` is slow on Vietnamese text and hardly any text needs it.
    return line if line.isprintable() else " ".join(line.translate(_INVISIBLE).split())


_INVISIBLE = {0xFEFF: " ", 0x200B: None, 0x200C: None, 0x200D: None, 0x00AD: None}
