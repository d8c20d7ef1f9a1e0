"""Numbers for charts. `portal` is a slug or None for all; hidden articles are not counted."""

import sqlite3
from typing import Any

from crawler.archive.coverage import FIELDS
from crawler.archive.hiding import SHOWN

Row = dict[str, Any]

_ARTICLES = f"""articles a JOIN portals p ON p.id = a.portal_id
    WHERE a.published_on IS NOT NULL AND (:portal IS NULL OR p.slug = :portal) AND {SHOWN}"""
_MOST_RUNS = 30


def by_year(db: sqlite3.Connection, portal: str | None) -> list[Row]:
    """`period` (YYYY), `category` (None for none), `articles` and the sum of their `views`."""
    return _rows(
        db,
        f"""SELECT substr(a.published_on, 1, 4) AS period, a.category, count(*) AS articles,
            sum(a.view_count) AS views FROM {_ARTICLES} GROUP BY 1, 2 ORDER BY 1""",
        portal=portal,
    )


def by_month(db: sqlite3.Connection, year: str, portal: str | None) -> list[Row]:
    """`period` (YYYY-MM), `category` and `articles` of one year."""
    return _rows(
        db,
        f"""SELECT substr(a.published_on, 1, 7) AS period, a.category, count(*) AS articles
            FROM {_ARTICLES} AND a.published_on BETWEEN :year AND :year || '-12-31'
            GROUP BY 1, 2 ORDER BY 1""",
        portal=portal,
        year=year,
    )


def visits(db: sqlite3.Connection, portal: str) -> list[Row]:
    """The last reading of each day of the portal's own traffic box: `seen_at` and `views`."""
    return _rows(
        db,
        """SELECT max(s.seen_at) AS seen_at, s.total_visits AS views
           FROM site_counts s JOIN portals p ON p.id = s.portal_id
           WHERE p.slug = :portal AND s.total_visits IS NOT NULL
           GROUP BY substr(s.seen_at, 1, 10) ORDER BY 1""",
        portal=portal,
    )


_RUNS = f"""SELECT r.id, r.started_at, p.slug FROM runs r JOIN portals p ON p.id = r.portal_id
    WHERE r.kind = 'crawl' AND (:portal IS NULL OR p.slug = :portal)
    ORDER BY r.id DESC LIMIT {_MOST_RUNS}"""


def fields_read(db: sqlite3.Connection, portal: str | None) -> list[Row]:
    """For each of the last crawls: id, started_at, slug, and by field the share that had it.

    A share is 0 to 1, None where nothing was measured.
    """
    shares = ", ".join(
        f"1.0 * sum(c.found) FILTER (WHERE c.field = '{field}')"
        f" / sum(c.pages) FILTER (WHERE c.field = '{field}') AS {field}"
        for field in FIELDS
    )
    return _rows(
        db,
        f"""SELECT r.id, r.started_at, r.slug, {shares} FROM ({_RUNS}) r
            JOIN coverage c ON c.run_id = r.id GROUP BY r.id ORDER BY r.id""",
        portal=portal,
    )


def answers(db: sqlite3.Connection, portal: str | None) -> list[Row]:
    """For each of the last crawls: id, started_at, slug, and how the portal answered.

    `new` are bodies, `unchanged` is HTTP 304, `moved` other redirects, `refused` 4xx, `broken` 5xx.
    """
    return _rows(
        db,
        f"""SELECT r.id, r.started_at, r.slug,
                sum(c.status < 300) AS new, sum(c.status = 304) AS unchanged,
                sum(c.status BETWEEN 300 AND 399 AND c.status <> 304) AS moved,
                sum(c.status BETWEEN 400 AND 499) AS refused, sum(c.status >= 500) AS broken
            FROM ({_RUNS}) r JOIN captures c ON c.run_id = r.id GROUP BY r.id ORDER BY r.id""",
        portal=portal,
    )


def _rows(db: sqlite3.Connection, sql: str, **values: object) -> list[Row]:
    return [dict(row) for row in db.execute(sql, values)]
