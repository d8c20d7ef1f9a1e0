"""The crawls of all portals: a calendar, how each portal is, and how long the disk lasts."""

from datetime import UTC, datetime
from pathlib import Path

from browse.visit import Page, Visit
from crawler.alarms.standing import standing
from crawler.reporting import health
from crawler.reporting.disk import disk_of

_DAYS = 28


def runs(visit: Visit) -> Page:
    """The page `runs`."""
    now = datetime.now(UTC)
    archive = Path(visit.db.execute("PRAGMA database_list").fetchone()["file"])
    dates, calendar = health.calendar(visit.db, _DAYS, now)
    return Page(
        "runs",
        {
            "dates": dates,
            "calendar": calendar,
            "portals": health.portals(visit.db),
            "alarms": standing(visit.db),
            "disk": disk_of(visit.db, archive, now),
        },
    )
