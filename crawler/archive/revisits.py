"""What a visit showed, and when the next one is due: the rows behind `crawler.archive.policy`."""

import sqlite3
from datetime import UTC, datetime, timedelta

from crawler.archive import frontier, policy
from crawler.archive.connection import timestamp
from crawler.archive.policy import NEVER, SLACK_DAYS, Visit
from crawler.archive.saver import Saver

_LEAD_ON = {"home", "listing"}
_NEXT_PAGES = 10
_BELIEVED = 3
"""So many pages may have changed at one moment."""


def plan(saver: Saver, *, found_new: bool) -> None:
    """Set when the page's URL is due again; call when everything else of the page is saved.

    `found_new` says whether it links to anything that was not known.
    """
    row = saver.db.execute(_FACTS, {"id": saver.page.url_id, "me": saver.capture_id}).fetchone()
    if row["state"] == "waiting":
        return
    news = row["state"] == "done" and (found_new or not row["visits"] or _changed(saver, row))
    visit = _visit(row, saver.page.fetched_at, news=news)
    saver.db.execute(
        """UPDATE urls SET due_at = :due, priority = :value, visits = visits + :done,
               changes = changes + :news, changed_at = iif(:news, :now, changed_at),
               recheck_days = iif(:done, :days, recheck_days) WHERE id = :id""",
        {
            "id": saver.page.url_id,
            "due": _due(row, visit, saver.page.fetched_at),
            "value": policy.value_again(visit) if visit.captured else row["priority"],
            "done": visit.state == "done",
            "news": news,
            "now": saver.seen_at,
            "days": policy.rhythm(visit),
        },
    )
    if found_new:
        _wake_next_pages(saver)
    _wake_modified(saver)


_FACTS = """
SELECT u.kind, u.state, u.reason, u.priority, u.visits, u.recheck_days, u.found_at, u.changed_at,
    u.form IS NOT NULL OR ifnull(f.kind = 'listing', 0) AS deep,
    a.id AS article_id, ifnull(a.published_on, a.first_seen_at) AS born, a.last_seen_at,
    (SELECT max(captured_at) FROM captures
     WHERE url_id = u.id AND status < 400 AND id IS NOT :me) AS answered_at
FROM urls u LEFT JOIN urls f ON f.id = u.found_on LEFT JOIN articles a ON a.url_id = u.id
WHERE u.id = :id
"""


def _visit(row: sqlite3.Row, now: datetime, *, news: bool) -> Visit:
    # A page that says "not found" answers too: only what brought something was there.
    last = row["changed_at"] if row["state"] == "gone" else row["answered_at"]
    return Visit(
        kind=row["kind"],
        state=row["state"],
        deep=bool(row["deep"]),
        age_days=_days(row["born"], now) if row["born"] else None,
        silent_days=_days(row["last_seen_at"] or last or row["found_at"], now),
        captured=bool(row["visits"]) or row["state"] == "done",
        news=news,
        rhythm=row["recheck_days"],
    )


def _days(since: str, now: datetime) -> float:
    moment = datetime.fromisoformat(since)
    return (now - moment.replace(tzinfo=moment.tzinfo or UTC)).total_seconds() / 86400


def _due(row: sqlite3.Row, visit: Visit, now: datetime) -> str:
    if visit.state == "refused" and "robots.txt" not in (row["reason"] or ""):
        return NEVER
    # At least a second: what is due in every run is not due twice in this one.
    days = max(policy.rest(visit) - SLACK_DAYS, 0)
    return timestamp(now + max(timedelta(days=days), timedelta(seconds=1)))


def _changed(saver: Saver, row: sqlite3.Row) -> bool:
    if row["article_id"]:
        return _has_version(saver, row["article_id"]) or _is_read(saver, row["article_id"])
    if row["kind"] == "file":
        return _has_other_bytes(saver)
    return False


def _has_version(saver: Saver, article_id: int) -> bool:
    found = saver.db.execute(
        "SELECT 1 FROM versions WHERE article_id = ? AND capture_id = ?",
        (article_id, saver.capture_id),
    )
    return found.fetchone() is not None


def _is_read(saver: Saver, article_id: int) -> bool:
    """Whether the view count moved by more than the crawl's own visit."""
    counts = saver.db.execute(
        "SELECT views FROM view_counts WHERE article_id = ? ORDER BY seen_at DESC, id DESC LIMIT 2",
        (article_id,),
    ).fetchall()
    return len(counts) == 2 and counts[0]["views"] - counts[1]["views"] > 1


def _has_other_bytes(saver: Saver) -> bool:
    digests = saver.db.execute(
        "SELECT payload_sha256 FROM captures WHERE url_id = ? ORDER BY id DESC LIMIT 2",
        (saver.page.url_id,),
    ).fetchall()
    return len(digests) == 2 and digests[0][0] != digests[1][0]


def _wake_next_pages(saver: Saver) -> None:
    """What is new on a page of a listing has pushed older items on to the next ones."""
    page = saver.page
    if page.kind not in _LEAD_ON:
        return
    keys = [link.key for link in page.links if link.kind == "listing"][:_NEXT_PAGES]
    if not keys:
        # A fragment that came by POST has no pager of its own.
        following = frontier.sibling(saver.db, page.url_id)
        keys = [following] if following else []
    asked = [(key, saver.run.round_started) for key in keys]
    frontier.wake(saver.db, saver.run.portal_id, asked, page.fetched_at)


def _wake_modified(saver: Saver) -> None:
    """What a sitemap calls changed since it was read is due, if the sitemap can be believed."""
    dated = {link.key: link.modified for link in saver.page.links if link.modified}
    # Many portals write the time of the sitemap at every page.
    newest = max(dated.values(), default=None)
    if sum(moment == newest for moment in dated.values()) > max(_BELIEVED, len(dated) / 2):
        return
    asked = [
        (key, min(timestamp(moment), saver.run.round_started)) for key, moment in dated.items()
    ]
    frontier.wake(saver.db, saver.run.portal_id, asked, saver.page.fetched_at)
