"""The moment that a line tells, with the time of day that its element keeps."""

import re
from datetime import datetime
from typing import Any

from pipelines.blocks import Block
from pipelines.clock import Moment, read_moment
from pipelines.dateline import POSTED, is_sentence
from pipelines.hours import TIME

ONLY_TIME = re.compile(TIME.format(""), re.IGNORECASE)
"""A time of day and nothing else: "08:52", "8 giờ 5"."""
_LONGEST_WORDS = 20


def as_printed(text: str, moment: Moment) -> str:
    """The whole line where it only adds words such as "Cập nhật lúc", else the date's own part."""
    before, _, after = text.partition(moment.raw)
    added = before + after
    is_words = len(added) <= _LONGEST_WORDS and not any(c.isdigit() for c in added)
    return text if moment.raw in text and is_words and "|" not in added else moment.raw


def moment_of(block: Block, fetched_at: datetime) -> Moment | None:
    """The moment of a line that is no sentence."""
    moment = posted(block.text, fetched_at)
    if moment is None or is_sentence(block.text, moment.raw):
        return None
    return exact(moment, block.element, fetched_at)


def exact(moment: Moment, element: Any, fetched_at: datetime) -> Moment:
    """The moment with the time of day from the element's attributes if they agree."""
    if moment.at is None and (timed := _time_shown(moment, element, fetched_at)):
        return timed
    kept = None if moment.at else in_attributes(element, fetched_at)
    return kept if kept and kept.on == moment.on and kept.at else moment


def _time_shown(moment: Moment, element: Any, fetched_at: datetime) -> Moment | None:
    """The moment with the time that is shown over its link: WordPress, 2010 to 2014."""
    links = (element.getparent(), *element.iter("a"))
    times = (link.get("title") or "" for link in links if link is not None)
    time = next(filter(ONLY_TIME.fullmatch, times), None)
    timed = read_moment(f"{moment.raw} {time}", fetched_at) if time else None
    return timed if timed and timed.on == moment.on else None


def posted(text: str, fetched_at: datetime) -> Moment | None:
    """The date behind "Ngày đăng" where that of the last change stands in the same line."""
    label = POSTED.search(text)
    behind = read_moment(text[label.end() :], fetched_at) if label else None
    return behind or read_moment(text, fetched_at)


def in_attributes(element: Any, fetched_at: datetime) -> Moment | None:
    """Forums and blogs print a day and keep the time in `title` or `datetime`."""
    for inner in element.iter("time", "abbr", "span"):
        text = inner.get("datetime") or inner.get("title") or ""
        if moment := read_moment(text, fetched_at):
            return moment
    return None
