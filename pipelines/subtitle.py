"""Headings that add to the title right above them: a subtitle, or a lead set as one."""

import re
from itertools import pairwise

from pipelines.blocks import Block
from pipelines.claimed import is_site
from pipelines.named import named_title, names_of

_LEVELS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WORD = re.compile(r"\w+")
_SOME_WORDS = 6
"""A section's name has fewer, and so has many a title, under which nobody can tell."""


def subtitles(blocks: list[Block]) -> list[tuple[Block, Block]]:
    """Each line that may be a title with the heading of a lower level in the very next line."""
    pairs = [
        (title, below)
        for title, below in pairwise(blocks)
        if title.element.tag in _LEVELS
        and below.element.tag in _LEVELS
        and title.element.tag < below.element.tag
        and _adds(below)
        and _is_title(title)
    ]
    # A section's name is linked in the menu or in the path, too.
    linked = {block.text for block in blocks if block.linked} if pairs else set()
    return [(title, below) for title, below in pairs if title.text not in linked]


def _adds(line: Block) -> bool:
    return not line.linked and (line.text.endswith(".") or not named_title(names_of(line.element)))


def _is_title(line: Block) -> bool:
    return (
        not line.linked and len(_WORD.findall(line.text)) >= _SOME_WORDS and not is_site(line.text)
    )
