"""By which words a page links to others: of a page that is gone they may be all that is left."""

from typing import Any

from crawler.selectors import text_of, xpath
from crawler.vietnamese import one_line

_SHORTEST, _LONGEST = 15, 300
"""Characters of a title; shorter are the names of sections, longer a card with its lead."""
_LONG_ENOUGH = xpath(f"/descendant::a[@href][string-length() >= {_SHORTEST}]")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def worded(tree: Any) -> dict[str, str]:
    """Address as it stands there to the longest words that lead there and may be a title."""
    found: dict[str, str] = {}
    for anchor in _LONG_ENOUGH(tree):
        # Where a whole card is one link, its heading.
        text = text_of(next(anchor.iter(*_HEADINGS), anchor)) if len(anchor) else anchor.text
        words, href = title_like(text), anchor.get("href")
        if words and len(words) > len(found.get(href, "")):
            found[href] = words
    return found


def title_like(text: str) -> str | None:
    """`text`, which is NFC, on one line, if it is as long as titles are."""
    text = one_line(text)
    return text if _SHORTEST <= len(text) <= _LONGEST else None
