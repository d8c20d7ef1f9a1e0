"""What a power cut leaves: rows whose records never came to the disk."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import practice
from crawler.capture.folder import OPEN, folder_of
from tests.test_cli import luutru

ARTICLES = 12
_ENOUGH = 30


def _rows(db: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


def _captures(db: Path) -> int:
    try:
        return int(str(_rows(db, "SELECT count(*) FROM captures")[0][0]))
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("left", [0.5, 0.0], ids=["half of the file", "an empty file"])
def test_records_that_were_lost_are_captured_anew(tmp_path: Path, left: float) -> None:
    db = tmp_path / "archive.db"
    with practice.running(articles=ARTICLES, crawl_delay=0) as url:
        words = ["crawl", url, "--delay", "0.02", "--db", str(db)]
        with subprocess.Popen([sys.executable, "-m", "crawler", *words]) as crawl:
            while _captures(db) < _ENOUGH and crawl.poll() is None:
                time.sleep(0.05)
            crawl.kill()
        (torn,) = folder_of(db).glob(f"*{OPEN}")
        copy = tmp_path / "copy.warc.gz"
        shutil.copy(torn, copy)
        with torn.open("r+b") as file:
            file.truncate(int(torn.stat().st_size * left))
        known = _captures(db)
        again = luutru(*words, "--full")
        assert again.returncode == 0, again.stdout + again.stderr
    checked = luutru("verify", "--db", str(db))
    assert checked.returncode == 0, checked.stdout
    lost = "SELECT url_id FROM captures WHERE warc_file IS NULL"
    assert 1 <= len(_rows(db, lost)) <= known
    assert _rows(db, f"{lost} EXCEPT SELECT url_id FROM captures WHERE warc_file IS NOT NULL") == []
    assert _rows(db, "SELECT count(*) FROM articles") == [(ARTICLES,)]
    told = (
        "SELECT count(*) FROM problems WHERE reason LIKE '%power cut%' AND resolved_at IS {} NULL"
    )
    assert _rows(db, told.format("")) == [(0,)]
    assert _rows(db, told.format("NOT"))[0] > (0,)
    detail = "SELECT count(*) FROM events WHERE detail LIKE '%rows pointed at are not there'"
    assert _rows(db, detail) == [(1,)]
    # Somebody has a copy of the file after all.
    assert luutru("import", str(copy), "--db", str(db)).returncode == 0
    assert _rows(db, lost) == []
    assert luutru("verify", "--db", str(db)).returncode == 0
