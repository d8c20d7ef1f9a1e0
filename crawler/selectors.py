"""CSS selectors and regular expressions over elements, compiled once per process."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from lxml.cssselect import CSSSelector
from lxml.etree import XPath

from crawler.document import Document
from crawler.profiles import Layout
from crawler.vietnamese import squeeze


@cache
def compiled(selector: str) -> Callable[[Any], list[Any]]:
    """The selector as compiled XPath; profiles were checked when they were loaded."""
    return CSSSelector(selector, translator="html")  # type: ignore[return-value]


@cache
def xpath(path: str) -> Callable[..., list[Any]]:
    """A path that gives nodes or strings, compiled; its variables are keywords.

    The strings do not know where they stand: lxml takes three times as long to tell them.
    """
    return XPath(path, smart_strings=False)  # type: ignore[return-value]


def matches(document: Document, selectors: Iterable[str]) -> Iterator[tuple[Any, str]]:
    """Every element of the page that a selector finds, selector by selector, with the selector."""
    for selector in selectors:
        # Most selectors of a profile are for other pages.
        if _names(selector) <= document.names:
            for element in compiled(selector)(document.tree):
                yield element, selector


def first_text(document: Document, selectors: Iterable[str]) -> tuple[Any, str, str] | None:
    """The first element with text, its text on one line, and the selector that found it."""
    for element, selector in matches(document, selectors):
        if text := text_of(element):
            return element, text, selector
    return None


def fitting(document: Document, layouts: Iterable[Layout]) -> Layout | None:
    """The first layout whose fingerprint is on the page."""
    return next((layout for layout in layouts if any(matches(document, (layout.page,)))), None)


_NAME = re.compile(r"[.#]([\w-]+)")
_NO_NAME = re.compile(r":not\([^()]*\)|\[[^\]]*\]")


@cache
def _names(selector: str) -> frozenset[str]:
    """Classes and ids that a page must have for the selector to match."""
    wanted = _NO_NAME.sub("", selector)
    return frozenset([] if "," in wanted or ":" in wanted else _NAME.findall(wanted))


# One step: behind `//` libxml2 joins and sorts the findings of every parent, in quadratic time.
_SEEN = xpath(
    "descendant::node()[self::text()[not(parent::script or parent::style)]"
    " or self::br or self::p or self::div or self::li]"
)


def text_of(element: Any) -> str:
    """All text below `element` on one line, scripts and styles left out.

    What stands on lines of its own is parted by a space.
    """
    if not len(element):
        return squeeze(element.text or "")
    return squeeze("".join(node if type(node) is str else " " for node in _SEEN(element)))


def label_of(element: Any) -> str:
    """Class and id of `element` in one lower-case string, in which words are looked for."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".lower()
