"""Crawl windows: the hours in which a portal may be asked, such as 22:00-06:00."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WRITTEN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})(?:\s+(\S+))?\s*")
_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Window:
    """From `begins` to `ends` every day, over midnight when `ends` is the smaller one."""

    begins: time
    ends: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "Window":
        """`22:00-06:00`, or `22:00-06:00 Asia/Ho_Chi_Minh` (the default zone).

        Raises ValueError that says what is wrong.
        """
        written = _WRITTEN.fullmatch(text)
        if not written:
            raise ValueError(f"{text!r} is no window; write 22:00-06:00, with a zone if need be")
        try:
            begins = time(int(written[1]), int(written[2]))
            ends = time(int(written[3]), int(written[4]))
        except ValueError:
            raise ValueError(f"{text!r} holds a time that no clock shows") from None
        if begins == ends:
            raise ValueError(f"{text!r} is never open; leave the window out for all day")
        try:
            zone = ZoneInfo(written[5] or _ZONE)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{written[5]!r} is no time zone such as {_ZONE}") from None
        return cls(begins, ends, zone)

    def opens_in(self, now: datetime) -> float:
        """Seconds from `now` (aware) until the window is open; 0 when it is."""
        if self._holds(now.astimezone(self.zone).time()):
            return 0.0
        return self._until(self.begins, now)

    def shuts_in(self, now: datetime) -> float:
        """Seconds from `now` (aware) until the window is shut next."""
        return self._until(self.ends, now)

    def _until(self, clock: time, now: datetime) -> float:
        local = now.astimezone(self.zone)
        then = datetime.combine(local.date(), clock, self.zone)
        if then <= local:
            then += timedelta(days=1)
        return (then - now).total_seconds()

    def _holds(self, clock: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends
