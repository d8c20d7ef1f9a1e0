"""What the archive knows of its evidence: captures, and events in PREMIS terms."""

import sqlite3
from dataclasses import astuple
from datetime import datetime

from crawler.archive.connection import timestamp
from crawler.archive.numbering import ROWS
from crawler.capture.exchange import Capture, Original

_LOST = "the record of this capture was lost, as in a power cut: the WARC file ends before it"


def original(db: sqlite3.Connection, payload_sha256: str) -> Original | None:
    """The earliest whole record with this payload, for a revisit to refer to."""
    row = db.execute(
        """SELECT c.id, c.url, c.captured_at, c.payload_sha256
           FROM captures c JOIN urls u ON u.id = c.url_id
           WHERE c.payload_sha256 = ? AND c.record_type = 'response' AND c.truncated IS NULL
             AND c.warc_file IS NOT NULL AND u.form IS NULL
           ORDER BY c.id LIMIT 1""",
        (payload_sha256,),
    ).fetchone()
    return Original(*row) if row else None


def kept_copy(db: sqlite3.Connection, capture_id: int) -> Original | None:
    """The record that holds the payload of a capture, which may be a revisit itself."""
    row = db.execute(
        """SELECT o.id, o.url, o.captured_at, o.payload_sha256 FROM captures c
           JOIN captures o ON o.id = ifnull(c.refers_to, c.id)
           WHERE c.id = ? AND o.warc_file IS NOT NULL""",
        (capture_id,),
    ).fetchone()
    return Original(*row) if row else None


def last_known_end(db: sqlite3.Connection, warc_file: str) -> int:
    """Bytes of `warc_file` up to which rows vouch for whole records."""
    row = db.execute(
        "SELECT max(warc_offset + warc_length) FROM captures WHERE warc_file = ?", (warc_file,)
    ).fetchone()
    return int(row[0] or 0)


def give_up_records(db: sqlite3.Connection, warc_file: str, end: int, now: datetime) -> int:
    """Take back what rows say of records behind byte `end`, where a power cut has ended the file.

    What was captured live is due again, what a web archive gave is to be fetched from there again,
    and each has a problem until then. How many they are.
    """
    lost = db.execute(
        """SELECT id, url_id, source FROM captures
           WHERE warc_file = ? AND warc_offset + warc_length > ?""",
        (warc_file, end),
    ).fetchall()
    for capture_id, url_id, source in lost:
        db.execute(
            """UPDATE captures SET warc_file = NULL, warc_offset = NULL, warc_length = NULL
               WHERE id = ?""",
            (capture_id,),
        )
        db.execute(
            """INSERT INTO problems (url_id, capture_id, reason, seen_at) VALUES (?, ?, ?, ?)
               ON CONFLICT DO NOTHING""",
            (url_id, capture_id, _LOST, timestamp(now)),
        )
        db.execute(
            """UPDATE urls SET state = 'waiting', due_at = ?, tries = 0
               WHERE id = ? AND state IN ('done', 'gone') AND ? = 'live'""",
            (timestamp(now), url_id, source),
        )
        db.execute(
            """UPDATE listed_captures SET state = 'waiting', due_at = ?, tries = 0
               WHERE capture_id = ? AND state = 'done'""",
            (timestamp(now), capture_id),
        )
    return len(lost)


def take_record(db: sqlite3.Connection, capture_id: int, capture: Capture, now: datetime) -> None:
    """Have a row that lacks its record point at the one that came for the same exchange."""
    if capture.place is None:
        return
    taken = db.execute(
        """UPDATE captures SET warc_file = ?, warc_offset = ?, warc_length = ?
           WHERE id = ? AND warc_file IS NULL AND record_type = ?""",
        (*astuple(capture.place), capture_id, capture.record_type),
    )
    if taken.rowcount:
        db.execute(
            """UPDATE problems SET resolved_at = ?
               WHERE url_id = (SELECT url_id FROM captures WHERE id = ?)
                   AND capture_id = ? AND reason = ? AND resolved_at IS NULL""",
            (timestamp(now), capture_id, capture_id, _LOST),
        )


def note(
    db: sqlite3.Connection,
    at: datetime,
    event_type: str,
    target: str,
    outcome: str,
    detail: str,
    agent: str,
) -> None:
    """Append to `events`; `event_type` is a term of the PREMIS eventType vocabulary."""
    # The higher numbers of a merged archive are those of its sources' events.
    db.execute(
        """INSERT INTO events (id, at, event_type, object, outcome, detail, agent)
           VALUES ((SELECT ifnull(max(id), 0) + 1 FROM events WHERE id < ?), ?, ?, ?, ?, ?, ?)""",
        (ROWS, timestamp(at), event_type, target, outcome, detail, agent),
    )
