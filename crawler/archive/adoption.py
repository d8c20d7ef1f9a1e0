"""What migrations do to the rows that are there already.

The files of archives of version 0.1 become due, their states honest (migration 4); pages that hold
personal data by their nature are hidden from readers (migration 10).
"""

import sqlite3

from crawler.personal import why_private
from crawler.urls import UNCLAIMED, hosts_of, in_scope, link

_OLD_REASON = "files are not captured by this version"


def adopt_files(db: sqlite3.Connection) -> None:
    """Put the files of articles into the frontier, tied to their rows; other files stay refused."""
    db.execute("UPDATE urls SET reason = ? WHERE reason = ?", (UNCLAIMED, _OLD_REASON))
    for portal_id, url in db.execute("SELECT id, url FROM portals").fetchall():
        for table in ("images", "attachments"):
            _adopt(db, portal_id, hosts_of(url), table)


def _adopt(db: sqlite3.Connection, portal_id: int, hosts: frozenset[str], table: str) -> None:
    rows = db.execute(
        f"""SELECT t.id, t.url, a.url_id, a.last_seen_at FROM {table} t
            JOIN articles a ON a.id = t.article_id WHERE a.portal_id = ?""",
        (portal_id,),
    ).fetchall()
    for row_id, url, found_on, found_at in rows:
        found = link(url, url, "file")
        if found and found.refused is None and in_scope(found.url, hosts):
            values = (portal_id, found.key, found.url, found_on, found_at, found_at, UNCLAIMED)
            url_id = db.execute(_ADOPT, values).fetchone()[0]
            db.execute(f"UPDATE {table} SET url_id = ? WHERE id = ?", (url_id, row_id))


_ADOPT = """
INSERT INTO urls (portal_id, key, url, kind, found_on, found_at, due_at)
VALUES (?, ?, ?, 'file', ?, ?, ?)
ON CONFLICT (portal_id, key) DO UPDATE SET
    state = iif(reason = ?, 'waiting', state), reason = iif(state = 'refused', NULL, reason)
RETURNING id
"""


def state_honestly(db: sqlite3.Connection) -> None:
    """Apply the rule of `crawler.archive.presence` to articles that one 404 made missing."""
    db.execute("UPDATE articles SET seen_capture_id = capture_id")
    db.execute(
        f"""UPDATE articles SET absent_since = (SELECT min(captured_at) {_ABSENT}),
                absent_capture_id = (SELECT min(id) {_ABSENT}),
                absent_runs = (SELECT count(DISTINCT run_id) {_ABSENT})
            WHERE status = 'missing'"""
    )
    db.execute(
        f"""UPDATE articles SET status = iif(
                (SELECT count(*) FROM versions WHERE article_id = articles.id) > 1,
                'changed', 'present')
            WHERE status = 'missing' AND (absent_runs < 3 OR
                julianday((SELECT max(captured_at) {_ABSENT})) - julianday(last_seen_at) < 14)"""
    )


_ABSENT = """FROM captures
    WHERE url_id = articles.url_id AND captured_at > articles.last_seen_at AND status < 500"""


def hide_private(db: sqlite3.Connection) -> None:
    """Hide the articles that would be hidden if they were first seen now."""
    rows = db.execute("SELECT id, url, category, first_seen_at FROM articles").fetchall()
    hidden = [
        (row["first_seen_at"], why, row["id"])
        for row in rows
        if (why := why_private(row["url"], row["category"]))
    ]
    db.executemany("UPDATE articles SET hidden_at = ?, hidden_why = ? WHERE id = ?", hidden)
