"""The frontier: rows of `urls`, from found to done. A killed crawl just reads them again."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.connection import timestamp
from crawler.items import Link

# What leads to more pages comes first, then articles, then pages of unknown kind.
_PRIORITY = {
    "robots": 50,
    "home": 40,
    "sitemap": 30,
    "feed": 30,
    "listing": 20,
    "article": 10,
    "page": 5,
    "file": 0,
}


@dataclass(frozen=True, slots=True)
class Due:
    """A URL that is due, as the scheduler asks for it."""

    url_id: int
    url: str
    kind: str
    form: str | None
    """URL-encoded body of a POST; None is a GET."""
    referer: str | None
    """Where it was found."""


_ADD = """
INSERT INTO urls (portal_id, key, url, form, kind, found_on, found_at, state, reason, due_at,
    priority)
VALUES (:portal, :key, :url, :form, :kind, :found_on, :now, :state, :reason, :now,
    :priority)
ON CONFLICT (portal_id, key) DO UPDATE SET
    url = CASE WHEN {fresh} AND {better} THEN excluded.url ELSE url END,
    form = excluded.form,
    kind = CASE WHEN excluded.priority > priority THEN excluded.kind ELSE kind END,
    priority = max(priority, excluded.priority),
    found_on = CASE WHEN form IS NULL THEN found_on ELSE excluded.found_on END,
    state = CASE WHEN form IS NOT NULL AND last_fetched_at < :run_started THEN 'waiting'
            ELSE state END
WHERE state <> 'refused' AND (
    form IS NOT NULL OR excluded.priority > priority
    OR ({fresh} AND {better}))
"""
# Of several spellings of an address, the one in a listing is the portal's own; else the plainest:
# the shortest, and lower case (which sorts last).
_ADD = _ADD.format(
    fresh="tries = 0 AND last_fetched_at IS NULL",
    better="""(excluded.priority > priority
    OR (-length(excluded.url), excluded.url) > (-length(url), url))"""
)


def add(
    db: sqlite3.Connection,
    portal_id: int,
    links: Iterable[Link],
    now: datetime,
    *,
    found_on: int | None = None,
    run_started: str = "",
) -> None:
    """Put `links` into the frontier, each URL once; call inside a transaction.

    A form found again is due again, with the form's newest state: a POST that is stored from an
    earlier run would be refused by an ASP.NET server.
    """
    moment = timestamp(now)
    db.executemany(
        _ADD,
        [
            {
                "portal": portal_id,
                "key": link.key,
                "url": link.url,
                "form": link.form,
                "kind": link.kind,
                "found_on": found_on,
                "now": moment,
                "state": "refused" if link.refused else "waiting",
                "reason": link.refused,
                "priority": _PRIORITY.get(link.kind, _PRIORITY["page"]),
                "run_started": run_started,
            }
            for link in links
        ],
    )


def due(
    db: sqlite3.Connection, portal_id: int, now: datetime, skip: set[int], limit: int
) -> list[Due]:
    """Up to `limit` URLs that are due, most valuable first, without those in `skip`."""
    rows = db.execute(
        """SELECT u.id, u.url, u.kind, u.form, f.url AS referer
           FROM urls u LEFT JOIN urls f ON f.id = u.found_on
           WHERE u.portal_id = ? AND u.state = 'waiting' AND u.due_at <= ?
           ORDER BY u.priority DESC, u.id LIMIT ?""",
        (portal_id, timestamp(now), limit + len(skip)),
    )
    found = [
        Due(row["id"], row["url"], row["kind"], row["form"], row["referer"])
        for row in rows
        if row["id"] not in skip
    ]
    return found[:limit]


def reopen(db: sqlite3.Connection, portal_id: int, now: datetime) -> None:
    """Make everything that answered or failed before due again, for a new run.

    Forms are left: they come back when the page that holds them is read again. What robots.txt
    forbade is asked again, since robots.txt may have changed.
    """
    db.execute(
        """UPDATE urls SET state = 'waiting', reason = NULL, tries = 0, due_at = ?
           WHERE portal_id = ? AND form IS NULL
             AND (state IN ('done', 'gone', 'failed')
                  OR state = 'refused' AND reason LIKE '%robots.txt%')""",
        (timestamp(now), portal_id),
    )


def settle(
    db: sqlite3.Connection,
    url_id: int,
    state: str,
    kind: str,
    reason: str | None,
    status: int | None,
    now: datetime,
) -> None:
    """Write down what became of a URL that was asked for."""
    db.execute(
        """UPDATE urls SET state = ?, kind = ?, reason = ?, last_status = ?, last_fetched_at = ?,
                  tries = tries + 1 WHERE id = ?""",
        (state, kind, reason, status, timestamp(now), url_id),
    )


def follow(db: sqlite3.Connection, url_id: int, target: str, most: int = 5) -> bool:
    """Ask for the same page at the address that the server prefers; False after `most` moves."""
    changed = db.execute(
        "UPDATE urls SET url = ?, tries = tries + 1 WHERE id = ? AND tries < ? AND url <> ?",
        (target, url_id, most, target),
    )
    return changed.rowcount == 1


def counts(db: sqlite3.Connection, portal_id: int) -> dict[str, int]:
    """How many URLs of the portal are in each state."""
    rows = db.execute(
        "SELECT state, count(*) FROM urls WHERE portal_id = ? GROUP BY state", (portal_id,)
    )
    return dict(map(tuple, rows))
