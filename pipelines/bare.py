"""Finds the box of an article without running text: only a file, pictures, a film or a table.

Such a page is told by its heading and the date under it; the box is what follows them.
"""

import re
from collections.abc import Iterator
from typing import Any

from pipelines.beside import is_beside
from pipelines.blocks import Block, Walked
from pipelines.clock import is_only_moment
from pipelines.content import prose_of
from pipelines.heading import likeness

_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar)\b|/documents/\d|download", re.IGNORECASE)
_SHOWN = ("img", "iframe", "video", "embed", "object", "table")
_LEAST_LIKENESS = 0.5
_LINES = 5
"""How many lines under the heading the date is looked for in."""
_BESIDES_DATE = 50
_HIGHEST = 4


def find_bare(walked: Walked, page_title: str) -> Any | None:
    """The element that holds what such an article shows; None on any other page."""
    for heading in walked.blocks:
        if _is_heading(heading, page_title) and (date := _date_under(heading, walked)):
            boxes = (box for box in _following(heading.element) if _shows_something(box))
            box = next((box for box in boxes if _first(box, walked) > date.index), None)
            return None if box is None or _has_text_between(date, box, walked) else box
    return None


def _has_text_between(date: Block, box: Any, walked: Walked) -> bool:
    """A file behind a short text is no page of its own."""
    return prose_of(walked.blocks[date.index + 1 : _first(box, walked)]) > 0


def _is_heading(block: Block, page_title: str) -> bool:
    if not block.is_heading or block.is_linked or block.beside:
        return False
    return block.element.tag == "h1" or likeness(block.text, page_title) >= _LEAST_LIKENESS


def _date_under(heading: Block, walked: Walked) -> Block | None:
    under = walked.blocks[heading.index + 1 : heading.index + 1 + _LINES]
    for block in under:
        if block.linked:
            return None
        if is_only_moment(block.text, _BESIDES_DATE):
            return block
    return None


def _following(element: Any) -> Iterator[Any]:
    for _ in range(_HIGHEST):
        if element is None or element.tag == "body":
            return
        yield from (e for e in element.itersiblings() if isinstance(e.tag, str))
        element = element.getparent()


def _shows_something(box: Any) -> bool:
    if is_beside(box):
        return False
    if any(True for _ in box.iter(*_SHOWN)):
        return True
    return any(
        _FILE.search(link.get("href", "") + link.get("onclick", "")) for link in box.iter("a")
    )


def _first(box: Any, walked: Walked) -> int:
    return walked.spans.get(box, (0, 0))[0]
