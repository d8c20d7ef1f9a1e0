"""How much room the archive's disk has, and how long that lasts."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.connection import timestamp
from crawler.capture.folder import folder_of

_LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that an archive lies on; sizes are bytes."""

    free: int
    total: int
    archive: int
    """Of the database."""
    records: int
    """Of its WARC files."""
    per_day: float | None
    """What it grew by daily in the last 30 days; None for an archive that is younger."""

    @property
    def days_left(self) -> float | None:
        """Days until it is full at that rate; None when that is not known, or it does not grow."""
        return self.free / self.per_day if self.per_day else None


def disk_of(db: sqlite3.Connection, archive: Path, now: datetime) -> Disk:
    """The disk that the archive at `archive` lies on."""
    usage = shutil.disk_usage(archive.absolute().parent)
    records = sum(path.stat().st_size for path in folder_of(archive).glob("*.warc.gz*"))
    size = archive.stat().st_size
    return Disk(usage.free, usage.total, size, records, _per_day(db, size, records, now))


def _per_day(db: sqlite3.Connection, size: int, records: int, now: datetime) -> float | None:
    """The records say when they came; the database is taken to grow in proportion."""
    since = timestamp(now - _LOOKED_BACK)
    first, kept = db.execute(
        """SELECT min(captured_at), sum(warc_length) FILTER (WHERE captured_at >= ?)
           FROM captures WHERE source = 'live'""",
        (since,),
    ).fetchone()
    if first is None or first > since:
        return None
    return (kept or 0) * (1 + size / max(records, 1)) / _LOOKED_BACK.days
