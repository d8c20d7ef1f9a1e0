"""The lead, when it stands outside the text."""

from collections.abc import Iterator

from crawler.selectors import first_text
from pipelines.blocks import Block
from pipelines.byline import labelled
from pipelines.found import Found
from pipelines.head import is_declared_lead
from pipelines.lines import LEAD_LABEL, is_bold, is_dated, is_lead
from pipelines.sheet import Sheet

_SHORTEST = 20
_SENTENCE = 40
_LONGEST_BYLINE = 80


def candidates(sheet: Sheet) -> Iterator[Found[str]]:
    """The leads between title and text, the surest first."""
    if sheet.layout and (found := first_text(sheet.document, sheet.layout.summary)):
        yield Found(found[1], found[1], sheet.rule(found[2]))
    lines = [line for line in sheet.head if not _tells_of_article(line, sheet)]
    for block in lines:
        if is_lead(block) and len(block.text) >= _SHORTEST and not block.is_linked:
            yield Found(LEAD_LABEL.sub("", block.text, count=1), block.text, "element named lead")
    for block in lines:
        if not block.linked and is_declared_lead(block, sheet):
            yield Found(block.text, block.text, "line that is the page's description")
    yield from _standing_out(lines, sheet)


def _tells_of_article(line: Block, sheet: Sheet) -> bool:
    """Whether a line names the moment or the author, or is the title a second time."""
    if sheet.heading and line.text == sheet.heading.value:
        return True
    is_byline = len(line.text) <= _LONGEST_BYLINE and labelled(line.text) is not None
    return is_byline or is_dated(line.text)


def _standing_out(lines: list[Block], sheet: Sheet) -> Iterator[Found[str]]:
    """A bold or italic sentence between title and text, in a box of its own."""
    first = max(sheet.text_start, sheet.inside[0].index) if sheet.inside else 0
    for block in lines:
        is_before = block.index < first and len(block.text) >= _SENTENCE
        if is_before and not block.linked and is_bold(block):
            yield Found(block.text, block.text, "bold line between title and text")
