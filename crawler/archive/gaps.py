"""The gap map: of every address that anybody listed, where its page still is.

The view `gap_map` has a row for each; what is asked of it here is counted or put in order.
"""

import sqlite3
from typing import Any

from crawler.archive.forms import FORMS

Row = dict[str, Any]

KEPT, WAYBACK, COMMONCRAWL, PORTAL, NOWHERE = "kept", "wayback", "commoncrawl", "portal", "nowhere"
"""Where a page is, the best place first: `portal` is one that has still to be asked for it."""

_ANY = "l.source IN ('wayback', 'commoncrawl')"
_LISTED = "FROM listed_captures l WHERE l.portal_id = k.portal_id AND l.key = k.key AND"


def _copies(source: str) -> str:
    return f"""(SELECT count(*) {_LISTED} l.source = '{source}'
        AND l.state NOT IN ('refused', 'failed') AND (l.status IS NULL OR l.status = 200))"""


# What is refused (print views, search results) is the same page or none; forms have no address.
# Each row stands for itself, without a total of all that is listed, so that the first hundred of a
# million are there at once; `+` keeps SQLite to the index by key.
VIEW = f"""
CREATE VIEW gap_map AS
WITH known AS (
    SELECT p.slug, u.portal_id, u.key, u.url, u.kind, u.id AS url_id, u.found_at,
        u.state = 'waiting' AND u.last_fetched_at IS NULL AS is_to_be_asked,
        a.id AS article_id, ifnull(a.title, u.linked_as) AS title, a.category, a.published_on
    FROM urls u JOIN portals p ON p.id = u.portal_id LEFT JOIN articles a ON a.url_id = u.id
    WHERE u.form IS NULL AND u.state <> 'refused' AND u.same_as IS NULL AND u.kind <> 'redirect'
    UNION ALL
    SELECT p.slug, k.portal_id, k.key, k.url, k.kind, NULL, k.captured_at, 0, NULL, NULL, NULL, NULL
    FROM listed_captures k JOIN portals p ON p.id = k.portal_id
    WHERE k.state <> 'refused'
        AND NOT EXISTS (SELECT 1 FROM urls u WHERE u.portal_id = k.portal_id AND u.key = k.key)
        AND NOT EXISTS (SELECT 1 {_LISTED} {_ANY} AND +l.state <> 'refused'
            AND (l.captured_at, l.id) < (k.captured_at, k.id))),
counted AS (
    SELECT slug AS portal, url, kind, article_id, title, category,
        substr(coalesce(published_on, (SELECT min(l.captured_at) {_LISTED} {_ANY}
            AND +l.state <> 'refused'), found_at), 1, 7) AS month,
        (SELECT count(*) FROM captures c WHERE c.url_id = k.url_id AND c.status = 200) AS kept,
        {_copies("wayback")} AS wayback, {_copies("commoncrawl")} AS commoncrawl,
        (SELECT count(*) {_LISTED} {_ANY} AND +l.state = 'failed') AS undelivered,
        is_to_be_asked
    FROM known k)
SELECT portal, url, title, kind, article_id, category, month, kept, wayback, commoncrawl,
    undelivered,
    CASE WHEN kept THEN '{KEPT}' WHEN wayback THEN '{WAYBACK}'
        WHEN commoncrawl THEN '{COMMONCRAWL}' WHEN is_to_be_asked THEN '{PORTAL}'
        ELSE '{NOWHERE}' END AS place
FROM counted
"""


def _of(portal: str | None) -> str:
    """The pages of a portal, or of all; "portal = ? OR ? IS NULL" would read all for one."""
    # What a crawler asks every portal for, whether it has one or not, is no page that anybody lost.
    return f"""FROM gap_map WHERE {"portal = :portal" if portal else "TRUE"}
        AND kind NOT IN ('robots', 'sitemap', 'feed') AND url NOT LIKE '%/robots.txt'
        AND url NOT LIKE '%/sitemap.xml'"""


def counted(db: sqlite3.Connection, portal: str | None = None) -> list[Row]:
    """`month` (YYYY-MM), `category` (None where no page told it), `place` and `pages`.

    Files are left out.
    """
    return _rows(
        db,
        f"""SELECT month, category, place, count(*) AS pages {_of(portal)} AND kind <> 'file'
            GROUP BY 1, 2, 3""",
        portal,
    )


def lost(db: sqlite3.Connection, portal: str | None, most: int = -1) -> list[Row]:
    """Pages that are nowhere: `portal`, `url`, `title`, `kind`, `month`, `undelivered`.

    The title is what pages that link there call them, or None. Articles first; all of them, or no
    more than `most`.
    """
    return _rows(
        db,
        f"""SELECT portal, url, title, kind, month, undelivered {_of(portal)}
            AND place = '{NOWHERE}' AND kind <> 'file'
            ORDER BY kind <> 'article', month, url LIMIT {int(most)}""",
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
        f"""SELECT portal, url, kind, month, place, wayback + commoncrawl AS copies {_of(portal)}
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
        f"""SELECT url {_of(portal)} AND wayback = 0 AND place IN ('{KEPT}', '{PORTAL}')
            AND kind NOT IN ('file', 'redirect')
            ORDER BY kind <> 'article', month, url LIMIT {int(most)}""",
        portal,
    )


def _rows(db: sqlite3.Connection, query: str, portal: str | None) -> list[Row]:
    return [dict(row) for row in db.execute(query, {"portal": portal})]
