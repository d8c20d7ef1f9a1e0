"""What a replay asks of the archive: its run, the URL of a record, the records it points at."""

import sqlite3
from dataclasses import astuple, dataclass
from datetime import datetime

from crawler.archive import frontier, runs, units
from crawler.archive.connection import timestamp, transaction
from crawler.archive.counts import add_views
from crawler.archive.runs import Identity, Run
from crawler.capture.exchange import Capture, Place
from crawler.items import Link
from crawler.profiles import Profile
from crawler.urls import hosts_of, key_of


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record that a row of `captures` points at."""

    url_id: int
    url: str
    captured_at: str
    source: str
    run_started: str
    place: Place
    original: Place | None
    """Where the payload of a revisit is."""
    same_payload: bool
    """Whether it is a revisit of identical content, not of `304 Not Modified`."""


def begin(db: sqlite3.Connection, profile: Profile, kind: str, who: Identity, now: datetime) -> Run:
    """Start a run that asks nothing of the portal: no URL becomes due by it."""
    started = timestamp(now)
    with transaction(db):
        portal_id = runs.portal_of(db, profile)
        units.hang(db, portal_id, profile, now)
        run_id = db.execute(
            """INSERT INTO runs (portal_id, kind, started_at, software, user_agent, robots_policy,
                                 robots_reason)
               VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (portal_id, kind, started, *astuple(who)),
        ).fetchone()[0]
    return Run(
        run_id,
        portal_id,
        started,
        hosts=hosts_of(profile.url, *profile.hosts),
        home=key_of(profile.url),
    )


def conclude(db: sqlite3.Connection, run: Run, verdict: str, why: list[str], now: datetime) -> None:
    """Close the run with `verdict` and a line for each reason."""
    with transaction(db):
        db.execute(
            "UPDATE runs SET finished_at = ?, verdict = ?, verdict_reasons = ? WHERE id = ?",
            (timestamp(now), verdict, "\n".join(why) or None, run.id),
        )


def portals(db: sqlite3.Connection) -> dict[str, str]:
    """The start address of each portal by its slug."""
    return dict(map(tuple, db.execute("SELECT slug, url FROM portals ORDER BY id")))


def is_new(db: sqlite3.Connection, run: Run) -> bool:
    """Whether the archive knows no URL of the run's portal yet."""
    found = db.execute("SELECT 1 FROM urls WHERE portal_id = ? LIMIT 1", (run.portal_id,))
    return found.fetchone() is None


def url_of(db: sqlite3.Connection, run: Run, link: Link, now: datetime) -> tuple[int, str]:
    """Id and kind of the URL that `link` means; an unknown one is put into the frontier."""
    wanted = (run.portal_id, link.key)
    query = "SELECT id, kind FROM urls WHERE portal_id = ? AND key = ?"
    if db.execute(query, wanted).fetchone() is None:
        with transaction(db):
            frontier.add(db, run.portal_id, [link], now)
    found = db.execute(query, wanted).fetchone()
    return found["id"], found["kind"]


def kind_of(db: sqlite3.Connection, url_id: int) -> str:
    """The kind of a URL that the archive has."""
    return str(db.execute("SELECT kind FROM urls WHERE id = ?", (url_id,)).fetchone()[0])


def kind_now(db: sqlite3.Connection, run: Run, link: Link) -> str:
    """The kind of the URL that `link` means, as the frontier has it, or would if it were added."""
    query = "SELECT kind FROM urls WHERE portal_id = ? AND key = ?"
    found = db.execute(query, (run.portal_id, link.key)).fetchone()
    return str(found["kind"]) if found else link.kind


def is_wanted(db: sqlite3.Connection, run: Run, link: Link) -> bool:
    """Whether the frontier has the URL and does not refuse it."""
    found = db.execute(
        "SELECT 1 FROM urls WHERE portal_id = ? AND key = ? AND state <> 'refused'",
        (run.portal_id, link.key),
    )
    return found.fetchone() is not None


def is_kept(db: sqlite3.Connection, run: Run, link: Link) -> bool:
    """Whether the archive has a good capture of the page."""
    found = db.execute(
        """SELECT 1 FROM urls u JOIN captures c ON c.url_id = u.id
           WHERE u.portal_id = ? AND u.key = ? AND c.status = 200 LIMIT 1""",
        (run.portal_id, link.key),
    )
    return found.fetchone() is not None


def known(db: sqlite3.Connection, url_id: int, capture: Capture) -> int | None:
    """The row of a capture that the archive has: the same record, or the same exchange."""
    place = capture.place or Place("", 0, 0)
    found = db.execute(
        """SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?
           UNION ALL
           SELECT id FROM captures WHERE url_id = ? AND captured_at = ? AND payload_sha256 = ?
               AND status = ?
           LIMIT 1""",
        (
            place.file,
            place.offset,
            url_id,
            timestamp(capture.captured_at),
            capture.payload_sha256,
            capture.status,
        ),
    ).fetchone()
    return int(found[0]) if found else None


def at_place(db: sqlite3.Connection, place: Place) -> int | None:
    """The capture whose record lies at `place`."""
    found = db.execute(
        "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?",
        (place.file, place.offset),
    ).fetchone()
    return int(found[0]) if found else None


def original_of(db: sqlite3.Connection, run: Run, url: str, at: datetime | None) -> Place | None:
    """Where the record of `url` from `at` is."""
    found = db.execute(
        """SELECT c.warc_file, c.warc_offset, c.warc_length
           FROM captures c JOIN urls u ON u.id = c.url_id
           WHERE u.portal_id = ? AND u.key = ? AND c.captured_at = ?
             AND c.record_type = 'response' AND c.warc_file IS NOT NULL LIMIT 1""",
        (run.portal_id, key_of(url), timestamp(at) if at else ""),
    ).fetchone()
    return Place(*found) if found else None


def responses_of(db: sqlite3.Connection, run: Run, url: str) -> list[Place]:
    """Where the whole answers from `url` are, the youngest first."""
    found = db.execute(
        """SELECT c.warc_file, c.warc_offset, c.warc_length
           FROM captures c JOIN urls u ON u.id = c.url_id
           WHERE u.portal_id = ? AND u.key = ? AND c.record_type = 'response'
             AND c.warc_file IS NOT NULL AND c.truncated IS NULL
           ORDER BY c.captured_at DESC""",
        (run.portal_id, key_of(url)),
    )
    return [Place(*row) for row in found]


def unlinked(db: sqlite3.Connection, url_id: int, since: datetime) -> list[tuple[int, Place]]:
    """Captures of a URL that say 304 and refer to nothing, with their records."""
    found = db.execute(
        """SELECT id, warc_file, warc_offset, warc_length FROM captures
           WHERE url_id = ? AND captured_at >= ? AND status = 304 AND record_type = 'revisit'
             AND refers_to IS NULL AND warc_file IS NOT NULL""",
        (url_id, timestamp(since)),
    )
    return [(row[0], Place(*row[1:])) for row in found]


def refer(db: sqlite3.Connection, capture_id: int, original: Place) -> None:
    """Have a 304 refer to the capture at `original`: what that showed was still there."""
    db.execute(
        """UPDATE captures SET (refers_to, payload_sha256) = (SELECT id, payload_sha256
               FROM captures WHERE warc_file = ? AND warc_offset = ?) WHERE id = ?""",
        (original.file, original.offset, capture_id),
    )
    db.execute(
        """UPDATE articles SET last_seen_at = c.captured_at, seen_capture_id = c.id
           FROM captures c WHERE c.id = ? AND c.url_id = articles.url_id
             AND articles.last_seen_at < c.captured_at""",
        (capture_id,),
    )
    shown = db.execute(
        """SELECT v.article_id, c.captured_at, v.views
           FROM captures c JOIN view_counts v ON v.capture_id = c.refers_to
           JOIN articles a ON a.id = v.article_id AND a.url_id = c.url_id WHERE c.id = ?""",
        (capture_id,),
    )
    for article_id, seen_at, views in shown.fetchall():
        add_views(db, article_id, seen_at, views, capture_id)


def with_payload(db: sqlite3.Connection, sha256: str) -> Place | None:
    """Where a record is that holds the payload with this SHA-256 (hex digits)."""
    found = db.execute(
        """SELECT warc_file, warc_offset, warc_length FROM captures WHERE payload_sha256 = ?
           AND record_type = 'response' AND warc_file IS NOT NULL AND truncated IS NULL LIMIT 1""",
        (sha256,),
    ).fetchone()
    return Place(*found) if found else None


def younger(db: sqlite3.Connection, url_id: int, at: datetime) -> set[int]:
    """The statuses of the URL's captures after `at`."""
    found = db.execute(
        "SELECT DISTINCT status FROM captures WHERE url_id = ? AND captured_at > ?",
        (url_id, timestamp(at)),
    )
    return {row[0] for row in found}


def own_records(db: sqlite3.Connection, slug: str) -> list[OwnRecord]:
    """The records of a portal that the archive's rows point at, in the order of the crawls."""
    rows = db.execute(
        """SELECT u.id AS url_id, u.url, r.started_at,
               c.captured_at, c.source, c.status, c.record_type,
               c.warc_file, c.warc_offset, c.warc_length,
               o.warc_file AS o_file, o.warc_offset AS o_offset, o.warc_length AS o_length
           FROM captures c JOIN urls u ON u.id = c.url_id JOIN runs r ON r.id = c.run_id
           JOIN portals p ON p.id = u.portal_id LEFT JOIN captures o ON o.id = c.refers_to
           WHERE p.slug = ? AND c.warc_file IS NOT NULL ORDER BY c.captured_at, c.id""",
        (slug,),
    )
    return [_own_record(row) for row in rows]


def _own_record(row: sqlite3.Row) -> OwnRecord:
    original = row["o_file"] and Place(row["o_file"], row["o_offset"], row["o_length"])
    return OwnRecord(
        url_id=row["url_id"],
        url=row["url"],
        captured_at=row["captured_at"],
        source=row["source"],
        run_started=row["started_at"],
        place=Place(row["warc_file"], row["warc_offset"], row["warc_length"]),
        original=original or None,
        same_payload=row["record_type"] == "revisit" and row["status"] != 304,
    )


def ingested(db: sqlite3.Connection, sha256: str) -> str | None:
    """The name under which a file with this digest was taken in before."""
    found = db.execute(
        "SELECT object FROM events WHERE event_type = 'ingestion' AND detail LIKE ? LIMIT 1",
        (f"%sha256:{sha256}%",),
    ).fetchone()
    return str(found[0]) if found else None
