"""What stands with the disk that the archive lies on."""

from collections.abc import Iterator

from crawler.alarms.alarm import Alarm
from crawler.reporting.disk import Disk
from crawler.reporting.text import size
from crawler.words import tr

LEAST_FREE = 2_000_000_000
"""Bytes below which a disk is nearly full: a WARC file has 1 GB, a copy of the database as much."""
_LEAST_DAYS = 14


def full(disk: Disk, least: int = LEAST_FREE) -> Iterator[Alarm]:
    """An alarm when less than `least` bytes are free, or what lasts for two weeks."""
    days = disk.days_left
    if disk.free < least or (days is not None and days < _LEAST_DAYS):
        line = tr("{free} of {total} are left", free=size(disk.free), total=size(disk.total))
        if days is not None:
            line += "; " + tr("at the present rate for {days} days", days=round(days))
        yield Alarm("disk", line=line)
