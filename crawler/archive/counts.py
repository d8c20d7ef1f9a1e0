"""Counters: readings of an article's view count and of the portal's own traffic box."""

import sqlite3

from crawler.archive.checksums import checksum
from crawler.archive.saver import Saver
from crawler.items import SiteCounts


def keep_views(saver: Saver, article_id: int, views: int | None, capture_id: int) -> None:
    """Keep a reading of the article's counter; None is no reading."""
    if views is not None:
        add_views(saver.db, article_id, saver.seen_at, views, capture_id)


def add_views(
    db: sqlite3.Connection, article_id: int, seen_at: str, views: int, capture_id: int
) -> None:
    """Add a reading of an article's counter."""
    db.execute(
        """INSERT INTO view_counts (article_id, seen_at, views, capture_id, checksum)
           VALUES (?, ?, ?, ?, ?)""",
        (article_id, seen_at, views, capture_id, checksum(seen_at, views)),
    )


def keep_site_counts(saver: Saver, counts: SiteCounts) -> None:
    """One reading of the traffic box an hour and run is enough: it stands on every page."""
    saver.db.execute(
        """INSERT INTO site_counts (portal_id, seen_at, total_visits, online_now, today)
           SELECT :portal, :now, :total, :online, :today
           WHERE NOT EXISTS (SELECT 1 FROM site_counts WHERE portal_id = :portal
               AND seen_at >= :started AND substr(seen_at, 1, 13) = substr(:now, 1, 13))""",
        {
            "portal": saver.run.portal_id,
            "now": saver.seen_at,
            "total": counts.total_visits,
            "online": counts.online_now,
            "today": counts.today,
            "started": saver.run.started_at,
        },
    )
