"""A crawl whose pages are read apart gives the rows of one that reads itself, whoever is killed."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from scrapy.settings import Settings

import practice
from benchmarks.kills import contents
from crawler.apart.reader import cores
from spiders.apart import jobs_for
from tests.deadly import DEADLY
from tests.reading_processes import is_alive, readers_of, wait_until
from tests.scrapy_run import ROOT, crawl
from tests.test_cli import luutru

ARTICLES = 60


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with practice.running(articles=ARTICLES, crawl_delay=0) as address:
        yield address


@pytest.fixture(scope="module")
def by_one(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a crawl that reads where it saves."""
    db = tmp_path_factory.mktemp("one") / "archive.db"
    crawl(url, db, CRAWL_JOBS=1)
    return db


def _same(db: Path, other: Path) -> None:
    found, expected = contents(db), contents(other)
    for table in expected:
        assert found[table] == expected[table], table


def _started(url: str, db: Path) -> "subprocess.Popen[bytes]":
    settings = {"ARCHIVE": db, "DOWNLOAD_DELAY": 0, "CRAWL_JOBS": 2, "LOG_LEVEL": "ERROR"}
    words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    command = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"url={url}", *words]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)


def _saved(db: Path) -> int:
    with closing(sqlite3.connect(db, timeout=30)) as archive:
        try:
            return int(archive.execute("SELECT count(*) FROM captures").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.mark.parametrize("jobs", [2, 3])
def test_pages_read_apart_give_the_same_rows(
    url: str, by_one: Path, tmp_path: Path, jobs: int
) -> None:
    crawl(url, tmp_path / "archive.db", CRAWL_JOBS=jobs, CONCURRENT_REQUESTS_PER_DOMAIN=8)
    _same(tmp_path / "archive.db", by_one)
    assert contents(by_one)["articles"].total() == ARTICLES


def test_readers_that_are_killed_take_nothing_with_them(
    url: str, by_one: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    process = _started(url, db)
    killed = 0
    # So far apart that no page sees two readers die: then it would be at fault.
    while process.poll() is None and killed < 3:
        readers = readers_of(process.pid)
        if readers and _saved(db) >= 15 + 40 * killed:
            os.kill(readers[0], signal.SIGKILL)
            killed += 1
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert killed > 1
    _same(db, by_one)


def test_a_killed_crawl_leaves_no_reader_behind_and_ends_the_same(
    url: str, by_one: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    for at_least in (15, 60):
        process = _started(url, db)
        wait_until(lambda: _saved(db) >= at_least)  # noqa: B023 - called at once
        readers = readers_of(process.pid)
        process.kill()
        process.communicate()
        assert readers
        wait_until(lambda: not any(map(is_alive, readers)))  # noqa: B023 - called at once
    crawl(url, db, CRAWL_JOBS=2)
    _same(db, by_one)


def test_ctrl_c_ends_a_crawl_with_its_readers(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    process = _started(url, db)
    wait_until(lambda: _saved(db) >= 15)
    readers = readers_of(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert b"Traceback" not in errors
    assert readers
    assert not any(map(is_alive, readers))
    with closing(sqlite3.connect(db)) as archive:
        assert archive.execute("SELECT verdict FROM runs").fetchall() == [("stopped",)]
        problems = archive.execute("SELECT reason FROM problems").fetchall()
    assert not [reason for (reason,) in problems if "has ended" in reason]


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        ("tests.deadly.read", "has ended (signal 11)"),
        ("tests.deadly.read_with_errors", "not read: LookupError: a mistake of ours"),
    ],
)
def test_a_page_that_can_not_be_read_is_a_problem_and_the_others_are_read(
    url: str, tmp_path: Path, reader: str, told: str
) -> None:
    db = tmp_path / "archive.db"
    crawl(url, db, CRAWL_JOBS=2, READER=reader)
    with closing(sqlite3.connect(db)) as archive:
        failed = archive.execute(
            """SELECT url, reason FROM urls WHERE state = 'failed' AND reason LIKE ?""",
            (f"%{told}%",),
        ).fetchall()
        kept = archive.execute(
            """SELECT count(DISTINCT u.id) FROM urls u JOIN captures c ON c.url_id = u.id
               WHERE u.state = 'failed' AND c.warc_file IS NOT NULL"""
        ).fetchone()
        verdict = archive.execute("SELECT verdict FROM runs").fetchone()
    assert failed
    assert all(address.partition(".html")[0].endswith(DEADLY) for address, _ in failed)
    assert kept[0] >= len(failed)
    assert contents(db)["articles"].total() > ARTICLES / 2
    assert verdict == ("incomplete",)
    assert luutru("verify", "--db", str(db)).returncode == 0


def test_where_no_reader_can_be_started_pages_are_read_all_the_same(
    url: str, by_one: Path, tmp_path: Path
) -> None:
    told = crawl(url, tmp_path / "archive.db", CRAWL_JOBS=2, ARRIVED_DRAFTER="crawler.Nothing")
    assert "can't be started (exit code 1): pages are read where they are saved" in told
    _same(tmp_path / "archive.db", by_one)


def test_a_crawl_that_waits_between_requests_starts_no_process() -> None:
    assert jobs_for(Settings({"DOWNLOAD_DELAY": 1.0})) == 0
    assert jobs_for(Settings({"DOWNLOAD_DELAY": 0})) == min(cores() - 1, 1)
    assert jobs_for(Settings({"DOWNLOAD_DELAY": 1.0, "CRAWL_JOBS": 3})) == 2
