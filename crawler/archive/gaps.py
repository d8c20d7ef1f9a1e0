"""The gap map: of every address that anybody listed, where its page still is.

The view `gap_map` has a row for each; what is asked of it here is counted or put in order.
"""

import sqlite3
from typing import Any

from crawler.archive.forms import FORMS

Row = dict[str, Any]

KEPT, WAYBACK, COMMONCRAWL, PORTAL, NOWHERE = "kept", "wayback", "commoncrawl", "portal", "nowhere"
"""Where a page is, the best place first: `portal` is one that has still to be asked for it."""

_GOOD = "(l.status IS NULL OR l.status = 200) AND l.state <> 'failed'"

# What is refused (print views, search results) is the same page or none; forms have no address.
VIEW = f"""
CREATE VIEW gap_map AS
WITH listed AS (
    SELECT l.portal_id, l.key, min(l.url) AS url, min(l.kind) AS kind,
        min(l.captured_at) AS first_listed,
        sum(l.source = 'wayback' AND {_GOOD}) AS wayback,
        sum(l.source = 'commoncrawl' AND {_GOOD}) AS commoncrawl,
        sum(l.state = 'failed') AS undelivered
    FROM listed_captures l WHERE l.state <> 'refused' GROUP BY l.portal_id, l.key),
known AS (
    SELECT portal_id, key FROM urls
        WHERE form IS NULL AND state <> 'refused' AND same_as IS NULL AND kind <> 'redirect'
    UNION SELECT l.portal_id, l.key FROM listed l WHERE NOT EXISTS (
        SELECT 1 FROM urls u WHERE u.portal_id = l.portal_id AND u.key = l.key
            AND (u.same_as IS NOT NULL OR u.state = 'refused' OR u.kind = 'redirect'))),
counted AS (
    SELECT p.slug AS portal, k.key, coalesce(u.url, l.url) AS url,
        coalesce(u.kind, l.kind) AS kind, a.id AS article_id, a.category,
        substr(coalesce(a.published_on, l.first_listed, u.found_at), 1, 7) AS month,
        (SELECT count(*) FROM captures c WHERE c.url_id = u.id AND c.status = 200) AS kept,
        coalesce(l.wayback, 0) AS wayback, coalesce(l.commoncrawl, 0) AS commoncrawl,
        coalesce(l.undelivered, 0) AS undelivered,
        u.state = 'waiting' AND u.last_fetched_at IS NULL AS is_to_be_asked
    FROM known k JOIN portals p ON p.id = k.portal_id
    LEFT JOIN urls u ON u.portal_id = k.portal_id AND u.key = k.key
    LEFT JOIN articles a ON a.url_id = u.id
    LEFT JOIN listed l ON l.portal_id = k.portal_id AND l.key = k.key)
SELECT portal, url, kind, article_id, category, month, kept, wayback, commoncrawl, undelivered,
    CASE WHEN kept THEN '{KEPT}' WHEN wayback THEN '{WAYBACK}'
        WHEN commoncrawl THEN '{COMMONCRAWL}' WHEN is_to_be_asked THEN '{PORTAL}'
        ELSE '{NOWHERE}' END AS place
FROM counted
"""

# What a crawler asks every portal for, whether it has one or not, is no page that anybody lost.
_OF = """FROM gap_map WHERE (:portal IS NULL OR portal = :portal)
    AND kind NOT IN ('robots', 'sitemap', 'feed') AND url NOT LIKE '%/robots.txt'
    AND url NOT LIKE '%/sitemap.xml'"""


def by_month(db: sqlite3.Connection, portal: str | None = None) -> list[Row]:
    """`month` (YYYY-MM), `place` and `pages`; files are left out."""
    return _rows(
        db,
        f"SELECT month, place, count(*) AS pages {_OF} AND kind <> 'file' GROUP BY 1, 2 ORDER BY 1",
        portal,
    )


def by_category(db: sqlite3.Connection, portal: str | None = None) -> list[Row]:
    """`category` (None where no page told it), `place` and `pages`; files are left out."""
    return _rows(
        db,
        f"""SELECT category, place, count(*) AS pages {_OF} AND kind <> 'file'
            GROUP BY 1, 2 ORDER BY category IS NULL, 1""",
        portal,
    )


def lost(db: sqlite3.Connection, portal: str | None, most: int = -1) -> list[Row]:
    """Pages that are nowhere, articles first: `portal`, `url`, `kind`, `month`, `undelivered`.

    All of them, or no more than `most`.
    """
    return _rows(
        db,
        f"""SELECT portal, url, kind, month, undelivered {_OF} AND place = '{NOWHERE}'
            AND kind <> 'file' ORDER BY kind <> 'article', month, url LIMIT {int(most)}""",
        portal,
    )


def at_risk(db: sqlite3.Connection, portal: str | None = None) -> list[Row]:
    """What is not kept and can still be had, that at the greatest risk first.

    `portal`, `url`, `kind`, `month`, `place` and `copies`: those in web archives. What only the
    portal has goes first, since it may be switched off; then what has the fewest copies; articles
    before lists and files, old ones before new ones.
    """
    return _rows(
        db,
        f"""SELECT portal, url, kind, month, place, wayback + commoncrawl AS copies {_OF}
            AND place IN ('{PORTAL}', '{WAYBACK}', '{COMMONCRAWL}')
            ORDER BY place <> '{PORTAL}', kind NOT IN ('article', 'page'), kind = 'file',
                copies, month, url""",
        portal,
    )


def unasked(db: sqlite3.Connection, portal: str | None = None) -> list[Row]:
    """Web archives that have not told to the end what they list of a portal: `portal`, `source`."""
    return _rows(
        db,
        f"""SELECT p.slug AS portal, s.source FROM portals p JOIN
                (SELECT '{WAYBACK}' AS source UNION ALL SELECT '{COMMONCRAWL}') s
            WHERE (:portal IS NULL OR p.slug = :portal) AND (SELECT ifnull(min(q.state = 'done'), 0)
                FROM index_queries q WHERE q.portal_id = p.id AND q.source = s.source) = 0
            ORDER BY s.source DESC, p.slug""",
        portal,
    )


def silent(db: sqlite3.Connection) -> dict[str, str]:
    """Portals that did not answer when they were last crawled, and the day of that."""
    rows = db.execute(
        """SELECT p.slug, substr(r.started_at, 1, 10) FROM portals p JOIN runs r ON r.id = (
               SELECT max(id) FROM runs WHERE portal_id = p.id AND kind = 'crawl')
           WHERE char(10) || r.verdict_reasons LIKE ?""",
        (f"%\n{FORMS['silent'].format(reason='')}%",),
    )
    return dict(map(tuple, rows))


def only_ours(db: sqlite3.Connection, portal: str, most: int) -> list[Row]:
    """Pages of a portal that the Wayback Machine does not list: `url`, articles first."""
    return _rows(
        db,
        f"""SELECT url {_OF} AND wayback = 0 AND place IN ('{KEPT}', '{PORTAL}')
            AND kind NOT IN ('file', 'redirect')
            ORDER BY kind <> 'article', month, url LIMIT {int(most)}""",
        portal,
    )


def _rows(db: sqlite3.Connection, query: str, portal: str | None) -> list[Row]:
    return [dict(row) for row in db.execute(query, {"portal": portal})]
