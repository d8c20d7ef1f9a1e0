"""Pages as a redesign, or a portal nobody has seen, might show them: with fewer hints to a reader.

A disguise takes one kind of hint off a page and leaves its text. What is read from a disguised page
tells how far a reader knows the page by its names and how far by what people see.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

from lxml import etree

from crawler.document import decode

SITE = "Cổng thông tin điện tử huyện Thử Nghiệm - tỉnh Thử Nghiệm"
"""What every page of many portals has for its `<title>`."""
_FOR_MACHINES = frozenset({"itemprop", "itemtype", "itemscope", "property", "datetime", "content"})
_TITLES = frozenset({"og:title", "twitter:title", "title", "dc.title"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOXES = ("article", "main", "header", "footer", "nav", "aside", "section", "figure", "figcaption")
_DRAWN = re.compile(r"eye|(?:^|[ -])(?:fas?|far|bi|icon|glyphicon|material)(?:$|[ -])")


def without_metadata(tree: Any) -> None:
    """No `meta` but for the charset, no JSON-LD and no microdata."""
    named = [each for each in tree.iter("meta") if each.get("charset") is None]
    told = [each for each in tree.iter("script") if "ld+json" in (each.get("type") or "")]
    for element in named + told:
        _remove(element)
    for element in tree.iter(etree.Element):
        for name in list(element.attrib):
            if name in _FOR_MACHINES or name.startswith("data-"):
                del element.attrib[name]


def without_title(tree: Any) -> None:
    """The site's name for every page's `<title>`, and none of the page's own in `meta`."""
    for element in tree.iter("title"):
        element.text = SITE
    for element in list(tree.iter("meta")):
        if (element.get("property") or element.get("name") or "").lower() in _TITLES:
            _remove(element)


def without_headings(tree: Any) -> None:
    """Bold lines for `h1` to `h6`."""
    for element in list(tree.iter(*_HEADINGS)):
        element.tag = "div"
        bold = etree.Element("b")
        bold.text, element.text = element.text, None
        bold.extend(list(element))
        element.append(bold)


def without_names(tree: Any) -> None:
    """Classes and ids that mean nothing, but for those that draw an icon."""
    for element in tree.iter(etree.Element):
        for name in ("class", "id"):
            if (told := element.get(name)) and not _DRAWN.search(told):
                element.set(name, " ".join(map(_meaningless, told.split())))


def without_sections(tree: Any) -> None:
    """`div` for HTML5's boxes, `span` for `time`."""
    for element in tree.iter(*_BOXES, "time"):
        element.tag = "span" if element.tag == "time" else "div"


DISGUISES: dict[str, Callable[[Any], None]] = {
    "metadata": without_metadata,
    "title": without_title,
    "headings": without_headings,
    "names": without_names,
    "sections": without_sections,
}


def disguised(body: bytes, names: Iterable[str]) -> bytes:
    """The page without those hints, in UTF-8."""
    text, _ = decode(body)
    tree = etree.fromstring(text.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8"))
    for name in names:
        DISGUISES[name](tree)
    return b"<!DOCTYPE html>" + bytes(etree.tostring(tree, method="html", encoding="utf-8"))


def _meaningless(name: str) -> str:
    return "x" + sha256(name.encode()).hexdigest()[:6]


def _remove(element: Any) -> None:
    parent = element.getparent()
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
