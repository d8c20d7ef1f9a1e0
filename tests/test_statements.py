"""What is done for each page looks rows up: an archive of a million pages saves as a small one."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

import practice
from crawler.capture.folder import folder_of
from tests.scrapy_run import ROOT
from tests.test_cli import AT_ONCE

ARTICLES = 40
_EMPTIED_AT_COMMIT = "articles_fts_by_writer"


@dataclass(frozen=True, slots=True)
class Scene:
    """Two crawls of a portal, and what was done with their archive."""

    folder: Path

    @property
    def db(self) -> Path:
        return self.folder / "archive.db"

    def noted(self, name: str, *words: object) -> None:
        """Run the command, noting its statements under `name`."""
        command = [sys.executable, "-m", "tests.statements", str(self.folder / name)]
        result = subprocess.run(
            [*command, *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=120,
        )
        assert result.returncode == 0, result.stdout + result.stderr

    def given(self, name: str) -> list[tuple[str, int]]:
        return [(each, times) for each, times in json.loads((self.folder / name).read_text())]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    made = Scene(tmp_path_factory.mktemp("statements"))
    with practice.running(articles=ARTICLES, day=0, crawl_delay=0) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        made.noted("crawl", "crawl", url, "--db", made.db, *AT_ONCE)
    with practice.running(articles=ARTICLES, day=7, port=port, crawl_delay=0) as url:
        made.noted("crawl again", "crawl", url, "--db", made.db, "--full", *AT_ONCE)
    made.noted("replay", "replay", made.db, "--jobs", "1")
    made.noted("import", "import", folder_of(made.db), "--db", made.db.with_name("2.db"))
    made.noted("verify", "verify", "--db", made.db)
    return made


@pytest.mark.parametrize("what", ["crawl", "crawl again", "replay", "import", "verify"])
def test_nothing_done_for_each_page_reads_a_whole_table(scene: Scene, what: str) -> None:
    often = [each for each, times in scene.given(what) if times >= ARTICLES / 2]
    assert often
    with closing(sqlite3.connect(scene.db)) as archive:
        assert {each: plan for each in often if (plan := _scans(archive, each))} == {}


def _scans(archive: sqlite3.Connection, statement: str) -> list[str]:
    """The tables that SQLite would read whole to carry out the statement."""
    if not statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
        return []
    plan = [row[3] for row in archive.execute(f"EXPLAIN QUERY PLAN {statement}")]
    return [step for step in plan if _is_scan(step) and _EMPTIED_AT_COMMIT not in statement]


def _is_scan(step: str) -> bool:
    # A row of constants, the elements of a JSON array and the rows of a subquery are no table.
    return re.fullmatch(r"SCAN (?!CONSTANT ROW)[^(]*", step) is not None and "VIRTUAL" not in step
