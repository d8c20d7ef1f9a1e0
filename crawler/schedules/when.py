"""When a portal is crawled: cron syntax or words, in, and the times of its runs, out.

`nightly` (mỗi đêm) is some minute of the night, another one for each portal, and `every 6h` some
minute of the hour: thirty portals don't begin together, many of which share one server.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from crawler.words import tr

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ALLOWED = (
    'words ("nightly" or "mỗi đêm", "daily 02:00", "weekly sunday 02:00", "monthly 1 02:00", '
    '"every 6h", "every 6h while changing") or cron syntax ("30 2 * * 1-5")'
)
LONGEST_QUIET = timedelta(days=7)
"""How long a portal that changes no more is left alone by `while changing`."""

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS_VI = ("chủ nhật", "thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy")
_WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NIGHT = (22, 4 * 60)
"""The hour that the night begins at, and minutes in which runs of `nightly` begin."""
_UNITS = {"h": (3600, 24), "m": (60, 60), "s": (1, 60)}
"""Seconds of each unit, and of how many of them `every` has to be a part."""

_CLOCK = r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})"
_NIGHTLY = re.compile(r"nightly|every night|(?:mỗi|hằng|hàng) đêm")
_DAILY = re.compile(rf"(?:daily|every day|(?:mỗi|hằng|hàng) ngày)(?: at| lúc)? {_CLOCK}")
_WEEKLY = re.compile(
    rf"(?:weekly|every week|(?:mỗi|hằng|hàng) tuần)(?: on)? (?P<day>\D+?)(?: at| lúc)? {_CLOCK}"
)
_MONTHLY = re.compile(
    rf"(?:monthly|every month|(?:mỗi|hằng|hàng) tháng)(?: on| ngày)? (?P<day>\d{{1,2}})"
    rf"(?: at| lúc)? {_CLOCK}"
)
_EVERY = re.compile(
    r"(?:every|mỗi) (?P<n>\d{1,2}) ?(?P<unit>h|m|s|giờ|phút|giây)\w*"
    r"(?P<changing> while changing| khi còn đổi| khi còn thay đổi)?"
)
_UNITS_VI = {"giờ": "h", "phút": "m", "giây": "s"}
_PART = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of a portal's runs, as fields of cron with a second before them."""

    text: str
    """As written."""
    second: str = "0"
    minute: str = "*"
    hour: str = "*"
    day: str = "*"
    month: str = "*"
    weekdays: tuple[str, ...] = ()
    """Names such as `mon`; none means every day."""
    interval: timedelta | None = None
    """The time between two runs, of `every`."""
    while_changing: bool = False
    """Whether the interval grows while runs find nothing new or changed."""

    def next(self, after: datetime, zone: ZoneInfo = ZONE) -> datetime:
        """The first run later than `after` (aware), in local time of `zone`.

        Raises ValueError when there is none, as on 31 February.
        """
        found: datetime | None = self._trigger(zone).get_next_fire_time(after, after)
        if found is None:
            raise ValueError(tr("never comes"))
        return found

    def _trigger(self, zone: ZoneInfo) -> CronTrigger:
        return CronTrigger(
            second=self.second,
            minute=self.minute,
            hour=self.hour,
            day=self.day,
            month=self.month,
            day_of_week=",".join(self.weekdays) or "*",
            timezone=zone,
        )


def parse(text: str, slug: str) -> Schedule:
    """The schedule that `text` means for the portal `slug`; ValueError if it means none."""
    words = " ".join(text.lower().split())
    made = _spoken(text, words, crc32(slug.encode())) or _cron(text, words)
    made.next(datetime.now(ZONE))
    return made


def _spoken(text: str, words: str, spread: int) -> Schedule | None:
    if _NIGHTLY.fullmatch(words):
        first, minutes = _NIGHT
        minute = first * 60 + spread % minutes
        return Schedule(text, minute=str(minute % 60), hour=str(minute // 60 % 24))
    if found := _EVERY.fullmatch(words):
        return _every(text, found, spread)
    for form in (_DAILY, _WEEKLY, _MONTHLY):
        if found := form.fullmatch(words):
            return _daily(text, **found.groupdict())
    return None


def _daily(text: str, hour: str, minute: str, day: str = "") -> Schedule:
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(tr("{text} holds a time that no clock shows", text=repr(text)))
    clock: dict[str, Any] = {"minute": str(int(minute)), "hour": str(int(hour))}
    if day.isdecimal():
        return Schedule(text, **clock, day=_number(day, 1, 31))
    return Schedule(text, **clock, weekdays=(_weekday(day),) if day else ())


def _weekday(name: str) -> str:
    for names in (_DAYS, _WEEK, _DAYS_VI):
        if name in names:
            return _DAYS[names.index(name)]
    raise ValueError(tr("{name} is no day of the week", name=repr(name)))


def _every(text: str, found: re.Match[str], spread: int) -> Schedule:
    number, unit = int(found["n"]), _UNITS_VI.get(found["unit"], found["unit"])
    seconds, whole = _UNITS[unit]
    if not number or whole % number:
        parts = ", ".join(f"{n}{unit}" for n in range(1, whole + 1) if whole % n == 0)
        raise ValueError(tr("{text}: `every` takes one of {parts}", text=repr(text), parts=parts))
    step = "0" if number == whole else f"*/{number}"
    fields: dict[str, Any] = {
        "h": {"minute": str(spread % 60), "hour": step},
        "m": {"minute": step},
        "s": {"second": step},
    }[unit]
    return Schedule(
        text,
        **fields,
        interval=timedelta(seconds=number * seconds),
        while_changing=bool(found["changing"]),
    )


def _cron(text: str, words: str) -> Schedule:
    parts = words.split()
    if len(parts) != 5:
        raise ValueError(
            tr("{text} is no schedule; write {allowed}", text=repr(text), allowed=ALLOWED)
        )
    minute, hour, day, month, weekday = parts
    if day != "*" and weekday != "*":
        raise ValueError(
            tr("{text}: name days of the month or of the week, not both", text=repr(text))
        )
    return Schedule(
        text,
        minute=_field(minute, 0, 59),
        hour=_field(hour, 0, 23),
        day=_field(day, 1, 31),
        month=_field(month, 1, 12, _MONTHS),
        weekdays=_weekdays(weekday),
    )


def _weekdays(field: str) -> tuple[str, ...]:
    """Cron counts days from Sunday, 0 and 7; the names mean the same everywhere."""
    if field == "*":
        return ()
    chosen: set[int] = set()
    for part in field.split(","):
        first, last, step = _range(part, 0, 7, _DAYS)
        chosen.update(day % 7 for day in range(first, last + 1, step))
    return tuple(name for number, name in enumerate(_DAYS) if number in chosen)


def _field(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> str:
    return ",".join(_written(part, low, high, names) for part in field.split(","))


def _written(part: str, low: int, high: int, names: tuple[str, ...]) -> str:
    first, last, step = _range(part, low, high, names)
    span = "*" if part.startswith("*") else str(first) if first == last else f"{first}-{last}"
    return f"{span}/{step}" if step > 1 else span


def _range(part: str, low: int, high: int, names: tuple[str, ...]) -> tuple[int, int, int]:
    """First, last and step of a part of a cron field."""
    found = _PART.fullmatch(part)
    if not found or found[2] == "0":
        raise ValueError(tr("{part} is no field of cron", part=repr(part)))
    step = int(found[2] or 1)
    if found[1] == "*":
        return low, high, step
    first, _, last = found[1].partition("-")
    begin = int(_number(first, low, high, names))
    # `5/10` is said to begin at 5 and to go on to the end.
    end = int(_number(last, low, high, names)) if last else high if found[2] else begin
    if end < begin:
        raise ValueError(tr("{part} ends before it begins", part=repr(part)))
    return begin, end, step


def _number(text: str, low: int, high: int, names: tuple[str, ...] = ()) -> str:
    if text in names:
        return str(names.index(text) + low)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ValueError(
            tr("{part} is no number from {low} to {high}", part=repr(text), low=low, high=high)
        )
    return str(int(text))
