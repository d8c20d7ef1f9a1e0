"""The frontier: rows of `urls`, from found to done. A killed crawl just reads them again."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.connection import timestamp
from crawler.items import Link
from crawler.urls import UNCLAIMED

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
    kept_as: int | None = None
    """The capture that its article or file was read from, if that allows a conditional request."""
    etag: str | None = None
    last_modified: str | None = None


_ADD = """
INSERT INTO urls (portal_id, key, url, form, kind, found_on, found_at, state, reason, due_at,
    priority, last_linked_at)
VALUES (:portal, :key, :url, :form, :kind, :found_on, :now, :state, :reason, :now,
    :priority, iif(:found_on IS NULL, NULL, :now))
ON CONFLICT (portal_id, key) DO UPDATE SET
    url = CASE WHEN {fresh} AND {better} THEN excluded.url ELSE url END,
    form = excluded.form,
    kind = CASE WHEN excluded.priority > priority THEN excluded.kind ELSE kind END,
    priority = max(priority, excluded.priority),
    found_on = CASE WHEN form IS NULL THEN found_on ELSE excluded.found_on END,
    state = CASE WHEN {claimed} THEN 'waiting'
            WHEN state <> 'refused' AND form IS NOT NULL AND last_fetched_at < :round_started
            THEN 'waiting' ELSE state END,
    reason = CASE WHEN {claimed} THEN NULL ELSE reason END,
    last_linked_at = CASE WHEN {elsewhere} THEN excluded.last_linked_at ELSE last_linked_at END
WHERE {claimed} OR {elsewhere} AND ifnull(last_linked_at, '') < :round_started
    OR state <> 'refused' AND (
        form IS NOT NULL OR excluded.priority > priority OR ({fresh} AND {better}))
"""
# Of several spellings of an address, the one in a listing is the portal's own; else the plainest:
# the shortest, and lower case (which sorts last).
_ADD = _ADD.format(
    fresh="tries = 0 AND last_fetched_at IS NULL",
    claimed="(excluded.state = 'waiting' AND state = 'refused' AND reason = :unclaimed)",
    # Every page links to itself (print view, share buttons): that says nothing.
    elsewhere="(:found_on IS NOT NULL AND id <> :found_on)",
    better="""(excluded.priority > priority
    OR (-length(excluded.url), excluded.url) > (-length(url), url))""",
)


def add(
    db: sqlite3.Connection,
    portal_id: int,
    links: Iterable[Link],
    now: datetime,
    *,
    found_on: int | None = None,
    round_started: str = "",
) -> None:
    """Put `links` into the frontier, each URL once; call inside a transaction.

    A form found again is due again, once a round, with the form's newest state: a POST stored from
    an earlier round would be refused by an ASP.NET server. The first link of a round from another
    page is noted in `last_linked_at`.
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
                "round_started": round_started,
                "unclaimed": UNCLAIMED,
            }
            for link in links
        ],
    )


def find(db: sqlite3.Connection, portal_id: int, key: str) -> int:
    """The number of the URL with this key, which must be there."""
    row = db.execute("SELECT id FROM urls WHERE portal_id = ? AND key = ?", (portal_id, key))
    return int(row.fetchone()[0])


def due(
    db: sqlite3.Connection, portal_id: int, now: datetime, skip: set[int], limit: int
) -> list[Due]:
    """Up to `limit` URLs that are due, most valuable first, without those in `skip`."""
    rows = db.execute(_DUE, (portal_id, timestamp(now), limit + len(skip)))
    return [Due(*row) for row in rows if row["id"] not in skip][:limit]


# Only what is read from one page alone may be asked for conditionally: listings lead on, and what
# their first page says of later ones is out of date when it is unchanged itself.
_DUE = """
SELECT u.id, u.url, u.kind, u.form, f.url, c.id, c.etag, c.last_modified
FROM urls u LEFT JOIN urls f ON f.id = u.found_on LEFT JOIN captures c ON c.id = coalesce(
        (SELECT capture_id FROM articles WHERE url_id = u.id),
        (SELECT max(capture_id) FROM attachments WHERE url_id = u.id),
        (SELECT max(capture_id) FROM images WHERE url_id = u.id))
    AND c.warc_file IS NOT NULL AND ifnull(c.etag, c.last_modified) IS NOT NULL
WHERE u.portal_id = ? AND u.state = 'waiting' AND u.due_at <= ?
ORDER BY u.priority DESC, u.id LIMIT ?
"""


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


def unchanged(db: sqlite3.Connection, url_id: int, now: datetime) -> None:
    """Note that an unchanged page still links to what was first found on it."""
    db.execute(
        "UPDATE urls SET last_linked_at = ? WHERE found_on = ? AND id <> found_on",
        (timestamp(now), url_id),
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
