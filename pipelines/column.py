"""The article's own column under a name that says "beside": an article in `<div class="print">`."""

from collections.abc import Iterator
from heapq import nlargest
from typing import Any

from pipelines.beside import BESIDE_TAGS, is_beside
from pipelines.blocks import Block, Walked
from pipelines.content import find_container, prose_of
from pipelines.lines import is_dated

_LEAST_TITLE, _FEW_WORDS = 20, 5
_SOME_TEXT, _MUCH_TEXT = 250, 500
_PARAGRAPH = 80
_MOST = 5
"""How many lines are looked around from; pages may have thousands."""


def misnamed(walked: Walked, claims: list[str]) -> frozenset[Any]:
    """The boxes named like menus and tools that hold the article, with its title above its text.

    `claims` are the titles that the page states. Where the title is seen elsewhere, too, or as a
    link only, names are taken at their word.
    """
    titles, least = list[Block](), _SOME_TEXT
    for title in _titles(walked, claims):
        if not title.beside:
            return frozenset()
        titles.append(title)
    if not (claims and titles):
        elsewhere = prose_of(walked.within(find_container(walked)))
        least = max(least, elsewhere)
        if not titles and elsewhere < _PARAGRAPH:
            # Nothing else on the page is text.
            titles = nlargest(_MOST, (b for b in walked.blocks if b.beside), key=_prose)
            least = _MUCH_TEXT
    boxes = (_named(title, walked, least) for title in titles[:_MOST])
    return next(filter(None, boxes), frozenset())


def _titles(walked: Walked, claims: list[str]) -> Iterator[Block]:
    """Lines that a claim begins with; on a page that claims nothing, those over a date."""
    if claims:
        # Most lines of most pages are told by their first letters.
        starts = {claim[:_LEAST_TITLE] for claim in claims}
        likely = (b for b in walked.blocks if b.text[:_LEAST_TITLE] in starts and not b.is_linked)
        return (b for b in likely if any(claim.startswith(b.text) for claim in claims))
    lines = (b for b in walked.blocks if len(b.text) >= _LEAST_TITLE and not b.is_linked)
    return (b for b in lines if _is_headline(b) and _is_over_date(b, walked))


def _is_headline(line: Block) -> bool:
    return len(line.text.split()) >= _FEW_WORDS and not line.text.endswith(".")


def _is_over_date(line: Block, walked: Walked) -> bool:
    return any(is_dated(b.text) for b in walked.blocks[line.index + 1 : line.index + 2])


def _named(line: Block, walked: Walked, least: int) -> frozenset[Any]:
    """The boxes around a line that are beside by name, if they hold so much text."""
    named = [e for e in (line.element, *line.element.iterancestors()) if is_beside(e)]
    held = max((prose_of(walked.within(box)) for box in named), default=0)
    is_column = held >= least and not any(box.tag in BESIDE_TAGS for box in named)
    return frozenset(named) if is_column else frozenset()


def _prose(line: Block) -> int:
    return line.prose
