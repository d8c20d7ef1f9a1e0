"""Ways into the archive beside search: months, categories, authors, with how many articles each.

Hidden articles are not counted.
"""

import sqlite3
from typing import Any

from crawler.archive.hiding import SHOWN

Row = dict[str, Any]


def totals(db: sqlite3.Connection) -> Row:
    """Number of articles and portals, and the first and last day of publication."""
    return dict(
        db.execute(
            f"""SELECT (SELECT count(*) FROM articles a WHERE {SHOWN}) AS articles,
            (SELECT count(*) FROM portals) AS portals,
            (SELECT min(published_on) FROM articles) AS first,
            (SELECT max(published_on) FROM articles) AS last"""
        ).fetchone()
    )


def portals(db: sqlite3.Connection) -> list[Row]:
    """Each portal: slug, name, url, `articles`, and of its last run id, time and verdict.

    `namesakes` is how many have its name: the same portal may have been crawled by several.
    """
    # Counted for each portal by itself, SQLite takes an index that hidden articles are in, too, and
    # reads all articles: 14 s for 300,000 that are not in memory, not 0.3.
    return _rows(
        db,
        f"""SELECT p.slug, p.name, p.url, p.cms, p.status,
                count(*) OVER (PARTITION BY p.name) AS namesakes,
                r.id AS run_id, r.started_at, r.verdict,
                ifnull(shown.articles, 0) AS articles
            FROM portals p LEFT JOIN runs r
                ON r.id = (SELECT max(id) FROM runs WHERE portal_id = p.id)
            LEFT JOIN (SELECT portal_id, count(*) AS articles FROM articles a
                WHERE {SHOWN} GROUP BY portal_id) shown ON shown.portal_id = p.id
            ORDER BY p.name""",
    )


def months(db: sqlite3.Connection) -> list[Row]:
    """`month` (YYYY-MM) and `articles`, newest first; articles without a date are in none."""
    return _rows(
        db,
        f"""SELECT substr(published_on, 1, 7) AS month, count(*) AS articles FROM articles a
            WHERE published_on IS NOT NULL AND {SHOWN} GROUP BY month ORDER BY month DESC""",
    )


def categories(db: sqlite3.Connection) -> list[Row]:
    """`category` and `articles`, by name."""
    return _rows(
        db,
        f"""SELECT category, count(*) AS articles FROM articles a
            WHERE category IS NOT NULL AND {SHOWN} GROUP BY category ORDER BY category""",
    )


def authors(db: sqlite3.Connection, limit: int) -> list[Row]:
    """`author` and `articles`, the busiest first."""
    return _rows(
        db,
        f"""SELECT author, count(*) AS articles FROM articles a
            WHERE author IS NOT NULL AND {SHOWN} GROUP BY author
            ORDER BY articles DESC, author LIMIT ?""",
        limit,
    )


def planted(db: sqlite3.Connection, limit: int, offset: int = 0) -> list[Row]:
    """Links that intruders planted, last seen first, with the page and article they stand on.

    The addresses of hidden articles are not told either.
    """
    return _rows(
        db,
        f"""SELECT s.href, s.text, s.hidden, s.why, s.first_seen_at, s.last_seen_at, u.url AS page,
                p.name AS portal_name, p.slug AS portal, a.id AS article_id, a.title
            FROM suspect_links s JOIN urls u ON u.id = s.url_id JOIN portals p ON p.id = u.portal_id
            LEFT JOIN articles a ON a.url_id = u.id WHERE {SHOWN}
            ORDER BY s.last_seen_at DESC, s.id DESC LIMIT ? OFFSET ?""",
        limit,
        offset,
    )


def count_planted(db: sqlite3.Connection) -> Row:
    """How many planted `links` there are, on how many `pages`."""
    return dict(
        db.execute(
            f"""SELECT count(*) AS links, count(DISTINCT s.url_id) AS pages FROM suspect_links s
                LEFT JOIN articles a ON a.url_id = s.url_id WHERE {SHOWN}"""
        ).fetchone()
    )


def _rows(db: sqlite3.Connection, sql: str, *values: object) -> list[Row]:
    return [dict(row) for row in db.execute(sql, values)]
