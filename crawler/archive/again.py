"""Saving what a kept page says when the archive knows the page, or a later one, already.

The evidence is given and only what is read out of it may change. A version is what its capture
says now; texts that are equal in a row are one version, dated by the first of them.
"""

import sqlite3

from crawler.archive import (
    copies,
    corrections,
    documents,
    evidence,
    files,
    frontier,
    indexing,
    replays,
    runs,
    suspects,
)
from crawler.archive.articles import columns, keep_article, keep_parts, keep_readings
from crawler.archive.captures import add_capture
from crawler.archive.connection import timestamp, transaction
from crawler.archive.counts import keep_site_counts, keep_views
from crawler.archive.outcomes import NOT_MODIFIED, outcome
from crawler.archive.problems import keep_problems
from crawler.archive.runs import Run
from crawler.archive.saver import Saver
from crawler.archive.saving import save
from crawler.archive.texts import place_text
from crawler.items import Article, Link, ReadPage

_OK = 200


def save_again(db: sqlite3.Connection, run: Run, read: ReadPage) -> None:
    """Like `saving.save`, for a page of any age, known or not; the second time changes nothing."""
    page = read.page
    capture = page.captures[-1]
    known = replays.known(db, page.url_id, capture)
    younger = replays.younger(db, page.url_id, capture.captured_at)
    if known is None and not younger:
        save(db, run, read)
        return
    with transaction(db):
        capture_id = known or add_capture(db, run, page.url_id, capture)
        evidence.take_record(db, capture_id, capture, page.fetched_at)
        saver = Saver(db, run, page, timestamp(page.fetched_at), capture_id)
        _add_unknown(saver)
        if page.status == _OK and younger <= {NOT_MODIFIED}:
            _correct(saver, read, capture_id)
        if page.status != NOT_MODIFIED:
            suspects.correct(saver, read.suspects)
            documents.keep_documents(saver, read.documents)
        if read.article:
            with corrections.noted(saver, is_known=known is not None):
                _article(saver, read.article, capture_id, latest=_OK not in younger)
        if read.site_counts and known is None:
            keep_site_counts(saver, read.site_counts)
        runs.count(db, run.id, pages=1)


def _add_unknown(saver: Saver) -> None:
    """Add links that the archive has not followed; what it knows of the others is younger.

    Of those that it has only seen, this page may tell more: that they are articles, say.
    """
    page = saver.page
    new = [link for link in page.links if not _is_followed(saver, link)]
    frontier.add(saver.db, saver.run.portal_id, new, page.fetched_at, found_on=page.url_id)
    frontier.call(saver.db, saver.run.portal_id, page.links, page.url_id)


def _is_followed(saver: Saver, link: Link) -> bool:
    found = saver.db.execute(
        """SELECT 1 FROM urls WHERE portal_id = ? AND key = ?
           AND (last_fetched_at IS NOT NULL OR state = 'refused')""",
        (saver.run.portal_id, link.key),
    )
    return found.fetchone() is not None


def _correct(saver: Saver, read: ReadPage, capture_id: int) -> None:
    """What a better reader sees in the latest page: another kind, a file's text, other problems.

    A URL that is due again stays due.
    """
    state, reason = outcome(read, "")
    kind = "file" if saver.page.kind == "file" else read.kind
    saver.db.execute(
        """UPDATE urls SET kind = ?, state = ?, reason = ?
           WHERE id = ? AND state <> 'waiting' AND same_as IS NULL AND (kind <> ? OR state <> ?)""",
        (kind, state, reason, saver.page.url_id, kind, state),
    )
    if read.file:
        files.keep(saver.db, saver.page.url_id, read.file, capture_id)
    keep_problems(saver, read)


def _article(saver: Saver, article: Article, capture_id: int, *, latest: bool) -> None:
    found = saver.db.execute(
        "SELECT id FROM articles WHERE url_id = ?", (saver.page.url_id,)
    ).fetchone()
    if copies.is_copy(saver.db, saver.page.url_id):
        return
    if found is None:
        keep_article(saver, article, capture_id)
        return
    if latest:
        _update(saver, article, capture_id)
    is_version = place_text(saver.db, found["id"], capture_id, saver.seen_at, article)
    _date(saver, found["id"])
    _view_count(saver, found["id"], article, capture_id)
    _readings(saver, found["id"], article, capture_id, everything=is_version)
    keep_parts(saver, found["id"], article)


_READ = (
    "title",
    "published_on",
    "published_at",
    "published_raw",
    "view_count",
    "author",
    "category",
    "summary",
    "body",
    "body_html",
    "layout",
    "rating_score",
    "rating_count",
    "checksum",
)
_UPDATE = "UPDATE articles SET {} WHERE url_id = :url_id".format(
    ", ".join(f"{column} = :{column}" for column in _READ)
)


def _update(saver: Saver, article: Article, capture_id: int) -> None:
    """The article as its latest capture shows it; when it was seen is not read out of a page."""
    values = columns(saver, article, capture_id)
    indexing.take_over(saver.db, saver.page.url_id, values)
    saver.db.execute(_UPDATE, values)
    if saver.page.status == _OK:
        saver.db.execute(
            "UPDATE articles SET capture_id = :capture_id WHERE url_id = :url_id", values
        )


def _date(saver: Saver, article_id: int) -> None:
    """What another page changes in an article: when it was first and last seen, and that it has
    changed. Who is told first that it is gone takes in later when it was there.
    """
    facts = {"id": article_id, "at": saver.seen_at, "capture": saver.capture_id}
    saver.db.execute(
        """UPDATE articles SET first_seen_at = min(first_seen_at, :at), status = iif(
               status = 'missing', status, iif((SELECT count(*) FROM versions
               WHERE article_id = :id) > 1, 'changed', 'present')) WHERE id = :id""",
        facts,
    )
    saver.db.execute(
        """UPDATE articles SET last_seen_at = :at, seen_capture_id = :capture
           WHERE id = :id AND last_seen_at < :at""",
        facts,
    )


def _view_count(saver: Saver, article_id: int, article: Article, capture_id: int) -> None:
    """The one reading of the counter that a capture has, or none."""
    found = saver.db.execute(
        "SELECT views FROM view_counts WHERE article_id = ? AND capture_id = ?",
        (article_id, capture_id),
    ).fetchone()
    if (found["views"] if found else None) == article.view_count:
        return
    saver.db.execute(
        "DELETE FROM view_counts WHERE article_id = ? AND capture_id = ?", (article_id, capture_id)
    )
    keep_views(saver, article_id, article.view_count, capture_id)


def _readings(
    saver: Saver, article_id: int, article: Article, capture_id: int, *, everything: bool
) -> None:
    its = (article_id, capture_id)
    found = saver.db.execute(
        """SELECT field, raw, rule FROM readings
           WHERE article_id = ? AND capture_id = ? ORDER BY id""",
        its,
    )
    wanted = [
        (reading.field, reading.raw, reading.rule)
        for reading in article.readings
        if everything or reading.field == "view_count"
    ]
    if [tuple(row) for row in found] != wanted:
        saver.db.execute("DELETE FROM readings WHERE article_id = ? AND capture_id = ?", its)
        keep_readings(saver, article_id, article, capture_id, everything=everything)
    # The text may have been a later capture's until now.
    saver.db.execute(
        """DELETE FROM readings WHERE article_id = :id AND field <> 'view_count'
           AND capture_id NOT IN (SELECT capture_id FROM versions WHERE article_id = :id)""",
        {"id": article_id},
    )
