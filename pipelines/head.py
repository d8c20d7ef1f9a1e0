"""Where the head of an article ends: its date, views, lead, a document's properties stand there."""

import re
from typing import Any, Protocol

from crawler.items import LegalDocument
from crawler.selectors import text_of
from pipelines.blocks import Block, Walked
from pipelines.clock import is_only_moment
from pipelines.content import prose_of
from pipelines.legal.facts import LABELS, plain
from pipelines.lines import is_bold, is_dated, is_head_line, names_lead
from pipelines.structured import Structured

_SHORT, _GAP = 25, 2
"""Lines shorter than this may stand between two lines of the head, so many at most."""
_SENTENCE = 40
_SOME_TEXT, _MUCH_TEXT = 100, 250
_LONGEST_META, _LONGEST_LEAD = 80, 500
_LEADS = 2
_HEAD = 8
"""How many lines of a head are looked through for the date."""
_BESIDES_DATE = 8
_NEWSPAPER = re.compile(r"^\(?[^\W\d_][\w.&/ ]{1,24}\)?\s*[-–—]\s*|^\([^()]{2,25}\)\s*")
_TYPED = frozenset({"p", "h2", "h3", "h4"})
_BOXES = frozenset({"div", "blockquote"})
_TEXT_BOXES = frozenset({"div", "section"})


class Page(Protocol):
    """What has to be known of the page."""

    @property
    def walked(self) -> Walked:
        """Its lines."""

    @property
    def container(self) -> Any | None:
        """The box of its text."""

    @property
    def inside(self) -> list[Block]:
        """The lines of that box."""

    @property
    def structured(self) -> Structured:
        """What it states for machines."""

    @property
    def documents(self) -> tuple[LegalDocument, ...]:
        """The official documents that it shows."""


def head_end(page: Page, first: int, behind: int, title: str) -> int:
    """Index behind the head's last line, of those from `first` to `behind`."""
    end = first
    dated = _date_below(page.walked.blocks[first:behind])
    for line in page.walked.blocks[first:behind]:
        if (
            line.index <= dated
            or _is_of_head(line, page)
            or line.text == title
            or _is_between(line, page, title)
        ):
            end = line.index + 1
        elif not _may_stand_between(line, page.walked) or line.index - end > _GAP:
            break
    return end


def _date_below(lines: list[Block]) -> int:
    """Index of the date under one sentence, a lead, with more text behind it; -1 if none."""
    lead = 0
    for place, line in enumerate(lines[:_HEAD]):
        if is_dated(line.text):
            is_below = lead and prose_of(lines[place + 1 :]) >= lead
            return line.index if is_below else -1
        if line.prose and lead:
            break
        lead = lead or line.prose
    return -1


def _is_of_head(line: Block, page: Page) -> bool:
    if is_head_line(line):
        return not _is_one_of_many(line, page.inside)
    return _is_plain_lead(line, page) or is_declared_lead(line, page) or _is_property(line, page)


def _may_stand_between(line: Block, walked: Walked) -> bool:
    """A line of unknown meaning: a short one, or one with the date alone in the next line."""
    if line.beside or len(line.text) < _SHORT:
        return True
    below = walked.blocks[line.index + 1 : line.index + 2]
    return len(line.text) <= _LONGEST_META and any(
        is_only_moment(block.text, _BESIDES_DATE) for block in below
    )


def _is_one_of_many(line: Block, inside: list[Block]) -> bool:
    """Whether several paragraphs are called leads as it is: texts under pictures."""
    name = line.element.get("class")
    if not name or not names_lead(line.element):
        return False
    return [block.element.get("class") for block in inside].count(name) > _LEADS


def _is_property(line: Block, page: Page) -> bool:
    """A line of the table that describes the official document whose text follows."""
    if not page.documents:
        return False
    row = line.element.getparent() if line.element.tag in ("td", "th") else None
    label = line.text if row is None or not len(row) else text_of(row[0])
    return plain(label.partition(":")[0]) in LABELS


def is_declared_lead(line: Block, page: Page) -> bool:
    """What the page states as its description, set in another way than the paragraph behind it.

    A description is the lead on newspapers' pages, and the first paragraph on many others.
    """
    if len(line.text) < _SENTENCE or not page.structured.descriptions & _told(line.text):
        return False
    behind = next((b for b in page.walked.blocks[line.index + 1 :] if b.prose), None)
    return behind is not None and _style_of(line) != _style_of(behind)


def _told(text: str) -> set[str]:
    """A lead as printed, and without the newspaper's name before it: "(TNO) ...", "NĐO - ..."."""
    return {text, _NEWSPAPER.sub("", text)}


def _style_of(line: Block) -> str:
    # An editor's own first paragraph may be of any tag: SharePoint names its style in both.
    return str(line.element.get("class") or line.element.tag)


def _is_plain_lead(line: Block, page: Page) -> bool:
    """A bold sentence in a box of its own, or one in a heading, before the box of the text."""
    if len(line.text) < _SENTENCE:
        return False
    # No title ends in a full stop.
    is_sentence = line.is_heading and line.text.endswith(".")
    box = _own_box(line, page)
    if not is_sentence and (box.tag not in _BOXES or line.is_heading or not is_bold(line)):
        return False
    behind = _text_behind(box, page)
    # Before paragraphs it stands in the editor's own box, and is text.
    if behind is None or behind.tag in _TYPED:
        return False
    return prose_of(page.walked.within(behind)) >= _SOME_TEXT


def _is_between(line: Block, page: Page, title: str) -> bool:
    """Whether a template set the line between the title and the box that holds all of the text: no
    editor types the title.
    """
    behind = line.element.getnext()
    if behind is not None and behind.tag in _TYPED:
        return False
    if line.is_heading or not _SENTENCE <= len(line.text) <= _LONGEST_LEAD:
        return False
    box = _own_box(line, page)
    around, text = box.getparent(), _text_behind(box, page)
    if around is None or text is None or text.tag not in _TEXT_BOXES:
        return False
    # Date, author and the like may stand between the two.
    above = page.walked.blocks[max(0, line.index - _HEAD) : line.index]
    headed = next((b for b in reversed(above) if b.text == title or b.prose), None)
    if headed is None or headed.text != title or around not in headed.element.iterancestors():
        return False
    told = [b for b in page.walked.within(text) if b.prose]
    lines = page.walked.within(around)
    rest = prose_of([b for b in lines if b.index > line.index and not b.beside])
    return len(told) >= _LEADS and prose_of(told) >= _MUCH_TEXT and 4 * prose_of(told) >= 3 * rest


def _text_behind(box: Any, page: Page) -> Any | None:
    """The next element that holds lines; pictures, rules and links to others may stand between."""
    behind = box.getnext()
    while behind is not None and all(b.is_linked for b in page.walked.within(behind)):
        behind = behind.getnext()
    return behind


def _own_box(line: Block, page: Page) -> Any:
    """The outermost element that holds the line and no other."""
    box, alone = line.element, (line.index, line.index + 1)
    around = box.getparent()
    while around is not page.container and page.walked.spans.get(around) == alone:
        box, around = around, around.getparent()
    return box
