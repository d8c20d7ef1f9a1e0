"""Images and attachments: rows of articles, tied to the URL that brings their bytes."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from crawler.archive import frontier, indexing
from crawler.archive.connection import timestamp
from crawler.archive.runs import Run
from crawler.items import Article, File
from crawler.urls import in_scope, link

_WITH_TEXT = ("attachments", "document_files")
_IMAGE = """
INSERT INTO images (article_id, url, caption, url_id) VALUES (?, ?, ?, ?)
ON CONFLICT (article_id, url) DO UPDATE SET
    caption = excluded.caption, url_id = ifnull(url_id, excluded.url_id)
"""
_ATTACHMENT = """
INSERT INTO attachments (article_id, url, filename, url_id) VALUES (?, ?, ?, ?)
ON CONFLICT (article_id, url) DO UPDATE SET
    filename = excluded.filename, url_id = ifnull(url_id, excluded.url_id)
"""
# The same file may be shown by many articles: what was read from it once holds for all of them.
_SHARE = (
    """UPDATE images SET (media_type, sha256, capture_id) = (
           SELECT media_type, sha256, capture_id FROM images known
           WHERE known.url_id = images.url_id AND known.capture_id IS NOT NULL LIMIT 1)
       WHERE article_id = ? AND capture_id IS NULL AND url_id IS NOT NULL""",
    """UPDATE attachments SET (media_type, sha256, text, capture_id) = (
           SELECT media_type, sha256, text, capture_id FROM attachments known
           WHERE known.url_id = attachments.url_id AND known.capture_id IS NOT NULL LIMIT 1)
       WHERE article_id = ? AND capture_id IS NULL AND url_id IS NOT NULL""",
)
_NEWS = """SELECT a.url_id FROM attachments t JOIN articles a ON a.id = t.article_id
    WHERE t.url_id = ? AND t.text IS NOT ?"""
# A file that was fetched before an article claimed it has left no row to share.
_FETCH_AGAIN = """
UPDATE urls SET state = 'waiting', due_at = :now
WHERE state = 'done' AND kind = 'file' AND last_status = 200 AND id IN (
    SELECT url_id FROM images WHERE article_id = :article AND capture_id IS NULL
    UNION SELECT url_id FROM attachments WHERE article_id = :article AND capture_id IS NULL)
"""


def tie(
    db: sqlite3.Connection,
    run: Run,
    article: Article,
    article_id: int,
    found_on: int,
    now: datetime,
) -> None:
    """Write what the article shows and offers; on the portal's hosts that becomes due."""
    if not article.images and not article.attachments:
        return
    urls = [i.url for i in article.images] + [a.url for a in article.attachments]
    ids = claimed(db, run, urls, found_on, now)
    db.executemany(_IMAGE, [(article_id, i.url, i.caption, ids.get(i.url)) for i in article.images])
    db.executemany(
        _ATTACHMENT, [(article_id, a.url, a.filename, ids.get(a.url)) for a in article.attachments]
    )
    for statement in _SHARE:
        db.execute(statement, (article_id,))
    db.execute(_FETCH_AGAIN, {"article": article_id, "now": timestamp(now)})


def claimed(
    db: sqlite3.Connection, run: Run, urls: Iterable[str], found_on: int, now: datetime
) -> dict[str, int]:
    """The rows of `urls` in the frontier; files on other hosts have none and are not fetched."""
    links = {
        url: made
        for url in urls
        if (made := link(url, url, "file")) and in_scope(made.url, run.hosts)
    }
    frontier.add(db, run.portal_id, links.values(), now, found_on=found_on)
    return {url: frontier.find(db, run.portal_id, made.key) for url, made in links.items()}


def keep(db: sqlite3.Connection, url_id: int, file: File, capture_id: int) -> None:
    """Write what the file's bytes are into every row that shows or offers it.

    Call inside a transaction that ends with `indexing.finish`.
    """
    for article in db.execute(_NEWS, (url_id, file.text)).fetchall():
        indexing.take_over(db, article["url_id"], {"attachments_text": file.text})
    facts = (file.media_type, file.sha256, capture_id)
    db.execute(
        "UPDATE images SET media_type = ?, sha256 = ?, capture_id = ? WHERE url_id = ?",
        (*facts, url_id),
    )
    for table in _WITH_TEXT:
        db.execute(
            f"""UPDATE {table} SET media_type = ?, sha256 = ?, capture_id = ?, text = ?
                WHERE url_id = ?""",
            (*facts, file.text, url_id),
        )


def moved(db: sqlite3.Connection, portal_id: int, url_id: int, target: str) -> None:
    """The file's address leads to the one with the key `target`, which will bring the bytes."""
    for table in ("images", *_WITH_TEXT):
        db.execute(
            f"""UPDATE {table} SET url_id = (SELECT id FROM urls WHERE portal_id = ? AND key = ?)
                WHERE url_id = ?""",
            (portal_id, target, url_id),
        )
