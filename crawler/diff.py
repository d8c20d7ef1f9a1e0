"""What changed between two texts, word by word, as readers think of change."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from crawler.vietnamese import nfc

Kind = Literal["same", "removed", "added", "skipped"]

# A number, a date or a time is one word: 12.500.000, 04/01/2023, 15:20.
_WORDS = re.compile(r"(?:\w+(?:[.,/:-]\w+)*|[^\w\s])\s*")
# Above this the common words do not count when texts are aligned: the time grows with the square.
_MANY = 2_000
_COLUMNS = ("title", "published_on", "author", "body")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and what became of it."""

    kind: Kind
    text: str
    """NFC, with the spaces behind its words; empty when unchanged paragraphs were skipped."""


def text_diff(old: str | None, new: str | None) -> list[Piece]:
    """The pieces that turn `old` into `new`; paragraphs that did not change are skipped.

    Empty when both are the same text. None is a text of no words.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    pieces: list[Piece] = []
    for what, a, b, c, d in _compared(before, after).get_opcodes():
        if what == "equal":
            pieces.append(Piece("skipped", ""))
        else:
            pieces += word_diff("\n\n".join(before[a:b]), "\n\n".join(after[c:d]))
    return [] if all(piece.kind == "skipped" for piece in pieces) else pieces


def version_diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Piece]]:
    """By column, what turns one row of `versions` into another; only the columns that differ."""
    found = {name: text_diff(old[name], new[name]) for name in _COLUMNS}
    return {name: pieces for name, pieces in found.items() if pieces}


def word_diff(old: str, new: str) -> list[Piece]:
    """The pieces that turn `old` into `new`, none skipped."""
    before, after = _WORDS.findall(nfc(old)), _WORDS.findall(nfc(new))
    words = [word.rstrip() for word in before], [word.rstrip() for word in after]
    return [
        Piece(kind, "".join(text))
        for what, a, b, c, d in _compared(*words).get_opcodes()
        for kind, text in _kinds(what, before[a:b], after[c:d])
        if text
    ]


def _kinds(what: str, old: list[str], new: list[str]) -> Iterator[tuple[Kind, list[str]]]:
    if what == "equal":
        # The same words; at the end of one text they lack the space that the other has.
        yield "same", [max(pair, key=len) for pair in zip(old, new, strict=True)]
    else:
        yield "removed", old
        yield "added", new


def _compared(old: list[str], new: list[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, old, new, autojunk=len(new) > _MANY)


def _paragraphs(text: str | None) -> list[str]:
    return [part for part in nfc(text or "").split("\n\n") if part.strip()]
