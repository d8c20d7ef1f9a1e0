"""The paragraphs of a box as people see them, each with the strings and pictures it is made of."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crawler.selectors import text_of
from crawler.vietnamese import one_line, squeeze
from pipelines.blocks import INLINE

_LINES = frozenset({"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "figcaption", "pre"})
_BARS = re.compile(r"\s+[|·•»]\s+")
"""What stands between links in one line."""
_CENTRED = re.compile(r"text-align\s*:\s*center|\b(?:text-|align-?)center\b", re.IGNORECASE)
_RIGHT = re.compile(
    r"(?:text-align|float)\s*:\s*(?:right|end)|\b(?:text-|align-?|pull-|float-)right\b|\b(?:text|float)-end\b",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """Where a string stands in the tree: lxml keeps text in the element before it."""

    element: Any
    is_tail: bool

    @property
    def parent(self) -> Any:
        """The element that the string stands in."""
        return self.element.getparent() if self.is_tail else self.element

    def text(self) -> str:
        """The string itself."""
        return str((self.element.tail if self.is_tail else self.element.text) or "")

    def clear(self) -> None:
        """Take the string out of the tree."""
        setattr(self.element, "tail" if self.is_tail else "text", None)


@dataclass(eq=False, slots=True)
class Paragraph:
    """One visual paragraph of the box, or an image that stands alone."""

    block: Any
    """The nearest element that is not inline."""
    places: list[Place] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    text: str = ""
    """Lines separated by a line feed, each without superfluous white space."""
    linked: int = 0
    """Characters that are links."""
    hrefs: list[str] = field(default_factory=list)
    """Where its links lead, as written."""

    @property
    def is_linked(self) -> bool:
        """Whether it is nothing but links."""
        return bool(self.linked) and self.linked * 10 >= len(_BARS.sub("", self.text)) * 8

    @property
    def is_centred(self) -> bool:
        """Whether it or the box directly around it is centred."""
        return self.block.tag == "center" or _aligned(self.block, _CENTRED, "center")

    @property
    def is_right(self) -> bool:
        """Whether it is set to the right."""
        return is_right(self.block)

    def is_all_in(self, *tags: str) -> bool:
        """Whether every letter stands inside one of these tags."""
        return bool(self.places) and all(
            _is_in(place, tags, self.block) for place in self.places if place.text().strip()
        )


def paragraphs_of(box: Any) -> list[Paragraph]:
    """The paragraphs of `box`, in order."""
    reader = _Reader()
    reader.read(box)
    return reader.paragraphs


def is_right(block: Any) -> bool:
    """Whether the block or the box directly around it is set to the right."""
    return _aligned(block, _RIGHT, "right")


def is_written(element: Any) -> bool:
    """Whether there is any text in `element`."""
    return any(text and not text.isspace() for text in element.itertext())


class _Reader:
    """Collects strings and images until a paragraph ends."""

    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = []
        self.parts: list[str] = []
        self.places: list[Place] = []
        self.images: list[Any] = []
        self.hrefs: list[str] = []
        self.linked = 0

    def read(self, box: Any) -> None:
        self.inside(box, box, False)
        self.finish(box)

    def inside(self, element: Any, holder: Any, in_link: bool) -> None:
        if text := element.text:
            self.string(text, Place(element, False), in_link)
        for child in element:
            self.element(child, holder, in_link)
            if text := child.tail:
                self.string(text, Place(child, True), in_link)

    def string(self, text: str, place: Place, in_link: bool) -> None:
        if not self.parts and text.isspace():
            return
        self.parts.append(text.replace("\n", " ").replace("\r", " "))
        self.places.append(place)
        if in_link:
            self.linked += len(text.strip())

    def element(self, element: Any, holder: Any, in_link: bool) -> None:
        tag = element.tag
        if tag == "br":
            self.line_break(holder)
        elif tag == "img":
            self.images.append(element)
        elif tag in INLINE:
            if tag == "a":
                self.hrefs.append(element.get("href", ""))
            elif tag == "time":
                self.parts.append(" ")
            self.inside(element, holder, in_link or tag == "a")
        elif tag == "tr" and _is_data_row(element):
            self.finish(holder)
            self.row(element)
        else:
            self.finish(holder)
            self.inside(element, element, in_link)
            self.finish(element)

    def line_break(self, holder: Any) -> None:
        """One break inside a paragraph is a new line; two, or one in a bare box, end it."""
        written = next((part for part in reversed(self.parts) if part.strip(" \xa0\t")), "")
        if written == "\n" or holder.tag not in _LINES:
            self.finish(holder)
        else:
            self.parts.append("\n")

    def row(self, row: Any) -> None:
        cells = map(text_of, _cells(row))
        text = " | ".join(cell for cell in cells if cell)
        places = [
            Place(inner, is_tail)
            for inner in row.iter()
            for is_tail in (False, True)
            if (inner.tail if is_tail else inner.text) and not (is_tail and inner is row)
        ]
        links = list(row.iter("a"))
        linked = sum(len(squeeze("".join(link.itertext()))) for link in links)
        hrefs = [link.get("href", "") for link in links]
        images = list(row.iter("img"))
        self.paragraphs.append(Paragraph(row, places, images, text, linked, hrefs))

    def finish(self, holder: Any) -> None:
        if self.parts or self.images:
            lines = map(one_line, "".join(self.parts).split("\n"))
            text = "\n".join(filter(None, lines))
            if text or self.images:
                self.paragraphs.append(
                    Paragraph(holder, self.places, self.images, text, self.linked, self.hrefs)
                )
            self.parts, self.places, self.images, self.hrefs, self.linked = [], [], [], [], 0


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _is_data_row(row: Any) -> bool:
    """Whether a table row is data: several cells, each at most one short paragraph.

    Old pages set whole articles in tables; such cells hold paragraphs, pictures, tables.
    """
    cells = _cells(row)
    if sum(map(is_written, cells)) < 2:
        return False
    return all(
        next(cell.iter("table", "img", "ul", "ol"), None) is None
        and sum(1 for _ in cell.iter("p")) < 9
        for cell in cells
    )


def _is_in(place: Place, tags: tuple[str, ...], block: Any) -> bool:
    parent = place.parent
    while parent is not None and parent is not block:
        if parent.tag in tags:
            return True
        parent = parent.getparent()
    return parent is not None and parent.tag in tags


def _aligned(block: Any, style: "re.Pattern[str]", side: str) -> bool:
    for element in (block, block.getparent()):
        if element is None or not element.attrib:
            continue
        if (element.get("align") or "").lower() == side or style.search(
            f"{element.get('style') or ''} {element.get('class') or ''}"
        ):
            return True
    return False
