"""Lengths of time and sizes as people write them: 1h30m, 500 MB."""

import re
from datetime import timedelta

from crawler.words import tr

# Ten years: what is longer is no plan, and more than a clock can hold.
_TIME = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def duration(text: str) -> timedelta:
    """The length of time that `text` says (2h, 90m, 45s, 1h30m, 7d); ValueError if it says none."""
    found = _TIME.fullmatch(text.strip().lower())
    days, hours, minutes, seconds = (
        (int(part or 0) for part in found.groups()) if found else (0,) * 4
    )
    if not (days or hours or minutes or seconds):
        raise ValueError(tr("{value} is no length of time; write 2h, 90m or 1h30m", value=text))
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def size(text: str) -> int:
    """The bytes that `text` says (2 GB, 500M; in powers of 1024); ValueError if it says none."""
    found = _SIZE.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise ValueError(tr("{value} is no size; write 500 MB or 2 GB", value=text))
    return int(float(found[1]) * 1024 ** _POWERS[found[2].lower()])
