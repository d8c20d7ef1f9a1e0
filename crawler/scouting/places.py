"""Where on a page a text stands, and selectors that name such a place and last.

Names made of numbers (`dnn_ctr1052`) and names of looks (`col-md-9`, `text-right`) change with
the page or the day; they are never used.
"""

import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

from crawler.selectors import compiled, text_of

_STABLE = re.compile(r"[A-Za-z][A-Za-z-]*(?:_{1,2}[A-Za-z-]+)*\d{0,2}")
_LOOKS = re.compile(
    r"(?:col|row|container|clearfix|text|pull|float|m[tblrxy]?|p[tblrxy]?|d|h|w|align|justify|flex"
    r"|btn|fas?|far|icon|hidden|active|current|show|in|fade|left|right|center|bold|small|first|last"
    r"|odd|even|margin|padding|font|bg|img|list|h[1-6])(?:[-_].*|\d*)",
    re.IGNORECASE,
)
_TELLING = frozenset({"h1", "h2", "h3", "time", "img"})
"""Tags that say enough inside a named box."""
_HIGHEST = 4
"""How many named boxes around an element are tried to tell it from others of its name."""


def holders(root: Any, text: str) -> Iterator[Any]:
    """The innermost elements whose text holds `text`, in the page's order."""
    if not isinstance(root.tag, str) or text not in text_of(root):
        return
    inner = [found for child in root for found in holders(child, text)]
    yield from inner or [root]


def holder_of_both(root: Any, first: str, last: str) -> Any | None:
    """The innermost element that holds both texts; None when none does."""
    for element in holders(root, first):
        around = (e for e in (element, *element.iterancestors()) if last in text_of(e))
        if (found := next(around, None)) is not None:
            return found
    return None


def around_same_text(element: Any) -> Iterator[Any]:
    """`element` and the boxes around it that hold nothing else."""
    text = text_of(element)
    yield element
    yield from takewhile(lambda box: text_of(box) == text, element.iterancestors())


def selectors_for(element: Any, word: str = "") -> list[str]:
    """CSS selectors for `element`, the plainest first; none if nothing names it.

    Those that hold one of the words of the regular expression `word` come before the others.
    """
    own = names_of(element)
    tail = own or [tag for tag in [str(element.tag)] if tag in _TELLING]
    around = islice(_named_around(element), _HIGHEST)
    boxed = (f"{name} {part}" for box in around for name in names_of(box)[:2] for part in tail[:2])
    return sorted([*own, *boxed], key=lambda css: not re.search(word, css, re.IGNORECASE))


def names_of(element: Any) -> list[str]:
    """Selectors by the element's own id and classes."""
    tag = str(element.tag)
    identity = element.get("id") or ""
    classes = [name for name in (element.get("class") or "").split() if is_stable(name)]
    ids = [f"#{identity}"] if is_stable(identity) else []
    return ids + [f"{tag}.{name}" for name in classes]


def is_stable(name: str) -> bool:
    """Whether a class or id says what a place is for, not how it looks or which number it has."""
    return bool(_STABLE.fullmatch(name)) and not _LOOKS.fullmatch(name)


def _named_around(element: Any) -> Iterator[Any]:
    yield from (e for e in element.iterancestors() if e.tag not in ("body", "html") and names_of(e))


def found_by(root: Any, selector: str) -> list[Any]:
    """The elements that `selector` finds below `root`."""
    return compiled(selector)(root)
