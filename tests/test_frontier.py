"""The frontier: what is due when, what a failure costs, and in which order a run asks."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from crawler.archive import frontier, runs, schema
from crawler.archive.connection import timestamp
from crawler.archive.policy import NEVER, Order, Retries
from crawler.archive.saving import save
from crawler.items import Article, Link, Page, ReadPage
from crawler.urls import UNCLAIMED, link
from tests.conftest import NOW, PORTAL, WHO, Archive, captured
from tests.small_portal import Answer, SmallPortal, small_portal
from tests.test_cli import AT_ONCE, luutru

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def _link(path: str, kind: str = "page", **facts: Any) -> Link:
    made = link(path, PORTAL.url, kind)
    assert made is not None
    return Link(made.url, kind, key=facts.pop("key", made.key), **facts)


def _next_run(archive: Archive, at: datetime, mode: str = "incremental") -> None:
    runs.finish(archive.db, archive.run, "finished", at)
    archive.run = runs.begin(archive.db, PORTAL, "crawl", WHO, at, runs.Plan(mode))


def _due(archive: Archive, now: datetime, mode: str = "incremental") -> list[str]:
    """The paths that the run would ask for now, in its order."""
    found: list[int] = []
    run = archive.run
    for shelf in Order(mode).shelves():
        until = timestamp(now) if shelf.waits else run.round_started
        while url_id := frontier.first(archive.db, run.portal_id, shelf, until, set(found)):
            found.append(url_id)
    urls = (frontier.due(archive.db, url_id).url for url_id in found)
    return [url.removeprefix(PORTAL.url) for url in urls]


def _visit(archive: Archive, path: str, at: datetime, kind: str = "listing", **facts: Any) -> None:
    """Save what a page gave that the frontier knows."""
    url_id = frontier.find(archive.db, archive.run.portal_id, _link(path).key)
    body = f"<h1>{path}</h1>".encode()
    given = {"status": 200, "captures": (captured(200, at, body),), "kind": kind, **facts}
    page = Page(PORTAL.url + path, at, body=body, url_id=url_id, **given)
    save(archive.db, archive.run, ReadPage(page, kind))


@pytest.fixture
def listing(archive: Archive) -> Archive:
    """A portal whose home page leads to a listing of three pages, all visited."""
    frontier.add(archive.db, archive.run.portal_id, [_link("", "home")], NOW)
    _visit(archive, "", NOW, "home", links=(_link("tin"), _link("gioi-thieu")))
    _visit(archive, "gioi-thieu", NOW, "other")
    for page, following in (("tin", "tin?page=2"), ("tin?page=2", "tin?page=3")):
        _visit(archive, page, NOW, links=(_link(following, "listing"), _link(f"a-{page[-1]}")))
    _visit(archive, "tin?page=3", NOW)
    for number in ("n", "2"):
        _visit(archive, f"a-{number}", NOW, "file")
    return archive


def test_a_new_round_asks_for_what_is_due(listing: Archive) -> None:
    for after, paths in (
        (0, set()),
        (0.01, {"", "tin"}),
        (2, {"", "tin", "tin?page=2", "tin?page=3"}),
        (7, {"", "tin", "tin?page=2", "tin?page=3", "gioi-thieu"}),
        (200, {"", "tin", "tin?page=2", "tin?page=3", "gioi-thieu", "a-n", "a-2"}),
    ):
        _next_run(listing, NOW + after * DAY)
        assert set(_due(listing, NOW + after * DAY)) == paths, after


def test_a_full_run_asks_for_everything(listing: Archive) -> None:
    _next_run(listing, NOW + 5 * SECOND, "full")
    assert len(_due(listing, NOW + 5 * SECOND)) == 7


def test_news_makes_the_next_pages_of_the_listing_due(listing: Archive) -> None:
    """What is new on page 1 pushed older items on; page 2 without news ends it."""
    at = NOW + DAY / 2
    _next_run(listing, at)
    assert set(_due(listing, at)) == {"", "tin"}
    _visit(listing, "tin", at, links=(_link("tin?page=2", "listing"), _link("a-new")))
    assert set(_due(listing, at)) == {"", "a-new", "tin?page=2"}
    _visit(listing, "tin?page=2", at, links=(_link("tin?page=3", "listing"), _link("a-2")))
    assert set(_due(listing, at)) == {"", "a-new"}


@pytest.mark.parametrize(
    ("hours", "woken"),
    [
        ({"a-n": 6, "a-2": -6}, {"a-n"}),
        ({"a-n": -6, "a-2": -6}, set()),
        ({"a-n": 6, "a-2": 5, "tin?page=2": 4, "tin?page=3": 3, "gioi-thieu": 2}, 5),
        ({"a-n": 6, "a-2": 6, "tin?page=2": 6, "tin?page=3": 6, "gioi-thieu": 6}, set()),
    ],
)
def test_what_a_sitemap_calls_changed_is_due(
    listing: Archive, hours: dict[str, float], woken: set[str] | int
) -> None:
    """Unless it says so of every page: then it only tells when the sitemap was made."""
    at = NOW + DAY / 2
    _next_run(listing, at)
    entries = [
        replace(_link(path), modified=NOW + timedelta(hours=since)) for path, since in hours.items()
    ]
    _visit(listing, "", at, "sitemap", links=tuple(entries))
    due = set(_due(listing, at)) - {"tin"}
    assert due == woken if isinstance(woken, set) else len(due) == woken


def test_a_visit_is_counted_and_news_dated(listing: Archive) -> None:
    _next_run(listing, NOW + DAY)
    _visit(listing, "tin", NOW + DAY, links=(_link("a-new"),))
    _next_run(listing, NOW + 2 * DAY)
    _visit(listing, "tin", NOW + 2 * DAY, links=(_link("a-new"),))
    assert listing.rows("SELECT visits, changes, changed_at FROM urls WHERE url LIKE '%/tin'") == [
        (3, 2, timestamp(NOW + DAY))
    ]


@pytest.mark.parametrize(("views", "news"), [((10, 11), 0), ((10, 12), 1), ((10, None), 0)])
def test_our_own_visit_is_no_reader(
    archive: Archive, views: tuple[int, int | None], news: int
) -> None:
    for day, count in enumerate(views):
        at = NOW + day * DAY
        if day:
            _next_run(archive, at)
        archive.keep("/a-1", "Hội nghị", "một", view_count=count, page={"fetched_at": at})
    assert archive.rows("SELECT changes FROM urls") == [(1 + news,)]


def test_an_article_is_read_less_often_as_it_ages(archive: Archive) -> None:
    due = []
    for age in (1, 100):
        published = (NOW - age * DAY).date()
        archive.keep(f"/a-{age}", "Hội nghị", "một", published_on=published)
        due.append(archive.rows("SELECT due_at FROM urls WHERE url LIKE ?", f"%a-{age}")[0][0])
    assert due == [timestamp(NOW + 0.75 * DAY), timestamp(NOW + 29.75 * DAY)]


def _fail(archive: Archive, at: datetime, retries: Retries, status: int | None = 503) -> None:
    page = archive.page("/a-1", fetched_at=at, status=status)
    if status is None:
        page = Page(page.url, at, url_id=page.url_id, failure="time-out: no answer", may_pass=True)
    save(archive.db, archive.run, ReadPage(page, "article"), retries=retries)


@pytest.mark.parametrize("status", [None, 408, 425, 429, 500, 503])
def test_a_failure_that_may_pass_is_tried_again_ever_later(
    archive: Archive, status: int | None
) -> None:
    at, retries = NOW, Retries(times=2, delay=30)
    for tries, delay in ((1, 30), (2, 60)):
        _fail(archive, at, retries, status)
        assert _due(archive, at + (delay - 1) * SECOND) == []
        at += delay * SECOND
        assert _due(archive, at) == ["a-1"]
        assert archive.rows("SELECT state, tries FROM urls") == [("waiting", tries)]
    _fail(archive, at, retries, status)
    assert archive.rows("SELECT state, tries FROM urls") == [("failed", 3)]
    reason = "time-out: no answer" if status is None else f"HTTP {status}"
    assert archive.rows("SELECT reason, last_status FROM urls") == [(reason, status)]
    assert archive.rows("SELECT count(*) FROM captures") == [(3 if status else 0,)]


def test_a_silent_portal_is_not_the_url_s_fault(archive: Archive) -> None:
    for number in range(9):
        _fail(archive, NOW + number * DAY, Retries(times=2, counted=False), None)
    assert archive.rows("SELECT state, tries FROM urls") == [("waiting", 0)]


@pytest.mark.parametrize("status", [400, 403, 404, 410, 451])
def test_what_will_not_pass_is_not_tried_again(archive: Archive, status: int) -> None:
    _fail(archive, NOW, Retries(times=2), status)
    assert _due(archive, NOW + DAY) == []


def test_a_url_has_all_its_tries_in_every_round(archive: Archive) -> None:
    _fail(archive, NOW, Retries(times=0))
    _next_run(archive, NOW + DAY)
    assert _due(archive, NOW + DAY) == ["a-1"]
    _fail(archive, NOW + DAY, Retries(times=1))
    assert archive.rows("SELECT state, tries FROM urls") == [("waiting", 1)]


def test_what_is_refused_is_never_due_until_it_is_wanted(archive: Archive) -> None:
    portal = archive.run.portal_id
    unwanted = _link("a.pdf", "file", refused=UNCLAIMED)
    frontier.add(archive.db, portal, [unwanted], NOW)
    assert archive.rows("SELECT due_at FROM urls") == [(NEVER,)]
    _next_run(archive, NOW + 900 * DAY, "full")
    assert _due(archive, NOW + 900 * DAY) == []
    frontier.add(archive.db, portal, [_link("a.pdf", "file")], NOW + 901 * DAY)
    assert _due(archive, NOW + 901 * DAY) == ["a.pdf"]


def test_a_form_is_due_again_only_when_its_page_was_read_anew(archive: Archive) -> None:
    portal, form = archive.run.portal_id, _link("tin", "listing", form="page=2", key="tin 2")
    frontier.add(archive.db, portal, [form], NOW)
    frontier.settle(archive.db, 1, "done", "listing", None, 200, NOW)
    archive.db.execute("UPDATE urls SET due_at = ?", (timestamp(NOW + 2 * DAY),))
    for days, again in ((1, []), (3, ["tin"])):
        at = NOW + days * DAY
        _next_run(archive, at)
        assert _due(archive, at) == []
        fresh = _link("tin", "listing", form=f"page=2&state={days}", key="tin 2")
        started = archive.run.round_started
        frontier.add(archive.db, portal, [fresh], at, round_started=started)
        assert _due(archive, at) == again
        assert frontier.due(archive.db, 1).form == f"page=2&state={days}"


def test_a_closing_portal_gives_its_oldest_articles_first(archive: Archive) -> None:
    portal = archive.run.portal_id
    for minute, path in enumerate(("moi", "cu", "cu-nhat")):
        frontier.add(archive.db, portal, [_link(path, "article")], NOW + minute * SECOND)
    later = NOW + DAY
    assert _due(archive, later, "closing") == ["cu-nhat", "cu", "moi"]
    assert _due(archive, later) == ["moi", "cu", "cu-nhat"]


def test_every_url_of_an_older_archive_is_asked_for(tmp_path: Path) -> None:
    """The values changed with the schema; a value without a shelf would never be asked for."""
    old = Database(tmp_path / "archive.db")
    schema.migrations.apply(old, stop_before="6-good-endings")
    old.conn.executescript(_OLD)
    old.close()
    archive = Archive(tmp_path / "archive.db")
    later = NOW + DAY
    archive.run = runs.begin(archive.db, PORTAL, "crawl", WHO, later)
    assert _due(archive, later) == ["robots.txt", "", "feed", "b", "cam", "c.pdf", "a"]
    archive.db.close()


_OLD = """
INSERT INTO portals (id, slug, name, url) VALUES (1, 'thu', 'Thử', 'https://thu.example/');
INSERT INTO runs (id, portal_id, kind, started_at, verdict, software) VALUES
    (1, 1, 'crawl', '2024-07-03T00:00:00Z', 'complete', 'x');
INSERT INTO urls (id, portal_id, key, url, kind, found_at, state, reason, priority, due_at) VALUES
    (1, 1, '1', 'https://thu.example/', 'home', '2024', 'done', NULL, 40, '2024'),
    (2, 1, '2', 'https://thu.example/robots.txt', 'robots', '2024', 'done', NULL, 50, '2024'),
    (3, 1, '3', 'https://thu.example/a', 'article', '2024', 'done', NULL, 10, '2024'),
    (4, 1, '4', 'https://thu.example/b', 'article', '2024', 'waiting', NULL, 10, '2024'),
    (5, 1, '5', 'https://thu.example/feed', 'feed', '2024', 'gone', 'HTTP 404', 30, '2024'),
    (6, 1, '6', 'https://thu.example/cam', 'page', '2024', 'refused', 'robots.txt forbids it', 5,
     '2024'),
    (7, 1, '7', 'https://thu.example/login', 'page', '2024', 'refused', 'login page', 5, '2024'),
    (8, 1, '8', 'https://thu.example/c.pdf', 'file', '2024', 'failed', 'HTTP 500', 0, '2024');
INSERT INTO captures (url_id, run_id, captured_at, status, payload_sha256, size, source) VALUES
    (1, 1, '2024-07-03T00:00:00Z', 200, 'x', 1, 'live'),
    (3, 1, '2024-07-03T00:00:00Z', 200, 'x', 1, 'live');
"""


@pytest.fixture
def portal() -> Iterator[SmallPortal]:
    with small_portal() as made:
        yield made


def _rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


def _crawl(portal: SmallPortal, db: Path, *words: str) -> int:
    done = luutru("crawl", portal.url, "--db", str(db), *AT_ONCE, *words)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def test_a_crawl_goes_on_while_a_failed_page_waits(portal: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    paths = [f"/tin-{number}" for number in range(5)]
    portal.home(*paths)
    for path in paths:
        portal.article(path)
    whole, portal.pages["/tin-0"] = portal.pages["/tin-0"], Answer(b"busy", 503)
    portal.mends["/tin-0"] = (2, whole)
    assert _crawl(portal, db, "--set", "RETRY_DELAY=1") == 0
    asked = [asked.path for asked in portal.asked if asked.path in paths]
    assert asked[-2:] == ["/tin-0", "/tin-0"]
    assert len(asked) == 7
    statuses = "SELECT c.status FROM captures c JOIN urls u ON u.id = url_id WHERE u.url LIKE ?"
    with closing(sqlite3.connect(db)) as archive:
        found = archive.execute(statuses, ("%/tin-0",)).fetchall()
    assert found == [(503,), (503,), (200,)]


def test_a_budget_is_kept_and_what_is_left_is_said(portal: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    paths = [f"/tin-{number}" for number in range(30)]
    portal.home(*paths)
    for path in paths:
        portal.article(path)
    asked = []
    for code in (1, 1, 0):
        assert _crawl(portal, db, "--budget", "15") == code
        asked.append(len(portal.asked) - sum(asked))
    assert asked[:2] == [15, 15]
    assert asked[2] <= 15
    reasons = _rows(db, "SELECT budget, left_over > 0, verdict_reasons FROM runs ORDER BY id")
    assert [row[:2] for row in reasons] == [(15, 1), (15, 1), (15, 0)]
    assert "the budget of 15 requests is spent" in reasons[0][2]
    for path in paths:
        assert len(portal.asked_for(path)) == 1, path
    # The home page tells of news, so every run asks for it first.
    assert len(portal.asked_for("/")) == 3


def test_a_deadline_is_kept_and_what_is_left_is_said(portal: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    paths = [f"/tin-{number}" for number in range(60)]
    portal.home(*paths)
    assert _crawl(portal, db, "--deadline", "6s", "--delay", "0.3") == 1
    ((left, reasons),) = _rows(db, "SELECT left_over, verdict_reasons FROM runs")
    assert left > 0
    assert "the time is up" in reasons
    assert 0 < len(portal.asked) < 60


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--deadline", "soon"), "is no length of time"),
        (("--deadline", "0s"), "is no length of time"),
        (("--budget", "0"), "not in the range"),
        (("--full", "--closing"), "exclude each other"),
        (("--set", "x"), "write NAME=VALUE"),
    ],
)
def test_wrong_limits_are_one_line(words: tuple[str, ...], says: str) -> None:
    done = luutru("crawl", "http://127.0.0.1:9/", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unread_article_is_read_again_a_day_later(archive: Archive) -> None:
    """Daily means every night, though tonight's run may reach the page a little earlier."""
    article = Article(PORTAL.url + "a-1", "Hội nghị", body="một", published_on=NOW.date())
    page = archive.page("/a-1", fetched_at=NOW)
    save(archive.db, archive.run, ReadPage(page, "article", article))
    tonight = NOW + DAY - timedelta(hours=3)
    _next_run(archive, tonight)
    assert _due(archive, tonight) == ["a-1"]
