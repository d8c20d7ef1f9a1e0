"""An article's markup for the page: its images from the archive, its links to archived articles.

The archive keeps markup sanitised; it is sanitised once more here, since anyone may write to an
SQLite file, and what is shown must not depend on who did.
"""

from collections.abc import Mapping
from typing import Any

import lxml.html
import nh3
from lxml.html import builder
from markupsafe import Markup

from crawler.words import tr

_TAGS = {
    "p", "br", "div", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody",
    "tfoot", "tr", "th", "td", "caption", "blockquote", "pre", "hr", "b", "strong", "i", "em", "u",
    "s", "sub", "sup", "small", "a", "img", "figure", "figcaption",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "loading"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# What a figure may stand in (HTML standard, 4.4.12: flow content).
_FLOW = ("div", "td", "th", "li", "dd", "blockquote")
# The page has a heading of its own above the text's.
_LOWER = {"h1": "h3", "h2": "h3", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}


def addresses(markup: str | None) -> set[str]:
    """What the links of `markup` lead to."""
    return {link.get("href", "") for link in _parsed(markup).iter("a")}


def images(markup: str | None) -> set[str]:
    """The addresses of the images in `markup`."""
    return {image.get("src", "") for image in _parsed(markup).iter("img")}


def readable(
    markup: str | None, shown: Mapping[str, tuple[str, str | None]], articles: Mapping[str, str]
) -> Markup:
    """`markup` for the page.

    `shown` has by address where the archive shows an image, and its caption; `articles` has by
    address where an archived article is. Other images are named, not loaded.
    """
    box = _parsed(markup)
    for element in list(box.iter("img")):
        _show(element, shown.get(element.get("src", "")))
    for link in box.iter("a"):
        link.set("href", articles.get(link.get("href", ""), link.get("href", "")))
    _drop_empty(box)
    for heading in list(box.iter(*_LOWER)):
        heading.tag = _LOWER[heading.tag]
    clean = nh3.clean(
        lxml.html.tostring(box, encoding="unicode"),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 - this is what sanitising is for


def _parsed(markup: str | None) -> Any:
    return lxml.html.fragment_fromstring(markup or "", create_parent="div")


def _drop_empty(box: Any) -> None:
    """Take out paragraphs that only made room on the portal's page, such as <p>&nbsp;</p>."""
    for paragraph in list(box.iter("p")):
        if not paragraph.text_content().strip() and next(paragraph.iter("img"), None) is None:
            paragraph.drop_tree()


def _show(image: Any, known: tuple[str, str | None] | None) -> None:
    caption = (known and known[1]) or image.get("alt")
    if known is None:
        words = tr("Image not captured: {what}", what=caption or image.get("src", ""))
        image.addnext(builder.EM(words))
        image.drop_tree()
        return
    image.set("src", known[0])
    image.set("loading", "lazy")
    image.set("alt", caption or "")
    if caption:
        _caption(image, caption)


def _caption(image: Any, caption: str) -> None:
    """Put the caption under the image, in a figure where one may stand."""
    box = image.getparent()
    if box.tag == "p" and len(box) == 1 and not (box.text or "").strip():
        box.tag = "figure"
    if box.tag in _FLOW:
        figure = builder.FIGURE()
        image.addprevious(figure)
        figure.tail, image.tail = image.tail, None
        figure.append(image)
        box = figure
    if box.tag != "figure":
        image.addnext(builder.SMALL(caption))
    elif box.find("figcaption") is None:
        box.append(builder.FIGCAPTION(caption))
