"""Merging what can't be merged, or into what can't be written: a line each, and nothing lost."""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from crawler.archive.connection import open_archive
from crawler.archive.merging import TABLES
from crawler.archive.schema import migrations
from tests.conftest import Archive
from tests.test_cli import luutru

_PROSE = " ".join(f"Câu thứ {n} của một bài dài về đường liên thôn." for n in range(200))


def _source(folder: Path, articles: int = 3) -> Path:
    folder.mkdir(parents=True)
    made = Archive(folder / "archive.db")
    for k in range(1, articles + 1):
        made.keep(f"/{k}", f"Bài {k} ở {folder.name}", f"Bài {k}. {_PROSE}")
    made.db.close()
    return folder / "archive.db"


def _line(result: "subprocess.CompletedProcess[str]", code: int) -> str:
    assert (result.returncode, result.stderr.count("\n")) == (code, 1), result.stderr
    return result.stderr.strip()


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_archive(path)) as db:
        return [tuple(row) for row in db.execute(sql)]


def test_the_target_alone_is_nothing_to_merge(tmp_path: Path) -> None:
    national = tmp_path / "archive.db"
    _source(tmp_path / "kim")
    assert luutru("merge", str(tmp_path), "--db", str(national)).returncode == 0
    itself = luutru("merge", str(national), "--db", str(national))
    assert f"nothing to merge but {national} itself" in _line(itself, 2)
    # Among others, as in a folder of all, it is passed over.
    assert luutru("merge", str(tmp_path), "--db", str(national)).stdout.count("\n") == 1


def test_a_target_that_nothing_came_into_can_be_crawled_into(tmp_path: Path) -> None:
    target = tmp_path / "archive.db"
    assert "no such file" in _line(luutru("merge", "gone.db", "--db", str(target)), 1)
    assert not target.exists()
    open_archive(target, create=True).close()
    assert "no such file" in _line(luutru("merge", "gone.db", "--db", str(target)), 1)
    fresh = _source(tmp_path / "kim")
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    assert _rows(target, triggers) == _rows(fresh, triggers)


# Root reads and writes where it likes unless it gives up the right to.
_AS_READER = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
)


def _merged_by_reader(*words: Path) -> "subprocess.CompletedProcess[str]":
    if _AS_READER and shutil.which("setpriv") is None:
        pytest.skip("root can't give up reading without setpriv (Debian: util-linux)")
    command = [*_AS_READER, str(Path(sys.executable).with_name("luutru")), "merge"]
    *given, target = map(str, words)
    return subprocess.run(
        [*command, *given, "--db", target], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder with an archive that nobody may look into."""
    folder = _source(tmp_path / "all" / "đóng cửa").parent
    folder.chmod(0)
    yield folder
    folder.chmod(0o755)


def test_a_folder_without_permission_is_named(tmp_path: Path, closed: Path) -> None:
    _source(tmp_path / "all" / "mở")
    target = tmp_path / "national.db"
    for given in (closed.parent, closed / "archive.db"):
        result = _merged_by_reader(given, target)
        assert f"{closed}/archive.db: it can't be read (Permission denied);" in _line(result, 1)
    assert _rows(target, "SELECT count(*) FROM articles") == [(3,)]


def test_a_target_in_a_folder_without_permission_is_named(tmp_path: Path, closed: Path) -> None:
    source = _source(tmp_path / "mở")
    result = _merged_by_reader(source, closed / "national.db")
    assert f"{closed}/national.warcs: Permission denied" in _line(result, 3)
    (tmp_path / "n.warcs").touch()
    file = luutru("merge", str(source), "--db", str(tmp_path / "n.db"))
    assert f"{tmp_path}/n.warcs: File exists" in _line(file, 3)


def _damage(path: Path) -> None:
    """Overwrite every second page after the first dozen."""
    chance = random.Random(3)
    with path.open("r+b") as file:
        for page in range(12, path.stat().st_size // 4096, 2):
            file.seek(page * 4096)
            file.write(chance.randbytes(4096))


def test_a_damaged_target_is_not_laid_on_its_sources(tmp_path: Path) -> None:
    source = _source(tmp_path / "kim")
    target = tmp_path / "national.db"
    assert luutru("merge", str(source), "--db", str(target)).returncode == 0
    _damage(target)
    second = _source(tmp_path / "yen")
    result = luutru("merge", str(second), "--db", str(target))
    assert f"{target} is damaged" in _line(result, 3)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of a megabyte and a half."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: _rows(path, f"SELECT * FROM {table} ORDER BY id") for table in TABLES}


def test_a_full_disk_is_said_and_the_next_merge_goes_on(tmp_path: Path, small_disk: Path) -> None:
    for name in ("a", "b", "c"):
        _source(tmp_path / "all" / name, articles=12)
    target = small_disk / "national.db"
    full = luutru("merge", str(tmp_path / "all"), "--db", str(target))
    assert f"the disk is full, {target} keeps what was saved before" in _line(full, 3)
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    assert luutru("merge", str(tmp_path / "all"), "--db", str(target)).returncode == 0
    undisturbed = tmp_path / "undisturbed.db"
    assert luutru("merge", str(tmp_path / "all"), "--db", str(undisturbed)).returncode == 0
    assert _content(target) == _content(undisturbed)


def test_a_target_that_may_not_grow_is_not_laid_on_its_sources(tmp_path: Path) -> None:
    _source(tmp_path / "all" / "a", articles=12)
    command = [str(Path(sys.executable).with_name("luutru")), "merge", str(tmp_path / "all")]
    target = tmp_path / "national.db"
    result = subprocess.run(
        [*command, "--db", str(target)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000)),
    )
    assert f"{target} can't be opened or written (disk I/O error)" in _line(result, 3)


def test_a_source_that_has_vanished_is_named_by_the_check(tmp_path: Path) -> None:
    source = _source(tmp_path / "kim")
    target = str(tmp_path / "national.db")
    assert luutru("merge", str(source), "--db", target).returncode == 0
    shutil.rmtree(source.parent)
    assert "no such file" in _line(luutru("merge", str(source), "--db", target), 1)
    assert luutru("search", "title:bài", "--db", target).returncode == 0
    checked = luutru("verify", "--db", target)
    assert f"1: {source.with_suffix('.warcs')} is not there" in checked.stdout


def test_the_first_of_a_group_that_begins_anew_is_found_by_others(tmp_path: Path) -> None:
    """Three crawls of one portal; the first one's text changes, and another portal has the old."""
    for name in ("a", "b", "c"):
        _source(tmp_path / name, articles=1)
    target = tmp_path / "national.db"
    assert luutru("merge", str(tmp_path), "--db", str(target)).returncode == 0
    with closing(sqlite3.connect(tmp_path / "a" / "archive.db")) as db, db:
        db.execute("UPDATE articles SET body = 'Bài đã gỡ.'")
    assert luutru("merge", str(tmp_path), "--db", str(target)).returncode == 0
    other = _source(tmp_path / "d", articles=1)
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("UPDATE articles SET url = 'https://khac.example/9'")
    assert luutru("merge", str(tmp_path), "--db", str(target)).returncode == 0
    groups = _rows(target, "SELECT count(*), count(DISTINCT first_id) FROM article_groups")
    assert groups == [(4, 1)]


def test_what_an_earlier_luutru_made_is_brought_up_to_date_if_asked(tmp_path: Path) -> None:
    _source(tmp_path / "all" / "kim")
    old = tmp_path / "all" / "yen" / "archive.db"
    old.parent.mkdir()
    with closing(sqlite3.connect(old)) as db:
        migrations.apply(Database(db), stop_before="22-article-groups")
        db.commit()
    before = old.read_bytes()
    words = ("merge", str(tmp_path / "all"), "--db", str(tmp_path / "national.db"))
    assert "an earlier luutru; --update brings it up to date" in _line(luutru(*words), 1)
    assert old.read_bytes() == before
    updated = luutru(*words, "--update")
    assert (updated.returncode, updated.stderr) == (0, "")
    assert f"{old}: 0 articles new, 0 changed, 0 gone; it came whole" in updated.stdout
