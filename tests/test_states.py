"""Present, absent for now, missing, unreachable, unlinked: each only when it is so."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import frontier, runs
from crawler.archive.outcomes import outcome
from crawler.archive.presence import Patience
from crawler.archive.saving import save
from crawler.items import Link, Page, ReadPage
from crawler.urls import link
from tests.conftest import NOW, PORTAL, WHO, Archive, captured
from tests.small_portal import SmallPortal, small_portal
from tests.test_cli import luutru

DAY = timedelta(days=1)
URL = "https://thu.example/a-1"


def _next_run(archive: Archive, at: datetime) -> None:
    runs.finish(archive.db, archive.run, "finished", at)
    archive.run = runs.begin(archive.db, PORTAL, "crawl", WHO, at)


def _visit(archive: Archive, day: float, read_as: str = "not_found", **facts: Any) -> None:
    """One crawl, `day` days after the first, that gets this answer for the article."""
    at = NOW + day * DAY
    _next_run(archive, at)
    page = archive.page("/a-1", fetched_at=at, **{"status": 404, **facts})
    save(archive.db, archive.run, ReadPage(page, read_as))


def _states(archive: Archive) -> tuple[Any, ...]:
    return archive.rows("SELECT status, absent_since, absent_runs, last_seen_at FROM articles")[0]


@pytest.fixture
def kept(archive: Archive) -> Archive:
    archive.keep("/a-1", "Hội nghị", "một")
    return archive


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ((7,), "present"),
        ((7, 14), "present"),
        ((7, 14, 21), "missing"),
        ((1, 2, 3, 4, 5), "present"),
        ((1, 2, 14.9), "present"),
        ((1, 2, 15), "missing"),
        ((30, 60), "present"),
        # It had not been asked for in half a year: that is no absence.
        ((180, 181, 182), "present"),
    ],
)
def test_missing_takes_three_crawls_and_fourteen_days(
    kept: Archive, days: tuple[float, ...], status: str
) -> None:
    for day in days:
        _visit(kept, day)
    assert _states(kept)[::2] == (status, len(days))


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (404, "not_found", "HTTP 404"),
        (410, "not_found", "HTTP 410"),
        (200, "not_found", "a page that says not found"),
    ],
)
def test_evidence_for_both_sides_is_kept(
    kept: Archive, status: int, kind: str, reason: str
) -> None:
    for day in (7, 14, 21):
        _visit(kept, day, kind, status=status)
    assert kept.rows(
        """SELECT a.status, body, last_seen_at, s.captured_at, s.status, absent_since,
                  g.captured_at, g.status, u.state, u.reason
           FROM articles a JOIN captures s ON s.id = seen_capture_id
           JOIN captures g ON g.id = absent_capture_id JOIN urls u ON u.id = a.url_id"""
    ) == [
        ("missing", "một", "2024-07-03T02:00:00Z", "2024-07-03T02:00:00Z", 200,
         "2024-07-10T02:00:00Z", "2024-07-10T02:00:00Z", status, "gone", reason)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "kind", "reason"),
    [
        ({"status": None, "failure": "time-out: 60 s"}, "article", "time-out: 60 s"),
        ({"status": 503}, "article", "HTTP 503"),
        ({"status": 403}, "article", "HTTP 403"),
        ({"status": 200}, "blocked", "blocked"),
    ],
)
def test_what_can_not_be_reached_is_not_absent(
    kept: Archive, facts: dict[str, Any], kind: str, reason: str
) -> None:
    for day in (7, 14, 21, 28):
        _visit(kept, day, kind, **facts)
    assert _states(kept) == ("present", None, 0, "2024-07-03T02:00:00Z")
    assert kept.rows("SELECT state, reason FROM urls") == [("failed", reason)]


@pytest.mark.parametrize("kind", ["other", "listing", "login", "poll"])
def test_something_else_in_its_place_is_a_doubt_not_an_absence(kept: Archive, kind: str) -> None:
    for day in (7, 14, 21):
        _visit(kept, day, kind, status=200, body=b"<p>x</p>")
    doubt = f"an article was here; it reads as {kind} now"
    assert _states(kept) == ("present", None, 0, "2024-07-03T02:00:00Z")
    assert kept.rows("SELECT state, reason FROM urls") == [("done", doubt)]
    assert kept.rows("SELECT reason, resolved_at FROM problems") == [(doubt, None)]
    at = NOW + 28 * DAY
    _next_run(kept, at)
    kept.keep("/a-1", "Hội nghị", "một", page={"fetched_at": at})
    assert kept.rows("SELECT count(*) FROM problems WHERE resolved_at IS NULL") == [(0,)]


def test_a_time_out_in_between_neither_counts_nor_ends_the_absence(kept: Archive) -> None:
    for day in (7, 14):
        _visit(kept, day)
    _visit(kept, 21, "article", status=None, failure="time-out: 60 s")
    assert _states(kept)[:3] == ("present", "2024-07-10T02:00:00Z", 2)
    _visit(kept, 28)
    assert _states(kept)[:3] == ("missing", "2024-07-10T02:00:00Z", 3)


def test_who_comes_back_is_present(kept: Archive) -> None:
    for day in (7, 14, 21):
        _visit(kept, day)
    at = NOW + 28 * DAY
    _next_run(kept, at)
    kept.keep("/a-1", "Hội nghị", "hai", page={"fetched_at": at})
    assert _states(kept) == ("changed", None, 0, "2024-07-31T02:00:00Z")
    assert kept.rows("SELECT absent_capture_id FROM articles") == [(None,)]


def test_patience_is_a_setting(kept: Archive) -> None:
    page = kept.page("/a-1", status=404, fetched_at=NOW + DAY)
    save(kept.db, kept.run, ReadPage(page, "not_found"), Patience(runs=1, days=0))
    assert _states(kept)[0] == "missing"


def _redirect(archive: Archive, target: str, day: float = 7) -> None:
    to = link(target, URL)
    assert to is not None
    _visit(archive, day, "redirect", status=302, kind="redirect", links=(to,))


@pytest.mark.parametrize(
    ("target", "reason", "runs_absent"),
    [
        ("/", "HTTP 302 to the home page", 1),
        ("http://www.thu.example", "HTTP 302 to the home page", 1),
        ("/404.html?aspxerrorpath=/a-1", "HTTP 302 to an error page", 1),
        ("/loi-404", "HTTP 302 to an error page", 1),
        ("/tin-moi/404-ho-dan", "HTTP 302 to https://thu.example/tin-moi/404-ho-dan", 0),
        ("/a-2", "HTTP 302 to https://thu.example/a-2", 0),
    ],
)
def test_where_a_redirect_leads_decides(
    kept: Archive, target: str, reason: str, runs_absent: int
) -> None:
    _redirect(kept, target)
    assert kept.rows("SELECT reason FROM urls WHERE url = ?", URL) == [(reason,)]
    assert _states(kept)[2] == runs_absent


def test_another_page_may_lead_home() -> None:
    home = link("/", PORTAL.url)
    assert home is not None
    page = Page(PORTAL.url + "index.html", NOW, 302, kind="redirect", links=(home,))
    assert outcome(ReadPage(page, "redirect")) == ("done", "HTTP 302 to https://thu.example/")


@pytest.fixture
def portal() -> Iterator[SmallPortal]:
    with small_portal() as made:
        yield made


def test_who_answers_but_is_no_longer_linked_is_unlinked(
    portal: SmallPortal, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    share = "<a href='/tin-{0}?print=1'>In</a>"
    for number, etag in ((1, {}), (2, {"ETag": '"2"'}), (3, {}), (4, {"ETag": '"4"'})):
        more = " <a href='/tin-3'>Tin trước</a>" if number == 4 else ""
        title, extra = f"Hội nghị lần thứ {number}", share.format(number) + more
        portal.article(f"/tin-{number}", title, extra, **etag)
    portal.home("/tin-1", "/tin-2", "/tin-4")
    assert _unlinked(portal, db) == []
    portal.home("/tin-4")
    # Article 4 is unchanged (304), so it still links to 3.
    assert _unlinked(portal, db) == [1, 2]
    portal.home("/tin-1", "/tin-4")
    assert _unlinked(portal, db) == [2]
    portal.pages["/tin-2"].status = 404
    portal.pages["/tin-2"].headers = {"Content-Type": "text/html"}
    assert _unlinked(portal, db) == []


def _unlinked(portal: SmallPortal, path: Path) -> list[int]:
    # Times are kept to the second: two crawls of one second are one round.
    time.sleep(1.1)
    done = luutru("crawl", portal.url, "--db", str(path), "--full", "--delay", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT title FROM articles WHERE unlinked ORDER BY title")
        return [int(row[0][-1]) for row in rows]


def test_what_no_page_was_asked_about_since_is_not_unlinked(kept: Archive) -> None:
    """Not every crawl reads every page: only when each was read again, a missing link says so."""
    article = link("/a-1", PORTAL.url, "article")
    assert article is not None
    for day, links, reads_article, unlinked in (
        (1, (article,), True, 0),
        (2, (article,), False, 0),
        (3, (), False, 0),
        (4, (), True, 1),
        (5, (article,), False, 0),
    ):
        at = NOW + day * DAY
        _next_run(kept, at)
        frontier.seed(kept.db, kept.run.portal_id, [_home()], at, kept.run.round_started)
        home = frontier.find(kept.db, kept.run.portal_id, _home().key)
        page = Page(PORTAL.url, at, 200, body=b"<h1>", url_id=home, kind="home", links=links)
        page = replace(page, captures=(captured(200, at, page.body),))
        save(kept.db, kept.run, ReadPage(page, "home"))
        if reads_article:
            long_ago = (NOW - 500 * DAY).date()
            kept.keep("/a-1", "Hội nghị", "một", published_on=long_ago, page={"fetched_at": at})
        assert runs.finish(kept.db, kept.run, "finished", at) == "complete"
        assert kept.rows("SELECT unlinked FROM articles") == [(unlinked,)], day


def _home() -> Link:
    made = link("/", PORTAL.url, "home")
    assert made is not None
    return made


def test_an_incomplete_crawl_marks_nothing(kept: Archive) -> None:
    at = NOW + DAY
    _next_run(kept, at)
    kept.db.execute("UPDATE articles SET unlinked = 0")
    kept.keep("/a-1", "Hội nghị", "một", page={"fetched_at": at})
    failed = kept.page("/b", status=503, fetched_at=at)
    save(kept.db, kept.run, ReadPage(failed, "page"))
    assert runs.finish(kept.db, kept.run, "finished", at) == "incomplete"
    assert kept.rows("SELECT unlinked FROM articles") == [(0,)]


def test_a_crawl_that_goes_on_belongs_to_the_round_that_was_stopped(kept: Archive) -> None:
    kept.page("/b")
    runs.finish(kept.db, kept.run, "shutdown", NOW)
    again = runs.begin(kept.db, PORTAL, "crawl", WHO, NOW + DAY / 2)
    assert again.round_started == kept.run.started_at
    assert kept.rows("SELECT round_started_at, started_at FROM runs ORDER BY id DESC LIMIT 1") == [
        ("2024-07-03T02:00:00Z", "2024-07-03T14:00:00Z")
    ]


@pytest.mark.parametrize(
    ("stopped", "later", "then", "goes_on"),
    [
        ("incremental", DAY / 2, "incremental", True),
        ("incremental", DAY, "incremental", False),
        ("incremental", DAY / 2, "full", False),
        ("full", 5 * DAY, "full", True),
        ("full", DAY / 2, "incremental", True),
        ("closing", 5 * DAY, "closing", True),
    ],
)
def test_an_old_round_or_one_of_another_kind_is_not_gone_on_with(
    kept: Archive, stopped: str, later: timedelta, then: str, goes_on: bool
) -> None:
    runs.finish(kept.db, kept.run, "finished", NOW)
    first = runs.begin(kept.db, PORTAL, "crawl", WHO, NOW + DAY, runs.Plan(stopped))
    kept.page("/b")
    runs.finish(kept.db, first, "shutdown", NOW + DAY)
    again = runs.begin(kept.db, PORTAL, "crawl", WHO, NOW + DAY + later, runs.Plan(then))
    assert again.round_started == (first if goes_on else again).started_at
