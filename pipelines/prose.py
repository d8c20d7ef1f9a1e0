"""Turns the fragment that holds an article's text into paragraphs and safe markup.

Beautiful Soup sees the fragment only, never the page: on whole pages it takes five times as long
as everything else together.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin

import nh3
from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString

from crawler.vietnamese import squeeze
from pipelines.blocks import INLINE

_LINES = frozenset({"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt", "figcaption", "pre"})
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
_CENTRED = re.compile(r"text-align\s*:\s*center|\b(?:text-|align-?)center\b", re.IGNORECASE)
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)|\b(?:text-|align-?)right\b", re.IGNORECASE)


@dataclass(eq=False, slots=True)
class Paragraph:
    """One visual paragraph of the fragment, or an image that stands alone."""

    block: Tag
    """The nearest element that is not inline."""
    nodes: list[NavigableString] = field(default_factory=list)
    images: list[Tag] = field(default_factory=list)
    text: str = ""
    """Lines separated by a line feed, each without superfluous white space."""
    linked: int = 0
    """Characters that are links."""
    hrefs: list[str] = field(default_factory=list)
    """Where its links lead, as written."""

    @property
    def is_linked(self) -> bool:
        """Whether it is nothing but links."""
        return bool(self.text) and self.linked * 10 >= len(self.text) * 8

    @property
    def is_centred(self) -> bool:
        """Whether it or the box directly around it is centred."""
        return self.block.name == "center" or _aligned(self.block, _CENTRED, "center")

    @property
    def is_right(self) -> bool:
        """Whether it is set to the right."""
        return _aligned(self.block, _RIGHT, "right")

    def is_all_in(self, *tags: str) -> bool:
        """Whether every letter stands inside one of these tags."""
        return bool(self.nodes) and all(
            not node.strip() or _is_in(node, tags, self.block) for node in self.nodes
        )


class Prose:
    """The paragraphs of one fragment, and the fragment without those that were taken out."""

    def __init__(self, html: str) -> None:
        self.soup = BeautifulSoup(html, "lxml")
        self.paragraphs: list[Paragraph] = []
        _Reader(self.paragraphs).read(self.soup)

    def take_out(self, paragraphs: Iterable[Paragraph], with_images: bool = False) -> None:
        """Removes paragraphs from the text and from the markup; their images stay if not told."""
        gone = set(map(id, paragraphs))
        for paragraph in self.paragraphs:
            if id(paragraph) in gone:
                for node in [*paragraph.nodes, *(paragraph.images if with_images else ())]:
                    node.extract()
                _prune(paragraph.block)
        self.paragraphs = [p for p in self.paragraphs if id(p) not in gone]

    def text(self) -> str:
        """Paragraphs separated by one blank line."""
        return "\n\n".join(p.text for p in self.paragraphs if p.text)

    def html(self, url: str) -> str:
        """Markup that is safe to show: no script, style, event or form; addresses absolute."""

        def absolute(_: str, attribute: str, value: str) -> str | None:
            return join(url, value) if attribute in ("href", "src") else value

        body = self.soup.body
        return nh3.clean(
            body.decode_contents() if body else "",
            tags=_KEPT_TAGS,
            attributes=_KEPT_ATTRIBUTES,
            attribute_filter=absolute,
            url_schemes={"http", "https", "mailto"},
        ).strip()


def join(base: str, address: str) -> str | None:
    """`address` made absolute, or None where it is no address at all."""
    try:
        return urljoin(base, squeeze(address))
    except ValueError:
        return None


class _Reader:
    """Collects strings and images until a paragraph ends."""

    def __init__(self, paragraphs: list[Paragraph]) -> None:
        self.paragraphs = paragraphs
        self.parts: list[str] = []
        self.nodes: list[NavigableString] = []
        self.images: list[Tag] = []
        self.hrefs: list[str] = []
        self.linked = 0

    def read(self, soup: BeautifulSoup) -> None:
        holder = soup.body
        if holder is not None:
            self.inside(holder, holder, False)
            self.finish(holder)

    def inside(self, tag: Tag, holder: Tag, in_link: bool) -> None:
        for child in tag.contents:
            if isinstance(child, Tag):
                self.tag(child, holder, in_link)
            elif isinstance(child, NavigableString) and not isinstance(child, Comment):
                self.parts.append(str(child).replace("\n", " ").replace("\r", " "))
                self.nodes.append(child)
                self.linked += len(child.strip()) if in_link else 0

    def tag(self, tag: Tag, holder: Tag, in_link: bool) -> None:
        if tag.name == "br":
            self.line_break(holder)
        elif tag.name == "img":
            self.images.append(tag)
        elif tag.name in INLINE:
            if tag.name == "a":
                self.hrefs.append(str(tag.get("href", "")))
            self.inside(tag, holder, in_link or tag.name == "a")
        elif tag.name == "tr" and _is_data_row(tag):
            self.finish(holder)
            self.row(tag)
        else:
            self.finish(holder)
            self.inside(tag, tag, in_link)
            self.finish(tag)

    def line_break(self, holder: Tag) -> None:
        """One break inside a paragraph is a new line; two, or one in a bare box, end it."""
        written = next((part for part in reversed(self.parts) if part.strip(" \xa0\t")), "")
        if written == "\n" or holder.name not in _LINES:
            self.finish(holder)
        else:
            self.parts.append("\n")

    def row(self, row: Tag) -> None:
        cells = [squeeze(cell.get_text()) for cell in row.find_all(["td", "th"], recursive=False)]
        text = " | ".join(cell for cell in cells if cell)
        nodes = [n for n in row.find_all(string=True) if type(n) is NavigableString]
        self.paragraphs.append(Paragraph(row, nodes, row.find_all("img"), text, 0))

    def finish(self, holder: Tag) -> None:
        if self.parts or self.images:
            lines = (squeeze(line) for line in "".join(self.parts).split("\n"))
            text = "\n".join(line for line in lines if line)
            if text or self.images:
                self.paragraphs.append(
                    Paragraph(holder, self.nodes, self.images, text, self.linked, self.hrefs)
                )
            self.parts, self.nodes, self.images, self.hrefs, self.linked = [], [], [], [], 0


def _is_data_row(row: Tag) -> bool:
    """Whether a table row is data: several cells, each at most one short paragraph.

    Old pages set whole articles in tables; such cells hold paragraphs, pictures, tables.
    """
    cells = row.find_all(["td", "th"], recursive=False)
    if sum(bool(cell.get_text(strip=True)) for cell in cells) < 2:
        return False
    return all(
        cell.find(["table", "img", "ul", "ol"]) is None and len(cell.find_all("p", limit=9)) < 9
        for cell in cells
    )


def _is_in(node: NavigableString, tags: tuple[str, ...], block: Tag) -> bool:
    parent = node.parent
    while parent is not None and parent is not block:
        if parent.name in tags:
            return True
        parent = parent.parent
    return parent is not None and parent.name in tags


def _aligned(block: Tag, style: "re.Pattern[str]", side: str) -> bool:
    for tag in (block, block.parent):
        if tag is None or tag.name in ("body", "[document]"):
            return False
        names = " ".join(tag.get_attribute_list("class")) if tag.has_attr("class") else ""
        if str(tag.get("align", "")).lower() == side or style.search(
            f"{tag.get('style', '')} {names}"
        ):
            return True
    return False


def _prune(tag: Tag | None) -> None:
    """Removes boxes that hold nothing any more."""
    while tag is not None and tag.name not in ("body", "html", "[document]"):
        if tag.get_text(strip=True) or tag.find("img") or tag.name == "img":
            return
        parent = tag.parent
        tag.extract()
        tag = parent
