"""What the archive says to people: portals and verdicts, one article with its evidence."""

import sqlite3
from typing import Any

from crawler.urls import key_asked

Row = dict[str, Any]


def _rows(db: sqlite3.Connection, sql: str, *values: object) -> list[Row]:
    return [dict(row) for row in db.execute(sql, values)]


def portals(db: sqlite3.Connection) -> list[Row]:
    """Each portal with its number of articles, its URLs by state, what is due, its last run."""
    found = _rows(
        db,
        """SELECT p.id, p.slug, p.name, p.url, p.cms, p.status,
        (SELECT count(*) FROM articles WHERE portal_id = p.id) AS articles FROM portals p
        ORDER BY p.slug""",
    )
    for portal in found:
        portal_id = portal.pop("id")
        portal["urls"] = {
            row["state"]: row["n"]
            for row in _rows(
                db,
                "SELECT state, count(*) AS n FROM urls WHERE portal_id = ? GROUP BY state",
                portal_id,
            )
        }
        portal |= _rows(db, _DUE, portal_id)[0]
        portal["last_run"] = next(iter(runs(db, portal_id, 1)), None)
        portal["problems"] = problems(db, portal_id)
    return found


# A form is due when the page that holds it has been read again, whatever its own date says.
_DUE = """
SELECT ifnull(sum(due_at <= now), 0) AS due,
    min(iif(due_at > now AND due_at < '9999', due_at, NULL)) AS next_due
FROM urls, (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS now)
WHERE portal_id = ? AND (state = 'waiting' OR form IS NULL)
"""


def portal(db: sqlite3.Connection, slug: str) -> Row | None:
    """The row of the portal `slug`, or None."""
    return next(iter(_rows(db, "SELECT * FROM portals WHERE slug = ?", slug)), None)


def has_run(db: sqlite3.Connection, run_id: int) -> bool:
    """Whether there is a run with that number."""
    return bool(_rows(db, "SELECT 1 FROM runs WHERE id = ?", run_id))


def runs(db: sqlite3.Connection, portal_id: int, limit: int) -> list[Row]:
    """The latest runs of a portal, newest first."""
    return _rows(
        db,
        """SELECT id, kind, mode, started_at, finished_at, verdict, verdict_reasons, pages,
        left_over, articles_seen, articles_new, articles_changed, software, user_agent,
        robots_policy
        FROM runs WHERE portal_id = ? ORDER BY id DESC LIMIT ?""",
        portal_id,
        limit,
    )


def run(db: sqlite3.Connection, run_id: int) -> Row:
    """One run with its portal's slug."""
    return _rows(
        db,
        """SELECT r.*, p.slug AS portal, p.name AS portal_name
        FROM runs r JOIN portals p ON p.id = r.portal_id WHERE r.id = ?""",
        run_id,
    )[0]


def problems(db: sqlite3.Connection, portal_id: int) -> list[Row]:
    """Open problems of a portal by kind, the most frequent first."""
    return _rows(
        db,
        """SELECT pr.field, pr.reason, count(*) AS pages, min(u.url) AS example
        FROM problems pr JOIN urls u ON u.id = pr.url_id
        WHERE u.portal_id = ? AND pr.resolved_at IS NULL
        GROUP BY pr.field, pr.reason
        ORDER BY ifnull(pr.field = 'home page' OR pr.field LIKE 'drift%', 0) DESC, pages DESC,
            pr.reason LIMIT 20""",
        portal_id,
    )


def suspects(db: sqlite3.Connection) -> list[Row]:
    """Planted links by portal and page, the most suspicious page first.

    `still_there` is 1 when the page's latest answer showed the link, and 0 when it did not.
    """
    return _rows(
        db,
        """SELECT p.slug AS portal, u.url AS page, s.href, s.text, s.hidden, s.score, s.why,
            s.first_seen_at, s.last_seen_at, s.capture_id, s.last_seen_at >= (
                SELECT max(captured_at) FROM captures WHERE url_id = u.id AND status <> 304
            ) AS still_there
        FROM suspect_links s JOIN urls u ON u.id = s.url_id JOIN portals p ON p.id = u.portal_id
        ORDER BY p.slug, max(ifnull(s.score, 0)) OVER (PARTITION BY u.id) DESC, u.url,
            s.score DESC, s.id""",
    )


def article(db: sqlite3.Connection, wanted: str) -> Row | None:
    """The article with the id or address `wanted`, its versions, views, parts and evidence."""
    if wanted.isdigit():
        condition, value = "a.id = ?", wanted
    else:
        condition, value = "u.key = ?", key_asked(wanted)
    found = _rows(
        db,
        f"""SELECT a.*, p.slug AS portal, p.name AS portal_name, u.reason AS answer FROM articles a
        JOIN portals p ON p.id = a.portal_id JOIN urls u ON u.id = a.url_id
        WHERE {condition}""",
        value,
    )
    return _with_evidence(db, found[0]) if found else None


def address(db: sqlite3.Connection, wanted: str) -> Row | None:
    """What is known of an address that is no article: `kind`, `state`, `reason`, `linked_as`,
    and `found_on`, the page that first linked to it; None of one that nobody named.
    """
    found = _rows(
        db,
        """SELECT u.kind, u.state, u.reason, u.linked_as, f.url AS found_on FROM urls u
        LEFT JOIN urls f ON f.id = u.found_on WHERE u.key = ? ORDER BY u.id LIMIT 1""",
        key_asked(wanted),
    )
    return found[0] if found else None


# By the date of the evidence: a page of an earlier day may have been imported later.
_PARTS = {
    "versions": """SELECT v.seen_at, v.title, v.published_on, v.author, v.body, v.content_sha256,
        v.capture_id, c.source, c.caveat FROM versions v JOIN captures c ON c.id = v.capture_id
        WHERE v.article_id = :id ORDER BY v.seen_at, v.id""",
    "views": """SELECT seen_at, views FROM view_counts WHERE article_id = :id
        ORDER BY seen_at, id""",
    "images": """SELECT id, url, caption, media_type, sha256, capture_id FROM images
        WHERE article_id = :id ORDER BY id""",
    "attachments": """SELECT id, url, filename, media_type, sha256, text, capture_id
        FROM attachments WHERE article_id = :id ORDER BY id""",
    "documents": """SELECT id, number, kind, issuer, signer, issued_on, effective_on, abstract,
        field FROM documents WHERE article_id = :id ORDER BY id""",
    "suspect_links": """SELECT href, text, hidden, score, why, first_seen_at, last_seen_at
        FROM suspect_links WHERE url_id = :url_id ORDER BY score DESC, id""",
    "readings": """SELECT field, raw, rule FROM (
            SELECT r.*, row_number() OVER (
                PARTITION BY field ORDER BY c.captured_at DESC, r.id DESC) AS nth
            FROM readings r LEFT JOIN captures c ON c.id = r.capture_id WHERE article_id = :id)
        WHERE nth = 1 ORDER BY field""",
    # Versions that were read before the article moved to its present address count, too.
    "captures": """SELECT id, captured_at, status, media_type, payload_sha256, size, ip, source,
        caveat, warc_file, warc_offset, record_type, url FROM captures
        WHERE url_id = :url_id OR id IN (SELECT capture_id FROM versions WHERE article_id = :id)
        ORDER BY captured_at, id""",
}


def _with_evidence(db: sqlite3.Connection, article: Row) -> Row:
    ids = {"id": article["id"], "url_id": article["url_id"]}
    parts = {name: [dict(row) for row in db.execute(sql, ids)] for name, sql in _PARTS.items()}
    for document in parts["documents"]:
        document["files"] = _rows(db, _DOCUMENT_FILES, document["id"])
    return article | parts


_DOCUMENT_FILES = """
SELECT url, filename, media_type, sha256, capture_id FROM document_files
WHERE document_id = ? ORDER BY id
"""
