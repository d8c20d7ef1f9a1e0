"""Dates and times of day as Vietnamese pages print them: a text in, a moment out.

Day first is the rule, the zone is Asia/Ho_Chi_Minh. Nothing is completed: a text without a
year, or with a day that does not exist, gives None; who knows the year hands it to `with_year`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

from crawler.vietnamese import squeeze
from pipelines.hours import TIME, time_of, zone_of

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date in Vietnam's zone, the UTC instant if a time of day is printed, and their text."""

    on: date
    at: datetime | None
    raw: str


_WEEKDAY = r"(?:(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|t[2-7]|chủ\s+nhật|cn)\b[\s,.\-–|]*)?"
_LONGEST_ADDITION = 12
_LONGEST_MOMENT = 100
_ONLINE, _FAR = 1997, 2100
"""Vietnam came online in November 1997; an older or a far date of publication is a typing error."""
_CENTURY, _LAST_CENTURY = (2000, 1900), 90
_GAP = r"[\s,|;(\[\-–—•·]*"
_JOIN = _GAP + r"(?:(?:lúc|at|vào|ngày)\b)?[\s:]*"
_ZONE = r"(?:\s*\(?(?:GMT|UTC)\s*\+\s*0?7\)?)?"
_DAY = (
    r"(?:ngày\s*:?\s*)?(?<![\d/.\-])(?P<day>\d{1,2})\s?(?P<mark>[/.\-])\s?(?P<month>\d{1,2})"
    r"\s?(?P=mark)\s?(?P<year>\d{4}|\d{2})(?![\d/])"
)
_DAY_SPACED = _DAY.replace(r"\s?(?P", r"\s*(?P").replace(r"\s?(?P=", r"\s*(?P=")
_PRINTED = re.compile(
    rf"(?:{_WEEKDAY}{TIME.format('_before')}{_ZONE}{_JOIN})?{_WEEKDAY}{_DAY_SPACED}"
    rf"(?:{_JOIN}{TIME.format('')})?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?!\d)"
    r"(?:[T\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap]\.?m\b))?"
    r"\s*(?P<zone>(?:GMT|UTC)?\s*[+-]\d{1,2}(?::?\d{2})?(?!\d)|Z\b|UTC\b|GMT\b)?)?",
    re.IGNORECASE,
)
_YEARLESS = re.compile(
    rf"(?:{TIME.format('_before')}{_JOIN})?{_WEEKDAY}(?:ngày\s*:?\s*)?(?<![\d/.\-])"
    rf"(?P<day>\d{{1,2}})\s?[/\-]\s?(?P<month>\d{{1,2}})(?![\d/.\-])(?:{_JOIN}{TIME.format('')})?",
    re.IGNORECASE,
)
_MONTHS = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "chạp": 12,
}  # fmt: skip
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = (
    r"(?:(?:tháng|thg\.?|th\.?)\s*(?:\d{1,2}|" + "|".join(sorted(_MONTHS, key=len)[::-1]) + r")"
    r"|(?:" + "|".join(_ENGLISH) + r")[a-z]*\.?)(?!\w)"
)
_IN_WORDS = re.compile(
    rf"(?:{TIME.format('_before')}{_JOIN})?{_WEEKDAY}(?:ngày\s+)?(?:"
    rf"(?<!\d)(?P<day>\d{{1,2}})\s*(?P<month>{_NAMED_MONTH})|"
    rf"(?P<month_before>{_NAMED_MONTH})\s*(?P<day_behind>\d{{1,2}})(?:st|nd|rd|th)?(?!\w))"
    rf"[\s,]*(?:năm\s*)?(?P<year>\d{{4}})(?!\d)(?:{_JOIN}{TIME.format('')})?",
    re.IGNORECASE,
)
# What every form has; far cheaper to look for than any of them.
_SIGN = re.compile(r"\d|trước", re.IGNORECASE)
# Weeks, months and years are rounded: they tell no day. "Giá vàng hôm nay" is a title.
_FEW = {"một": "1", "hai": "2", "ba": "3", "bốn": "4", "năm": "5", "sáu": "6", "bảy": "7"}
_AGO = re.compile(
    rf"\b(?:\d{{1,3}}|{'|'.join(_FEW)})\s+(?:giây|phút|giờ|tiếng|ngày)\s+trước"
    r"(?=\s*(?:$|[|•·,;)\-–]|\d+\s+(?:bình luận|lượt|phản hồi)))",
    re.IGNORECASE,
)
_THIS_DAY = re.compile(
    rf"(?:(?:đăng|cập nhật)\s*(?:lúc)?\s*:?\s*)?(?P<day>hôm\s+(?:nay|qua))"
    rf"(?:{_JOIN}{TIME.format('')})?\s*(?:$|[|•·])",
    re.IGNORECASE,
)


def read_moment(text: str, fetched_at: datetime, since: int = _ONLINE) -> Moment | None:
    """The first whole date in `text` from the year `since` on.

    Relative times ("9 giờ trước") count from `fetched_at`; they give a date and no time of day,
    because none is printed.
    """
    text = squeeze(text)
    return (
        _printed(text, since)
        or _iso(text, since)
        or _in_words(text, since)
        or _relative(text, fetched_at)
    )


def is_only_moment(text: str, besides: int = 30) -> bool:
    """Whether `text` holds a date and hardly anything else: at most `besides` characters."""
    if len(text) > besides + _LONGEST_MOMENT or not _SIGN.search(text):
        return False
    forms = (_PRINTED, _IN_WORDS, _ISO, _AGO)
    found = next((found for form in forms if (found := form.search(text))), None)
    return found is not None and len(text) - len(found.group()) <= besides


def iso_moment(text: str) -> Moment | None:
    """A machine-written date; also with a space before the zone, as some JSON-LD has it."""
    return _iso(squeeze(text), _ONLINE)


def _printed(text: str, since: int) -> Moment | None:
    """The first date; a paper's number and its day may stand before the same day with its time."""
    first = None
    for match in _PRINTED.finditer(text):
        on = _date(match["year"], match["month"], match["day"], since) or _us(match, since)
        if not on or (first and on != first.on):
            continue
        moment = _moment(on, match)
        if moment.at:
            return moment
        first = first or moment
    return first


def _us(match: "re.Match[str]", since: int) -> date | None:
    """The day of "1/25/2022" or "1/25/22 9:15 AM": month first is the only way to read it."""
    is_english = (match["half"] or "").lower() in ("am", "pm")
    is_us = match["mark"] in "/-" and (len(match["year"]) == 4 or is_english)
    return _date(match["year"], match["day"], match["month"], since) if is_us else None


def _in_words(text: str, since: int) -> Moment | None:
    for match in _IN_WORDS.finditer(text):
        month = _month(match["month"] or match["month_before"])
        if on := _date(match["year"], str(month), match["day"] or match["day_behind"], since):
            return _moment(on, match)
    return None


def _month(name: str) -> int:
    name = name.lower()
    if name[:3] in _ENGLISH:
        return _ENGLISH.index(name[:3]) + 1
    number = re.sub(r"^(?:tháng|thg|th)\.?\s*", "", name)
    return int(number) if number.isdecimal() else _MONTHS[number]


def without_year(text: str) -> tuple[int, int, str] | None:
    """Day, month and text of a line that is a date without a year ("25/11 | 08:30"), else None."""
    match = _YEARLESS.search(squeeze(text))
    if not match or len(text) - len(match.group()) > _LONGEST_ADDITION:
        return None
    day, month = int(match["day"]), int(match["month"])
    return (day, month, match.group().strip()) if 1 <= day <= 31 and 1 <= month <= 12 else None


def with_year(text: str, year: int) -> Moment | None:
    """The moment that `text`, a date without a year, means in this year."""
    match = _YEARLESS.search(squeeze(text))
    on = _date(str(year), match["month"], match["day"], _ONLINE) if match else None
    return _moment(on, match) if on and match else None


def _relative(text: str, fetched_at: datetime) -> Moment | None:
    local = fetched_at.astimezone(VIETNAM).replace(tzinfo=None)
    if match := _AGO.search(text):
        number, _, unit = match.group().lower().replace("tiếng", "giờ").partition(" ")
        on = _day_meant(f"{_FEW.get(number, number)} {unit}", local)
        return Moment(on, None, match.group()) if on else None
    if match := _THIS_DAY.match(text.strip()):
        on = _day_meant(match["day"].lower(), local)
        return _moment(on, match) if on else None
    return None


def _day_meant(words: str, local: datetime) -> date | None:
    """The day of "3 giờ trước" or "hôm qua", said at `local`."""
    parsed = _parser(local).get_date_data(words).date_obj
    return parsed.date() if parsed else None


@lru_cache(maxsize=8)
def _parser(base: datetime) -> DateDataParser:
    return DateDataParser(languages=["vi"], settings={"DATE_ORDER": "DMY", "RELATIVE_BASE": base})


def _iso(text: str, since: int) -> Moment | None:
    if not (match := _ISO.search(text)):
        return None
    on = _date(match["year"], match["month"], match["day"], since)
    if not on or not match["hour"]:
        return Moment(on, None, match.group().strip()) if on else None
    clock = time_of(match["hour"], match["minute"], match["second"], match["half"])
    if not clock:
        return Moment(on, None, match.group().strip())
    return _zoned(datetime.combine(on, clock), match["zone"], match.group())


def _zoned(local: datetime, zone: str | None, raw: str) -> Moment:
    at = local.replace(tzinfo=zone_of(zone)) if zone else local.replace(tzinfo=VIETNAM)
    return Moment(at.astimezone(VIETNAM).date(), at.astimezone(UTC), raw.strip())


def _date(year: str, month: str, day: str, since: int) -> date | None:
    full = int(year) if len(year) == 4 else _CENTURY[int(year) >= _LAST_CENTURY] + int(year)
    try:
        on = date(full, int(month), int(day))
    except ValueError:
        return None
    return on if since <= on.year <= _FAR else None


def _moment(on: date, match: "re.Match[str]") -> Moment:
    parts = match.groupdict()
    side = "" if parts["hour"] else "_before"
    clock = None
    if parts.get("hour" + side):
        clock = time_of(*(parts[part + side] for part in ("hour", "minute", "second", "half")))
    at = datetime.combine(on, clock, VIETNAM).astimezone(UTC) if clock else None
    return Moment(on, at, match.group().strip(" ,|-–—([;•·"))
