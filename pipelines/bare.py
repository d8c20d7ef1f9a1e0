"""Finds the box of an article without running text: only a file, pictures, a film or a table.

Such a page is told by its heading and the date under it; the box is what follows them.
"""

import re
from collections.abc import Iterator
from typing import Any

from pipelines.beside import is_beside
from pipelines.blocks import Block, Walked
from pipelines.claimed import is_site
from pipelines.clock import is_only_moment
from pipelines.heading import likeness
from pipelines.lines import is_bold, is_lead

_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar)\b|/documents/\d|download", re.IGNORECASE)
_SHOWN = ("img", "iframe", "video", "audio", "embed", "object", "table")
_LEAST_LIKENESS = 0.5
_LINES = 5
"""How many lines under the heading the date is looked for in."""
_BESIDES_DATE = 50
_HIGHEST = 4
_FEW_WORDS = 4


def find_bare(walked: Walked, page_title: str) -> Any | None:
    """The element that holds what such an article shows; None on any other page."""
    for heading in walked.blocks:
        if _is_heading(heading, page_title) and (date := _date_under(heading, walked)):
            boxes = (box for box in _following(heading.element) if _shows_something(box))
            box = next((box for box in boxes if _first(box, walked) > date.index), None)
            return None if box is None else _with_lead(date, box, walked)
    return None


def _with_lead(date: Block, box: Any, walked: Walked) -> Any | None:
    """`box` with the lead above it; None behind a text, whose file is no page of its own."""
    between = [b for b in walked.blocks[date.index + 1 : _first(box, walked)] if b.prose]
    if not all(map(is_lead, between)):
        return None
    if not between:
        return box
    around = set(between[0].element.iterancestors())
    return next((each for each in box.iterancestors() if each in around), None)


def _is_heading(block: Block, page_title: str) -> bool:
    if block.is_linked or block.beside:
        return False
    if not block.is_heading:
        # The tables of 2009 have bold lines; a site's own name stands in capitals over its clock.
        words = len(block.text.split())
        return words >= _FEW_WORDS and not _is_name(block.text) and is_bold(block)
    return block.element.tag == "h1" or likeness(block.text, page_title) >= _LEAST_LIKENESS


def _is_name(text: str) -> bool:
    return text.isupper() or is_site(text)


def _date_under(heading: Block, walked: Walked) -> Block | None:
    under = walked.blocks[heading.index + 1 : heading.index + 1 + _LINES]
    for block in under:
        if block.linked:
            return None
        if is_only_moment(block.text, _BESIDES_DATE):
            return None if _is_one_day_of_many(block, walked) else block
    return None


def _is_one_day_of_many(date: Block, walked: Walked) -> bool:
    """Whether it heads one day of a plan, such as that of matches: the next is headed so, too."""
    return date.is_heading and any(
        block.element.tag == date.element.tag and is_only_moment(block.text, _BESIDES_DATE)
        for block in walked.blocks[date.index + 1 :]
        if block.is_heading
    )


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
