"""The box that holds an article's text as text and as safe markup, without what is taken out.

Everything happens on one copy of the box, in lxml: to hand the markup to another parser and back
takes as long as everything else that is read.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

import nh3
from lxml import etree

from crawler.vietnamese import squeeze
from pipelines.paragraphs import Paragraph, is_written, paragraphs_of

_KEPT_TAGS = {
    "p", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "blockquote", "pre", "hr",
    "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "a", "img", "figure",
    "figcaption",
}  # fmt: skip
_KEPT_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SAFE = nh3.Cleaner(
    tags=_KEPT_TAGS, attributes=_KEPT_ATTRIBUTES, url_schemes={"http", "https", "mailto"}
)


class Prose:
    """The paragraphs of one box, and the box without those that were taken out."""

    def __init__(self, box: Any) -> None:
        """Read `box`, a copy that may be changed."""
        self.box = box
        self.paragraphs = paragraphs_of(box)

    def take_out(self, paragraphs: Iterable[Paragraph], with_images: bool = False) -> None:
        """Removes paragraphs from the text and from the markup; their images stay if not told."""
        gone = set(map(id, paragraphs))
        if not gone:
            return
        boxes: dict[Any, None] = {}
        for paragraph in self.paragraphs:
            if id(paragraph) in gone:
                for place in paragraph.places:
                    place.clear()
                for image in paragraph.images if with_images else ():
                    remove(image)
                boxes[paragraph.block] = None
        # Each box once, however many of its lines were taken out, and then those around.
        while boxes:
            boxes = dict.fromkeys(p for p in map(self._pruned, boxes) if p is not None)
        self.paragraphs = [p for p in self.paragraphs if id(p) not in gone]

    def text(self) -> str:
        """Paragraphs separated by one blank line."""
        return "\n\n".join(p.text for p in self.paragraphs if p.text)

    def html(self, url: str) -> str:
        """Markup that is safe to show: no script, style, event or form; addresses absolute."""
        for element, attribute in _addressed(self.box):
            if address := join(url, element.get(attribute)):
                element.set(attribute, address)
            else:
                del element.attrib[attribute]
        markup = etree.tostring(self.box, encoding="unicode", method="html", with_tail=False)
        return _SAFE.clean(markup).strip()

    def _pruned(self, element: Any) -> Any | None:
        """Removes a box that holds nothing any more, and gives the one around it; text behind a box
        keeps its place.
        """
        if (
            element is self.box
            or is_written(element)
            or next(element.iter("img"), None) is not None
        ):
            return None
        if element.tail and not element.tail.isspace():
            return None
        parent = element.getparent()
        remove(element)
        return parent


def _addressed(box: Any) -> Iterator[tuple[Any, str]]:
    """The links and pictures of `box` that have an address, each with its attribute."""
    for tag, attribute in (("a", "href"), ("img", "src")):
        yield from ((e, attribute) for e in box.iter(tag) if e.get(attribute) is not None)


def remove(element: Any) -> None:
    """Takes `element` out of its tree; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
        element.tail = None
    parent.remove(element)


def join(base: str, address: str) -> str | None:
    """`address` made absolute, or None where it is no address at all."""
    try:
        return urljoin(base, squeeze(address))
    except ValueError:
        return None
