"""Lists of articles that readers are shown: newest, most read, changed, vanished.

Rows have id, url, title, summary, published_on, category, author, view_count, portal (slug), and
what the list is about. Hidden articles are in none. The same text of many portals is one among the
newest and most read.
"""

import json
import sqlite3
from typing import Any

from crawler.archive.hiding import HIDDEN, SHOWN

Row = dict[str, Any]

_COLUMNS = """a.id, a.url, a.title, a.summary, a.published_on, a.category, a.author, a.view_count,
    p.slug AS portal"""
_SOURCE = "articles a JOIN portals p ON p.id = a.portal_id"


def _rows(db: sqlite3.Connection, sql: str, *values: object) -> list[Row]:
    return [dict(row) for row in db.execute(sql, values)]


# Of a group the one that comes first in that order stands for all.
_ONCE = f"""NOT EXISTS (SELECT 1 FROM article_groups own
    JOIN article_groups other ON other.first_id = own.first_id
    JOIN articles b ON b.id = other.article_id
    WHERE own.article_id = a.id AND b.id NOT IN ({HIDDEN})
        AND (b.{{by}}, b.id) > (a.{{by}}, a.id))"""


def newest(db: sqlite3.Connection, limit: int) -> list[Row]:
    """The articles published last."""
    return _rows(
        db,
        f"""SELECT {_COLUMNS} FROM {_SOURCE} WHERE published_on IS NOT NULL AND {SHOWN}
            AND {_ONCE.format(by="published_on")}
            ORDER BY a.published_on DESC, a.id DESC LIMIT ?""",
        limit,
    )


def most_read(db: sqlite3.Connection, limit: int) -> list[Row]:
    """The articles with the highest counters, as last read."""
    return _rows(
        db,
        f"""SELECT {_COLUMNS} FROM {_SOURCE} WHERE view_count IS NOT NULL AND {SHOWN}
            AND {_ONCE.format(by="view_count")}
            ORDER BY a.view_count DESC, a.id DESC LIMIT ?""",
        limit,
    )


# A version is a change when the article had another one before.
# Articles that are not `present` are few, and have an index of their own; CROSS makes SQLite begin
# with them (https://www.sqlite.org/optoverview.html#manctrl).
_CHANGES = f"""FROM articles a CROSS JOIN versions v ON v.article_id = a.id
    JOIN portals p ON p.id = a.portal_id
    WHERE a.status <> 'present' AND {SHOWN} AND EXISTS (SELECT 1 FROM versions b
        WHERE b.article_id = v.article_id AND (b.seen_at, b.id) < (v.seen_at, v.id))"""


def changed(db: sqlite3.Connection, limit: int, offset: int = 0) -> list[Row]:
    """Texts that took the place of another one, newest first.

    Each with `seen_at`, `version_id` and `number`, the version's place among those of its article.
    """
    return _rows(
        db,
        f"""SELECT {_COLUMNS}, v.seen_at, v.id AS version_id, (SELECT count(*) FROM versions b
                WHERE b.article_id = v.article_id AND (b.seen_at, b.id) <= (v.seen_at, v.id))
                AS number
            {_CHANGES} ORDER BY v.seen_at DESC, v.id DESC LIMIT ? OFFSET ?""",
        limit,
        offset,
    )


def count_changed(db: sqlite3.Connection) -> int:
    """How many rows `changed` has in all."""
    return int(db.execute(f"SELECT count(*) {_CHANGES}").fetchone()[0])


_VANISHED = f"FROM {_SOURCE} WHERE a.status <> 'present' AND a.status = 'missing' AND {SHOWN}"


def vanished(db: sqlite3.Connection, limit: int, offset: int = 0) -> list[Row]:
    """Articles that the portal no longer has, the last to vanish first.

    Each with `last_seen_at`, `absent_since` and `absent_runs`.
    """
    return _rows(
        db,
        f"""SELECT {_COLUMNS}, a.last_seen_at, a.absent_since, a.absent_runs
            {_VANISHED} ORDER BY a.absent_since DESC, a.id DESC LIMIT ? OFFSET ?""",
        limit,
        offset,
    )


def count_vanished(db: sqlite3.Connection) -> int:
    """How many rows `vanished` has in all."""
    return int(db.execute(f"SELECT count(*) {_VANISHED}").fetchone()[0])


def neighbours(db: sqlite3.Connection, article: Row) -> tuple[Row | None, Row | None]:
    """The article of the same portal published before `article`, and the one after it.

    Without a date it has none. Rows have id and title.
    """
    if article["published_on"] is None:
        return None, None
    place = (article["portal_id"], article["published_on"], article["id"])
    before = _rows(db, _NEXT_TO.format(than="<", order="DESC"), *place)
    after = _rows(db, _NEXT_TO.format(than=">", order="ASC"), *place)
    return next(iter(before), None), next(iter(after), None)


_NEXT_TO = f"""SELECT a.id, a.title FROM articles a
    WHERE a.portal_id = ? AND (a.published_on, a.id) {{than}} (?, ?) AND {SHOWN}
    ORDER BY a.published_on {{order}}, a.id {{order}} LIMIT 1"""


def first_seen(db: sqlite3.Connection, ids: list[int]) -> dict[int, str]:
    """When each of the articles `ids` was first seen, by number."""
    rows = db.execute(
        "SELECT id, first_seen_at FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return {row["id"]: row["first_seen_at"] for row in rows}


def at_addresses(db: sqlite3.Connection, urls: set[str]) -> dict[str, int]:
    """Which of `urls` are addresses of articles, and their numbers."""
    wanted = json.dumps(sorted(urls))
    return {
        row["url"]: row["id"]
        for row in db.execute(
            f"""SELECT a.url, a.id FROM articles a
                WHERE a.url IN (SELECT value FROM json_each(?)) AND {SHOWN}""",
            (wanted,),
        )
    }
