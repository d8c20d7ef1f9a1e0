"""Alarms of drift: each is caused for real, and none comes where nothing has changed."""

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import practice
from crawler import profiles
from crawler.archive import runs
from crawler.archive.connection import timestamp, transaction
from crawler.archive.saving import save
from crawler.capture.exchange import Capture
from crawler.document import Document
from crawler.drift import certificate, home, rhythm
from crawler.drift.certificate import Shown
from crawler.drift.share import Share, has_fallen
from crawler.items import Page, ReadPage
from tests.conftest import NOW, PORTAL, WHO, Archive
from tests.listening import free_port
from tests.small_portal import PROSE, Answer, SmallPortal, small_portal
from tests.test_cli import luutru

DAY = timedelta(days=1)
ALARMS = """SELECT field, reason FROM problems
    WHERE resolved_at IS NULL AND (field LIKE 'drift%' OR field = 'home page') ORDER BY field"""


# Shares: small samples and habits.


@pytest.mark.parametrize(
    ("pages", "found", "past", "fallen"),
    [
        (3, 1, [(1000, 990)], None),
        (9, 0, [(1000, 990)], None),
        (10, 0, [(1000, 990)], True),
        (20, 8, [(1000, 990)], True),
        (20, 15, [(1000, 990)], None),
        (1000, 400, [(1000, 990)], True),
        (1000, 930, [(1000, 990)], False),
        (1000, 400, [(20, 20)], None),
        (1000, 400, [(1000, 420), (1000, 990)], True),
        (1000, 420, [(1000, 400), (1000, 990), (1000, 990)], None),
        (30, 10, [(300, 180)], None),
        (100, 0, [(300, 0)], False),
        (20, 20, [(300, 10)], False),
    ],
)
def test_a_share_has_fallen_only_far_below_chance_and_habit(
    pages: int, found: int, past: list[tuple[int, int]], fallen: bool | None
) -> None:
    assert has_fallen(Share(pages, found), [Share(*before) for before in past]) is fallen


def test_nights_of_articles_that_come_in_batches_are_no_alarm() -> None:
    dice = random.Random(4)

    def night() -> Share:
        batches = [(dice.random() < 0.7, dice.randint(1, 4)) for _ in range(dice.randint(5, 20))]
        return Share(sum(n for _, n in batches), sum(n for found, n in batches if found))

    nights = [night() for _ in range(1100)]
    alarms = [has_fallen(nights[i], nights[max(0, i - 100) : i]) for i in range(100, 1100)]
    assert True not in alarms
    assert alarms.count(False) > 700


# Rhythm.


def _every(days: int, count: int = 100, articles: int = 2) -> dict[date, int]:
    """Articles every `days` days, the last on 3 July 2024."""
    return {date(2024, 7, 3) - DAY * days * i: articles for i in range(count)}


@pytest.mark.parametrize(
    ("days", "since", "alarm"),
    [(1, 13, False), (1, 15, True), (7, 15, False), (7, 21, False), (7, 22, True)],
)
def test_silence_is_judged_by_the_portals_own_rhythm(days: int, since: int, alarm: bool) -> None:
    last = date(2024, 7, 3)
    found = rhythm.silence(_every(days), last, last + since * DAY)
    assert found is not None
    assert bool(found.reason) is alarm


def test_a_portal_that_was_silent_as_long_before_is_not_silent() -> None:
    days = {day: n for day, n in _every(1).items() if not date(2024, 5, 1) < day < date(2024, 6, 1)}
    last = date(2024, 7, 3)
    for gap, alarm in ((30, False), (31, False), (32, True)):
        found = rhythm.silence(days, last, last + gap * DAY)
        assert found is not None
        assert bool(found.reason) is alarm


def test_too_few_days_are_no_rhythm() -> None:
    few = _every(1, count=20)
    assert rhythm.silence(few, date(2024, 7, 3), date(2026, 7, 3)) is None
    assert rhythm.flood(few, {date(2024, 7, 4): 5000}, 0, DAY) is None


@pytest.mark.parametrize(
    ("new", "undated", "waited", "alarm"),
    [
        ({date(2024, 7, 4): 29}, 0, 1, False),
        ({date(2024, 7, 4): 30}, 0, 1, True),
        ({}, 40, 1, True),
        ({date(2024, 7, 4) + DAY * i: 2 for i in range(60)}, 0, 0, False),
        ({date(2015, 7, 4): 300}, 0, 0, True),
        ({date(2024, 7, 4): 100}, 0, 30, False),
    ],
)
def test_a_flood_is_more_a_day_than_the_portal_ever_publishes(
    new: dict[date, int], undated: int, waited: int, alarm: bool
) -> None:
    found = rhythm.flood(_every(1), new, undated, waited * DAY)
    assert found is not None
    assert bool(found.reason) is alarm


# Certificates.

OLD = Shown(
    "thu.example",
    "a" * 64,
    "CN=*.example,O=UBND tỉnh Thử,C=VN",
    "CN=GlobalSign RSA,O=GlobalSign nv-sa",
    datetime(2027, 1, 1, tzinfo=UTC),
    verified=True,
)


def _next(**facts: Any) -> Shown:
    values = {name: getattr(OLD, name) for name in OLD.__slots__}
    return Shown(**{**values, "sha256": "b" * 64, **facts})


@pytest.mark.parametrize(
    ("shown", "strange", "says"),
    [
        (_next(), False, None),
        (_next(issuer="CN=R11,O=Let's Encrypt"), False, None),
        (_next(subject="CN=thu.example", issuer="CN=R11,O=Let's Encrypt"), False, None),
        (_next(issuer="CN=R11,O=Let's Encrypt"), True, "another authority, Let's Encrypt"),
        (_next(subject="CN=thu.example,O=Kubet\\, Ltd"), False, "it belongs to Kubet, Ltd; usual"),
        (_next(subject="CN=so.thu.test"), False, None),
        (_next(subject=""), False, None),
        (
            _next(subject="CN=parking.test", verified=False),
            False,
            "made out to CN=parking.test; usu",
        ),
        (_next(verified=False, error="expired"), False, "it can't be verified any more (expired)"),
    ],
)
def test_a_renewed_certificate_is_normal_and_another_owner_is_not(
    shown: Shown, strange: bool, says: str | None
) -> None:
    changed, expires = certificate.judge([OLD, shown], NOW, strange=strange)
    assert expires.reason is None
    assert says in changed.reason if says and changed.reason else changed.reason == says


def test_a_certificate_that_ends_soon_is_a_notice() -> None:
    for days, says in ((20, None), (13, "expires on 2024-07-16"), (-1, "expired on 2024-07-02")):
        _, found = certificate.judge([_next(not_after=NOW + days * DAY)], NOW)
        assert found.notice
        assert found.reason == (says and f"the certificate of thu.example {says}")


def test_a_first_certificate_has_nothing_to_differ_from() -> None:
    changed, _ = certificate.judge([_next(verified=False, error="incomplete chain")], NOW)
    assert changed.reason is None


# The home page.

_MENU = "".join(f"<li><a href='/tin-{n}'>Hội nghị số {n} của huyện</a></li>" for n in range(20))


@pytest.mark.parametrize(
    ("title", "body", "says"),
    [
        ("Huyện Thử", _MENU, None),
        ("Huyện Thử", f"{_MENU}<p>Phá đường dây cá cược, tài xỉu, lô đề, casino</p>", None),
        ("Huyện Thử", "<p>Kết quả xổ số kiến thiết, tỷ lệ kèo xe, khuyến mãi nạp</p>", None),
        ("Công ty Xổ số kiến thiết", "<p>Kết quả xổ số</p>", None),
        ("Nhà cái uy tín số 1", _MENU, "the title of a betting site: 'Nhà cái uy tín số 1'"),
        ("TAI XIU MD5 online", "", "the title of a betting site"),
        ("W88 đăng nhập", "", "the title of a betting site"),
        ("Trang chủ", "<h1>Tài xỉu, nổ hũ</h1><p>soi cầu mỗi ngày</p>", "a betting site by its"),
        ("Trang chủ", "<h1>tai xiu</h1><p>game bai, 789bet, khuyen mai nap</p>", "a betting site"),
        ("thu.example", "<p>This domain may be for sale</p>", "a parked domain"),
        ("Tên miền đã hết hạn", "", "a parked domain"),
        ("Welcome to nginx!", "<h1>Welcome to nginx!</h1>", "a server's own page"),
        ("IIS Windows Server", "<a href='http://go.microsoft.com'><img></a>", "a server's own"),
        ("Sở Tư pháp", f"<p>Tên miền đã hết hạn được thu hồi thế nào?</p>{_MENU}", None),
    ],
)
def test_a_home_page_that_is_no_longer_the_portals(title: str, body: str, says: str | None) -> None:
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    found = home.taken_over(Document(page.encode(), "text/html; charset=utf-8", PORTAL.url), PORTAL)
    assert says in found if says and found else found == says


def test_golden_pages_of_real_portals_are_not_taken_over() -> None:
    generic = profiles.load(profiles.GENERIC)
    pages = list((Path(__file__).parent / "pages").rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert home.taken_over(Document(page.read_bytes(), "", PORTAL.url), generic) is None, page


@pytest.mark.parametrize(
    ("target", "alarm"),
    [
        ("https://moi.example/", True),
        ("/trang-chu", False),
        ("http://www.thu.example/vi", False),
    ],
)
def test_a_home_page_that_leads_to_another_host_is_named(target: str, alarm: bool) -> None:
    refresh = f"<meta http-equiv='Refresh' content='0; URL={target}'>".encode()
    moved = Page(PORTAL.url, NOW, 301, location=target)
    refreshed = Page(PORTAL.url, NOW, 200, "text/html", refresh)
    inner = Page(PORTAL.url + "tin-1", NOW, 301, location=target)
    assert home.judge(inner, PORTAL) == ()
    for page in (moved, refreshed):
        reasons = [problem.reason for problem in home.judge(page, PORTAL)]
        assert [f"another host: {target};" in reason for reason in reasons] == [True] * alarm


# Runs as a crawl writes them, on chosen days.


class Portal:
    """Crawls of one portal, each on a day and written through the archive's own functions."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.at = NOW

    def crawl(self, day: float, *articles: dict[str, Any], ended: str = "finished") -> None:
        """A crawl that begins `day` days after the first and reads these articles."""
        self.begin(day)
        for number, facts in enumerate(articles):
            self.read(f"/a-{number}", **facts)
        self.finish(ended)

    def begin(self, day: float, mode: str = "full") -> None:
        """Begin a crawl, whose home page answers."""
        db, self.at = self.archive.db, NOW + day * DAY
        plan = runs.Plan(mode=mode)
        self.archive.run = runs.begin(db, PORTAL, "crawl", WHO, self.at, plan)
        page = self.archive.page("/", fetched_at=self.at)
        save(db, self.archive.run, ReadPage(page, "listing"))

    def read(self, url: str, **facts: Any) -> None:
        """Keep one article of this crawl."""
        number = int(url.rpartition("-")[2])
        given = {
            "layout": "kimson-2023",
            "author": "Văn phòng",
            "view_count": 400 + number,
            "published_on": NOW.date() - (number + 1) * DAY,
            **facts,
        }
        digest = sha256(f"{url} {self.at}".encode()).hexdigest()
        capture = Capture(self.at, 200, "text/html", digest, 1)
        page = {"fetched_at": self.at, "captures": (capture,)}
        self.archive.keep(url, f"Hội nghị {number}", "một", page=page, **given)

    def answer(self, url: str, read_as: str, **facts: Any) -> None:
        """An answer that is no article."""
        page = self.archive.page(url, fetched_at=self.at, **facts)
        save(self.archive.db, self.archive.run, ReadPage(page, read_as))

    def finish(self, ended: str = "finished") -> None:
        """End the crawl an hour after it began."""
        for row in self.archive.rows("SELECT id, url FROM urls WHERE state = 'waiting'"):
            self.archive.db.execute("UPDATE urls SET state = 'done' WHERE id = ?", row[:1])
        runs.finish(self.archive.db, self.archive.run, ended, self.at + DAY / 24)

    def alarms(self) -> dict[str, str]:
        """Open alarms: tag to reason."""
        return dict(self.archive.rows(ALARMS))  # type: ignore[arg-type]


@pytest.fixture
def portal(archive: Archive) -> Portal:
    runs.finish(archive.db, archive.run, "finished", NOW - DAY)
    archive.db.execute("DELETE FROM runs")
    return Portal(archive)


FULL: tuple[dict[str, Any], ...] = ({},) * 60
DATE_TAG = "drift: published_on, layout kimson-2023"


def _without_date(pages: int) -> tuple[dict[str, Any], ...]:
    return ({"published_on": None},) * pages + FULL[pages:]


def test_a_field_that_is_found_no_more(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.crawl(7, *FULL[:-1], {"published_on": None})
    assert portal.alarms() == {}
    portal.crawl(14, *_without_date(36))
    assert portal.alarms() == {
        DATE_TAG: "published_on found on 24 of 60 pages of layout kimson-2023 (40%); "
        "usual: 99% of 120 since 2024-07-03, never below 98%; "
        "by chance in fewer than 1 of 1,000,000 such runs"
    }


@pytest.mark.parametrize(
    ("words", "alarm"),
    [
        ("'Khởi công cầu ' || id || ' qua sông Vạc'", True),
        ("title", False),
        ("'Tin trong ngày: ' || title || ' diễn ra sáng nay ở xã'", False),
        ("upper(substr(title, 1, 8)) || '…'", False),
        ("'Đọc tiếp bài viết'", False),
        ("NULL", False),
    ],
)
def test_titles_that_other_pages_do_not_know(portal: Portal, words: str, alarm: bool) -> None:
    portal.begin(0)
    for number in range(60):
        portal.read(f"/a-{number}")
    portal.archive.db.execute(
        f"UPDATE urls SET linked_as = (SELECT {words} FROM articles WHERE url_id = urls.id)"
    )
    portal.finish()
    said = (
        "the titles of 0 of 60 articles of layout kimson-2023 are like the words that link to them "
        "(0%); usual: nearly all of them; by chance in fewer than 1 of 1,000,000,000 such runs"
    )
    assert portal.alarms() == ({"drift: titles, layout kimson-2023": said} if alarm else {})


def test_a_few_odd_pages_are_no_alarm(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.crawl(7, {"published_on": None}, {"published_on": None}, {})
    assert portal.alarms() == {}


def test_an_alarm_stays_one_row_until_it_is_over(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    for day in range(1, 13):
        portal.crawl(day, *_without_date(36 + day))
    sql = "SELECT reason, seen_at, resolved_at FROM problems WHERE field = ?"
    [(reason, seen_at, resolved_at)] = portal.archive.rows(sql, DATE_TAG)
    assert reason.startswith("published_on found on 12 of 60 pages")
    assert "usual: 100% of 60 since 2024-07-03" in reason
    assert reason.endswith("; so since 2024-07-04")
    assert (seen_at, resolved_at) == ("2024-07-04T03:00:00Z", None)
    portal.crawl(20, {}, {}, {})
    assert list(portal.alarms()) == [DATE_TAG]
    portal.crawl(21, *FULL)
    assert portal.archive.rows(sql, DATE_TAG)[0][2] == "2024-07-24T03:00:00Z"
    articles = portal.archive.rows("SELECT count(*), count(published_on) FROM articles")
    assert articles == [(60, 60)]


def test_who_closes_an_alarm_says_that_the_new_state_is_right(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.crawl(1, *_without_date(60))
    portal.archive.db.execute("UPDATE problems SET resolved_at = ?", (timestamp(NOW + 1.5 * DAY),))
    for day in (2, 3, 4):
        portal.crawl(day, *_without_date(60))
        assert portal.alarms() == {}
    portal.crawl(5, *FULL)
    portal.crawl(6, *FULL)
    assert portal.alarms() == {}


def test_unchanged_pages_do_not_count(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.begin(7)
    for number in range(60):
        portal.answer(f"/a-{number}", "article", status=304)
    portal.finish()
    assert portal.archive.rows("SELECT count(*), sum(pages) FROM coverage WHERE run_id = 2") == [
        (1, 60)
    ], "only that the articles are there"
    assert portal.alarms() == {}


def test_a_stopped_crawl_and_the_one_that_goes_on_are_one(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.begin(7)
    for number in range(20):
        portal.read(f"/a-{number}", published_on=None)
    runs.finish(portal.archive.db, portal.archive.run, "shutdown", portal.at + DAY / 24)
    with transaction(portal.archive.db):
        portal.archive.db.execute("UPDATE urls SET state = 'waiting' WHERE url LIKE '%-4_'")
    began = portal.archive.run.round_started
    portal.at += DAY / 12
    portal.archive.run = runs.begin(
        portal.archive.db, PORTAL, "crawl", WHO, portal.at, runs.Plan("full")
    )
    assert portal.archive.run.round_started == began
    for number in range(20, 60):
        portal.read(f"/a-{number}", **_without_date(40)[number])
    portal.finish()
    assert "found on 20 of 60 pages" in portal.alarms()[DATE_TAG]
    assert portal.archive.rows("SELECT DISTINCT run_id FROM coverage") == [(1,), (3,)]


def _readings(portal: Portal, layout: str) -> None:
    """Rules as the reader writes them, which tell the layout of a version."""
    portal.archive.db.execute(
        """INSERT INTO readings (article_id, capture_id, field, raw, rule)
           SELECT id, capture_id, 'title', title, ? FROM articles""",
        (f"layout {layout}: h2.node-title",),
    )


def test_a_layout_that_is_gone_and_pages_that_none_fits(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    _readings(portal, "kimson-2023")
    portal.crawl(7, *[{"layout": "generic"}] * 50, *FULL[50:])
    alarms = portal.alarms()
    assert sorted(alarms) == ["drift: layout kimson-2023", "drift: share of unknown layouts"]
    assert alarms["drift: layout kimson-2023"].startswith(
        "10 of 60 articles that layout kimson-2023 read before are still read by it "
        "(17%: 50 by generic)"
    )
    assert "a known layout fits 10 of 60 pages (17%)" in alarms["drift: share of unknown layouts"]


def test_fields_of_a_layout_that_was_replaced_are_no_longer_missed(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.crawl(1, *_without_date(60))
    assert list(portal.alarms()) == [DATE_TAG]
    portal.crawl(2, *[{"layout": "vnportal"}] * 60)
    assert sorted(portal.alarms()) == ["drift: new layout vnportal"]


def test_a_new_layout_takes_over_and_is_news_for_a_month(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    mixed = [{"layout": "vnportal"}] * 30 + [{}] * 30
    for day, alarm in ((7, True), (14, True), (36, True), (38, False)):
        portal.crawl(day, *mixed)
        assert ("drift: new layout vnportal" in portal.alarms()) is alarm, day


def test_a_layout_found_before_all_was_seen_is_not_new(portal: Portal) -> None:
    portal.crawl(0, *FULL, ended="shutdown")
    portal.crawl(7, *[{"layout": "vnportal"}] * 60)
    assert portal.alarms() == {}


def test_an_archive_without_counts_so_far_has_nothing_to_compare_with(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.archive.db.execute("DELETE FROM coverage")
    portal.crawl(7, *[{"layout": "vnportal", "author": None}] * 60)
    assert portal.alarms() == {}


def test_silence_of_a_portal_that_published_daily(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    for day, alarm in ((7, False), (14, False), (40, True)):
        portal.crawl(day, *FULL)
        assert list(portal.alarms()) == ["drift: silence"] * alarm
    assert portal.alarms()["drift: silence"] == (
        "no new article since 2024-07-03 (40 days), the last one dated 2024-07-02; "
        "usual gap 1 day, 1 day or less in 95 %, 1 day at most (59 gaps since 2024-05-04)"
    )
    portal.crawl(41, *FULL, {"published_on": NOW.date() + 40 * DAY})
    assert portal.alarms() == {}


@pytest.mark.parametrize("off", ["switched off", "closing", "unreachable"])
def test_no_silence_where_it_is_expected_or_unproven(portal: Portal, off: str) -> None:
    portal.crawl(0, *FULL)
    if off == "switched off":
        portal.archive.db.execute("UPDATE portals SET status = 'off'")
    portal.begin(40, "closing" if off == "closing" else "full")
    if off == "unreachable":
        portal.answer("/", "listing", status=None, failure="time-out: no answer in time")
    portal.finish()
    assert portal.alarms() == {}


def test_a_flood_of_new_articles(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    today = NOW.date() + DAY
    portal.crawl(1, *FULL, *[{"published_on": today}] * 40)
    assert portal.alarms() == {
        "drift: flood of new articles": "40 new articles in 2 days; usual: 1 or fewer on 95 % of "
        "the days that have any (60 days since 2024-05-04)"
    }
    portal.crawl(2, *FULL, *[{"published_on": today}] * 40)
    assert portal.alarms() == {}


def test_the_rest_of_a_first_crawl_is_no_flood(portal: Portal) -> None:
    portal.crawl(0, *FULL, ended="shutdown")
    portal.crawl(1, *FULL, *[{"published_on": NOW.date() - 900 * DAY}] * 400)
    assert portal.alarms() == {}


def test_known_articles_that_are_lost_at_once(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.begin(7)
    for number in range(60):
        if number < 10:
            portal.read(f"/a-{number}")
        elif number < 30:
            portal.answer(f"/a-{number}", "not_found", status=404)
        elif number < 35:
            led = {"status": 301, "kind": "redirect", "location": "/khac"}
            portal.answer(f"/a-{number}", "redirect", **led)
        elif number < 50:
            portal.answer(f"/a-{number}", "other")
        else:
            portal.answer(f"/a-{number}", "page", status=None, failure="time-out: no answer")
    portal.finish()
    assert portal.alarms()["drift: known articles"].startswith(
        "10 of 50 known articles are there "
        "(20%: 20 gone, 5 redirected, 15 no longer like an article); usual: nearly all of them"
    )
    portal.crawl(14, *FULL)
    assert portal.alarms() == {}


def test_view_counts_that_begin_anew_are_a_notice(portal: Portal) -> None:
    portal.crawl(0, *FULL)
    portal.crawl(1, *[{"view_count": 3}] * 55, *FULL[55:])
    [(tag, reason)] = portal.alarms().items()
    assert tag == "drift, notice: view counts fell"
    assert reason.startswith("the view count of 5 of 60 articles is as high as before or higher")
    portal.crawl(2, *[{"view_count": 4}] * 55, *FULL[55:])
    assert portal.alarms() == {}


_CERTIFICATE = """INSERT INTO certificates (portal_id, host, sha256, subject, issuer, not_before,
    not_after, chain, verified, error, first_seen_at, last_seen_at)
    VALUES (?, 'thu.example', ?, ?, 'CN=R11,O=Let''s Encrypt', '2024-01-01T00:00:00Z', ?, '', 1,
            NULL, ?, ?)"""


def _certificate(portal: Portal, sha256: str, subject: str, ends: int) -> None:
    seen, portal_id = timestamp(portal.at), portal.archive.run.portal_id
    values = (portal_id, sha256 * 64, subject, timestamp(NOW + ends * DAY), seen, seen)
    portal.archive.db.execute(_CERTIFICATE, values)


def test_certificates_of_a_crawl(portal: Portal) -> None:
    portal.begin(0)
    _certificate(portal, "a", "CN=thu.example,O=UBND huyện Thử", 10)
    portal.finish()
    notice = "drift, notice: certificate of thu.example expires"
    assert portal.alarms() == {notice: "the certificate of thu.example expires on 2024-07-13"}
    for day, digest, owner, alarm in ((7, "b", "UBND huyện Thử", 0), (14, "c", "Kubet Ltd", 1)):
        portal.begin(day)
        _certificate(portal, digest, f"CN=thu.example,O={owner}", 300)
        portal.finish()
        assert list(portal.alarms()) == ["drift: certificate of thu.example"] * alarm
    portal.archive.db.execute("UPDATE problems SET resolved_at = ?", (timestamp(NOW + 15 * DAY),))
    portal.crawl(16)
    assert portal.alarms() == {}


def test_a_page_that_did_not_come_leaves_its_problems_open(portal: Portal) -> None:
    portal.crawl(0)
    moved = portal.archive.page(
        "/", fetched_at=portal.at, status=301, kind="redirect", location="https://moi.example/"
    )
    found = ReadPage(moved, "redirect", problems=home.judge(moved, PORTAL))
    save(portal.archive.db, portal.archive.run, found)
    assert list(portal.alarms()) == ["home page"]
    [(reason,)] = portal.archive.rows("SELECT reason FROM urls WHERE url = ?", PORTAL.url)
    assert reason == "HTTP 301 to https://moi.example/"
    portal.answer("/", "page", status=None, failure="time-out: no answer in time")
    for status in (503, 429, 403):
        portal.answer("/", "page", status=status)
    assert list(portal.alarms()) == ["home page"]
    portal.answer("/", "listing")
    assert portal.alarms() == {}


# Crawls for real.


def _crawled(url: str, db: Path) -> dict[str, str]:
    """The alarms that are open after a crawl of everything."""
    words = ("--db", str(db), "--delay", "0", "--concurrency", "8", "--full")
    done = luutru("crawl", url, *words)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    with closing(sqlite3.connect(db)) as archive:
        return dict(archive.execute(ALARMS).fetchall())


def test_the_practice_portal_alarms_only_when_it_is_rebuilt(tmp_path: Path) -> None:
    db, port = tmp_path / "archive.db", free_port()
    for day in (0, 7, 30, 90):
        with practice.running(articles=60, day=day, port=port) as url:
            assert _crawled(url, db) == {}, day
    with practice.running(articles=60, day=91, port=port, layout="nukeviet") as url:
        alarms = _crawled(url, db)
    assert "drift: known articles" in alarms
    assert "drift: flood of new articles" in alarms
    shown = luutru("status", "--db", str(db)).stdout
    assert "drift: known articles" in " ".join(shown.split())


@pytest.fixture
def small() -> Iterator[SmallPortal]:
    os.environ["LUUTRU_LANG"] = "en"
    with small_portal() as made:
        yield made


_KIMSON = (
    "<html><body><div class='node-article'><h2 class='node-title'>{title}</h2>"
    "<div class='submitted'>{date} <span class='views'>{views} lượt xem</span></div>"
    "<div class='field-body'><p>{prose}</p><p>{prose}</p></div></div></body></html>"
)

_PLAIN = (
    "<html><body><h1>{title}</h1><div class='ngay'>Ngày đăng: {date}</div>"
    "<div>Lượt xem: {views}</div><div class='noi-dung'><p>{prose}</p><p>{prose}</p></div></body>"
)


def _publish(portal: SmallPortal, markup: str, date: str = "04/01/2023", views: int = 478) -> None:
    for number in range(40):
        title = f"Hội nghị lần thứ {number} của huyện"
        page = markup.format(title=title, date=date, views=views + number, prose=PROSE)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        portal.pages[f"/tin-{number}"] = Answer(page.encode(), headers=headers)
    portal.home(*(f"/tin-{number}" for number in range(40)))


def test_a_portal_that_is_rebuilt_under_the_same_addresses(
    small: SmallPortal, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    _publish(small, _KIMSON)
    assert _crawled(small.url, db) == {}
    _publish(small, _KIMSON, views=479)
    assert _crawled(small.url, db) == {}
    _publish(small, _KIMSON, date="")
    assert [*_crawled(small.url, db)] == ["drift, notice: view counts fell", DATE_TAG]
    _publish(small, _PLAIN)
    rebuilt = _crawled(small.url, db)
    assert "drift: layout kimson-2023" in rebuilt
    assert "drift: share of unknown layouts" in rebuilt
    _publish(small, "<html><title>{title}</title><div id='app'></div><script>run()</script></html>")
    assert "40 no longer like an article" in _crawled(small.url, db)["drift: known articles"]
    _publish(small, _KIMSON)
    assert _crawled(small.url, db) == {}


def test_a_home_page_that_was_replaced(small: SmallPortal, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    _publish(small, _KIMSON)
    assert _crawled(small.url, db) == {}
    headers = {"Content-Type": "text/html; charset=utf-8"}
    betting = "<title>Trang chủ</title><h1>Nhà cái tặng 88k</h1><p>tài xỉu, nổ hũ, soi cầu</p>"
    small.pages["/"] = Answer(betting.encode(), headers=headers)
    assert [*_crawled(small.url, db).values()] == [
        "the home page is a betting site by its words: nha cai, no hu, soi cau"
    ]
    small.pages["/"] = Answer(b"", 302, {"Location": "http://moi.invalid/", **headers})
    assert [*_crawled(small.url, db).values()] == [
        "the home page redirects to another host: http://moi.invalid/; has the portal moved, or "
        "its domain lapsed?"
    ]
    _publish(small, _KIMSON)
    assert _crawled(small.url, db) == {}
