"""A crawl killed at any moment and finished gives what an undisturbed one gives: the short form."""

import sqlite3
from contextlib import closing
from pathlib import Path

import practice
from benchmarks.kills import killed_and_finished
from tests.test_cli import luutru


def test_a_killed_crawl_is_finished_by_the_same_command() -> None:
    kills = list(killed_and_finished(kills=4, articles=25, seed=7))
    assert len(kills) == 4
    assert [kill.wrong for kill in kills] == [()] * 4


def test_a_crawl_killed_before_its_verdict_is_not_made_again(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    words = ("--db", str(db), "--delay", "0", "--concurrency", "8")
    with practice.running(articles=20, crawl_delay=0.001) as url:
        assert luutru("crawl", url, *words).returncode == 0
        before = _rows(db)
        with closing(sqlite3.connect(db)) as archive:
            archive.execute("UPDATE runs SET verdict = NULL, finished_at = NULL")
            archive.commit()
        assert luutru("crawl", url, *words).returncode == 0
    assert _rows(db) == before
    with closing(sqlite3.connect(db)) as archive:
        verdicts = archive.execute("SELECT verdict FROM runs ORDER BY id").fetchall()
    assert verdicts == [("stopped",), ("complete",)]


def _rows(db: Path) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(db)) as archive:
        counts = "(SELECT count(*) FROM view_counts), (SELECT count(*) FROM captures)"
        return archive.execute(f"SELECT {counts}, (SELECT count(*) FROM versions)").fetchall()
