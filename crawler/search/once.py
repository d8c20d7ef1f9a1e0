"""The same text of many portals, shown once: with the best of them, the others are named."""

import json
import sqlite3
from collections.abc import Sequence

from crawler.archive.hiding import HIDDEN
from crawler.search.found import Other

_OTHERS = f"""SELECT other.article_id AS id, p.slug AS portal, p.name AS portal_name
    FROM article_groups own JOIN article_groups other ON other.first_id = own.first_id
    CROSS JOIN articles a INDEXED BY articles_facts ON a.id = other.article_id
    JOIN portals p ON p.id = a.portal_id
    WHERE own.article_id = ? AND other.article_id <> own.article_id AND a.id NOT IN ({HIDDEN})
    ORDER BY a.published_on, a.id"""


def has_groups(db: sqlite3.Connection) -> bool:
    """Whether any articles are the same text, as far as is known."""
    return db.execute("SELECT 1 FROM article_groups LIMIT 1").fetchone() is not None


def once(db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """The articles in their order, of each group only the one that comes first."""
    if not has_groups(db):
        return list(ids)
    firsts = dict(
        map(
            tuple,
            db.execute(
                """SELECT article_id, first_id FROM article_groups
                   WHERE article_id IN (SELECT value FROM json_each(?))""",
                (json.dumps(list(ids)),),
            ),
        )
    )
    shown = {firsts.get(number, number): number for number in reversed(ids)}
    return [number for number in ids if shown[firsts.get(number, number)] == number]


def others(db: sqlite3.Connection, number: int) -> tuple[Other, ...]:
    """The articles that are the same text as this one, the earliest first; hidden ones are not."""
    return tuple(Other(*row) for row in db.execute(_OTHERS, (number,)))
