"""What only a script shows, so that no crawl sees it: the rest of a list, or a whole portal."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from crawler.items import BUILT_BY_SCRIPTS, FURTHER_PAGES, Page, Problem
from crawler.selectors import text_of, xpath
from crawler.vietnamese import squeeze
from pipelines.beside import is_beside

_LABEL = re.compile(
    r"(?:xem|tải|hiển thị)\s+(?:thêm|tiếp)"
    r"(?:\s+(?:tin|bài|kết quả)(?:\s+(?:tức|bài|viết|khác|cũ hơn))?)?"
    r"|(?:load|show|view)\s+more",
    re.IGNORECASE,
)
_BUTTONS = xpath(
    "/descendant::*[self::button or self::a or self::input[@type='button' or @type='submit']]"
    "[not(@href) or starts-with(@href, '#') or starts-with(@href, 'javascript:') or @href = '']"
)
_TITLES = xpath("descendant::a[@href]")
_SCRIPTS = xpath("/descendant::script[@src]")
_SEEN = xpath(
    "/descendant::body/descendant::text()[not(parent::script or parent::style or parent::noscript)]"
)
_LITTLE = 100
_TITLE, _FEWEST = 25, 3
_MOST = 50
"""Buttons that are looked at, the last of a page; each takes as long as the list around it."""
_HIGHEST = 4
"""How many boxes around the button are looked at for the list that it stands below."""


def left_to_scripts(page: Page, kind: str) -> Iterator[Problem]:
    """What `page`, which was read as `kind`, leaves to scripts."""
    if page.kind == "home":
        yield from _shell(page)
    elif kind in ("listing", "other"):
        # A list of four is told for one by its button alone.
        yield from _unpressed(page)


def _shell(page: Page) -> Iterator[Problem]:
    """A home page without a link and with hardly a word, whose scripts bring both."""
    tree = page.document.tree
    leading = [link for link in page.links if link.kind not in ("feed", "sitemap")]
    if not leading and _SCRIPTS(tree) and len(squeeze(" ".join(_SEEN(tree)))) <= _LITTLE:
        yield Problem(
            "scripts build the home page; without them it leads nowhere", BUILT_BY_SCRIPTS
        )


def _unpressed(page: Page) -> Iterator[Problem]:
    """The button that ends the list on `page`, if nothing else leads to the list's other pages."""
    if any(link.kind == "listing" for link in page.links):
        return
    for button in _BUTTONS(page.document.tree)[-_MOST:]:
        label = text_of(button) or button.get("value") or ""
        if _LABEL.fullmatch(label.strip(" .…»>+")) and _ends_list(button):
            said = f"the list goes on behind a button, “{label}”, which no crawl presses"
            yield Problem(said, FURTHER_PAGES)
            return


def _ends_list(button: Any) -> bool:
    """Whether titles of articles stand in the boxes around the button, and none is a menu."""
    if any(is_beside(box) for box in button.iterancestors()):
        return False
    around = islice(button.iterancestors(), _HIGHEST)
    return any(sum(map(_is_title, _TITLES(box))) >= _FEWEST for box in around)


def _is_title(anchor: Any) -> bool:
    return len(text_of(anchor)) >= _TITLE
