"""The dates of WARC records (ISO 28500:2017, 5.4)."""

import re
from datetime import UTC, datetime

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?(?:([+-]\d\d):?(\d\d))?")


def moment(text: str) -> datetime | None:
    """A WARC-Date in UTC to the second (WARC 1.1 allows fractions, and none), or None.

    The standard asks for UTC; who writes another zone is taken at their word.
    """
    found = _DATE.match(text)
    if found is None:
        return None
    minute, second, hours, minutes = found.groups()
    zone = f"{hours}:{minutes}" if hours else "+00:00"
    try:
        return datetime.fromisoformat(f"{minute}{second or ':00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
