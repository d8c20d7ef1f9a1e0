"""Numbers, days and times as the reader's language writes them."""

from crawler.reporting.text import size
from crawler.words import language

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def number(value: float | None) -> str:
    """1204 as 1.204 in Vietnamese and 1,204 in English; empty for None."""
    if value is None:
        return ""
    written = f"{value:,}"
    return written.replace(",", ".") if language() == "vi" else written


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


WRITING = {"number": number, "day": day, "moment": moment, "period": period, "size": size}
"""The names that templates use."""
