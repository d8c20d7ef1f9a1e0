"""Dates and times of day as Vietnamese pages print them: a text in, a moment out.

Day first is the rule, the zone is Asia/Ho_Chi_Minh. Nothing is completed: a text without a
year, or with a day that does not exist, gives None.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

from crawler.vietnamese import squeeze

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date in Vietnam's zone, the UTC instant if a time of day is printed, and their text."""

    on: date
    at: datetime | None
    raw: str


_WEEKDAY = r"(?:(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|t[2-7]|chủ\s+nhật|cn)\b[\s,.\-–|]*)?"
_HALF = r"(?:\s*(?P<half{0}>a\.?m\b|p\.?m\b|sa\b|ch\b|sáng|trưa|chiều|tối|đêm|khuya))?"
_TIME = (
    r"(?P<hour{0}>[01]?\d|2[0-4])\s*(?:[:h]|giờ)\s*(?P<minute{0}>[0-5]\d)(?!\d)"
    r"(?:\s*[:']\s*(?P<second{0}>[0-5]\d)(?!\d))?(?:\s*(?:phút|'))?" + _HALF
)
_GAP = r"[\s,|;(\[\-–—•·]*"
_JOIN = _GAP + r"(?:(?:lúc|at|vào|ngày)\b)?[\s:]*"
_DAY = (
    r"(?:ngày\s*:?\s*)?(?<![\d/.\-])(?P<day>\d{1,2})\s?(?P<mark>[/.\-])\s?(?P<month>\d{1,2})"
    r"\s?(?P=mark)\s?(?P<year>\d{4}|\d{2})(?![\d/])"
)
_DAY_SPACED = _DAY.replace(r"\s?(?P", r"\s*(?P").replace(r"\s?(?P=", r"\s*(?P=")
_PRINTED = re.compile(
    rf"(?:{_TIME.format('_before')}{_JOIN})?{_WEEKDAY}{_DAY_SPACED}(?:{_JOIN}{_TIME.format('')})?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?!\d)"
    r"(?:[T\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?(?!\d))?)?"
)
_MONTHS = "một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười(?:\\s+(?:một|hai))?"
_IN_WORDS = re.compile(
    rf"(?:{_TIME.format('_before')}{_JOIN})?{_WEEKDAY}"
    rf"(?P<words>(?:ngày\s+)?\d{{1,2}}\s*tháng\s*(?:\d{{1,2}}|{_MONTHS})[\s,]*(?:năm\s*)?\d{{4}})"
    rf"(?:{_JOIN}{_TIME.format('')})?",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:\d{1,3}|một)\s+(?:phút|giờ|tiếng|ngày|tuần|tháng|năm)\s+trước\b|\bhôm qua\b",
    re.IGNORECASE,
)


def read_moment(text: str, fetched_at: datetime) -> Moment | None:
    """The first whole date in `text`; relative times ("9 giờ trước") count from `fetched_at`.

    A relative time gives a date and no time of day, because none is printed.
    """
    text = squeeze(text)
    return _printed(text) or _iso(text) or _in_words(text) or _relative(text, fetched_at)


def is_only_moment(text: str) -> bool:
    """Whether `text` holds a date and hardly anything else."""
    found = _PRINTED.search(text) or _IN_WORDS.search(text) or _ISO.search(text)
    return found is not None and len(text) - len(found.group()) <= 30


def iso_moment(text: str) -> Moment | None:
    """A machine-written date; also with a space before the zone, as some JSON-LD has it."""
    return _iso(squeeze(text))


def _printed(text: str) -> Moment | None:
    for match in _PRINTED.finditer(text):
        if on := _date(match["year"], match["month"], match["day"]):
            return _moment(on, match)
    return None


def _in_words(text: str) -> Moment | None:
    if not (match := _IN_WORDS.search(text)):
        return None
    parsed = _parser(None).get_date_data(match["words"]).date_obj
    return _moment(parsed.date(), match) if parsed else None


def _relative(text: str, fetched_at: datetime) -> Moment | None:
    if not (match := _RELATIVE.search(text)):
        return None
    words = match.group().lower().replace("tiếng", "giờ")
    local = fetched_at.astimezone(VIETNAM).replace(tzinfo=None)
    parsed = _parser(local).get_date_data(words).date_obj
    return Moment(parsed.date(), None, match.group()) if parsed else None


@lru_cache(maxsize=8)
def _parser(base: datetime | None) -> DateDataParser:
    settings: dict[str, object] = {"DATE_ORDER": "DMY", "REQUIRE_PARTS": ["day", "month", "year"]}
    if base:
        settings = {"DATE_ORDER": "DMY", "RELATIVE_BASE": base}
    return DateDataParser(languages=["vi"], settings=settings)


def _iso(text: str) -> Moment | None:
    if not (match := _ISO.search(text)):
        return None
    on = _date(match["year"], match["month"], match["day"])
    if not on or not match["hour"]:
        return Moment(on, None, match.group().strip()) if on else None
    clock = _time(match["hour"], match["minute"], match["second"], None)
    if not clock:
        return Moment(on, None, match.group().strip())
    return _zoned(datetime.combine(on, clock), match["zone"], match.group())


def _zoned(local: datetime, zone: str | None, raw: str) -> Moment:
    if zone in (None, "+07:00", "+0700", "+07"):
        at = local.replace(tzinfo=VIETNAM)
    elif zone == "Z":
        at = local.replace(tzinfo=UTC)
    else:
        digits = zone.replace(":", "").ljust(5, "0")
        offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
        at = (local - (offset if digits[0] == "+" else -offset)).replace(tzinfo=UTC)
    return Moment(at.astimezone(VIETNAM).date(), at.astimezone(UTC), raw.strip())


def _date(year: str, month: str, day: str) -> date | None:
    full = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        on = date(full, int(month), int(day))
    except ValueError:
        return None
    # Vietnam came online in November 1997; an older or a far date is a typing error.
    return on if 1997 <= on.year <= 2100 else None


def _moment(on: date, match: "re.Match[str]") -> Moment:
    side = "" if match["hour"] else "_before"
    clock = None
    if match["hour" + side]:
        clock = _time(*(match[part + side] for part in ("hour", "minute", "second", "half")))
    at = datetime.combine(on, clock, VIETNAM).astimezone(UTC) if clock else None
    return Moment(on, at, match.group().strip(" ,|-–—([;•·"))


def _time(hour: str, minute: str, second: str | None, half: str | None) -> time | None:
    hours = _on_24_hours(int(hour), half)
    try:
        clock = time(hours, int(minute), int(second or 0))
    except ValueError:
        return None
    # Midnight sharp ("12:00 AM" on every old item of a portal) is how a CMS prints a missing time.
    return clock if clock != time() else None


def _on_24_hours(hours: int, half: str | None) -> int:
    """12 hour clocks, also with the marks of a 24 hour clock: 15:20 PM is 15:20, 00:01 AM 00:01."""
    half = (half or "").lower().replace(".", "")
    if half in ("am", "sa", "sáng", "đêm", "khuya") and hours == 12:
        return 0
    if half in ("pm", "ch", "chiều", "tối") and hours < 12:
        return hours + 12
    if half == "trưa" and hours < 4:
        return hours + 12
    if half in ("đêm", "khuya") and 8 <= hours < 12:
        return hours + 12
    return hours
