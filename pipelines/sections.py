"""Lines above an article's title in which themes set the name of its section."""

import re
from collections.abc import Iterator

from pipelines.blocks import Block
from pipelines.clock import is_only_moment
from pipelines.lines import is_lead
from pipelines.named import named_title, names_of
from pipelines.unheaded import FEW_WORDS

_WORD = re.compile(r"\w+")
_PAGE_NAME = re.compile(r"(?:chi tiết (?:tin|bài|bản tin)|tin tức)\b.{0,20}$", re.IGNORECASE)
_LEVELS = frozenset({"h1", "h2", "h3", "h4"})


def sections(blocks: list[Block]) -> set[Block]:
    """Those of `blocks` that name a section, or the kind of page, above the title."""
    above = {
        block
        for block, below, date in zip(blocks, blocks[1:], blocks[2:], strict=False)
        if is_section(block, below, date)
    }
    return above | _named_above(blocks)


def is_section(block: Block, below: Block, date: Block) -> bool:
    """Capitals above a heading, or what is called title, that has the date under it: `<title>` may
    name the section, too.
    """
    return (
        block.element.tag != "h1"
        and block.text.isupper()
        and not below.text.isupper()
        and (below.is_heading or named_title(names_of(below.element)) > 0)
        and not is_lead(below)
        and is_only_moment(date.text)
    )


def _named_above(blocks: list[Block]) -> set[Block]:
    """The headings above the article's own in which themes set its section's name.

    That is an `h1` above another with the date under it, and "Chi tiết bài viết" or "Tin tức y tế"
    above a longer heading.
    """
    first = [place for place, block in enumerate(blocks[:-1]) if block.element.tag == "h1"]
    dated = [place for place in first[1:] if is_only_moment(blocks[place + 1].text)]
    named = {blocks[place] for place in first if place < dated[0]} if dated else set()
    return named | set(_kinds_of_page(blocks))


def _kinds_of_page(blocks: list[Block]) -> Iterator[Block]:
    """Each "Chi tiết bài viết" with a heading of more words among the lines below."""
    most = 0
    for block in reversed(blocks):
        if not block.is_heading:
            continue
        words = len(_WORD.findall(block.text))
        is_named = block.element.tag in _LEVELS and _PAGE_NAME.match(block.text)
        if is_named and most >= max(FEW_WORDS, words + 1):
            yield block
        if not block.is_linked:
            most = max(most, words)
