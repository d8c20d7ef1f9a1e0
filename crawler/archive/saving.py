"""Saving a read page: capture, article, version, counts, links and problems in one transaction."""

import sqlite3

from crawler.archive import (
    copies,
    documents,
    files,
    frontier,
    likeness,
    noise,
    presence,
    redirects,
    revisits,
    runs,
    suspects,
    traps,
)
from crawler.archive.articles import keep_article
from crawler.archive.captures import add_capture
from crawler.archive.claims import keep_claim
from crawler.archive.connection import timestamp, transaction
from crawler.archive.counts import keep_site_counts, keep_views
from crawler.archive.outcomes import NOT_MODIFIED, may_pass, outcome
from crawler.archive.policy import Retries
from crawler.archive.presence import Patience
from crawler.archive.problems import keep_problems
from crawler.archive.runs import Run
from crawler.archive.saver import PATIENCE, Saver
from crawler.archive.titles import read_title
from crawler.items import ReadPage
from crawler.urls import key_of

_NO_RETRIES = Retries()


def save(
    db: sqlite3.Connection,
    run: Run,
    read: ReadPage,
    patience: Patience = PATIENCE,
    retries: Retries = _NO_RETRIES,
) -> None:
    """Write everything that `read` holds, or nothing; only then is its URL done.

    `patience` says when an absent article is missing, `retries` what becomes of a failure that
    may pass by itself.
    """
    page = read.page
    with transaction(db):
        capture_ids = [add_capture(db, run, page.url_id, capture) for capture in page.captures]
        capture_id = capture_ids[-1] if capture_ids else None
        saver = Saver(db, run, page, timestamp(page.fetched_at), capture_id, patience)
        twin = copies.kept(saver, read)
        found_new = frontier.add(
            db,
            run.portal_id,
            redirects.onward(db, page, traps.admitted(saver, read, twin.url_id if twin else None)),
            page.fetched_at,
            found_on=page.url_id,
            round_started=run.round_started,
        )
        _settle(saver, read, retries)
        if capture_id and page.status == NOT_MODIFIED:
            _unchanged(saver, capture_id)
        else:
            _content(saver, read, twin)
        revisits.plan(saver, found_new=found_new)
        runs.count(db, run.id, pages=1 if capture_id else 0)


def _content(saver: Saver, read: ReadPage, twin: copies.Kept | None) -> None:
    if read.article and saver.capture_id and (twin is None or copies.settle(saver, twin)):
        keep_article(saver, read.article, saver.capture_id)
        if twin is None:
            noise.clear(saver, key_of(saver.page.url))
    if read.file and saver.capture_id:
        files.keep(saver.db, saver.page.url_id, read.file, saver.capture_id)
    keep_problems(saver, read)
    read_title(saver, read)
    documents.keep_documents(saver, read.documents)
    suspects.keep_suspects(saver, read.suspects)
    keep_claim(saver.db, read, saver.seen_at)
    if read.site_counts:
        keep_site_counts(saver, read.site_counts)


def _unchanged(saver: Saver, capture_id: int) -> None:
    """The server vouches for the page as it is kept: with its count, links and problems."""
    frontier.unchanged(saver.db, saver.page.url_id, saver.page.fetched_at)
    suspects.still_there(saver)
    article = saver.db.execute(
        "SELECT id, view_count FROM articles WHERE url_id = ?", (saver.page.url_id,)
    ).fetchone()
    if article:
        presence.seen(saver.db, article["id"], saver.seen_at, capture_id)
        keep_views(saver, article["id"], article["view_count"], capture_id)
        runs.count(saver.db, saver.run.id, articles_seen=1)


def _settle(saver: Saver, read: ReadPage, retries: Retries) -> None:
    page = saver.page
    if page.kind == "redirect" and _moved(saver):
        return
    state, reason = outcome(read, saver.run.home if _is_article(saver) else "")
    if state == "done":
        state, reason = _believed(saver, read, reason)
    asked = (saver.db, page.url_id, reason, page.status, page.fetched_at, retries)
    if state == "failed" and may_pass(page) and frontier.postpone(*asked, page.retry_after):
        return
    if state == "gone":
        presence.absent(saver.db, page.url_id, saver.seen_at, saver.capture_id, saver.patience)
        copies.revive(saver)
    # What is asked for as a file stays one, whatever came instead; what stands in the way of a page
    # says nothing of its kind.
    kind = "file" if page.kind == "file" else None if read.kind == "blocked" else read.kind
    frontier.settle(saver.db, page.url_id, state, kind, reason, page.status, page.fetched_at)


def _believed(saver: Saver, read: ReadPage, reason: str | None) -> tuple[str, str | None]:
    """The state and reason of a good answer, when what was kept before is asked too."""
    page = saver.page
    if redirects.is_circle(saver.db, page):
        return "failed", f"redirects in a circle: {reason}"
    if page.status == NOT_MODIFIED and not _is_kept(saver):
        return "failed", "HTTP 304: unchanged, but nothing was kept before"
    if page.status == 200 and page.body and (_is_home(saver) or likeness.is_home(saver, read)):
        return ("gone" if _is_article(saver) else "done"), "the home page in its place"
    return "done", reason or presence.doubt(saver.db, read)


def _is_kept(saver: Saver) -> bool:
    query = "SELECT 1 FROM captures WHERE url_id = ? AND status = 200 LIMIT 1"
    return saver.db.execute(query, (saver.page.url_id,)).fetchone() is not None


def _is_home(saver: Saver) -> bool:
    """Whether the page is the home page, byte for byte as it came last, at another address."""
    found = saver.db.execute(
        """SELECT 1 FROM captures c JOIN captures own ON own.payload_sha256 = c.payload_sha256
           WHERE own.id = ? AND c.url_id <> own.url_id AND c.url_id = (
               SELECT id FROM urls WHERE portal_id = ? AND key = ?) LIMIT 1""",
        (saver.capture_id, saver.run.portal_id, saver.run.home),
    )
    return found.fetchone() is not None


def _is_article(saver: Saver) -> bool:
    found = saver.db.execute("SELECT 1 FROM articles WHERE url_id = ?", (saver.page.url_id,))
    return found.fetchone() is not None


def _moved(saver: Saver) -> bool:
    """Whether the redirect only leads to another spelling of the same page, which is then due."""
    target = next(iter(saver.page.links), None)
    if target is None:
        return False
    if target.key == key_of(saver.page.url):
        return frontier.follow(saver.db, saver.page.url_id, target.url, saver.page.fetched_at)
    files.moved(saver.db, saver.run.portal_id, saver.page.url_id, target.key)
    return False
