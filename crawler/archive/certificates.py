"""The TLS certificates that a portal's hosts have shown, one row per host and certificate."""

import sqlite3
from datetime import datetime

from crawler.archive.connection import timestamp
from crawler.safety.certificates import Shown


def keep(db: sqlite3.Connection, portal_id: int, shown: Shown, now: datetime) -> None:
    """Write down that a host showed this chain; call inside a transaction."""
    since, until = shown.validity
    db.execute(
        """INSERT INTO certificates (portal_id, host, sha256, subject, issuer, not_before,
               not_after, chain, verified, error, first_seen_at, last_seen_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (portal_id, host, sha256) DO UPDATE SET chain = excluded.chain,
               verified = excluded.verified, error = excluded.error,
               last_seen_at = excluded.last_seen_at""",
        (
            portal_id,
            shown.host,
            shown.sha256,
            shown.subject,
            shown.issuer,
            timestamp(since),
            timestamp(until),
            shown.pem,
            shown.error is None,
            shown.error,
            timestamp(now),
            timestamp(now),
        ),
    )
