"""However a crawl ends, it says so in one line, tears nothing, and the next one completes it."""

import json
import os
import pty
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname

import pytest

import practice
from crawler.foreign import writing
from crawler.items import ReadPage
from crawler.parts import ARCHIVING
from tests.small_portal import small_portal
from tests.test_cli import AT_ONCE, luutru

ARTICLES = 60


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with practice.running(articles=ARTICLES, crawl_delay=0.001) as running:
        yield running


def _articles(db: Path) -> int:
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(db, timeout=0.1)) as archive:
        return int(archive.execute("SELECT count(*) FROM articles").fetchone()[0])
    return 0


class Crawl:
    """A crawl in a process of its own, slow enough to be met in the middle."""

    def __init__(self, url: str, db: Path, *more: str, limit: Callable[[], None] | None = None):
        command = [str(Path(sys.executable).with_name("luutru")), "crawl", url, *more]
        self.process = subprocess.Popen(
            [*command, "--db", str(db), "--delay", "0.03"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit,
        )
        self.db = db

    def has(self, articles: int) -> "Crawl":
        """Wait until that many articles are saved."""
        while _articles(self.db) < articles:
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.02)
        return self

    def gives_up(self, says: str) -> None:
        """It ends by itself, says why in one line, and its exit code is that of a failure."""
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 3, out + err
        assert err.count("\n") == 1, err
        assert says in err

    def ended(self) -> tuple[int, str]:
        """Exit code and output."""
        out, err = self.process.communicate(timeout=60)
        assert "Traceback" not in err, err
        return self.process.returncode, out + err


@pytest.fixture(autouse=True)
def hangup() -> Iterator[None]:
    """SIGHUP as a shell leaves it to a command, though `nohup` may have started the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@contextmanager
def crawling(url: str, db: Path, *more: str) -> Iterator[Crawl]:
    crawl = Crawl(url, db, *more)
    try:
        yield crawl
    finally:
        crawl.process.kill()
        crawl.process.communicate()


def _completes(url: str, db: Path, *, verified: bool = True) -> None:
    """The next crawl ends complete, with every article once and nothing torn."""
    done = luutru("crawl", url, "--db", str(db), *AT_ONCE, "--concurrency", "8")
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(db)) as archive:
        once = "SELECT count(*), count(DISTINCT url) FROM articles"
        assert archive.execute(once).fetchone() == (ARTICLES, ARTICLES)
        assert archive.execute("SELECT count(*) FROM versions").fetchone() == (ARTICLES,)
        assert archive.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    names = [path.name for path in db.with_suffix(".warcs").iterdir()]
    assert all(name.endswith(".warc.gz") for name in names), names
    if verified:
        found = luutru("verify", "--db", str(db))
        assert found.returncode == 0, found.stdout


def test_a_second_crawl_of_the_portal_is_refused(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with crawling(url, db) as crawl:
        crawl.has(2)
        second = luutru("crawl", url, "--db", str(db))
        assert second.returncode == 3
        assert second.stderr.count("\n") == 1
        assert "is being crawled already" in second.stderr
        assert f"pid {crawl.process.pid} @ {gethostname()}, 20" in second.stderr
        crawl.process.kill()
    assert list(tmp_path.glob("archive.warcs/*.lock"))
    _completes(url, db)


def test_a_clock_that_went_backwards_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """What changed meanwhile stood before what it had been, and `verify` called it damage."""
    db = tmp_path / "archive.db"
    with small_portal() as portal:
        portal.home("/a")
        command = ["crawl", portal.url, "--db", str(db), *AT_ONCE, "--full"]
        assert luutru(*command).returncode == 0
        with closing(sqlite3.connect(db)) as archive, archive:
            archive.execute("UPDATE runs SET finished_at = '2099-01-01T00:00:00Z'")
        portal.asked.clear()
        behind = luutru(*command)
        assert (behind.returncode, behind.stderr.count("\n")) == (3, 1)
        assert "was crawled until 2099-01-01T00:00:00Z; set the clock" in behind.stderr
        assert portal.asked == []
        assert luutru(*command, "--set", "CLOCK_TOLERANCE=1e10").returncode == 0


def test_another_portal_is_crawled_meanwhile(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with small_portal() as other, crawling(url, db) as crawl:
        other.home()
        crawl.has(2)
        both = luutru("crawl", url, other.url, "--db", str(db), *AT_ONCE)
        assert both.returncode == 3
        assert "is being crawled already" in both.stderr
        assert other.asked_for("/")


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_lets_the_crawl_end_in_order(url: str, tmp_path: Path, way: int) -> None:
    db = tmp_path / "archive.db"
    with small_portal() as other, crawling(url, db, other.url) as crawl:
        crawl.has(3).process.send_signal(way)
        code, out = crawl.ended()
        assert other.asked == []
    assert code == 1
    assert "stopped" in out
    assert "still waiting" in out
    assert [path.suffix for path in (tmp_path / "archive.warcs").iterdir()] == [".gz"]
    _completes(url, db)


def test_a_terminal_that_is_closed_lets_the_crawl_end_in_order(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    command = [str(Path(sys.executable).with_name("luutru")), "crawl", url, "--delay", "0.03"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], [*command, "--db", str(db)])
    while _articles(db) < 3:
        # Its progress bar must find room.
        os.read(terminal, 65536)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    with closing(sqlite3.connect(db)) as archive:
        assert archive.execute("SELECT verdict FROM runs").fetchall() == [("stopped",)]


def test_what_nohup_started_outlives_its_terminal(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    ignoring = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    crawl = Crawl(url, db, limit=ignoring).has(3)
    crawl.process.send_signal(signal.SIGHUP)
    code, out = crawl.ended()
    assert (code, _articles(db)) == (0, ARTICLES), out


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with small_portal() as portal:
        portal.home("/a")
        portal.silent.add("/a")
        with crawling(portal.url, db) as crawl:
            while not portal.asked_for("/a"):
                time.sleep(0.02)
            crawl.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert crawl.process.poll() is None
            crawl.process.send_signal(signal.SIGINT)
            code, out = crawl.ended()
        assert (code, out) == (3, "luutru: stopped; run the same command again to go on\n")
        portal.silent.clear()
        assert luutru("crawl", portal.url, "--db", str(db), *AT_ONCE).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_said_and_tears_nothing(url: str, small_disk: Path) -> None:
    db = small_disk / "archive.db"
    Crawl(url, db).gives_up("the disk is full")
    assert 0 < _articles(db) < ARTICLES
    grow = ["mount", "-o", "remount,size=100m", str(small_disk)]
    subprocess.run(grow, check=True)
    _completes(url, db)


def test_an_import_that_fills_the_disk_leaves_room_for_the_next_crawl(
    tmp_path: Path, small_disk: Path
) -> None:
    made = writing.response("http://thu.example/", datetime.now(UTC), None, os.urandom(4 << 20))
    (tmp_path / "large.warc.gz").write_bytes(made)
    command = ["import", str(tmp_path / "large.warc.gz"), "--db", str(small_disk / "archive.db")]
    result = luutru(*command)
    assert (result.returncode, result.stderr.count("\n")) == (3, 1), result.stderr
    assert list((small_disk / "archive.warcs").iterdir()) == []


def test_a_file_that_may_not_grow_is_said_and_tears_nothing(url: str, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    db = tmp_path / "archive.db"
    Crawl(url, db, limit=limit).gives_up(str(db))
    _completes(url, db)


def test_an_archive_that_another_program_locks_is_said(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    crawl = Crawl(url, db).has(3)
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        crawl.gives_up("is locked by another program")
    _completes(url, db)


def test_an_archive_that_is_removed_is_said(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    crawl = Crawl(url, db).has(3)
    for path in tmp_path.glob("archive.db*"):
        path.unlink()
    crawl.gives_up("No such file")
    assert not db.exists()
    _completes(url, db)


def test_an_archive_that_is_replaced_is_left_alone(url: str, tmp_path: Path) -> None:
    db, other = tmp_path / "archive.db", tmp_path / "other"
    crawl = Crawl(url, db).has(3)
    other.write_bytes(b"something else")
    os.replace(other, db)
    crawl.gives_up("another file is in its place")
    assert db.read_bytes() == b"something else"


def test_a_warc_folder_that_is_removed_is_said(url: str, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    crawl = Crawl(url, db).has(3)
    shutil.rmtree(tmp_path / "archive.warcs")
    crawl.gives_up("archive.warcs")
    _completes(url, db, verified=False)


def test_a_warc_folder_that_can_not_be_made_is_said(url: str, tmp_path: Path) -> None:
    (tmp_path / "archive.warcs").write_text("a file is in the way")
    Crawl(url, tmp_path / "archive.db").gives_up("archive.warcs")


class StumblesOverA:
    """A step with a mistake of its own."""

    def process_item(self, item: ReadPage) -> ReadPage:
        if item.page.url.endswith("/a"):
            raise ValueError("one page too many")
        return item


def test_a_mistake_of_ours_costs_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    db = tmp_path / "archive.db"
    steps = json.dumps({f"{__name__}.{StumblesOverA.__name__}": 150, **ARCHIVING["ITEM_PIPELINES"]})
    with small_portal() as portal:
        portal.home("/a", "/b")
        portal.article("/a")
        portal.article("/b")
        done = luutru(
            "crawl", portal.url, "--db", str(db), *AT_ONCE, "--set", f"ITEM_PIPELINES={steps}"
        )
    assert done.returncode == 1
    with closing(sqlite3.connect(db)) as archive:
        found = archive.execute("SELECT url, reason FROM urls WHERE state IN ('failed', 'waiting')")
        assert found.fetchall() == [(f"{portal.url}a", "not read: ValueError: one page too many")]
        kept = "SELECT count(*) FROM captures JOIN urls u ON u.id = url_id WHERE u.url LIKE '%/a'"
        assert archive.execute(kept).fetchone() == (1,)
