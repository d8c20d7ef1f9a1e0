"""Running schedules for real: the daemon, a single run, what is due when, and a real cron."""

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import practice
from benchmarks.schedules import DEEDS, rehearse
from crawler.archive import schedules
from crawler.archive.schedules import Crawled
from crawler.locking import Lock
from crawler.schedules import reading, when
from crawler.schedules.due import TRIES, next_run
from crawler.schedules.outlook import next_runs
from crawler.schedules.slots import slots
from tests.conftest import Archive
from tests.test_cli import luutru


def test_a_stopped_killed_and_sleeping_daemon_loses_no_run_and_overlaps_none(
    tmp_path: Path,
) -> None:
    """The short form of benchmarks/schedules.py."""
    done = rehearse(tmp_path, DEEDS, random.Random(1))
    assert done.wrong == []
    assert set(done.deeds) == set(DEEDS)
    assert done.ended["complete"] >= 6


NOON = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
"""12:00 in Vietnam."""


def _config(portal: str, top: str = "") -> reading.Config:
    text = f'archive = "archive.db"\n{top}\n[portals.thu]\nurl = "https://thu.example/"\n{portal}'
    return reading.parse(text, Path("/nowhere/luutru.toml"))


def _due(archive: Archive, portal: str, now: datetime = NOON) -> tuple[datetime, datetime]:
    config = _config(portal)
    found = next_run(
        config.portals[0],
        schedules.states(archive.db)["thu-example"],
        config.zone,
        now,
    )
    return found.at, found.planned_for


def _known(archive: Archive, since: datetime) -> None:
    schedules.know(archive.db, [("thu-example", "x")], since)


def test_what_was_missed_is_caught_up_once(archive: Archive) -> None:
    _known(archive, NOON - timedelta(days=9))
    daily = 'schedule = "daily 02:00"'
    at, planned = _due(archive, daily)
    assert (at, planned.isoformat()) == (NOON, "2026-11-20T02:00:00+07:00")
    schedules.begin(archive.db, "thu-example", planned, NOON)
    schedules.crawled(archive.db, "thu-example", Crawled("complete"), NOON)
    schedules.end(archive.db, "thu-example", NOON)
    at, planned = _due(archive, daily)
    assert at == planned == datetime.fromisoformat("2026-11-29T02:00:00+07:00")


def test_a_new_schedule_begins_in_the_future(archive: Archive) -> None:
    schedules.know(archive.db, [("thu-example", "old")], NOON - timedelta(days=9))
    _known(archive, NOON)
    assert _due(archive, 'schedule = "daily 02:00"')[0] > NOON


def test_a_clock_that_was_years_ahead_puts_off_no_run(archive: Archive) -> None:
    _known(archive, NOON)
    ahead = NOON + timedelta(days=2000)
    schedules.begin(archive.db, "thu-example", ahead, ahead)
    soon = NOON + timedelta(days=1)
    schedules.crawled(archive.db, "thu-example", Crawled("killed"), ahead)
    assert _due(archive, 'schedule = "daily 02:00"')[0] < soon
    schedules.crawled(archive.db, "thu-example", Crawled("complete"), ahead)
    schedules.end(archive.db, "thu-example", ahead)
    assert _due(archive, 'schedule = "daily 02:00"')[0] < soon


def test_a_run_that_is_cut_off_is_due_again_and_not_for_ever(archive: Archive) -> None:
    _known(archive, NOON - timedelta(days=1))
    daily = 'schedule = "daily 02:00"'
    planned = _due(archive, daily)[1]
    for tries in range(1, TRIES):
        schedules.begin(archive.db, "thu-example", planned, NOON)
        schedules.crawled(archive.db, "thu-example", Crawled("killed"), NOON)
        assert _due(archive, daily) == (NOON + timedelta(seconds=2**tries), planned)
    schedules.begin(archive.db, "thu-example", planned, NOON)
    assert _due(archive, daily)[1] > NOON
    schedules.crawled(archive.db, "thu-example", Crawled("stopped"), NOON)
    assert _due(archive, daily)[1] == planned


def test_a_run_waits_for_its_window(archive: Archive) -> None:
    _known(archive, NOON - timedelta(days=1))
    at, planned = _due(archive, 'schedule = "daily 02:00"\nwindow = "22:00-06:00"')
    assert planned.isoformat() == "2026-11-28T02:00:00+07:00"
    assert at == datetime.fromisoformat("2026-11-28T22:00:00+07:00")


def test_while_changing_asks_less_often_when_nothing_changes(archive: Archive) -> None:
    every = 'schedule = "every 6h while changing"'
    _known(archive, NOON)
    first = _due(archive, every)[0]

    def ended(outcome: str, found: int) -> datetime:
        schedules.crawled(archive.db, "thu-example", Crawled(outcome, found=found), NOON)
        return _due(archive, every)[0]

    assert ended("complete", 3) == first
    assert ended("incomplete", 0) == first + timedelta(hours=6)
    assert ended("failed", 0) == first + timedelta(hours=6)
    for _ in range(5):
        last = ended("complete", 0)
    assert timedelta(days=6) < last - NOON <= timedelta(days=8)
    assert ended("complete", 1) == first


def test_the_outlook_merges_portals_and_keeps_windows() -> None:
    config = _config(
        'schedule = "every 6h"\nwindow = "22:00-06:00"\n'
        '[portals.kimson]\nschedule = "daily 03:00"\nwindow = "22:00-06:00"'
    )
    planned = [(run.portal.name, run.at) for run in next_runs(config, NOON, 6)]
    assert [name for name, _ in planned].count("kimson") == 2
    assert planned == sorted(planned, key=lambda run: run[1])
    assert all(at.hour >= 22 or at.hour < 6 for _, at in planned)
    assert f"{planned[0][1]:%d %H:%M}" == "28 22:00"


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with practice.running(articles=20, crawl_delay=0.01) as url:
        yield url


def _written(folder: Path, url: str, schedule: str = "daily 02:00", more: str = "") -> None:
    (folder / "luutru.toml").write_text(
        f'archive = "archive.db"\ncontact = "a@example.org"\n{more}\n'
        f'[portals.thu]\nurl = "{url}"\nschedule = "{schedule}"\ndelay = 0\n'
    )


def _query(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        return db.execute(sql).fetchall()


def test_check_prints_the_next_runs_and_what_will_not_work(tmp_path: Path) -> None:
    _written(tmp_path, "http://127.0.0.1:9/", more='[heartbeat]\nurl = "https://p.example/${ID}"')
    elsewhere = luutru("schedule", "check", "--config", str(tmp_path / "luutru.toml"))
    assert elsewhere.returncode == 1
    assert "1 portals, times of Asia/Ho_Chi_Minh" in elsewhere.stdout
    assert elsewhere.stdout.count(" 02:00:00  thu  incremental\n") == 10
    assert "  thu is called 127-0-0-1-9 in the archive\n" in elsewhere.stdout
    assert "✗ ID is not set" in elsewhere.stdout
    found = json.loads(luutru("schedule", "check", "--json", cwd=tmp_path).stdout)
    assert [len(found["runs"]), len(found["faults"])] == [10, 1]
    assert {run["slug"] for run in found["runs"]} == {"127-0-0-1-9"}
    (tmp_path / "luutru.toml").write_text("archive = 1")
    broken = luutru("schedule", "check", cwd=tmp_path)
    assert (broken.returncode, broken.stderr.count("\n")) == (2, 1)
    assert "luutru.toml:1: `portals` is missing" in broken.stderr


def test_now_crawls_and_checks_the_archive(tmp_path: Path, portal: str) -> None:
    _written(tmp_path, portal, more='[after]\nverify = "100%"')
    result = luutru("schedule", "now", "thu", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    state = "SELECT outcome, tries, ended_at IS NOT NULL FROM schedules"
    assert _query(tmp_path, state) == [("complete", 1, 1)]
    assert _query(tmp_path, "SELECT count(*) FROM articles") == [(20,)]
    checks = "SELECT outcome FROM events WHERE event_type = 'fixity check'"
    assert _query(tmp_path, checks) == [("success",)]
    again = luutru("schedule", "now", "thu", "--if-due", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert _query(tmp_path, "SELECT count(*) FROM runs") == [(1,)]
    assert luutru("schedule", "now", "x", cwd=tmp_path).returncode == 2


def test_the_command_line_of_a_crawl_is_what_the_file_says(tmp_path: Path, portal: str) -> None:
    # A window that is shut: a person who says now means now.
    shut = "12:00-13:00" if datetime.now(when.ZONE).hour < 12 else "01:00-02:00"
    more = f'kind = "closing"\nbudget = 3\nwindow = "{shut}"\ndeadline = "1h"\n'
    _written(tmp_path, portal)
    with (tmp_path / "luutru.toml").open("a") as file:
        file.write(more)
    said = (tmp_path / "luutru.toml").read_text()
    (tmp_path / "luutru.toml").write_text(f'operator = "Thu"\n{said}')
    assert luutru("schedule", "now", "thu", cwd=tmp_path).returncode == 1
    run = (
        "SELECT mode, budget, deadline_at IS NOT NULL, user_agent LIKE '%a@example.org%' FROM runs"
    )
    assert _query(tmp_path, run) == [("closing", 3, 1, 1)]
    assert _query(tmp_path, "SELECT outcome FROM schedules") == [("incomplete",)]
    (warc,) = (tmp_path / "archive.warcs").glob("*.warc.gz")
    assert b"\r\noperator: Thu, a@example.org\r\n" in gzip.decompress(warc.read_bytes())


def test_a_crawl_that_can_not_run_has_failed_and_says_why(tmp_path: Path) -> None:
    _written(tmp_path, "http://127.0.0.1:9/")
    (tmp_path / "archive.warcs" / "127-0-0-1-9.lock").mkdir(parents=True)
    result = luutru("schedule", "now", "thu", cwd=tmp_path)
    assert result.returncode == 3, result.stderr
    assert "Traceback" not in result.stderr
    state = "SELECT outcome, problem LIKE '%127-0-0-1-9.lock%', ended_at IS NULL FROM schedules"
    assert _query(tmp_path, state) == [("failed", 1, 0)]


def test_hundreds_that_are_due_wait_for_their_turn_with_few_files_open(tmp_path: Path) -> None:
    """Each held one while it waited: from a thousand on, there are no more."""
    portals = "".join(
        f'[portals.p{n}]\nurl = "https://p{n}.invalid/"\nschedule = "every 1 second"\n'
        for n in range(80)
    )
    (tmp_path / "luutru.toml").write_text(f'archive = "archive.db"\n{portals}')
    locks = [Lock(tmp_path / "archive.warcs", name) for name in slots(2)]
    past = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3 seconds')"
    command = [sys.executable, "-m", "crawler", "schedule", "run"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as daemon:
        try:
            _await_row(tmp_path, f"SELECT 1 FROM schedules WHERE since < {past}")
            files = len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))
        finally:
            daemon.terminate()
    assert 0 < files < 40
    assert daemon.returncode == 0
    for lock in locks:
        lock.release()


def test_only_one_daemon_runs_an_archive(tmp_path: Path) -> None:
    _written(tmp_path, "http://127.0.0.1:9/")
    lock = Lock(tmp_path / "archive.warcs", "_schedule")
    second = luutru("schedule", "run", cwd=tmp_path)
    tick = luutru("schedule", "run", "--until-idle", cwd=tmp_path)
    lock.release()
    assert (second.returncode, tick.returncode) == (3, 0)
    assert f"are being run: pid {os.getpid()}" in second.stderr


def test_until_idle_runs_what_is_due_and_ends(tmp_path: Path, portal: str) -> None:
    _written(tmp_path, portal)
    assert luutru("schedule", "run", "--until-idle", cwd=tmp_path).returncode == 0
    assert _query(tmp_path, "SELECT count(*) FROM runs") == [(0,)]
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        db.execute("UPDATE schedules SET since = '2026-01-01T00:00:00Z'")
        db.commit()
    assert luutru("schedule", "run", "--until-idle", cwd=tmp_path).returncode == 0
    assert _query(tmp_path, "SELECT verdict FROM runs") == [("complete",)]


def test_ctrl_c_ends_a_single_run_as_sigterm_does(tmp_path: Path, portal: str) -> None:
    _written(tmp_path, portal)
    with practice.running(articles=200, crawl_delay=0.2) as slow:
        _written(tmp_path, slow)
        command = [sys.executable, "-m", "crawler", "schedule", "now", "thu"]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as run:
            _await_row(tmp_path, "SELECT 1 FROM articles")
            run.send_signal(signal.SIGINT)
            assert run.wait(30) == 1
            assert run.stderr
            assert "the crawl has ended: stopped" in run.stderr.read()
    assert _query(tmp_path, "SELECT verdict FROM runs") == [("stopped",)]
    assert _query(tmp_path, "SELECT outcome, ended_at FROM schedules") == [("stopped", None)]


def _await_row(folder: Path, sql: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if (folder / "archive.db").exists():
            try:
                if _query(folder, sql):
                    return
            except sqlite3.OperationalError:
                pass
        time.sleep(0.05)
    raise AssertionError(f"no row: {sql}")
