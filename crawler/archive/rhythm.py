"""When a portal publishes, and when it last had something new: evidence for silence and flood."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from crawler.archive.coverage import ROUND, Round
from crawler.drift import rhythm
from crawler.drift.finding import Finding

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_KNOWN = """SELECT published_on AS day, count(*) AS n FROM articles
    WHERE portal_id = :portal AND published_on IS NOT NULL GROUP BY 1"""
_NEW = f"""SELECT a.published_on AS day, count(*) AS n FROM articles a
    WHERE a.first_seen_at >= :began AND a.url_id IN
        (SELECT url_id FROM captures WHERE run_id IN ({ROUND})) GROUP BY 1"""


def judge(db: sqlite3.Connection, crawl: Round, now: datetime, *, swept: bool) -> list[Finding]:
    """Silence, and after a crawl that saw everything also flood."""
    today = now.astimezone(_VIETNAM).date()
    known, new = _published(db, _KNOWN, crawl, today), _published(db, _NEW, crawl, today)
    undated = new.pop(None, 0)
    found = []
    if _may_be_silent(db, crawl):
        last = _last_news(db, crawl).astimezone(_VIETNAM).date()
        found.append(rhythm.silence(_dated(known), last, today))
    if swept:
        waited = datetime.fromisoformat(crawl.began) - _round_before(db, crawl)
        found.append(rhythm.flood(_dated(known - new), _dated(new), undated, waited))
    return [finding for finding in found if finding]


def _published(db: sqlite3.Connection, sql: str, crawl: Round, today: date) -> Counter[date | None]:
    """Articles by day; days that are yet to come are slips of the pen and count as none."""
    days = Counter[date | None]()
    for row in db.execute(sql, crawl.values):
        day = date.fromisoformat(row["day"]) if row["day"] else None
        days[None if day and day > today else day] += row["n"]
    return days


def _dated(days: Counter[date | None]) -> dict[date, int]:
    return {day: count for day, count in days.items() if day}


def _may_be_silent(db: sqlite3.Connection, crawl: Round) -> bool:
    """Whether silence would be news, and the pages that tell of new articles did answer."""
    asked = db.execute(
        f"""SELECT p.status = 'live' AND r.mode <> 'closing'
                AND (SELECT count(DISTINCT u.id) FROM captures c JOIN urls u ON u.id = c.url_id
                     WHERE c.run_id IN ({ROUND}) AND u.state = 'done' AND {_LEADING})
                > (SELECT count(*) FROM urls u WHERE u.portal_id = p.id AND u.state = 'failed'
                     AND u.last_fetched_at >= :began AND {_LEADING})
            FROM runs r JOIN portals p ON p.id = r.portal_id WHERE r.id = :run""",
        crawl.values,
    )
    return bool(asked.fetchone()[0])


_LEADING = "u.kind IN ('home', 'listing', 'feed', 'sitemap')"


def _last_news(db: sqlite3.Connection, crawl: Round) -> datetime:
    """When a crawl last brought a new article: the first crawl of a portal always did."""
    return _moment(
        db.execute(
            """SELECT coalesce(max(CASE WHEN articles_new > 0 THEN started_at END),
                               min(started_at))
               FROM runs WHERE portal_id = :portal AND kind = 'crawl'""",
            crawl.values,
        )
    )


def _round_before(db: sqlite3.Connection, crawl: Round) -> datetime:
    return _moment(
        db.execute(
            f"""SELECT max(started_at) FROM runs WHERE portal_id = :portal AND kind = 'crawl'
                AND id NOT IN ({ROUND})""",
            crawl.values,
        )
    )


def _moment(found: Iterable[sqlite3.Row]) -> datetime:
    """The one time that a query gives."""
    return datetime.fromisoformat(next(iter(found))[0]).astimezone(UTC)
