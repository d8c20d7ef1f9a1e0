"""When things happened on the portal, and how each layout prints it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from practice import chance

VIETNAM = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh, which has kept this offset for all the time that the portal covers."""
FIRST_DAY = date(2012, 1, 1)
DAY_ZERO = date(2024, 7, 3)
NEW_PER_DAY = 2
_OPENS, _OPEN_MINUTES = 7 * 60 + 30, 10 * 60
_WEEKDAYS = (
    "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật",
)  # fmt: skip
_WITH_TIME = {
    "vnportal": (
        "{d:%d/%m/%Y %H:%M}", "{d:%H:%M %d/%m/%Y}", "{week}, {d:%d/%m/%Y} | {d:%H:%M}",
        "Cập nhật lúc {d:%H}h{d:%M} ngày {d:%d/%m/%Y}",
    ),
    "sharepoint": ("{d:%d.%m.%Y %H:%M}", "{week}, {d:%d/%m/%Y} | {d:%H:%M}"),
    "nukeviet": ("{week} - {d:%d/%m/%Y %H:%M}",),
    "table2009": ("(Cập nhật: {d:%d/%m/%y %H:%M})",),
}  # fmt: skip
_WITHOUT_TIME = {
    "kimson": ("{week}, {d:%d/%m/%Y}",),
    "vnportal": ("{d:%d/%m/%Y}", "Ngày {d:%d/%m/%Y}"),
    "sharepoint": ("{d:%d.%m.%Y}", "{week}, {d:%d/%m/%Y}"),
    "nukeviet": ("{week} - {d:%d/%m/%Y}",),
    "table2009": ("({d:%d}-{d.month}-{d.year})",),
}


def today(day: int) -> date:
    """The date on which the portal stands after `day` days."""
    return DAY_ZERO + timedelta(days=day)


def moment(seed: int, k: int, articles: int) -> datetime:
    """When article k was published. Later articles are never earlier than those before them."""
    fraction = chance.number(1000, seed, "moment", k) / 1000
    if k >= articles:
        return _new_moment(k - articles, fraction)
    days = (k + fraction) / articles * (DAY_ZERO - FIRST_DAY).days
    return _in_office(FIRST_DAY + timedelta(days=int(days)), days % 1)


def _new_moment(nth: int, fraction: float) -> datetime:
    """The nth article after day zero: two a day, one in the morning and one in the afternoon."""
    part = (nth % NEW_PER_DAY + fraction) / NEW_PER_DAY
    return _in_office(DAY_ZERO + timedelta(days=1 + nth // NEW_PER_DAY), part)


def _in_office(on: date, part: float) -> datetime:
    midnight = datetime(on.year, on.month, on.day, tzinfo=VIETNAM)
    return midnight + timedelta(minutes=_OPENS + int(part * _OPEN_MINUTES))


def weekday(on: date) -> str:
    """The day's name as pages print it: "Thứ tư"."""
    return _WEEKDAYS[on.weekday()]


def in_words(on: date) -> str:
    """The header's clock: "Thứ tư, 03/07/2024"."""
    return f"{weekday(on)}, {on:%d/%m/%Y}"


def short(on: date) -> str:
    """A date in running text: 3/7/2024."""
    return f"{on.day}/{on.month}/{on.year}"


def shown(layout: str, at: datetime, with_time: bool, key: object) -> str:
    """The text that an article page of this layout shows as its date."""
    if layout == "sharepoint" and not with_time and at.year < 2015:
        # The import of 2015 knew no times and wrote midnight on everything older.
        return f"{at:%d/%m/%Y} 12:00 AM"
    wordings = (_WITH_TIME if with_time else _WITHOUT_TIME)[layout]
    wording = wordings[chance.number(len(wordings), "wording", key)]
    return wording.format(d=at, week=weekday(at))
