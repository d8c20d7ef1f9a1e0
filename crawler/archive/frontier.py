"""The frontier: rows of `urls`, from found to settled. A killed crawl just reads them again.

A URL is due when it waits (state `waiting`) and its `due_at` has come, or when it was settled and
its `due_at` came before the round began. Nothing is moved when a round begins, so a run starts as
fast with a million URLs as with ten.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive import policy
from crawler.archive.connection import timestamp
from crawler.archive.policy import NEVER, Shelf
from crawler.items import Link
from crawler.urls import UNCLAIMED


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
    priority, last_linked_at, linked_as)
VALUES (:portal, :key, :url, :form, :kind, :found_on, :now, :state, :reason,
    iif(:state = 'waiting', :now, :never), :priority, iif(:found_on IS NULL, NULL, :now), :words)
ON CONFLICT (portal_id, key) DO UPDATE SET
    url = CASE WHEN {fresh} AND {better} THEN excluded.url ELSE url END,
    form = excluded.form,
    kind = CASE WHEN {more} THEN excluded.kind ELSE kind END,
    priority = CASE WHEN {more} THEN excluded.priority ELSE priority END,
    found_on = CASE WHEN form IS NULL THEN found_on ELSE excluded.found_on END,
    state = CASE WHEN {claimed} OR {reopened} THEN 'waiting' ELSE state END,
    due_at = CASE WHEN {claimed} OR {reopened} THEN :now ELSE due_at END,
    tries = CASE WHEN {claimed} OR {reopened} THEN 0 ELSE tries END,
    reason = CASE WHEN {claimed} THEN NULL ELSE reason END,
    last_linked_at = CASE WHEN {elsewhere} THEN excluded.last_linked_at ELSE last_linked_at END,
    linked_as = CASE WHEN {longer} THEN excluded.linked_as ELSE linked_as END
WHERE {claimed} OR {longer} OR {elsewhere} AND ifnull(last_linked_at, '') < :round_started
    OR state <> 'refused' AND (form IS NOT NULL OR {more} OR ({fresh} AND {better}))
"""
# Of several spellings of an address, the one in a listing is the portal's own; else the plainest:
# the shortest, and lower case (which sorts last). What a page turned out to be is no longer told
# by links.
_ADD = _ADD.format(
    fresh="tries = 0 AND last_fetched_at IS NULL",
    more="(last_fetched_at IS NULL AND excluded.priority > priority)",
    claimed="(excluded.state = 'waiting' AND state = 'refused' AND reason = :unclaimed)",
    reopened="""(form IS NOT NULL AND state NOT IN ('refused', 'waiting')
    AND last_fetched_at < :round_started AND due_at <= :round_started)""",
    # Every page links to itself (print view, share buttons): that says nothing.
    elsewhere="(:found_on IS NOT NULL AND id <> :found_on)",
    # Lists cut long titles; a page may link to itself by anything.
    longer="""(length(excluded.linked_as) > ifnull(length(linked_as), 0)
    AND id IS NOT :found_on)""",
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
) -> bool:
    """Put `links` into the frontier, each URL once; call inside a transaction.

    Returns whether any was not known. A form found again is due when its time has come, with the
    form's newest state: a POST stored from an earlier round would be refused by an ASP.NET server.
    The first link of a round from another page is noted in `last_linked_at`.
    """
    moment, last = timestamp(now), _last(db)
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
                "never": NEVER,
                "priority": policy.value_at_first(link.kind),
                "round_started": round_started,
                "unclaimed": UNCLAIMED,
                "words": link.words,
            }
            for link in links
        ],
    )
    return _last(db) > last


def call(db: sqlite3.Connection, portal_id: int, links: Iterable[Link], found_on: int) -> None:
    """Keep by which words the page `found_on` links to known URLs, if none before were longer.

    An archive that is older than `linked_as` has them in its records only.
    """
    db.executemany(
        """UPDATE urls SET linked_as = :words WHERE portal_id = :portal AND key = :key
           AND id <> :found_on AND length(:words) > ifnull(length(linked_as), 0)""",
        [
            {"portal": portal_id, "key": link.key, "words": link.words, "found_on": found_on}
            for link in links
            if link.words
        ],
    )


def _last(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT ifnull(max(id), 0) FROM urls").fetchone()[0])


def find(db: sqlite3.Connection, portal_id: int, key: str) -> int:
    """The number of the URL with this key, which must be there."""
    row = db.execute("SELECT id FROM urls WHERE portal_id = ? AND key = ?", (portal_id, key))
    return int(row.fetchone()[0])


# The words of the two partial indexes, which SQLite uses only for a query that repeats them.
_WAITS = "state = 'waiting'"
_IS_SETTLED = "state <> 'waiting' AND form IS NULL"


def first(
    db: sqlite3.Connection, portal_id: int, shelf: Shelf, until: str, skip: set[int]
) -> int | None:
    """The first URL on `shelf` that is due at `until` and not in `skip`, or None."""
    order = "due_at DESC, id DESC" if shelf.last_found_first else "due_at, id"
    rows = db.execute(
        f"""SELECT id FROM urls WHERE portal_id = ? AND priority = ? AND due_at <= ?
            AND {_WAITS if shelf.waits else _IS_SETTLED} ORDER BY {order} LIMIT ?""",
        (portal_id, shelf.value, until, len(skip) + 1),
    )
    return next((row["id"] for row in rows if row["id"] not in skip), None)


def due(db: sqlite3.Connection, url_id: int) -> Due:
    """What to ask for."""
    return Due(*db.execute(_DUE, (url_id,)).fetchone())


# Only what is read from one page alone may be asked for conditionally: listings lead on, and what
# their first page says of later ones is out of date when it is unchanged itself.
_DUE = """
SELECT u.id, u.url, u.kind, u.form, f.url, c.id, c.etag, c.last_modified
FROM urls u LEFT JOIN urls f ON f.id = u.found_on LEFT JOIN captures c ON c.id = coalesce(
        (SELECT capture_id FROM articles WHERE url_id = u.id),
        (SELECT max(capture_id) FROM attachments WHERE url_id = u.id),
        (SELECT max(capture_id) FROM document_files WHERE url_id = u.id),
        (SELECT max(capture_id) FROM images WHERE url_id = u.id))
    AND c.warc_file IS NOT NULL AND ifnull(c.etag, c.last_modified) IS NOT NULL
WHERE u.id = ?
"""


def next_retry(db: sqlite3.Connection, portal_id: int, skip: set[int]) -> str | None:
    """When the first of the waiting URLs is due that are not in `skip`; None when none waits."""
    rows = db.execute(
        f"""SELECT id, due_at FROM urls
            WHERE portal_id = ? AND {_WAITS} ORDER BY due_at LIMIT ?""",
        (portal_id, len(skip) + 1),
    )
    return next((row["due_at"] for row in rows if row["id"] not in skip), None)


def left(db: sqlite3.Connection, portal_id: int, round_started: str) -> int:
    """How many URLs a round that began at `round_started` has still to ask for."""
    waiting = f"SELECT count(*) FROM urls WHERE portal_id = ? AND {_WAITS}"
    settled = f"""SELECT count(*) FROM urls WHERE portal_id = ? AND priority = ? AND due_at <= ?
                  AND {_IS_SETTLED}"""
    counted = db.execute(waiting, (portal_id,)).fetchone()[0]
    for value in policy.VALUES:
        counted += db.execute(settled, (portal_id, value, round_started)).fetchone()[0]
    return int(counted)


def reopen(db: sqlite3.Connection, portal_id: int, now: datetime) -> None:
    """Make everything due that was ever asked for, whatever its `due_at`.

    Forms wait until the page that holds them is read again. What is refused for good stays so.
    """
    db.execute(
        """UPDATE urls SET due_at = :now
           WHERE portal_id = :portal AND state <> 'waiting'
             AND due_at > :now AND due_at < :never""",
        {"portal": portal_id, "now": timestamp(now), "never": NEVER},
    )


def seed(
    db: sqlite3.Connection, portal_id: int, links: Sequence[Link], now: datetime, round_started: str
) -> None:
    """Add the pages that every round starts from; those known are asked for in this one again."""
    add(db, portal_id, links, now)
    wake(db, portal_id, [(link.key, round_started) for link in links], now)
    db.executemany(
        "UPDATE urls SET priority = ? WHERE portal_id = ? AND key = ? AND state = 'waiting'",
        [(policy.value_at_first(link.kind), portal_id, link.key) for link in links],
    )


def wake(
    db: sqlite3.Connection, portal_id: int, unless_since: Iterable[tuple[str, str]], now: datetime
) -> None:
    """Make settled URLs due, each by its key, unless it was asked for since the time beside it."""
    db.executemany(
        """UPDATE urls SET state = 'waiting', due_at = ?, tries = 0
           WHERE portal_id = ? AND key = ? AND state NOT IN ('waiting', 'refused')
             AND last_fetched_at < ?""",
        [(timestamp(now), portal_id, key, since) for key, since in unless_since],
    )


def sibling(db: sqlite3.Connection, url_id: int) -> str | None:
    """The key of the form that was found on the same page as this one and next to it."""
    row = db.execute(
        """SELECT next.key FROM urls u JOIN urls next ON next.found_on = u.found_on
               AND next.id > u.id AND next.form IS NOT NULL
           WHERE u.id = ? AND u.form IS NOT NULL ORDER BY next.id LIMIT 1""",
        (url_id,),
    ).fetchone()
    return str(row[0]) if row else None


def unchanged(db: sqlite3.Connection, url_id: int, now: datetime) -> None:
    """Note that an unchanged page still links to what was first found on it."""
    db.execute(
        "UPDATE urls SET last_linked_at = ? WHERE found_on = ? AND id <> found_on",
        (timestamp(now), url_id),
    )


# The tries of a round: a URL that does not wait is asked for the first time in it.
_TRIES = "iif(state = 'waiting', tries, 0)"


def settle(
    db: sqlite3.Connection,
    url_id: int,
    state: str,
    kind: str | None,
    reason: str | None,
    status: int | None,
    now: datetime,
) -> None:
    """Write down what became of a URL that was asked for; without a kind it keeps its own."""
    db.execute(
        f"""UPDATE urls SET state = ?, kind = ifnull(?, kind), reason = ?,
               last_status = ?, last_fetched_at = ?, tries = {_TRIES} + 1 WHERE id = ?""",
        (state, kind, reason, status, timestamp(now), url_id),
    )


def postpone(
    db: sqlite3.Connection,
    url_id: int,
    reason: str | None,
    status: int | None,
    now: datetime,
    retries: policy.Retries,
    retry_after: float | None = None,
) -> bool:
    """Let a URL wait for another try; False when it has had as many as it may.

    `retry_after` is how many seconds the server asks to wait at least.
    """
    if (retry_after or 0) > retries.longest:
        return False
    tried = db.execute(f"SELECT {_TRIES} FROM urls WHERE id = ?", (url_id,)).fetchone()[0]
    if tried >= retries.times and retries.counted:
        return False
    wait = max(retries.delay * 2 ** min(tried, retries.times), retry_after or 0)
    later = now + timedelta(seconds=wait)
    db.execute(
        """UPDATE urls SET state = 'waiting', reason = ?, last_status = ?, last_fetched_at = ?,
               due_at = ?, tries = ? WHERE id = ?""",
        (reason, status, timestamp(now), timestamp(later), tried + retries.counted, url_id),
    )
    return True


def follow(db: sqlite3.Connection, url_id: int, target: str, now: datetime, most: int = 5) -> bool:
    """Ask for the same page at the address that the server prefers; False after `most` moves."""
    changed = db.execute(
        f"""UPDATE urls SET url = ?, state = 'waiting', due_at = ?, tries = {_TRIES} + 1
            WHERE id = ? AND {_TRIES} < ? AND url <> ?""",
        (target, timestamp(now), url_id, most, target),
    )
    return changed.rowcount == 1
