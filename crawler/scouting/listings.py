"""Listing rules for lists that fit none: the boxes around the titles of articles, by their name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from crawler.scouting.looking import Seen
from crawler.scouting.places import found_by, selectors_for
from crawler.selectors import text_of, xpath
from crawler.urls import link

_ANCHORS = xpath("descendant-or-self::a[@href]")
_TITLE, _TITLE_WORDS = 25, 5
_FEWEST = 3
"""Items without which a list is none."""
_HIGHEST = 5
_SAMPLE = 6


def propose_listing(lists: list[Seen], others: list[Seen]) -> list[str]:
    """Selectors of items for `lists` that fit no rule; `others` are pages that list nothing.

    A rule stays when each of its boxes holds one title that leads to one article, and when it
    finds nothing on the other pages, whose boxes of related news are no list.
    """
    known = _everywhere([*lists, *others])
    rest, found = list(lists), list[str]()
    while rest:
        rule = _best(rest, others, known)
        if rule:
            found.append(rule)
        rest = [seen for seen in rest[0 if rule else 1 :] if not rule or not _items(seen, rule)]
    return found


def _best(rest: list[Seen], others: list[Seen], known: frozenset[str]) -> str | None:
    """The rule that finds most items on `rest`; None when none serves its first page."""
    served: Counter[str] = Counter()
    for rule in dict.fromkeys(_rules(rest[0], known)):
        counts = [_items(seen, rule) for seen in rest]
        if counts[0] and not any(found_by(seen.page.document.tree, rule) for seen in others):
            served[rule] = sum(counts)
    return max(served, key=lambda rule: served[rule]) if served else None


def _rules(seen: Seen, known: frozenset[str]) -> Iterator[str]:
    titles = (a for a in _titles(seen.page.document.tree) if _key(a, seen) not in known)
    for anchor in islice(titles, _SAMPLE):
        boxes = (anchor, *islice(anchor.iterancestors(), _HIGHEST))
        yield from (css for box in boxes for css in selectors_for(box, "item|news|tin|title|list"))


def _items(seen: Seen, rule: str) -> int:
    """How many articles `rule` finds on the page; 0 when one of its boxes holds another number."""
    keys = set()
    for box in found_by(seen.page.document.tree, rule):
        titles = {_key(anchor, seen) for anchor in _titles(box)}
        first = next(iter(_ANCHORS(box)), None)
        if len(titles) != 1 or first is None or _key(first, seen) not in titles:
            return 0
        keys |= titles
    return len(keys) if len(keys) >= _FEWEST else 0


def _titles(box: Any) -> list[Any]:
    return [anchor for anchor in _ANCHORS(box) if _is_title(text_of(anchor))]


def _is_title(text: str) -> bool:
    return len(text) >= _TITLE and len(text.split()) >= _TITLE_WORDS


def _key(anchor: Any, seen: Seen) -> str | None:
    made = link(anchor.get("href"), seen.page.url)
    return made.key if made and not made.refused else None


def _everywhere(pages: Iterable[Seen]) -> frozenset[str]:
    """What more than half of the pages link to: menus, boxes beside the list."""
    linked = [{found.key for found in seen.links} for seen in pages]
    counts = Counter(key for keys in linked for key in keys)
    return frozenset(key for key, count in counts.items() if count * 2 > len(linked) > 1)
