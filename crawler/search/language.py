"""The query language: words, "phrases", -without, OR, prefix*, title: and author:.

Everything that can be typed is a query: what makes no sense as an operator is a word or nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.vietnamese import fold, nfc

FIELDS = {
    "title": "title",
    "intitle": "title",
    "tieude": "title",
    "author": "author",
    "tacgia": "author",
}
"""What may stand before a colon, without marks, and the column of `articles` that it means."""

# The words of the index's tokenizer (unicode61): letters and digits of any script.
_WORD = re.compile(r"[^\W_]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PIECE = re.compile(
    r"""(?P<minus>-(?=[^\s-]))?
        (?:(?P<field>[^\W\d_]+):(?=\S))?
        (?:"(?P<phrase>[^"]*)(?:"|$)(?P<star>\*)?|(?P<word>[^\s"]+)|(?P<stray>"))""",
    re.VERBOSE,
)
_OR = {"OR", "HOẶC", "|", "||"}
_AND = {"AND", "&", "&&"}
_NOT = {"NOT"}
_MOST_TERMS = 64
"""Nobody asks for more; an address of 7 KB, `a* OR b* OR ...`, kept a server busy for half a
minute."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word, or several that follow each other."""

    words: tuple[str, ...]
    """In lower case, NFC, marks as typed; at least one."""
    field: str | None = None
    """The column of `articles` to look in; None is all of them."""
    prefix: bool = False
    """The last word may go on."""
    quoted: bool = False
    also: tuple[tuple[str, ...], ...] = ()
    """Other wordings that answer as well, each one word or several; see `abbreviations`."""

    @property
    def wordings(self) -> tuple[tuple[str, ...], ...]:
        """All wordings, the typed one first."""
        return (self.words, *self.also)


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for: all terms of at least one alternative, and none of those left out."""

    alternatives: tuple[tuple[Term, ...], ...]
    excluded: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.alternatives or self.excluded)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of all alternatives."""
        return tuple(term for terms in self.alternatives for term in terms)


def parse(text: str) -> Query:
    """`text` as a query. Any text is one; a text without words asks for nothing.

    Words and phrases beyond the first 64 are left out.
    """
    left = _MOST_TERMS
    alternatives: list[list[Term]] = [[]]
    excluded: list[Term] = []
    unwanted = False
    for piece in _PIECE.finditer(nfc(text).translate(_QUOTES)):
        word = piece["word"]
        if word in _OR and not piece["minus"]:
            alternatives.append([])
        elif word in _NOT:
            unwanted = True
        elif word not in _AND:
            terms = list(_terms(piece))[:left]
            left -= len(terms)
            (excluded if piece["minus"] or unwanted else alternatives[-1]).extend(terms)
            unwanted = False
    return Query(tuple(tuple(terms) for terms in alternatives if terms), tuple(excluded))


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text` as the index knows them: lower case, NFC."""
    return tuple(_WORD.findall(nfc(text).lower()))


def _terms(piece: re.Match[str]) -> Iterator[Term]:
    """The one term of a piece, or none when it has no word."""
    field = FIELDS.get(fold(piece["field"] or "").lower())
    text = piece["phrase"] if piece["phrase"] is not None else piece["word"] or ""
    if piece["field"] and not field:
        text = f"{piece['field']}:{text}"
    quoted = piece["phrase"] is not None
    starred = bool(piece["star"]) or text.endswith("*")
    if words := words_of(text):
        yield Term(words, field, starred, quoted)
