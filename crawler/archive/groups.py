"""Articles that are the same text: a press release that ten portals carry is one group.

A group has the article that began it, its first, and those that are like that one; so texts that
drift from copy to copy don't pull strangers into a group. Only firsts, and articles without a
group, have keys by which others find them.
"""

import sqlite3
from collections.abc import Iterable

from crawler.shingles import Shingles, shingles

_COMPARED = 8
"""Of many candidates those that share most keys."""


def forget(db: sqlite3.Connection, numbers: Iterable[int]) -> set[int]:
    """Take articles whose text is about to change or go out of their groups.

    Returns the other members of groups that lose their first: they have to be learned again.
    """
    left: set[int] = set()
    for number in numbers:
        keys = _shingles(db, number).looked_up_by()
        db.executemany(
            "DELETE FROM article_keys WHERE key = ? AND article_id = ?",
            [(key, number) for key in keys],
        )
        left |= _leave(db, number)
        left.discard(number)
    return left


def learn(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Find the groups of articles that are new or have another text."""
    for number in numbers:
        own = _shingles(db, number)
        first = _at_same_address(db, number) or _most_like(db, own)
        # Its own page in another crawl may have been learned before it, and made it the first.
        if first in (None, number):
            db.executemany(
                "INSERT OR IGNORE INTO article_keys (key, article_id) VALUES (?, ?)",
                [(key, number) for key in own.looked_up_by()],
            )
        if first is not None:
            db.executemany(
                "INSERT OR IGNORE INTO article_groups (article_id, first_id) VALUES (?, ?)",
                [(first, first), (number, first)],
            )


def _leave(db: sqlite3.Connection, number: int) -> set[int]:
    row = db.execute(
        "SELECT first_id FROM article_groups WHERE article_id = ?", (number,)
    ).fetchone()
    if row is None:
        return set()
    first = int(row["first_id"])
    db.execute("DELETE FROM article_groups WHERE article_id = ?", (number,))
    members = [
        each["article_id"]
        for each in db.execute("SELECT article_id FROM article_groups WHERE first_id = ?", (first,))
    ]
    if first == number or members == [first]:
        db.execute("DELETE FROM article_groups WHERE first_id = ?", (first,))
    return set(members) if first == number else set()


def _shingles(db: sqlite3.Connection, number: int) -> Shingles:
    row = db.execute("SELECT body FROM articles WHERE id = ?", (number,)).fetchone()
    return shingles(row["body"] if row else None)


def _at_same_address(db: sqlite3.Connection, number: int) -> int | None:
    """The first of the group of the same page in another crawl, whatever became of its text."""
    row = db.execute(
        """SELECT ifnull(g.first_id, other.id) AS first FROM articles own
           JOIN articles other ON other.url = own.url AND other.id <> own.id
           LEFT JOIN article_groups g ON g.article_id = other.id
           WHERE own.id = ? ORDER BY other.id LIMIT 1""",
        (number,),
    ).fetchone()
    return int(row["first"]) if row else None


def _most_like(db: sqlite3.Connection, own: Shingles) -> int | None:
    keys = own.looked_up_by()
    if not keys:
        return None
    rows = db.execute(
        f"""SELECT article_id FROM article_keys WHERE key IN ({", ".join("?" * len(keys))})
            GROUP BY article_id ORDER BY count(*) DESC, article_id LIMIT {_COMPARED}""",
        keys,
    )
    alike = [(own.is_like(_shingles(db, n)), -n) for n in [row["article_id"] for row in rows]]
    best, number = max(alike, default=(0.0, 0))
    return -number if best else None
