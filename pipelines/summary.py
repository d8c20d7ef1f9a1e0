"""The lead, when it stands outside the text."""

from collections.abc import Iterator

from crawler.selectors import first_text
from pipelines.found import Found
from pipelines.head import is_declared_lead
from pipelines.lines import is_bold, is_lead
from pipelines.sheet import Sheet

_SHORTEST = 20
_SENTENCE = 40


def candidates(sheet: Sheet) -> Iterator[Found[str]]:
    """The leads between title and text, the surest first."""
    if sheet.layout and (found := first_text(sheet.document, sheet.layout.summary)):
        yield Found(found[1], found[1], sheet.rule(found[2]))
    for block in sheet.head:
        if is_lead(block) and len(block.text) >= _SHORTEST and not block.is_linked:
            yield Found(block.text, block.text, "element named lead")
    for block in sheet.head:
        if not block.linked and is_declared_lead(block, sheet):
            yield Found(block.text, block.text, "line that is the page's description")
    yield from _standing_out(sheet)


def _standing_out(sheet: Sheet) -> Iterator[Found[str]]:
    """A bold or italic sentence between title and text, in a box of its own."""
    first = max(sheet.text_start, sheet.inside[0].index) if sheet.inside else 0
    for block in sheet.head:
        is_before = block.index < first and len(block.text) >= _SENTENCE
        if is_before and not block.linked and is_bold(block):
            yield Found(block.text, block.text, "bold line between title and text")
