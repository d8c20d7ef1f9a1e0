"""What somebody saved out of the Wayback Machine: its address tells of which page and day it is."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from crawler.foreign.writing import Saved

DATED_BY = "its address in the Wayback Machine"
# wget makes one slash of two in a path.
_PLAYED = re.compile(
    r"https?://web\.archive\.org/web/(?P<at>\d{14})(?:[a-z]{2}_)?/(?P<scheme>https?):/+(?P<rest>.+)"
)


def as_captured(saved: Saved) -> Saved:
    """`saved` with the address and date of the capture, if it was played back to who saved it."""
    found = _PLAYED.fullmatch(saved.url)
    if found is None:
        return saved
    try:
        at = datetime.strptime(found["at"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return saved
    return replace(saved, url=f"{found['scheme']}://{found['rest']}", at=at, dated_by=DATED_BY)
