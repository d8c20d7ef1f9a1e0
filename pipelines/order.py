"""Whether a page prints the month before the day, as English-locale SharePoint and DNN do.

Day first is the rule. It gives way only where the page itself tells: the day in its address
(SharePoint's `/Pages/2011-3-8/`), its metadata, other dates of the same form that can't be read
otherwise ("2/25/2011 2:10 PM"), an English page that prints no leading zeros, or a day that had not
come yet when the page was fetched.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from pipelines.clock import VIETNAM, Moment, iso_moment
from pipelines.sheet import Sheet
from pipelines.structured import PUBLISHED, text_in

_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})\s?[/-]\s?(\d{1,2})\s?[/-]\s?(?:\d{4}|\d{2})(?!\d)")
# How .NET prints a moment in the culture en-US.
_ENGLISH = re.compile(
    r"(?<!\d)(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})[\s|,\-]{1,4}\d{1,2}:\d{2}(?::\d{2})?\s?[AP]M\b"
)
_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_MONTHS = 12
_ZONES_DIFFER = timedelta(days=1)
_LONGEST_LINE = 200


def in_order(moment: Moment, sheet: Sheet) -> Moment:
    """`moment`, which was read day first, or what its numbers mean in the page's own order."""
    numbers = _NUMBERS.search(moment.raw)
    if numbers is None or moment.on.day > _MONTHS or moment.on.day != int(numbers[1]):
        return moment
    other = _turned(moment)
    return other if _is_month_first(moment, other.on, sheet) else moment


def _turned(moment: Moment) -> Moment:
    on = moment.on.replace(day=moment.on.month, month=moment.on.day)
    if moment.at is None:
        return Moment(on, None, moment.raw)
    local = datetime.combine(on, moment.at.astimezone(VIETNAM).time(), VIETNAM)
    return Moment(on, local.astimezone(UTC), moment.raw)


def _is_month_first(moment: Moment, turned: date, sheet: Sheet) -> bool:
    english = _ENGLISH.search(moment.raw)
    today = sheet.fetched_at.astimezone(VIETNAM).date()
    if english and turned <= today < moment.on - _ZONES_DIFFER:
        return True
    told = set(_in_address(sheet.url))
    if english:
        told.update(_declared(sheet))
    if moment.on in told or turned in told or not english:
        return moment.on not in told and turned in told
    pairs = [(int(m[1]), int(m[2])) for b in sheet.walked.blocks for m in _found(b.text)]
    if any(first > _MONTHS for first, _ in pairs):
        return False
    return any(second > _MONTHS for _, second in pairs) or _is_english(sheet, english)


def _found(text: str) -> Iterator["re.Match[str]"]:
    return _ENGLISH.finditer(text) if len(text) <= _LONGEST_LINE else iter(())


def _is_english(sheet: Sheet, printed: "re.Match[str]") -> bool:
    language = str(sheet.tree.get("lang") or "").lower()
    return language.startswith("en") and not any(n.startswith("0") for n in printed.groups())


def _in_address(url: str) -> Iterator[date]:
    for found in _IN_ADDRESS.finditer(url):
        if moment := iso_moment("-".join(found.groups())):
            yield moment.on


def _declared(sheet: Sheet) -> Iterator[date]:
    named = (sheet.structured.meta(name) for name in PUBLISHED)
    texts = [text_in(sheet.structured.article.get("datePublished")), *(n and n[0] for n in named)]
    for text in texts:
        if text and (moment := iso_moment(text)):
            yield moment.on
