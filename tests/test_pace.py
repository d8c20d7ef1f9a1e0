"""When requests go out: windows, Retry-After, silent and blocking portals, against real servers."""

import itertools
import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.connection import open_archive
from crawler.errors import BadInput
from crawler.politeness.pace import Limits, Pace, seconds_of
from crawler.politeness.window import Window
from crawler.profiles import parse
from tests.recording_server import Answer, Log, recording
from tests.test_cli import luutru

_QUICK = [
    f"--set={setting}"
    for setting in (
        "PAUSES=0.2,0.4",
        "PAUSES_AT_START=0.2",
        "RETRY_DELAY=0.2",
        "BACK_OFF=0.2",
        "SILENT_AFTER=4",
    )
]
_PAGES = 30


def page(body: str, status: str = "200 OK", *headers: str) -> bytes:
    """An answer with that body."""
    head = "".join(f"{header}\r\n" for header in ("Content-Type: text/html", *headers))
    data = body.encode()
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def _utf16(text: str) -> bytes:
    data = text.encode("utf-16")
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data


_HOME = page("".join(f"<a href='/p/{n}'>{n}</a>" for n in range(_PAGES)))
_DOWN = page("down", "500 Internal Server Error")


class Ended:
    """A crawl that has ended: what the server saw, what the archive holds."""

    def __init__(self, folder: Path, answer: Answer, *options: str, port: int = 0) -> None:
        with recording(answer, port) as log:
            self.log: Log = log
            self.done = luutru("crawl", log.url, "--delay", "0", *_QUICK, *options, cwd=folder)
        self.folder = folder

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        db = open_archive(self.folder / "archive.db")
        found = [tuple(row) for row in db.execute(sql)]
        db.close()
        return found


def _falling_silent(after: int, revived: Callable[[int], bool]) -> Answer:
    """A portal that answers 500 from its page number `after` on, until `revived(asked)`.

    `asked` counts how often robots.txt was asked for since then.
    """
    lock = threading.Lock()
    pages = asked = 0

    def answer(path: str) -> bytes | None:
        nonlocal pages, asked
        with lock:
            pages += path.startswith("/p/")
            down = pages > after and not revived(asked)
            asked += down and path == "/robots.txt"
        if down:
            return _DOWN
        return _HOME if path == "/" else page("<p>trang</p>") if path.startswith("/p/") else None

    return answer


def test_a_portal_that_falls_silent_is_left_alone_until_it_answers(tmp_path: Path) -> None:
    ended = Ended(tmp_path, _falling_silent(5, lambda asked: asked >= 2), "--set=RETRY_DELAY=2")
    assert ended.rows("SELECT count(*) FROM urls WHERE state = 'done' AND url LIKE '%/p/%'") == [
        (_PAGES,)
    ]
    # Up to three were asked for while the fourth was read.
    ((failed,),) = ended.rows(
        "SELECT count(*) FROM captures WHERE status = 500 AND url LIKE '%/p/%'"
    )
    assert 4 <= failed <= 7
    assert ended.rows("SELECT verdict FROM runs") == [("complete",)]


def test_a_portal_that_stays_silent_is_given_up_and_loses_nothing(tmp_path: Path) -> None:
    ended = Ended(tmp_path, _falling_silent(5, lambda asked: False), "--set=RETRY_DELAY=2")
    assert ended.done.returncode == 1
    assert "the portal does not answer" in ended.done.stdout
    assert ended.rows("SELECT count(*) FROM urls WHERE state = 'waiting' AND url LIKE '%/p/%'") == [
        (_PAGES - 5,)
    ]
    revived = _falling_silent(10**6, lambda asked: True)
    again = Ended(tmp_path, revived, port=urlsplit(ended.log.url).port or 0)
    assert again.done.returncode == 0, again.done.stdout + again.done.stderr
    assert again.rows("SELECT count(*) FROM urls WHERE state = 'done' AND url LIKE '%/p/%'") == [
        (_PAGES,)
    ]


def test_one_bad_page_among_good_ones_is_only_its_own_failure(tmp_path: Path) -> None:
    def answer(path: str) -> bytes | None:
        if path == "/p/3":
            return _DOWN
        return _HOME if path == "/" else page("<p>trang</p>") if path.startswith("/p/") else None

    ended = Ended(tmp_path, answer)
    assert ended.rows("SELECT url, reason FROM urls WHERE state = 'failed'") == [
        (f"{ended.log.url}p/3", "HTTP 500")
    ]
    assert len(ended.log.received["/p/3"]) == 3
    assert len(ended.log.received["/robots.txt"]) == 1


def test_block_pages_in_a_row_are_put_off(tmp_path: Path) -> None:
    challenge = page("<title>Just a moment...</title><h1>Checking your browser</h1>")

    def answer(path: str) -> bytes | None:
        return _HOME if path == "/" else challenge if path.startswith("/p/") else None

    ended = Ended(tmp_path, answer)
    assert "put off: pages of this kind fail" in ended.done.stdout
    assert sum(len(seen) for path, seen in ended.log.received.items() if "/p/" in path) < _PAGES
    assert ended.rows("SELECT count(*) FROM articles") == [(0,)]
    assert ended.rows("SELECT DISTINCT substr(reason, 1, 8) FROM urls WHERE url LIKE '%/p/1'") == [
        ("blocked:",)
    ]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_broken_sections_keep_nothing_back(tmp_path: Path, concurrency: int) -> None:
    paths = [f"/{section}/{n}" for section in "abcdefgh" for n in range(80)]
    home = page("".join(f"<a href='{path}'>{path}</a>" for path in [*paths, "/tin/1", "/tin/2"]))

    def answer(path: str) -> bytes | None:
        known = home if path == "/" else page("<p>trang</p>") if "/tin/" in path else None
        return _DOWN if path in paths else known

    ended = Ended(tmp_path, answer, f"--concurrency={concurrency}", "--set=RETRY_TIMES=0")
    assert ended.rows("SELECT DISTINCT state FROM urls WHERE url LIKE '%/tin/%'") == [("done",)]
    assert sum(len(seen) for path, seen in ended.log.received.items() if path in paths) < 400
    assert ended.rows("SELECT count(*) FROM urls WHERE state = 'waiting'") == [(0,)]
    assert "put off: pages of this kind fail" in ended.done.stdout
    assert ended.rows("SELECT verdict FROM runs") == [("incomplete",)]


def test_a_page_that_is_busy_for_a_day_is_left_to_another_run(tmp_path: Path) -> None:
    def answer(path: str) -> bytes | None:
        if path == "/p/3":
            return page("", "429 Too Many Requests", "Retry-After: 86400")
        return _HOME if path == "/" else page("<p>trang</p>") if path.startswith("/p/") else None

    ended = Ended(tmp_path, answer)
    assert ended.done.returncode == 1
    assert ended.rows("SELECT url, reason FROM urls WHERE state NOT IN ('done', 'gone')") == [
        (f"{ended.log.url}p/3", "HTTP 429: asks to come again in 86400 seconds")
    ]
    assert len(ended.log.received["/p/3"]) == 1


def test_a_portal_that_is_busy_for_a_day_is_left_alone(tmp_path: Path) -> None:
    busy = page("", "503 Service Unavailable", "Retry-After: 86400")
    pages: list[str] = []

    def answer(path: str) -> bytes | None:
        pages.extend([path] if path.startswith("/p/") else [])
        if len(pages) > 5:
            return busy
        return _HOME if path == "/" else page("<p>trang</p>") if path.startswith("/p/") else None

    ended = Ended(tmp_path, answer)
    assert ended.done.returncode == 1
    assert "the portal asks to come again in 86400 seconds" in ended.done.stdout
    assert len(pages) == 6
    assert ended.rows("SELECT state, count(*) FROM urls WHERE url LIKE '%/p/%' GROUP BY state") == [
        ("done", 5),
        ("failed", 1),
        ("waiting", _PAGES - 6),
    ]


def test_a_page_that_is_busy_for_now_comes_later(tmp_path: Path) -> None:
    seen: list[str] = []

    def answer(path: str) -> bytes | None:
        seen.append(path)
        if path == "/p/3" and seen.count(path) == 1:
            return page("", "503 Service Unavailable", "Retry-After: 1")
        return _HOME if path == "/" else page("<p>trang</p>") if path.startswith("/p/") else None

    ended = Ended(tmp_path, answer)
    assert ended.rows("SELECT state FROM urls WHERE url LIKE '%/p/3'") == [("done",)]
    assert ended.rows("SELECT verdict FROM runs") == [("complete",)]


def test_robots_txt_is_asked_for_once_and_archived(tmp_path: Path) -> None:
    ended = Ended(tmp_path, {"/": _HOME, "/robots.txt": page("User-agent: *\n")}.get)
    assert len(ended.log.received["/robots.txt"]) == 1
    assert ended.rows(
        "SELECT u.kind, u.state, count(c.id) FROM urls u JOIN captures c ON c.url_id = u.id "
        "WHERE u.url LIKE '%robots.txt' GROUP BY u.id"
    ) == [("robots", "done", 1)]


@pytest.mark.parametrize(
    ("robots", "asked"),
    [
        (page("\ufeffUser-agent: *\r\nDisallow: /p/\r\n"), False),
        (page("<!DOCTYPE html><p>Disallow: /p/</p>"), True),
        (page("<title>Trang chủ</title><p>Disallow: /p/</p>"), True),
        (page("User-agent: *\rDisallow: /p/\r"), False),
        (page("User-agent: *\nAllow: /\n\nUser-agent: LuuTru/2.0\nDisallow: /p/\n"), False),
        (page("User-agent: *\nDisallow: /p/\0\0\n"), False),
        (page("User-agent: *\nCrawl-delay: nan\nDisallow: /p/\n"), False),
        (_utf16("User-agent: *\r\nDisallow: /p/\r\n"), False),
        (page("User-agent: *\n" + "# lời\n" * 100_000 + "Disallow: /p/\n"), True),
        (page("", "301 Moved Permanently", "Location: /rules.txt"), False),
        (page("", "301 Moved Permanently", "Location: /robots.txt"), True),
        (page("", "302 Found", "Location: http://127.0.0.2:9/robots.txt"), True),
        (page("User-agent: *\nDisallow: /p/", "403 Forbidden"), True),
    ],
)
def test_robots_txt_in_many_forms(tmp_path: Path, robots: bytes, asked: bool) -> None:
    rules = page("User-agent: *\nDisallow: /p/")
    ended = Ended(tmp_path, {"/": _HOME, "/robots.txt": robots, "/rules.txt": rules}.get)
    assert any(path.startswith("/p/") for path in ended.log.received) is asked
    told = ended.rows(
        "SELECT reason FROM problems WHERE resolved_at IS NULL AND reason LIKE '%rules'"
    )
    assert bool(told) is (b"<p>" in robots)


def test_a_portal_that_lets_nobody_in_is_not_complete(tmp_path: Path) -> None:
    closed = page("User-agent: *\nDisallow: /\n")
    ended = Ended(tmp_path, {"/": _HOME, "/robots.txt": closed}.get)
    assert ended.done.returncode == 1
    assert f"robots.txt forbids the home page: {ended.log.url}" in ended.done.stdout
    assert set(ended.log.received) == {"/robots.txt"}


def test_robots_txt_is_overridden_only_with_a_reason(tmp_path: Path) -> None:
    answers = {"/": _HOME, "/robots.txt": page("User-agent: *\nDisallow: /p/")}
    refused = luutru("crawl", "http://127.0.0.1:9/", "--ignore-robots", " ", cwd=tmp_path)
    assert refused.returncode == 2
    assert "needs a reason" in refused.stderr
    ended = Ended(tmp_path, answers.get, "--ignore-robots", "asked by the office, letter 12")
    assert any(path.startswith("/p/") for path in ended.log.received)
    assert ended.rows("SELECT robots_policy, robots_reason FROM runs") == [
        ("ignore", "asked by the office, letter 12")
    ]
    assert ended.rows("SELECT detail FROM events WHERE event_type = 'policy assignment'") == [
        ("robots.txt is not obeyed: asked by the office, letter 12",)
    ]
    with next((tmp_path / "archive.warcs").glob("*.warc.gz")).open("rb") as file:
        info = next(iter(ArchiveIterator(file))).content_stream().read().decode()
    assert "robots: ignore (asked by the office, letter 12)" in info


@pytest.mark.parametrize(
    ("written", "hour", "seconds"),
    [
        ("22:00-06:00", 23, 0),
        ("22:00-06:00", 5, 0),
        ("22:00-06:00", 6, 16 * 3600),
        ("08:00-17:30", 17, 0),
        ("08:00-17:30", 18, 14 * 3600),
        ("0:00-24:00", 0, None),
    ],
)
def test_a_window_is_open_from_hour_to_hour(written: str, hour: int, seconds: int | None) -> None:
    if seconds is None:
        with pytest.raises(ValueError, match="no clock shows"):
            Window.parse(written)
        return
    # Vietnam is seven hours ahead of UTC.
    now = datetime(2024, 7, 3, hour, tzinfo=UTC) - timedelta(hours=7)
    assert Window.parse(written).opens_in(now) == seconds


@pytest.mark.parametrize("written", ["", "nights", "22-6", "22:00-22:00", "22:00-06:00 Mars/Base"])
def test_what_is_no_window_is_refused_with_the_line(written: str) -> None:
    text = f'name = "X"\nurl = "https://x.example/"\nwindow = "{written}"\n'
    with pytest.raises(BadInput, match=r"x\.toml:3: `window`"):
        parse(text, "x", "x.toml")


def test_retry_after_is_seconds_or_a_date() -> None:
    assert seconds_of("120") == 120
    assert seconds_of("soon") is None
    assert round(seconds_of("9" * 400) or 0) == 10**9
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert seconds_of(later) == pytest.approx(3600, abs=5)
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_each_429_in_a_row_doubles_the_rest() -> None:
    at = 0.0
    pace = Pace(Limits(back_off=10), clock=lambda: at)
    rests = []
    for _ in range(3):
        pace.answered(429, "")
        rests.append(pace.pause())
        at += rests[-1]
    assert rests == [10, 20, 40]
    pace.answered(200, "")
    pace.answered(429, "")
    assert pace.pause() == 10


def test_a_portal_that_always_answers_429_is_given_up() -> None:
    at = 0.0
    pace = Pace(Limits(), clock=lambda: at)
    pace.answered(200, "")
    while not pace.silent:
        pace.answered(429, "")
        at += pace.pause()
    assert at < 2 * 3600
    pace.answered(429, "")
    assert pace.pause() == math.inf


def test_hours_for_each_page_are_not_waited_for() -> None:
    at = 0.0
    pace = Pace(Limits(), clock=lambda: at)
    for _ in range(100):
        pace.answered(200, "")
        pace.answered(429, "1800")
        at += pace.pause()
        if pace.silent:
            pace.revived()
    assert at < 2 * 3600 + 100 * 10


def test_a_server_that_limits_us_is_never_asked_too_early() -> None:
    at = 0.0
    pace = Pace(Limits(), clock=lambda: at)
    for _ in range(200):
        for _ in range(20):
            pace.answered(200, "")
        pace.answered(429, "60")
        assert pace.pause() == 60
        at += 60


def test_a_crawl_delay_of_days_is_a_no() -> None:
    pace = Pace(Limits())
    pace.keep_apart(86_400)
    assert pace.pause() == math.inf
    assert pace.why == "robots.txt asks for 86400 seconds between two requests"


def _pages(pace: Pace, marks: str) -> None:
    """Pages of their own, in order: `.` comes, `x` fails."""
    for mark in marks:
        url_id = next(_ids)
        pace.succeeded() if mark == "." else pace.failed(url_id, "HTTP 500")


_ids = itertools.count()


def test_only_failures_in_a_row_are_silence() -> None:
    pace = Pace(Limits(failures=3))
    pace.answered(200, "")
    _pages(pace, "xx.xx.xx")
    assert not pace.silent
    _pages(pace, "x")
    assert pace.silent
    assert list(pace.pauses()) == [0, 60, 300, 900]
    assert pace.pause() == math.inf


def test_bad_pages_that_fail_again_are_no_reason_to_leave_the_portal_alone() -> None:
    pace = Pace(Limits(failures=3))
    pace.answered(200, "")
    for _ in range(10):
        for url_id in (-1, -2, -3):
            pace.failed(url_id, "HTTP 500")
        assert next(pace.pauses()) == 0
        pace.revived()


def test_a_server_in_trouble_is_left_alone_longer_each_time() -> None:
    pace = Pace(Limits(failures=2))
    pace.answered(200, "")
    first_looks = []
    while pace.pause() < math.inf:
        _pages(pace, "xx")
        first_looks.append(next(pace.pauses(), None))
        if first_looks[-1] is not None:
            pace.revived()
    assert first_looks == [0, 60, 300, 900, None]


def test_a_page_that_comes_makes_up_for_all_before() -> None:
    pace = Pace(Limits(failures=2))
    pace.answered(200, "")
    for _ in range(10):
        _pages(pace, "xx")
        assert next(pace.pauses()) == 0
        pace.revived()
        _pages(pace, ".")


def test_pages_that_are_forbidden_are_no_outage() -> None:
    pace = Pace(Limits(failures=2))
    pace.answered(200, "")
    for _ in range(10):
        for _ in range(2):
            pace.failed(next(_ids), "HTTP 403", is_outage=False)
        assert next(pace.pauses()) == 0
        pace.revived()


def test_nobody_looks_at_a_silent_portal_outside_its_window() -> None:
    local = datetime.now(UTC)
    opening = (local + timedelta(hours=2)).strftime("%H:%M")
    closing = (local + timedelta(hours=3)).strftime("%H:%M")
    pace = Pace(Limits(), Window.parse(f"{opening}-{closing} UTC"))
    pace.fall_silent("time-out")
    assert 3600 < pace.pause() <= 7200
    assert pace.why == "outside the window of this portal"


@pytest.mark.parametrize("options", [["--delay", "0"], ["--delay", "0", "--concurrency", "4"]])
def test_a_crawl_delay_is_kept_from_the_very_first_page_on(
    tmp_path: Path, options: list[str]
) -> None:
    at: list[float] = []
    answers = {
        "/": page("".join(f"<a href='/p/{n}'>{n}</a>" for n in range(3))),
        "/robots.txt": page("User-agent: *\nCrawl-delay: 0.5\n"),
    }

    def answer(path: str) -> bytes | None:
        at.append(time.monotonic())
        return answers.get(path)

    with recording(answer) as log:
        luutru("crawl", log.url, *options, cwd=tmp_path)
    gaps = [later - earlier for earlier, later in itertools.pairwise(at)]
    # Only the least is promised; the request is on its way for a moment, and so is its measure.
    assert len(gaps) >= 4
    assert min(gaps) > 0.4


def test_a_slow_portal_is_asked_more_slowly(tmp_path: Path) -> None:
    at: list[tuple[float, float]] = []

    def answer(path: str) -> bytes | None:
        began = time.monotonic()
        time.sleep(0.2)
        at.append((began, time.monotonic()))
        return page("<a href='/p/1'>1</a><a href='/p/2'>2</a>") if path == "/" else None

    with recording(answer) as log:
        luutru("crawl", log.url, "--delay", "0.01", "--set=DELAY_FACTOR=5", cwd=tmp_path)
    rests = [later[0] - earlier[0] for earlier, later in itertools.pairwise(at)]
    assert len(rests) >= 3
    # From one request to the next: five times the 0.2 seconds that the answer took.
    assert min(rests[1:]) > 0.9
