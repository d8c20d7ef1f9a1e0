"""The lead, when it stands outside the text."""

from crawler.selectors import first_text
from pipelines.found import Found
from pipelines.lines import is_bold, is_lead
from pipelines.sheet import Sheet

_SHORTEST = 20
_SENTENCE = 40


def read_summary(sheet: Sheet) -> Found[str] | None:
    """The lead between title and text."""
    if sheet.layout and (found := first_text(sheet.document, sheet.layout.summary)):
        return Found(found[1], found[1], sheet.rule(found[2]))
    for block in sheet.head:
        if is_lead(block) and len(block.text) >= _SHORTEST and not block.is_linked:
            return Found(block.text, block.text, "element named lead")
    return _standing_out(sheet)


def _standing_out(sheet: Sheet) -> Found[str] | None:
    """A bold or italic sentence between title and text, in a box of its own."""
    first = sheet.inside[0].index if sheet.inside else 0
    for block in sheet.head:
        if (
            block.index < first
            and len(block.text) >= _SENTENCE
            and not block.linked
            and (is_bold(block))
        ):
            return Found(block.text, block.text, "bold line between title and text")
    return None
