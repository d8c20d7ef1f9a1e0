"""Whether an article is there: present, absent for now, missing, or there but not linked.

One 404 proves little: portals lose pages for an afternoon. An article is missing only after it was
absent in several crawls in a row and for some time. What comes in its place with no word of that is
a doubt for a person, not an absence: it may be a redesign that the reader does not know. A portal
that can't be reached says nothing.
"""

import sqlite3
from dataclasses import dataclass

from crawler.items import ReadPage

_OK = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an article may be absent before it is missing; both must be exceeded."""

    runs: int = 3
    """Crawls in a row that found it absent; crawls that got no answer do not count."""
    days: float = 14
    """Days since it was first seen absent: it may not have been asked for in months before."""


def seen(db: sqlite3.Connection, article_id: int, at: str, capture_id: int) -> None:
    """The article was there at `at`, as `capture_id` shows."""
    db.execute(
        """UPDATE articles SET last_seen_at = :at, seen_capture_id = :capture,
               absent_since = NULL, absent_runs = 0, absent_capture_id = NULL,
               status = iif((SELECT count(*) FROM versions WHERE article_id = :id) > 1,
                            'changed', 'present')
           WHERE id = :id""",
        {"id": article_id, "at": at, "capture": capture_id},
    )


def absent(
    db: sqlite3.Connection, url_id: int, at: str, capture_id: int | None, patience: Patience
) -> None:
    """The portal said at `at` that the page is not there; `capture_id` is what it said."""
    db.execute(
        """UPDATE articles SET absent_since = ifnull(absent_since, :at),
               absent_capture_id = ifnull(absent_capture_id, :capture),
               absent_runs = absent_runs + 1,
               status = iif(absent_runs + 1 >= :runs AND :days <=
                   julianday(:at) - julianday(ifnull(absent_since, :at)), 'missing', status)
           WHERE url_id = :url""",
        {
            "url": url_id,
            "at": at,
            "capture": capture_id,
            "runs": patience.runs,
            "days": patience.days,
        },
    )


def doubt(db: sqlite3.Connection, read: ReadPage) -> str | None:
    """What is odd about a good answer where an article was kept; None when nothing is."""
    if read.article or read.page.status != _OK or read.kind == "blocked":
        return None
    known = db.execute("SELECT 1 FROM articles WHERE url_id = ?", (read.page.url_id,)).fetchone()
    return f"an article was here; it reads as {read.kind} now" if known else None


def mark_unlinked(db: sqlite3.Connection, portal_id: int) -> None:
    """After a complete crawl: mark articles that answered, but that no page as last seen links to.

    Not every crawl reads every page again. Links are noted by the round that saw them, so what
    counts is the last round before the page that was not read for longest.
    """
    db.execute(
        f"""WITH bound (began) AS ({_LAST_ROUND_BEFORE_ALL})
           UPDATE articles SET unlinked = found.unlinked FROM (
               SELECT a.id, a.last_seen_at >= began AND ifnull(u.last_linked_at, '') < began
                   AND NOT EXISTS (SELECT 1 FROM urls copy WHERE copy.same_as = u.id
                       AND copy.last_linked_at >= began) AS unlinked
               FROM articles a JOIN urls u ON u.id = a.url_id JOIN bound
               WHERE a.portal_id = :portal AND began IS NOT NULL) found
           WHERE articles.id = found.id AND articles.unlinked <> found.unlinked""",
        {"portal": portal_id},
    )


_LAST_ROUND_BEFORE_ALL = """
SELECT max(ifnull(round_started_at, started_at)) FROM runs
WHERE portal_id = :portal AND kind = 'crawl' AND ifnull(round_started_at, started_at) <= (
    SELECT min(last_fetched_at) FROM urls
    WHERE portal_id = :portal AND state = 'done' AND kind NOT IN ('file', 'robots', 'redirect'))
"""
