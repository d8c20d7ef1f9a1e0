"""The images that belong to an article: those in its text, and a lead image beside it."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from crawler.items import Image
from crawler.selectors import label_of, matches, text_of
from pipelines.beside import is_beside, is_unseen
from pipelines.body import Body
from pipelines.captions import address_of
from pipelines.lines import AUTHOR_PAGE, is_dated
from pipelines.prose import join
from pipelines.sheet import Sheet

_LONGEST_CAPTION = 200
_SAME = re.compile(r"^(?:#|javascript:)|\.(?:jpe?g|png|webp|gif)\b", re.IGNORECASE)
"""Where a picture leads that opens itself, larger."""


def read_images(sheet: Sheet, body: Body | None) -> tuple[Image, ...]:
    """Each image once, the lead image first."""
    found = (
        [element for element, _ in matches(sheet.document, sheet.layout.image)]
        if (sheet.layout)
        else list(_between_title_and_text(sheet))
    )
    lead = [Image(a, _caption(e)) for e in found if (a := address_of(e, sheet.url))]
    shown = body.images if body else ()
    known = {image.url for image in shown}
    return tuple(image for image in lead if image.url not in known) + shown


def _between_title_and_text(sheet: Sheet) -> Iterator[Any]:
    if sheet.container is None or not sheet.heading_lines:
        return
    title = sheet.heading_lines[0].element
    around = set(title.iterancestors())
    shared = next((e for e in sheet.container.iterancestors() if e in around), None)
    passed = False
    for element in shared.iter() if shared is not None else ():
        if element is sheet.container:
            return
        passed = passed or element is title
        if not passed or element.tag != "img":
            continue
        boxes = list(_boxes(element, shared))
        if not any(map(_is_foreign, boxes)) and not any(_leads_on(b, sheet.url) for b in boxes):
            yield element


def _boxes(element: Any, outermost: Any) -> Iterator[Any]:
    yield from takewhile(lambda box: box is not outermost, element.iterancestors())


def _is_foreign(box: Any) -> bool:
    return is_beside(box) or is_unseen(box, box.keys()) or _is_of_author(box)


def _leads_on(box: Any, url: str) -> bool:
    """Whether it links to another article, whose picture it shows, not to the picture itself."""
    address = (box.get("href") or "") if box.tag == "a" else ""
    return bool(address) and not _SAME.search(address) and join(url, address) != url


def _is_of_author(box: Any) -> bool:
    """Whether it shows who wrote the article instead of what it tells of."""
    is_profile = box.tag == "a" and AUTHOR_PAGE.search(box.get("href") or "")
    return bool(is_profile or "author" in label_of(box))


def _caption(image: Any) -> str | None:
    """The short text in the box that holds nothing but the image and its caption."""
    box = image.getparent()
    if box is None or len(box.findall(".//img")) != 1:
        return None
    text = text_of(box)
    if len(text) > _LONGEST_CAPTION or is_dated(text) or box.find(".//p") is not None:
        return None
    return text or None
