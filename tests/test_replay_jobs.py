"""A replay by several processes ends as that by one does, whoever is killed meanwhile."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

import practice
from crawler import profiles
from crawler.capture.folder import folder_of
from crawler.replaying.drafts import Asked
from crawler.replaying.kept import holdings
from crawler.replaying.readers import jobs_for
from spiders.kept import KeptPages, is_read_as
from tests.deadly import DEADLY
from tests.reading_processes import is_alive, readers_of, wait_until
from tests.test_cli import luutru
from tests.test_replay import ROWS, _record, everything, rows

ROOT = Path(__file__).parent.parent
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def warcs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The WARC files of two crawls of the practice portal, on day 0 and on day 7."""
    db, port = tmp_path_factory.mktemp("crawled") / "archive.db", 0
    words = ("--db", str(db), "--full", "--delay", "0", "--concurrency", "8")
    for day in (0, 7):
        with practice.running(articles=60, day=day, port=port, crawl_delay=0) as url:
            port = int(url.rstrip("/").rpartition(":")[2])
            assert luutru("crawl", url, *words).returncode == 0
    return folder_of(db)


@pytest.fixture(scope="module")
def by_one(warcs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a replay that reads where it saves."""
    db = tmp_path_factory.mktemp("one") / "archive.db"
    _replay(db, warcs, 1)
    return db


def _replay(db: Path, warcs: Path, jobs: int) -> None:
    result = luutru("replay", str(warcs), "--db", str(db), "--jobs", str(jobs))
    assert result.returncode == 0, result.stdout + result.stderr


def _rows(db: Path) -> dict[str, list[Any]]:
    """Every row as it is, but for the archive's name, the index's pages and the run's own clock."""
    with closing(sqlite3.connect(db)) as archive:
        began = archive.execute("SELECT min(started_at) FROM runs").fetchone()[0]

    def plain(value: object) -> object:
        late = isinstance(value, str) and _MOMENT.fullmatch(value) and value >= began
        return "in this run" if late else value

    found = everything(db)
    return {
        name: [tuple(map(plain, row)) for row in rows]
        for name, rows in found.items()
        if name != "identity" and not name.startswith("titles_fts")
    }


def _started(db: Path, warcs: Path, jobs: int = 2) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "crawler", "replay", str(warcs), "--db", str(db)]
    return subprocess.Popen(
        [*command, "--jobs", str(jobs)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _saved(db: Path) -> int:
    with closing(sqlite3.connect(db, timeout=30)) as archive:
        try:
            return int(archive.execute("SELECT count(*) FROM captures").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.mark.parametrize("jobs", [2, 5])
def test_several_processes_give_the_rows_of_one(
    warcs: Path, by_one: Path, tmp_path: Path, jobs: int
) -> None:
    _replay(tmp_path / "archive.db", warcs, jobs)
    several, one = _rows(tmp_path / "archive.db"), _rows(by_one)
    assert several.keys() == one.keys()
    for table, found in several.items():
        assert found == one[table], table
    assert len(one["versions"]) > len(one["articles"]) > 60


def test_readers_that_are_killed_take_nothing_with_them(
    warcs: Path, by_one: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    process = _started(db, warcs)
    killed = 0
    # So far apart that no page sees two readers die: then it would be at fault.
    while process.poll() is None and killed < 4:
        readers = readers_of(process.pid)
        if readers and _saved(db) >= 20 + 55 * killed:
            os.kill(readers[0], signal.SIGKILL)
            killed += 1
        time.sleep(0.02)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert killed > 1
    assert _rows(db) == _rows(by_one)


def test_a_killed_replay_leaves_no_reader_behind_and_ends_the_same(
    warcs: Path, by_one: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    for at_least in (20, 90):
        process = _started(db, warcs)
        wait_until(lambda: _saved(db) >= at_least)  # noqa: B023 - called at once
        readers = readers_of(process.pid)
        process.kill()
        process.communicate()
        assert readers
        wait_until(lambda: not any(map(is_alive, readers)))  # noqa: B023 - called at once
    assert luutru("replay", str(warcs), "--db", str(db), "--jobs", "2").returncode == 0
    for table in ROWS:
        assert rows(db, table) == rows(by_one, table), table


def test_ctrl_c_ends_a_replay_with_its_readers(warcs: Path, tmp_path: Path) -> None:
    db, two_portals = tmp_path / "archive.db", tmp_path / "warcs"
    shutil.copytree(warcs, two_portals)
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    other = _record("https://kimson.ninhbinh.gov.vn/tin-1", b"<p>1</p>", WARC_Date=now)
    (two_portals / "zzz.warc").write_bytes(other)
    process = _started(db, two_portals)
    wait_until(lambda: _saved(db) >= 20)
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


def test_a_second_signal_ends_a_replay_at_once_and_in_one_line(warcs: Path, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    process = _started(db, warcs)
    wait_until(lambda: _saved(db) >= 20)
    for way in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(way)
    _, errors = process.communicate(timeout=60)
    assert errors == b"luutru: stopped; run the same command again to go on\n"
    assert process.returncode == 3


def test_an_archive_that_another_program_keeps_locked_ends_a_replay_in_one_line(
    warcs: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    process = _started(db, warcs)
    wait_until(lambda: _saved(db) >= 20)
    with closing(sqlite3.connect(db, isolation_level=None, timeout=0)) as other:
        # The replay leaves it unlocked for moments only.
        while not _locked(other):
            assert process.poll() is None
        _, errors = process.communicate(timeout=100)
        other.execute("ROLLBACK")
        verdicts = other.execute("SELECT verdict FROM runs").fetchall()
    assert process.returncode == 3
    assert b"is locked by another program" in errors
    assert ("complete",) not in verdicts


def _locked(archive: sqlite3.Connection) -> bool:
    try:
        archive.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def test_a_page_that_ends_its_reader_is_a_problem_and_the_others_are_read(
    warcs: Path, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    chosen = {"ARCHIVE": db, "REPLAY_JOBS": 2, "READER": "tests.deadly.read", "LOG_LEVEL": "ERROR"}
    settings = [word for name, value in chosen.items() for word in ("-s", f"{name}={value}")]
    files = ",".join(map(str, sorted(warcs.glob("*.warc.gz"))))
    command = [sys.executable, "-m", "scrapy", "crawl", "replay", "-a", f"files={files}", *settings]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    with closing(sqlite3.connect(db)) as archive:
        told = archive.execute(
            """SELECT u.url, u.state, u.reason, p.reason FROM problems p JOIN urls u
               ON u.id = p.url_id WHERE p.reason LIKE '%has ended (signal 11)'"""
        ).fetchall()
        articles = [url for (url,) in archive.execute("SELECT url FROM articles")]
        verdict = archive.execute("SELECT verdict FROM runs").fetchone()[0]
    assert told
    assert all(state == "failed" and why == reason for _, state, why, reason in told)
    assert all(url.partition(".html")[0].endswith(DEADLY) for url, *_ in told)
    assert len(articles) > 40
    assert verdict == "incomplete"


def test_kinds_that_are_walked_the_same_give_the_same_page(warcs: Path) -> None:
    kept = holdings(sorted(warcs.glob("*.warc.gz"))).exchanges
    profile, settings = profiles.for_url(kept[0].url), Settings()
    settings.setmodule("crawler.settings", priority="project")
    pages, compared = KeptPages(profile, settings), 0
    for each in kept[::5]:
        drafts = {kind: pages.draft(Asked(each, kind, wanted=True)) for kind in _KINDS}
        for kind in _KINDS:
            for other in _KINDS:
                if kind != other and is_read_as(kind, drafts[other], profile):
                    compared += 1
                    assert drafts[other].read == drafts[kind].read
    assert compared > 100


_KINDS = ("page", "article", "listing", "home", "feed", "sitemap", "file", "robots", "redirect")


def test_small_replays_start_no_processes() -> None:
    assert jobs_for(0, 20) == 1
    assert jobs_for(0, 20_000) == min(len(os.sched_getaffinity(0)), 4)
    assert jobs_for(3, 20) == 3
