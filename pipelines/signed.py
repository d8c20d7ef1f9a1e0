"""A name alone below the text, in bold or set to the right: so people sign, and documents are."""

from collections.abc import Iterator

from pipelines.blocks import Block
from pipelines.byline import OFFICE, author_of
from pipelines.found import Found
from pipelines.lines import is_bold, is_foot_line
from pipelines.names import holds_office, is_no_name, is_signature, names_in
from pipelines.paragraphs import is_right
from pipelines.sheet import Sheet

_SIGNATURE_LINES = 4


def signed(sheet: Sheet) -> Iterator[Found[str]]:
    """A name in bold or set to the right directly below the text; documents are signed so, too."""
    if not sheet.inside:
        return
    last = sheet.inside[-1].index
    below = (b for b in sheet.below if last < b.index <= last + 2)
    # "Chia sẻ" may stand between them.
    line = next((b for b in below if not is_foot_line(b)), None)
    if line is None:
        return
    is_name = 2 <= len(line.text.split()) <= 5 and names_in(line.text) and not is_no_name(line.text)
    above = sheet.inside[-_SIGNATURE_LINES:]
    stands_out = is_right(line.element) or (is_bold(line) and _ends_column(sheet, line))
    is_office = is_right(line.element) and OFFICE.match(line.text)
    if holds_office(above[-1].text) or any(is_signature(b.text) for b in above):
        return
    if is_office or (is_name and stands_out):
        yield Found(author_of(line.text) or line.text, line.text, "name below the text")


def _ends_column(sheet: Sheet, line: Block) -> bool:
    """Whether nothing follows in the box around text and line, as it does under a heading."""
    spans = (sheet.walked.spans.get(box, (0, 0)) for box in line.element.iterancestors())
    around = next((span for span in spans if span[0] <= sheet.inside[0].index), (0, 0))
    return around[1] == line.index + 1 and not line.is_heading
