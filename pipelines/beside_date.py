"""A person's name in the line of the date, or in the one over it."""

import re
from collections.abc import Iterator

from crawler.units.facts import provinces
from pipelines.byline import author_of
from pipelines.clock import is_only_moment, read_moment
from pipelines.found import Found
from pipelines.lines import VIEW_LABEL
from pipelines.names import is_full_name, is_person, without_credit
from pipelines.sheet import Sheet

_NEWSROOM = re.compile(r"ban biên tập(?!\w)[^:.]{0,40}$", re.IGNORECASE)
_SEPARATORS = " -–|•,·"
_LONGEST_LINE = 160
_BESIDES_DATE, _LONGEST_ADDED = 30, 60
"""How much stands in the line of the date: a name, or a name and the views."""


def beside_date(sheet: Sheet) -> Iterator[Found[str]]:
    """A name in the line of the date under the title: "Vũ Thảo - Thứ hai, 01/07/2024 10:31"."""
    for block in (*sheet.head, *sheet.above[:1]):
        moment = read_moment(block.text, sheet.fetched_at)
        if not moment or len(block.text) > _LONGEST_LINE:
            continue
        before, _, behind = block.text.partition(moment.raw)
        name = without_credit(before.strip(_SEPARATORS))
        is_long = len(name.split()) > 1 or "." in name
        # What is linked there, or over the title, may be a section: "Giáo Dục".
        is_sure = block.is_linked or not sheet.is_of_head(block)
        is_name = is_full_name(name) if is_sure else is_long and _is_short_name(name)
        besides = _LONGEST_ADDED if VIEW_LABEL.search(block.text) else _BESIDES_DATE
        if not is_only_moment(block.text, besides):
            continue
        if is_name and not _is_step(name, sheet):
            yield Found(author_of(name) or name, block.text, "name beside the date")
        name = without_credit(behind.strip(_SEPARATORS))
        if is_full_name(name) and not _is_step(name, sheet):
            yield Found(name, block.text, "name beside the date")
        above = sheet.walked.blocks[block.index - 1]
        is_writer = is_full_name(above.text) or _NEWSROOM.match(above.text)
        if sheet.is_of_head(above) and is_writer and not _is_step(above.text, sheet):
            yield Found(above.text, above.text, "name over the date")


def _is_short_name(text: str) -> bool:
    return len(text.split()) <= 4 and is_person(text)


def _is_step(name: str, sheet: Sheet) -> bool:
    """Whether it is a place of the portal, which its menus and paths link or the title names, or
    one of the country.
    """
    if name in provinces() or name in sheet.page_title:
        return True
    if sheet.heading and name in sheet.heading.value:
        return True
    low = name.lower()
    return any(b.linked and b.text.lower() == low for b in sheet.walked.blocks)
