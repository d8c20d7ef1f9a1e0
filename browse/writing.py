"""Numbers, days and times as the reader's language writes them."""

import re

from crawler.reporting.text import size
from crawler.words import language, tr

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def number(value: float | None) -> str:
    """1204 as 1.204 in Vietnamese and 1,204 in English; empty for None."""
    if value is None:
        return ""
    written = f"{value:,}"
    return written.replace(",", ".") if language() == "vi" else written


def short_number(value: float) -> str:
    """A round number for where there is little room: 2000000 as 2 M, in Vietnamese 2 triệu."""
    if value < 1_000_000:
        return number(value)
    vietnamese = language() == "vi"
    written = f"{value / 1_000_000:g}"
    return f"{written.replace('.', ',')} triệu" if vietnamese else f"{written} M"


def day(value: str | None) -> str:
    """A date `YYYY-MM-DD`, or the day of a time, as 04/01/2023 or 4 Jan 2023; empty for None."""
    if not value:
        return ""
    year, month, date = value[:10].split("-")
    if language() == "vi":
        return f"{date}/{month}/{year}"
    return f"{int(date)} {_MONTHS[int(month) - 1]} {year}"


def moment(value: str | None) -> str:
    """A time in UTC: the day, the clock and the zone."""
    return f"{day(value)} {value[11:16]} UTC" if value else ""


def period(value: str) -> str:
    """A year `YYYY` or a month `YYYY-MM`, in words."""
    if len(value) == 4:
        return f"năm {value}" if language() == "vi" else value
    year, month = value.split("-")
    if language() == "vi":
        return f"tháng {int(month)}/{year}"
    return f"{_MONTHS[int(month) - 1]} {year}"


def short_period(value: str) -> str:
    """A year, or a month as 1/2023, for where there is little room."""
    return value if len(value) == 4 else f"{int(value[5:])}/{value[:4]}"


_IN_WORDS = {"url": "address", "urls": "addresses", "href": "leads to", "why": "reason"}


def field_name(column: str) -> str:
    """A column of the archive as a heading: published_on as Published on, or Ngày đăng."""
    words = tr(column)
    if words == column:
        words = _IN_WORDS.get(column, column.replace("_", " "))
    return words[:1].upper() + words[1:]


def told(value: object) -> str:
    """A value of a row, whatever it is; empty for None."""
    if isinstance(value, int | float):
        return number(value)
    text = str(value or "")
    if _TIME.fullmatch(text):
        return moment(text)
    return day(text) if _DAY.fullmatch(text) else text


WRITING = {
    "number": number,
    "day": day,
    "moment": moment,
    "period": period,
    "size": size,
    "field_name": field_name,
    "told": told,
}
"""The names that templates use."""
