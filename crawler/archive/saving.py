"""Saving a read page: capture, article, version, counts, links and problems in one transaction."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crawler.archive import files, frontier, presence, runs
from crawler.archive.connection import timestamp, transaction
from crawler.archive.outcomes import NOT_MODIFIED, outcome
from crawler.archive.presence import Patience
from crawler.archive.runs import Run
from crawler.capture.exchange import Capture
from crawler.items import Article, Page, Problem, ReadPage, SiteCounts
from crawler.urls import key_of

_PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class _Saver:
    """What every step of one save needs."""

    db: sqlite3.Connection
    run: Run
    page: Page
    seen_at: str
    capture_id: int | None
    patience: Patience = _PATIENCE


def save(db: sqlite3.Connection, run: Run, read: ReadPage, patience: Patience = _PATIENCE) -> None:
    """Write everything that `read` holds, or nothing; only then is its URL done.

    `patience` says when an absent article is missing.
    """
    page = read.page
    with transaction(db):
        capture_ids = [_capture(db, run, page.url_id, capture) for capture in page.captures]
        capture_id = capture_ids[-1] if capture_ids else None
        saver = _Saver(db, run, page, timestamp(page.fetched_at), capture_id, patience)
        frontier.add(
            db,
            run.portal_id,
            page.links,
            page.fetched_at,
            found_on=page.url_id,
            round_started=run.round_started,
        )
        _settle(saver, read)
        if capture_id and page.status == NOT_MODIFIED:
            _unchanged(saver, capture_id)
        else:
            _content(saver, read)
        runs.count(db, run.id, pages=1 if capture_id else 0)


def _content(saver: _Saver, read: ReadPage) -> None:
    if read.article and saver.capture_id:
        _article(saver, read.article, saver.capture_id)
    if read.file and saver.capture_id:
        files.keep(saver.db, saver.page.url_id, read.file, saver.capture_id)
    _problems(saver, [*read.problems, *(read.article.problems if read.article else ())])
    if read.site_counts:
        _site_counts(saver, read.site_counts)


def _unchanged(saver: _Saver, capture_id: int) -> None:
    """The server vouches for the page as it is kept: with its count, links and problems."""
    frontier.unchanged(saver.db, saver.page.url_id, saver.page.fetched_at)
    article = saver.db.execute(
        "SELECT id, view_count FROM articles WHERE url_id = ?", (saver.page.url_id,)
    ).fetchone()
    if article:
        presence.seen(saver.db, article["id"], saver.seen_at, capture_id)
        _count(saver, article["id"], article["view_count"], capture_id)
        runs.count(saver.db, saver.run.id, articles_seen=1)


def _capture(db: sqlite3.Connection, run: Run, url_id: int, capture: Capture) -> int:
    place = capture.place
    row = db.execute(
        """INSERT INTO captures (url_id, run_id, captured_at, status, media_type, payload_sha256,
               size, warc_file, warc_offset, warc_length, source, ip, record_type, refers_to, etag,
               last_modified, truncated, url)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            url_id,
            run.id,
            timestamp(capture.captured_at),
            capture.status,
            capture.media_type,
            capture.payload_sha256,
            capture.size,
            place.file if place else None,
            place.offset if place else None,
            place.length if place else None,
            capture.source,
            capture.ip,
            capture.record_type,
            capture.refers_to,
            capture.etag,
            capture.last_modified,
            capture.truncated,
            capture.url,
        ),
    ).fetchone()
    return int(row[0])


def _settle(saver: _Saver, read: ReadPage) -> None:
    page = saver.page
    if page.kind == "redirect" and _moved(saver):
        return
    state, reason = outcome(read, saver.run.home if _is_article(saver) else "")
    if state == "gone":
        presence.absent(saver.db, page.url_id, saver.seen_at, saver.capture_id, saver.patience)
    # What is asked for as a file stays one, whatever came instead.
    kind = "file" if page.kind == "file" else read.kind
    frontier.settle(saver.db, page.url_id, state, kind, reason, page.status, page.fetched_at)


def _is_article(saver: _Saver) -> bool:
    found = saver.db.execute("SELECT 1 FROM articles WHERE url_id = ?", (saver.page.url_id,))
    return found.fetchone() is not None


def _moved(saver: _Saver) -> bool:
    """Whether the redirect only leads to another spelling of the same page, which is then due."""
    target = next(iter(saver.page.links), None)
    if target is None:
        return False
    if target.key == key_of(saver.page.url):
        return frontier.follow(saver.db, saver.page.url_id, target.url)
    files.moved(saver.db, saver.run.portal_id, saver.page.url_id, target.key)
    return False


_ARTICLE = """
INSERT INTO articles (portal_id, url_id, url, title, published_on, published_at, published_raw,
    view_count, author, category, summary, body, body_html, layout, rating_score, rating_count,
    first_seen_at, last_seen_at, capture_id, seen_capture_id)
VALUES (:portal_id, :url_id, :url, :title, :published_on, :published_at, :published_raw,
    :view_count, :author, :category, :summary, :body, :body_html, :layout, :rating_score,
    :rating_count, :seen_at, :seen_at, :capture_id, :capture_id)
ON CONFLICT (url_id) DO UPDATE SET
    url = excluded.url, title = excluded.title, published_on = excluded.published_on,
    published_at = excluded.published_at, published_raw = excluded.published_raw,
    view_count = excluded.view_count, author = excluded.author, category = excluded.category,
    summary = excluded.summary, body = excluded.body, body_html = excluded.body_html,
    layout = excluded.layout, rating_score = excluded.rating_score,
    rating_count = excluded.rating_count, capture_id = excluded.capture_id
RETURNING id
"""


def _article(saver: _Saver, article: Article, capture_id: int) -> None:
    article_id = saver.db.execute(_ARTICLE, _row(saver, article, capture_id)).fetchone()[0]
    new, changed = _version(saver, article_id, article, capture_id)
    presence.seen(saver.db, article_id, saver.seen_at, capture_id)
    _views(saver, article_id, article, capture_id)
    _readings(saver, article_id, article, capture_id, everything=new or changed)
    _parts(saver, article_id, article)
    runs.count(
        saver.db,
        saver.run.id,
        articles_seen=1,
        articles_new=int(new),
        articles_changed=int(changed),
    )


def _row(saver: _Saver, article: Article, capture_id: int) -> dict[str, object]:
    rating = article.rating
    return {
        "portal_id": saver.run.portal_id,
        "url_id": saver.page.url_id,
        "url": article.url,
        "title": article.title,
        "published_on": _iso(article.published_on),
        "published_at": timestamp(article.published_at) if article.published_at else None,
        "published_raw": article.published_raw,
        "view_count": article.view_count,
        "author": article.author,
        "category": article.category,
        "summary": article.summary,
        "body": article.body,
        "body_html": article.body_html,
        "layout": article.layout,
        "rating_score": rating.score if rating else None,
        "rating_count": rating.count if rating else None,
        "seen_at": saver.seen_at,
        "capture_id": capture_id,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def content_sha256(article: Article) -> str:
    """Digest of what makes a version: title, date, author, body. Counts and layout do not."""
    content = [article.title, _iso(article.published_on), article.author, article.body]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _version(
    saver: _Saver, article_id: int, article: Article, capture_id: int
) -> tuple[bool, bool]:
    """Add a version if the text differs from the last one. Returns (is new, has changed)."""
    digest = content_sha256(article)
    last = saver.db.execute(
        """SELECT content_sha256 FROM versions WHERE article_id = ?
           ORDER BY seen_at DESC, id DESC LIMIT 1""",
        (article_id,),
    ).fetchone()
    if last is None or last[0] != digest:
        saver.db.execute(
            """INSERT INTO versions (article_id, capture_id, seen_at, title, published_on, author,
                                     body, content_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                article_id,
                capture_id,
                saver.seen_at,
                article.title,
                _iso(article.published_on),
                article.author,
                article.body,
                digest,
            ),
        )
    return last is None, last is not None and last[0] != digest


def _views(saver: _Saver, article_id: int, article: Article, capture_id: int) -> None:
    _count(saver, article_id, article.view_count, capture_id)


def _count(saver: _Saver, article_id: int, views: int | None, capture_id: int) -> None:
    if views is not None:
        saver.db.execute(
            "INSERT INTO view_counts (article_id, seen_at, views, capture_id) VALUES (?, ?, ?, ?)",
            (article_id, saver.seen_at, views, capture_id),
        )


def _readings(
    saver: _Saver, article_id: int, article: Article, capture_id: int, *, everything: bool
) -> None:
    """Keep how each field of a version was read; of an unchanged one only the count is news."""
    saver.db.executemany(
        "INSERT INTO readings (article_id, capture_id, field, raw, rule) VALUES (?, ?, ?, ?, ?)",
        [
            (article_id, capture_id, reading.field, reading.raw, reading.rule)
            for reading in article.readings
            if everything or reading.field == "view_count"
        ],
    )


def _parts(saver: _Saver, article_id: int, article: Article) -> None:
    page = saver.page
    files.tie(saver.db, saver.run, article, article_id, page.url_id, page.fetched_at)


def _problems(saver: _Saver, problems: Iterable[Problem]) -> None:
    """Open the problems seen now, and close those of this URL that are no longer there."""
    now = {(problem.field, problem.reason) for problem in problems}
    open_rows = saver.db.execute(
        "SELECT id, field, reason FROM problems WHERE url_id = ? AND resolved_at IS NULL",
        (saver.page.url_id,),
    ).fetchall()
    known = {(row["field"], row["reason"]): row["id"] for row in open_rows}
    saver.db.executemany(
        "UPDATE problems SET resolved_at = ? WHERE id = ?",
        [(saver.seen_at, known[old]) for old in known.keys() - now],
    )
    saver.db.executemany(
        "INSERT INTO problems (url_id, capture_id, field, reason, seen_at) VALUES (?, ?, ?, ?, ?)",
        [
            (saver.page.url_id, saver.capture_id, *new, saver.seen_at)
            for new in sorted(now - known.keys(), key=str)
        ],
    )


def _site_counts(saver: _Saver, counts: SiteCounts) -> None:
    """One reading of the traffic box an hour and run is enough: it stands on every page."""
    saver.db.execute(
        """INSERT INTO site_counts (portal_id, seen_at, total_visits, online_now, today)
           SELECT :portal, :now, :total, :online, :today
           WHERE NOT EXISTS (SELECT 1 FROM site_counts WHERE portal_id = :portal
               AND seen_at >= :started AND substr(seen_at, 1, 13) = substr(:now, 1, 13))""",
        {
            "portal": saver.run.portal_id,
            "now": saver.seen_at,
            "total": counts.total_visits,
            "online": counts.online_now,
            "today": counts.today,
            "started": saver.run.started_at,
        },
    )
