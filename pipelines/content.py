"""Finds the box that holds an article's text on a page that fits no layout.

A block of running text votes for the boxes around it, the nearer the more; links, menus and
short lines do not vote. This is the idea of Arc90's Readability (2009), on blocks instead of
paragraphs, so that `<br>` soup in a table cell counts as well.
"""

import re
from itertools import islice
from typing import Any

from crawler.vietnamese import one_line
from pipelines.blocks import Block, Walked
from pipelines.clock import is_only_moment
from pipelines.legal.facts import LABELS, plain
from pipelines.lines import is_bold, is_dated, is_lead, names_lead
from pipelines.paragraphs import is_written

_TITLE, _LINK = 25, 8
"""How long a link is at least that is the title of an article, or tells anything at all."""
_MORE = re.compile(r"\W*(?:xem|đọc|chi tiết|trả lời)\b.{0,20}$", re.IGNORECASE)
_ONLY_MORE = re.compile(r"(?:(?:xem|đọc) (?:thêm|tiếp|chi tiết)|chi tiết)\W*$", re.IGNORECASE)
"""What a script opens another article by, without a link."""
_MORE_BEHIND = re.compile(
    r"(?:(?:xem|đọc) (?:thêm|tiếp|chi tiết)|chi tiết|read more|continue reading)\W*$", re.IGNORECASE
)
"""What ends a lead, linked to the article it belongs to."""
_LONGEST_MORE = 25
_NUMBERED = re.compile(r"(?:số\s*:?\s*)?\d+\s*/\s*(?:\d{4}/)?[A-ZĐ]", re.IGNORECASE)
"""The number of an official document, by which lists link it: "102/QĐ-UBND"."""
_ITEM_TAGS = frozenset({"li", "td", "dd", "dt"})
_CELLS, _COLUMNS = 3, 12
_BESIDES_DATE = 30
"""What an item prints in the line of its date: who sent it, how often it was read."""
_LABELS = 3
"""How many texts behind labels make a table one text."""
_VOTES = (1.0, 0.75, 0.5, 0.35)
_TABLE_PARTS = frozenset({"tr", "tbody", "thead", "tfoot", "table", "center", "font"})
_WRAPPERS = frozenset({"div", "section", "main"})
_UNITS = frozenset({"article", "li", "td", "body", "html"})


def prose_of(blocks: list[Block]) -> int:
    """How many characters of running text there are."""
    return sum([block.prose for block in blocks])


def find_container(walked: Walked) -> Any | None:
    """The element that holds the article's text, or None when there is no running text."""
    scores = box_scores(walked)
    if not scores:
        return None
    best = max(scores, key=lambda element: scores[element])
    table = _table_of_labels(best, walked) if best.tag == "td" else None
    return _widened(best, scores, walked) if table is None else table


def box_scores(walked: Walked) -> dict[Any, float]:
    """Every box that text votes for, with its votes in characters."""
    scores: dict[Any, float] = {}
    for block in walked.blocks:
        if block.prose and not block.beside and not names_lead(block.element):
            _vote(scores, block, block.prose)
    return scores


def is_list(text: list[Block]) -> bool:
    """Titles of other articles, each with its lead or in an item, instead of one text."""
    prose = [b for b in text if b.prose]
    items = sum(map(_is_list_item, prose))
    if items >= 3 and items * 2 >= len(prose):
        return True
    led = sum(
        _leads(text[place : place + 3])
        for place, block in enumerate(text)
        # A date may stand behind the title, in its line.
        if block.linked * 5 >= len(block.text) * 3
        and (block.is_heading or block.linked >= _TITLE or _NUMBERED.match(block.text))
    )
    if led >= 3 and led * 3 >= len(prose):
        return True
    more = sum(bool((_MORE if b.is_linked else _ONLY_MORE).match(b.text)) for b in text)
    more += sum([_ends_in_more(b) for b in prose if b.linked])
    return more >= 3 or _dated_items(text) >= 3


def _ends_in_more(block: Block) -> bool:
    """Whether a lead goes on elsewhere: "... nghiệm thu ba tuyến kênh [Đọc tiếp]"."""
    return not block.is_linked and bool(_MORE_BEHIND.search(block.text[-_LONGEST_MORE:]))


def _leads(lines: list[Block]) -> bool:
    """Whether the first line has its lead under it; the date may stand between them."""
    return any(b.prose for b in lines[1:2]) or (
        len(lines) > 2 and bool(lines[2].prose) and not lines[1].is_linked
    )


def _dated_items(text: list[Block]) -> int:
    """How many headings have some lines below them a line that is a date: items that a script
    opens, without a link.
    """
    headings = [p for p, block in enumerate(text) if block.is_heading and not is_dated(block.text)]
    if len(headings) < 3:
        return 0
    return sum(
        any(
            is_only_moment(b.text, _BESIDES_DATE) or (b.is_heading and is_dated(b.text))
            for b in text[place + 1 : min(place + 4, behind)]
        )
        for place, behind in zip(headings, [*headings[1:], len(text)], strict=True)
    )


def in_row(element: Any) -> bool:
    """Whether it is a cell in a row of several written ones: figures, a plan of the week.

    In a table that has headings, which no layout has, it may be all that the cell holds.
    """
    cell = element
    if element.tag != "td":
        cell = element.getparent()
        if cell is None or cell.tag != "td" or len(cell) > 1 or not _has_headings(cell):
            return False
    row = islice(cell.getparent().iterchildren("td", "th"), _COLUMNS)
    return sum(map(is_written, row)) >= _CELLS


def _has_headings(cell: Any) -> bool:
    table = next(cell.iterancestors("table"), None)
    return table is not None and next(table.iterdescendants("th"), None) is not None


def _is_list_item(block: Block) -> bool:
    """A title with its lead in one item, or a cell in a row of a table that links elsewhere."""
    element = block.element
    if element.tag not in _ITEM_TAGS:
        return False
    if block.linked >= _LINK:
        return True
    # Old pages keep a whole article in one cell; a cell of a list holds one line.
    is_cell = element.tag == "td" and one_line("".join(element.itertext())) == block.text
    return is_cell and element.getparent().find(".//a[@href]") is not None


def _vote(scores: dict[Any, float], block: Block, weight: int) -> None:
    box = block.element.getparent() if block.is_paragraph else block.element
    behind_cell = 1.0
    for share in _VOTES:
        while box is not None and box.tag in _TABLE_PARTS:
            box = box.getparent()
        if box is None:
            return
        scores[box] = scores.get(box, 0.0) + weight * share * behind_cell
        # Pages of 2009 keep lead and text in cells of their own; a cell is left only for much.
        behind_cell *= 0.5 if box.tag == "td" else 1.0
        box = box.getparent()


def _table_of_labels(cell: Any, walked: Walked) -> Any | None:
    """The table around `cell` when its rows are labels and their texts, as procedures are told."""
    table = next(cell.iterancestors("table"), None)
    if table is None:
        return None
    rows = (list(row.iterchildren("td", "th")) for row in table.iter("tr"))
    told = [row[1] for row in rows if len(row) == 2 and _is_told(row[0], row[1], walked)]
    return table if len(told) >= _LABELS and cell in told else None


def _is_told(label: Any, value: Any, walked: Walked) -> bool:
    """Whether `value` is text behind a label, and no property of a document."""
    name = walked.within(label)
    is_label = len(name) == 1 and not name[0].prose and plain(name[0].text) not in LABELS
    return is_label and prose_of(walked.within(value)) > 0


def _widened(best: Any, scores: dict[Any, float], walked: Walked) -> Any:
    """`best`, or the box around it when that holds noticeably more of the same text.

    Editors wrap parts of one text in boxes of their own; a forum's next post or a reader's
    comment is a unit (`li`, `article`) that is never left.
    """
    while best.tag not in _UNITS:
        around = best.getparent()
        # Page builders wrap one text in many boxes that hold nothing else.
        while around is not None and (
            around.tag in _TABLE_PARTS
            or (around.tag in _WRAPPERS and walked.spans.get(around) == walked.spans.get(best))
        ):
            around = around.getparent()
        if around is None or around.tag in ("body", "html") or around not in scores:
            return best
        mine = walked.within(best)
        added = _text_beyond(mine, walked.within(around))
        if added < 0.15 * _unlisted(mine) or scores[around] < 0.5 * scores[best]:
            return best
        best = around
    return best


def _text_beyond(mine: list[Block], around: list[Block]) -> int:
    """How much text the box around adds; a head, which stands outside most texts, is none."""
    first, last = (mine[0].index, mine[-1].index) if mine else (0, -1)
    above = [b for b in around if b.index < first and b.prose]
    behind = [b for b in around if b.index > last]
    return _unlisted([b for b in above if not _is_head(b)] + behind)


def _is_head(line: Block) -> bool:
    """Whether it is a title, the line of the date or a lead."""
    return line.is_heading or is_lead(line) or is_bold(line) or is_dated(line.text)


def _unlisted(blocks: list[Block]) -> int:
    return prose_of([block for block in blocks if not block.beside])
