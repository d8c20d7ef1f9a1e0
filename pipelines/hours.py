"""Times of day and zones as pages print them; 12 hour clocks in Vietnamese and English words."""

import re
from datetime import UTC, time, timedelta, timezone, tzinfo

_HALF = r"(?:\s*(?P<half{0}>a\.?m\b|p\.?m\b|sa\b|ch\b|sáng|trưa|chiều|tối|đêm|khuya))?"
TIME = (
    r"(?<!\d)(?P<hour{0}>[01]?\d|2[0-4])\s*(?:(?:h:|[:h]|giờ)\s*(?P<minute{0}>[0-5]\d|\d(?=\s*phút))(?!\d)"
    r"(?:\s*(?:[:']|phút(?=\s*[0-5]\d\s*giây))\s*(?P<second{0}>[0-5]\d)(?!\d)(?:\s*giây)?)?"
    r"(?:\s*(?:phút|'))?|(?:h|giờ)(?!\w))" + _HALF
)
"""Pattern of a time; `format` puts a suffix to its groups hour, minute, second and half."""
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?$")


def zone_of(text: str) -> tzinfo:
    """The zone of "Z", "UTC", "+07:00", "+0700", "+07", "GMT+7"."""
    if not (offset := _OFFSET.search(text)):
        return UTC
    minutes = 60 * int(offset["hours"]) + int(offset["minutes"] or 0)
    return timezone(timedelta(minutes=-minutes if offset["sign"] == "-" else minutes))


def time_of(hour: str, minute: str | None, second: str | None, half: str | None) -> time | None:
    """The time of day, or None for one that does not exist and for midnight sharp."""
    hours = _on_24_hours(int(hour), half)
    try:
        clock = time(hours, int(minute or 0), int(second or 0))
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
