"""Adding a kept exchange to the table `captures`."""

import sqlite3

from crawler.archive.connection import timestamp
from crawler.archive.runs import Run
from crawler.capture.exchange import Capture


def add_capture(db: sqlite3.Connection, run: Run, url_id: int, capture: Capture) -> int:
    """Add what was kept of one exchange with the URL `url_id`; returns the row's id."""
    place = capture.place
    row = db.execute(
        """INSERT INTO captures (url_id, run_id, captured_at, status, media_type, payload_sha256,
               size, warc_file, warc_offset, warc_length, source, ip, record_type, refers_to, etag,
               last_modified, truncated, url, fetch_ms, caveat)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            url_id,
            run.id,
            timestamp(capture.captured_at),
            capture.status,
            capture.media_type,
            capture.payload_sha256,
            capture.size,
            place.file if place else None,
            place.offset if place else None,
            place.length if place else None,
            capture.source,
            capture.ip,
            capture.record_type,
            capture.refers_to,
            capture.etag,
            capture.last_modified,
            capture.truncated,
            capture.url,
            capture.fetch_ms,
            capture.caveat,
        ),
    ).fetchone()
    return int(row[0])
