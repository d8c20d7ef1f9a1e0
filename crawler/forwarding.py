"""Where a page sends its visitors by itself: a refresh in its head, or a script that is all it has.

The front door of many portals is such a page; a browser shows it for a moment only.
"""

import re
from collections.abc import Iterator
from typing import Any

from crawler.selectors import xpath

# `5` alone reloads the page; `0;/trang-chu` does without `url=` (HTML standard, 4.2.5.3).
# Possessive: a hundred thousand blanks that nothing follows are gone through once.
_REFRESH = re.compile(r"[\d.\s]*+[;,]\s*+(?:url\s*+=\s*+)?+['\"]?+\s*+([^'\"\s]++)", re.IGNORECASE)
_SCRIPT = re.compile(
    r"""\blocation(?:\s*\.\s*href)?\s*=\s*["']([^"'\s]+)["']"""
    r"""|\blocation\s*\.\s*(?:replace|assign)\s*\(\s*["']([^"'\s]+)["']"""
)
_SCRIPTS = xpath("//script/text()")
_HAS_LINKS = xpath("boolean(//a/@href)")


def forwards(tree: Any) -> Iterator[str]:
    """The addresses, as written, that the page `tree` sends everybody on to.

    A script counts only where there is nothing to click: elsewhere it may mean a button.
    """
    yield from refreshes(tree)
    if not _HAS_LINKS(tree):
        for script in _SCRIPTS(tree):
            yield from (a or b for a, b in _SCRIPT.findall(str(script)))


def refreshes(tree: Any) -> Iterator[str]:
    """The addresses, as written, of the refreshes in the page's head."""
    for meta in tree.iter("meta"):
        if meta.get("http-equiv", "").lower() == "refresh" and (
            found := _REFRESH.match(meta.get("content", ""))
        ):
            yield found[1]
