"""The machine's clock against the archive's own past: when a page was captured is evidence."""

import sqlite3
from datetime import datetime, timedelta

from crawler.archive import runs
from crawler.archive.connection import timestamp
from crawler.errors import CannotRun
from crawler.words import tr


def must_not_be_behind(db: sqlite3.Connection, slug: str, now: datetime, tolerance: float) -> None:
    """CannotRun when the portal was crawled more than `tolerance` seconds after `now`.

    A new text would stand before the old one, and `luutru verify` would call that damage.
    """
    last = runs.last_crawled(db, slug)
    if last is None or now >= last - timedelta(seconds=tolerance):
        return
    raise CannotRun(
        tr(
            "this machine's clock says {now}, but {portal} was crawled until {last}; set the clock "
            "(if it was wrong then: --set CLOCK_TOLERANCE=SECONDS, and `luutru replay` afterwards)",
            now=timestamp(now),
            portal=slug,
            last=timestamp(last),
        )
    )
