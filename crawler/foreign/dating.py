"""Dates as mail and HTTP write them (RFC 5322, 3.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def in_utc(text: str) -> datetime:
    """The time in UTC; raises ValueError.

    `-0000` is UTC too, from a place that is not told. Python gives such a time without a zone,
    which `astimezone` would take for this machine's.
    """
    at = parsedate_to_datetime(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
