"""An archive on a medium that can't be written, such as a disc, is read and verified, too."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlite_utils import Database

from crawler.archive.schema import migrations
from crawler.capture.folder import folder_of
from tests.conftest import Archive
from tests.listening import free_port, wait_for
from tests.test_replay_serving import Kept

# Root writes where it likes unless it gives up the right to.
_AS_READER = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
)
pytestmark = pytest.mark.skipif(
    bool(_AS_READER) and shutil.which("setpriv") is None,
    reason="root can't give up writing without setpriv (Debian: util-linux)",
)


class Medium:
    """A folder with an archive that can be made read-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "archive.db"
        self.warc = next(folder_of(self.db).glob("*"), self.db)

    def change(self, sql: str) -> None:
        with closing(sqlite3.connect(self.db)) as db, db:
            db.execute(sql)

    def events(self) -> int:
        with closing(sqlite3.connect(f"file:{self.db}?mode=ro&immutable=1", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM events").fetchone()[0])

    def lock(self) -> None:
        for path in (*self.folder.rglob("*"), self.folder):
            path.chmod(0o555 if path.is_dir() else 0o444)

    def unlock(self) -> None:
        for path in (self.folder, *self.folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def verify(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("verify", *words)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).with_name("luutru"))
        command = [*_AS_READER, program, *words, "--db", str(self.db)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in result.stderr, result.stderr
        return result


@pytest.fixture
def medium(tmp_path: Path) -> Iterator[Medium]:
    folder = tmp_path / "disc"
    folder.mkdir()
    kept = Kept(folder)
    kept.keep("/1", "200 OK\r\nContent-Type: text/html", b"<p>" + b"x" * 300)
    kept.close()
    made = Medium(folder)
    yield made
    made.unlock()


def test_it_is_verified_and_no_event_is_written(medium: Medium) -> None:
    medium.lock()
    result = medium.verify()
    assert (result.returncode, result.stderr) == (
        0,
        f"no event was written: {medium.db} can't be written\n",
    )
    assert "nothing wrong: " in result.stdout
    assert "left out: articles_fts: the archive can't be written" in " ".join(result.stdout.split())
    assert medium.events() == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["search", "lien thon"], 0, "1 of 1 articles"),
        (["show", "1"], 0, "đường liên thôn"),
        (["status"], 1, "under way, or killed"),
        (["report", "1"], 1, "under way, or killed"),
        (["units", "376"], 0, "Huyện Kim Sơn"),
        (["rescue", "--plan"], 1, "luutru rescue https://thu.example/ --from wayback"),
        (["alarms"], 0, "Nothing stands"),
        (["watch", "list"], 1, "There is no saved search"),
        (["export", "csv"], 0, "Làm đường liên thôn."),
        (["export", "jsonl"], 0, "Làm đường liên thôn."),
    ],
)
def test_it_is_read(tmp_path: Path, words: list[str], code: int, says: str) -> None:
    folder = tmp_path / "disc"
    folder.mkdir()
    made = Archive(folder / "archive.db")
    made.keep("/1", "Bài một", "Làm đường liên thôn.")
    made.db.close()
    medium = Medium(folder)
    medium.lock()
    result = medium.run(*words)
    medium.unlock()
    assert (result.returncode, result.stderr) == (code, "")
    assert says in result.stdout
    assert [path.name for path in folder.iterdir()] == ["archive.db"]


@pytest.mark.parametrize(("form", "noted"), [("wacz", True), ("bag", True), ("site", False)])
def test_it_is_packed_for_others(medium: Medium, tmp_path: Path, form: str, noted: bool) -> None:
    medium.lock()
    result = medium.run("export", form, "-o", str(tmp_path / f"made.{form}"))
    assert result.returncode == 0, result.stderr
    told = f"no event was written: {medium.db} can't be written\n"
    assert result.stderr == (told if noted else "")
    assert (tmp_path / f"made.{form}").exists()


def test_it_is_copied_to_a_second_place(medium: Medium, tmp_path: Path) -> None:
    medium.lock()
    result = medium.run("copy", "--to", str(tmp_path / "second"))
    told = f"no event was written: {medium.db} can't be written\n"
    assert (result.returncode, result.stderr) == (0, told), result.stdout
    copy = Medium(tmp_path / "second")
    assert copy.db.read_bytes() == medium.db.read_bytes()
    assert copy.warc.read_bytes() == medium.warc.read_bytes()


def test_what_is_wrong_is_found(medium: Medium) -> None:
    content = bytearray(medium.warc.read_bytes())
    content[-20] ^= 1
    medium.warc.write_bytes(content)
    medium.lock()
    result = medium.verify()
    assert result.returncode == 1
    assert medium.warc.name in result.stdout


def test_it_is_not_repaired(medium: Medium) -> None:
    medium.lock()
    result = medium.verify("--repair-from", str(medium.folder))
    assert (result.returncode, result.stdout) == (3, "")
    assert "can't be written, so its files can't be repaired" in result.stderr


def _older(folder: Path) -> Medium:
    """An archive as it was before it knew of units, merging and groups, with one article."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        migrations.apply(Database(db), stop_before="18-units")
        db.executescript(
            """INSERT INTO portals (id, slug, name, url)
                VALUES (1, 'thu', 'Thử', 'https://thu.example/');
            INSERT INTO runs (id, portal_id, kind, started_at, finished_at, verdict, software)
                VALUES (1, 1, 'crawl', '2024-07-03', '2024-07-03', 'complete', '');
            INSERT INTO urls (id, portal_id, key, url, kind, found_at, due_at)
                VALUES (1, 1, 'k', 'https://thu.example/1', 'article', '', '');
            INSERT INTO captures (id, url_id, run_id, captured_at, status, payload_sha256, size,
                source) VALUES (1, 1, 1, '2024-07-03T02:00:00Z', 200, '', 1, 'live');
            INSERT INTO articles (id, portal_id, url_id, url, title, body, first_seen_at,
                last_seen_at, capture_id) VALUES (1, 1, 1, 'https://thu.example/1', 'Bài một',
                'Làm đường liên thôn.', '2024-07-03T02:00:00Z', '2024-07-03T02:00:00Z', 1);
            PRAGMA journal_mode = WAL"""
        )
    made = Medium(folder)
    made.lock()
    return made


_RENEWED = "was made by an earlier luutru and can't be brought up to date where it lies"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["search", "lien thon"], 0, "1 of 1 articles"),
        (["show", "1"], 0, "đường liên thôn"),
        (["report", "1"], 0, "complete"),
        (["units", "376"], 0, "Huyện Kim Sơn"),
        (["export", "csv"], 0, "Làm đường liên thôn."),
        (["verify"], 1, "articles 1: it has no version"),
    ],
)
def test_an_older_one_is_read_in_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, says: str
) -> None:
    medium, room = _older(tmp_path / "disc"), tmp_path / "room"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    content = medium.db.read_bytes()
    result = medium.run(*words)
    medium.unlock()
    assert (result.returncode, medium.db.read_bytes()) == (code, content), result.stderr
    assert says in result.stdout
    first, *rest = result.stderr.splitlines()
    assert f"{_RENEWED}: a copy is read, which takes 0." in first
    assert f"MB in {room} until the command ends" in first
    assert [line for line in rest if not line.startswith("no event was written")] == []
    assert (list(room.iterdir()), os.listdir(medium.folder)) == ([], ["archive.db"])


def test_an_older_one_is_served_out_of_a_copy(tmp_path: Path) -> None:
    medium, port = _older(tmp_path / "disc"), free_port()
    program = str(Path(sys.executable).with_name("luutru"))
    command = [*_AS_READER, program, "serve", "--port", str(port), "--db", str(medium.db)]
    room = tmp_path / "room"
    room.mkdir()
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(room)}) as server:
        try:
            wait_for(port, server)
            with urlopen(f"http://127.0.0.1:{port}/archive/-/article/1", timeout=30) as page:
                assert "Làm đường liên thôn." in page.read().decode()
        finally:
            server.terminate()
    medium.unlock()
    assert list(room.iterdir()) == []


@pytest.mark.parametrize("kilobytes", [100, 450])
def test_no_room_for_a_copy_of_an_older_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kilobytes: int
) -> None:
    medium, room = _older(tmp_path / "disc"), tmp_path / "room"
    room.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(room)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    monkeypatch.setenv("TMPDIR", str(room))
    result = medium.run("search", "thôn")
    left = list(room.iterdir())
    subprocess.run(["umount", "--lazy", str(room)], check=True)
    medium.unlock()
    assert (result.returncode, result.stdout, left) == (3, "", [])
    assert f"{_RENEWED}, nor could a copy be made to read" in result.stderr
    assert "MB in TMPDIR" in result.stderr


def test_pages_that_wait_in_the_log_are_not_passed_over(medium: Medium) -> None:
    """A crawl that was killed leaves rows in `archive.db-wal` only: they count, or it is said."""
    with closing(sqlite3.connect(medium.db)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE captures SET size = 7")
        db.commit()
        copy = Medium(Path(shutil.copytree(medium.folder, medium.folder.with_name("copy"))))
    copy.lock()
    result = copy.verify()
    copy.unlock()
    assert result.returncode == 1
    assert "captures" in result.stdout
