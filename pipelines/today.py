"""What a page shows besides its article's date: the portal's clock, a running announcement."""

import re
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from crawler.selectors import label_of
from pipelines.blocks import Block
from pipelines.clock import VIETNAM, Moment
from pipelines.dateline import WEEKDAY
from pipelines.lines import is_dated, is_foot_line
from pipelines.sheet import Sheet

_CLOCK_NAME = re.compile(
    r"today|clock|\bnow\b|current|hien-?tai|hom-?nay|marquee|banner|(?<![\w-])(?:header|top)(?![\w-])"
)
_CLOCKS_DIFFER = timedelta(minutes=30)


def is_clock(sheet: Sheet, element: Any) -> bool:
    """Whether `element` holds the portal's clock: it shares no small box with the title.

    Seen on the seed page: "Thứ tư, 03/07/2024" in the header of an article of 2023.
    """
    title = sheet.heading_lines[0] if sheet.heading_lines else None
    if title is None or _CLOCK_NAME.search(label_of(element)):
        return True
    mine = set(element.iterancestors()) | {element}
    # Between line breaks title and date are lines of one box.
    own = (title.element, *title.element.iterancestors())
    shared = next((e for e in own if e in mine), None)
    if shared is None or shared.tag in ("body", "html", "form"):
        return True
    if shared.tag in ("table", "tbody"):
        return not _heads_table(sheet, element, shared)
    return sheet.walked.spans.get(shared, (0, 0))[0] < title.index - 6


def _heads_table(sheet: Sheet, element: Any, table: Any) -> bool:
    """Whether it is the first line of a table inside the page, with the title right below it."""
    first, _ = sheet.walked.spans.get(table, (0, 0))
    mine, behind = sheet.walked.spans.get(element, (0, 0))
    return 0 < first == mine and behind == sheet.heading_lines[0].index


def is_now(moment: Moment, text: str, fetched_at: datetime) -> bool:
    """Whether `text` is what a clock shows: this minute, or today with its weekday."""
    if moment.on != fetched_at.astimezone(VIETNAM).date():
        return False
    if moment.at is None:
        return WEEKDAY.search(text) is not None
    return fetched_at - moment.at < _CLOCKS_DIFFER


def is_running(block: Block) -> bool:
    """Whether it runs across the page: an announcement."""
    return next(block.element.iterancestors("marquee"), None) is not None or (
        block.element.tag == "marquee"
    )


def is_menu(block: Block) -> bool:
    """Whether it links several places: above a menu stands the portal's clock.

    Themes list an article's author, day and views above its title, and link them, too.
    """
    links = block.is_linked and (
        block.element.tag == "li" or sum(1 for _ in islice(block.element.iter("a"), 2)) > 1
    )
    # How many comments there are is no place.
    is_named = links and any(map(str.isalpha, block.text))
    return is_named and not (is_dated(block.text) or is_foot_line(block))
