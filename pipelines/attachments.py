"""The files that an article offers: links, script links and embedded viewers."""

from collections.abc import Iterator
from typing import Any

from crawler.items import Attachment
from crawler.selectors import matches
from pipelines.beside import is_beside
from pipelines.offered import file_in
from pipelines.sheet import Sheet

_SIBLINGS = 4
_BOXES = ("div", "section")
_CELLS = ("td", "tr", "tbody", "font", "center")


def read_attachments(sheet: Sheet) -> tuple[Attachment, ...]:
    """The files in the text and directly around it, each once; menu and sidebar files are not."""
    found: dict[str, Attachment] = {}
    for root in _places(sheet):
        for element in root.iter("a", "iframe", "embed", "object", "button", "span"):
            if (file := file_in(element, sheet.url)) and file.url not in found:
                found[file.url] = file
    return tuple(found.values())


def _places(sheet: Sheet) -> Iterator[Any]:
    selectors = sheet.layout.attachment if sheet.layout else ()
    yield from (element for element, _ in matches(sheet.document, selectors))
    box = sheet.container
    if box is None:
        return
    yield box
    while box.getnext() is None and box.getparent() is not None and box.tag in _CELLS:
        box = box.getparent()
    if box.getnext() is None and box.getprevious() is None and _is_only_a_box(box.getparent()):
        box = box.getparent()
    for place, sibling in enumerate(box.itersiblings()):
        if place >= _SIBLINGS or (isinstance(sibling.tag, str) and is_beside(sibling)):
            return
        if isinstance(sibling.tag, str):
            yield sibling


def _is_only_a_box(around: Any) -> bool:
    """Whether a box only wraps that of the text: what the article offers then follows the outer."""
    return around is not None and around.tag in _BOXES and not is_beside(around)
