"""Versions: what makes one, and putting the text of a capture where it belongs among them."""

import hashlib
import json
import sqlite3
from datetime import date

from crawler.items import Article


def content_sha256(article: Article) -> str:
    """Digest of what makes a version: title, date, author, body. Counts and layout do not."""
    content = [article.title, iso(article.published_on), article.author, article.body]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def iso(day: date | None) -> str | None:
    """A date as the archive writes it: `YYYY-MM-DD`."""
    return day.isoformat() if day else None


def add_text(
    db: sqlite3.Connection, article_id: int, capture_id: int, seen_at: str, article: Article
) -> tuple[bool, bool]:
    """Add a version if the text differs from the last one. Returns (is new, has changed)."""
    last = _version(db, article_id, "true ORDER BY seen_at DESC, id DESC")
    same = _is(last, content_sha256(article))
    if not same:
        _add(db, article_id, capture_id, seen_at, article)
    return last is None, last is not None and not same


def place_text(
    db: sqlite3.Connection, article_id: int, capture_id: int, seen_at: str, article: Article
) -> bool:
    """Make the version of `capture_id` what `article` says; whether that capture is a version.

    It is none when the version before it has the same text. A version after it with the same text
    becomes the capture's own: the text is older than was known.
    """
    own = _version(db, article_id, "capture_id = ?", capture_id)
    digest = content_sha256(article)
    if _is(_before(db, article_id, seen_at, own), digest):
        if own:
            db.execute("DELETE FROM versions WHERE id = ?", (own["id"],))
        return False
    after = None if own else _after(db, article_id, seen_at)
    if _is(after, digest):
        db.execute(
            "UPDATE versions SET capture_id = ?, seen_at = ? WHERE id = ?",
            (capture_id, seen_at, after["id"] if after else None),
        )
    elif own is None:
        _add(db, article_id, capture_id, seen_at, article)
    elif not _is(own, digest):
        db.execute(
            """UPDATE versions SET title = ?, published_on = ?, author = ?, body = ?,
                      content_sha256 = ? WHERE id = ?""",
            (*_text(article), own["id"]),
        )
    return True


def _add(
    db: sqlite3.Connection, article_id: int, capture_id: int, seen_at: str, article: Article
) -> None:
    db.execute(
        """INSERT INTO versions (article_id, capture_id, seen_at, title, published_on, author,
                                 body, content_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (article_id, capture_id, seen_at, *_text(article)),
    )


def _text(article: Article) -> tuple[str | None, ...]:
    on = iso(article.published_on)
    return article.title, on, article.author, article.body, content_sha256(article)


def _before(
    db: sqlite3.Connection, article_id: int, seen_at: str, own: sqlite3.Row | None
) -> sqlite3.Row | None:
    if own:
        earlier = "(seen_at, id) < (?, ?) ORDER BY seen_at DESC, id DESC"
        return _version(db, article_id, earlier, own["seen_at"], own["id"])
    return _version(db, article_id, "seen_at <= ? ORDER BY seen_at DESC, id DESC", seen_at)


def _after(db: sqlite3.Connection, article_id: int, seen_at: str) -> sqlite3.Row | None:
    return _version(db, article_id, "seen_at > ? ORDER BY seen_at, id", seen_at)


def _version(
    db: sqlite3.Connection, article_id: int, condition: str, *values: object
) -> sqlite3.Row | None:
    query = f"""SELECT id, seen_at, content_sha256 FROM versions
                WHERE article_id = ? AND {condition} LIMIT 1"""
    row: sqlite3.Row | None = db.execute(query, (article_id, *values)).fetchone()
    return row


def _is(version: sqlite3.Row | None, digest: str) -> bool:
    return version is not None and version["content_sha256"] == digest
