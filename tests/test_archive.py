"""The archive: schema, transactions, versions, counts, the index."""

import sqlite3
import subprocess
import sys
import unicodedata
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive import frontier, runs
from crawler.archive.connection import open_archive, open_unwritable, timestamp
from crawler.archive.descriptions import tables
from crawler.archive.policy import Order
from crawler.archive.saving import save
from crawler.errors import BadInput, CannotRun
from crawler.items import Article, Page, Problem, Reading, ReadPage, SiteCounts
from tests.conftest import NOW, PORTAL, WHO, Archive


def test_every_table_and_column_is_described(archive: Archive) -> None:
    internal = ("sqlite_%", "\\_%", "articles\\_%", "titles\\_%")
    skip = " AND ".join(f"name NOT LIKE '{like}' ESCAPE '\\'" for like in internal)
    names = [
        row[0]
        for row in archive.rows(
            f"SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND {skip}"
        )
    ]
    assert sorted(tables()) == sorted(names)
    for name, entry in tables().items():
        columns = [row[1] for row in archive.rows(f"PRAGMA table_info({name})")]
        assert [key for key in entry if key != "about"] == columns, name


def test_migrations_run_once(archive: Archive) -> None:
    applied = "SELECT name FROM _sqlite_migrations ORDER BY id"
    first = archive.rows(applied)
    with closing(open_archive(archive.path)) as again:
        assert [tuple(row) for row in again.execute(applied)] == first
    assert len({name for (name,) in first}) == len(first) > 6


def test_an_archive_of_a_later_version_is_left_alone(archive: Archive) -> None:
    archive.db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('luutru', '999-later', '')"
    )
    for opened in (open_archive, open_unwritable):
        with pytest.raises(CannotRun, match="was made by a later luutru"):
            opened(archive.path)


def test_an_article_is_one_row_a_version_and_a_count(archive: Archive) -> None:
    archive.keep(
        "/a-1",
        "Hội nghị",
        "Thân bài",
        published_on=date(2023, 1, 4),
        view_count=0,
        readings=(Reading("title", "Hội nghị", "h1"),),
    )
    assert archive.rows("SELECT title, published_on, view_count, status FROM articles") == [
        ("Hội nghị", "2023-01-04", 0, "present")
    ]
    assert archive.rows("SELECT views FROM view_counts") == [(0,)]
    assert archive.rows("SELECT field, raw, rule FROM readings") == [("title", "Hội nghị", "h1")]
    assert archive.rows("SELECT state, last_status FROM urls") == [("done", 200)]


def test_only_a_changed_text_makes_a_version(archive: Archive) -> None:
    archive.keep("/a-1", "Hội nghị", "một", view_count=1)
    archive.keep("/a-1", "Hội nghị", "một", view_count=2)
    archive.keep("/a-1/", "Hội nghị", "hai", view_count=3)
    assert archive.rows("SELECT body FROM versions ORDER BY id") == [("một",), ("hai",)]
    assert archive.rows("SELECT views FROM view_counts ORDER BY id") == [(1,), (2,), (3,)]
    assert archive.rows("SELECT status, view_count FROM articles") == [("changed", 3)]
    assert archive.rows("SELECT articles_seen, articles_new, articles_changed FROM runs") == [
        (3, 1, 1)
    ]


def test_an_unknown_count_is_null_and_no_reading(archive: Archive) -> None:
    archive.keep("/a-1", "Hội nghị")
    assert archive.rows("SELECT view_count FROM articles") == [(None,)]
    assert archive.rows("SELECT * FROM view_counts") == []


def test_problems_open_once_and_close(archive: Archive) -> None:
    problem = Problem("no date found", "published_on")
    archive.keep("/a-1", "x", problems=(problem,))
    archive.keep("/a-1", "x", problems=(problem,))
    assert archive.rows("SELECT field, resolved_at IS NULL FROM problems") == [("published_on", 1)]
    archive.keep("/a-1", "x")
    assert archive.rows("SELECT resolved_at IS NULL FROM problems") == [(0,)]


def test_the_traffic_box_is_kept_once_an_hour(archive: Archive) -> None:
    for minutes in (0, 1, 61):
        page = archive.page("/", fetched_at=NOW + timedelta(minutes=minutes))
        save(
            archive.db,
            archive.run,
            ReadPage(page, "home", site_counts=SiteCounts(1000 + minutes)),
        )
    assert archive.rows("SELECT total_visits, today FROM site_counts") == [
        (1000, None),
        (1061, None),
    ]


def test_a_failed_save_leaves_nothing(archive: Archive) -> None:
    page = archive.page("/a-1")
    broken = Article(url=page.url, title="x", rating=None, images=("no image",))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        save(archive.db, archive.run, ReadPage(page, "article", broken))
    for table in ("captures", "articles", "versions"):
        assert archive.rows(f"SELECT * FROM {table}") == []
    assert archive.rows("SELECT state FROM urls") == [("waiting",)]


def test_events_are_append_only(archive: Archive) -> None:
    archive.db.execute(
        "INSERT INTO events (at, event_type, object, outcome, agent) "
        "VALUES ('2024', 'ingestion', 'x', 'success', 'test')"
    )
    for change in ("UPDATE events SET outcome = 'failure'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            archive.db.execute(change)


def _found(archive: Archive, match: str) -> list[int]:
    return [
        row[0]
        for row in archive.rows(
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid", match
        )
    ]


def test_the_index_follows_every_change(archive: Archive) -> None:
    first = archive.keep("/a-1", "Nông thôn mới", "Đường liên thôn")
    assert _found(archive, '"nong" "lien"') == [first]
    archive.keep("/a-1", "Cấy lúa", "Đường liên thôn")
    assert _found(archive, "nong") == []
    assert _found(archive, '"cay" "đường"') == [first]
    # A stock SQLite program may write too: the triggers need no function of ours.
    plain = sqlite3.connect(archive.path)
    plain.execute("UPDATE articles SET title = 'Tiêm chủng'")
    plain.commit()
    assert _found(archive, "chung") == [first]
    plain.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    plain.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    plain.commit()
    plain.close()
    assert _found(archive, '"duong" "lien"') == [first]


def test_counting_views_leaves_the_index_alone(archive: Archive) -> None:
    archive.keep("/a-1", "x", "y", view_count=1)
    before = archive.rows("SELECT count(*), sum(length(block)) FROM articles_fts_data")
    archive.keep("/a-1", "x", "y", view_count=2)
    assert archive.rows("SELECT count(*), sum(length(block)) FROM articles_fts_data") == before


def test_stored_and_indexed_spelling_is_the_pages(archive: Archive) -> None:
    archive.keep("/a-1", unicodedata.normalize("NFC", "Uỷ ban Hòa Bình"))
    assert _found(archive, '"uỷ"') == [1]
    assert _found(archive, '"ủy"') == []


def test_what_is_no_archive_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no archive at"):
        open_archive(tmp_path / "none.db")
    text = tmp_path / "text.db"
    text.write_text("this is a text" * 100)
    with pytest.raises(BadInput, match="not an SQLite archive"):
        open_archive(text)
    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE songs (id)")
    db.close()
    with pytest.raises(BadInput, match=r"no luutru archive.*songs"):
        open_archive(other)
    with pytest.raises(CannotRun, match="can't be opened"):
        open_archive(tmp_path / "no" / "folder.db", create=True)


def test_a_run_goes_on_after_a_kill(archive: Archive) -> None:
    archive.keep("/a-1", "x")
    archive.page("/a-2")
    later = NOW + timedelta(hours=1)
    again = runs.begin(archive.db, PORTAL, "crawl", WHO, later)
    assert again.round_started == archive.run.started_at
    assert _due(archive, again, later) == ["https://thu.example/a-2"]
    assert archive.rows("SELECT verdict FROM runs ORDER BY id") == [("stopped",), (None,)]


def test_a_finished_run_is_followed_by_one_that_asks_for_what_is_due(archive: Archive) -> None:
    archive.keep("/a-1", "x")
    assert runs.finish(archive.db, archive.run, "finished", NOW) == "complete"
    later = NOW + timedelta(minutes=5)
    again = runs.begin(archive.db, PORTAL, "crawl", WHO, later)
    assert again.round_started == again.started_at
    assert _due(archive, again, later) == []
    runs.finish(archive.db, again, "finished", later)
    again = runs.begin(archive.db, PORTAL, "crawl", WHO, later, runs.Plan("full"))
    assert _due(archive, again, later) == ["https://thu.example/a-1"]


def _due(archive: Archive, run: runs.Run, now: datetime) -> list[str]:
    """Every URL that a run would ask for now, in its order."""
    found: list[int] = []
    for shelf in Order("incremental").shelves():
        until = timestamp(now) if shelf.waits else run.round_started
        while url_id := frontier.first(archive.db, run.portal_id, shelf, until, set(found)):
            found.append(url_id)
    return [frontier.due(archive.db, url_id).url for url_id in found]


@pytest.mark.parametrize(
    ("ended", "failure", "verdict"),
    [
        ("finished", None, "complete"),
        ("finished", "HTTP 500", "incomplete"),
        ("shutdown", None, "stopped"),
    ],
)
def test_the_verdict_is_read_from_rows(
    archive: Archive, ended: str, failure: str | None, verdict: str
) -> None:
    archive.keep("/a-1", "x")
    if failure:
        page = archive.page("/a-2", status=500)
        save(archive.db, archive.run, ReadPage(page, "page"))
    assert runs.finish(archive.db, archive.run, ended, NOW) == verdict
    reasons = archive.rows("SELECT verdict_reasons FROM runs")[0][0]
    assert (reasons is None) == (verdict == "complete")
    if failure:
        assert "1 × HTTP 500: https://thu.example/a-2" in reasons


def test_a_run_without_any_answer_has_failed(archive: Archive) -> None:
    page = archive.page("/", status=None, failure="connection refused")
    save(archive.db, archive.run, ReadPage(page, "home"))
    assert runs.finish(archive.db, archive.run, "finished", NOW) == "failed"


def test_a_redirect_to_another_spelling_is_followed_not_stored(archive: Archive) -> None:
    from crawler.urls import link

    to = link("/a-1/", PORTAL.url)
    assert to is not None
    page: Page = archive.page("/a-1", status=301, kind="redirect", links=(to,))
    save(archive.db, archive.run, ReadPage(page, "redirect"))
    assert archive.rows("SELECT url, state FROM urls") == [("https://thu.example/a-1/", "waiting")]
    back = archive.page("/a-1", status=301, kind="redirect", links=page.links)
    for _ in range(9):
        save(archive.db, archive.run, ReadPage(back, "redirect"))
    circle = "redirects in a circle: HTTP 301 to https://thu.example/a-1/"
    assert archive.rows("SELECT state, reason FROM urls") == [("failed", circle)]


_LONG_TEXT = """
import resource, sys
from pathlib import Path
from tests.conftest import Archive
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
Archive(Path(sys.argv[1])).keep("/tin-1", "Đại hội", "đường liên thôn " * 190_000)
"""


def test_a_text_of_millions_of_letters_is_indexed_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    subprocess.run([sys.executable, "-c", _LONG_TEXT, str(path)], check=True)
    found = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
    with closing(open_archive(path)) as db:
        for word in ("thôn", "thon", unicodedata.normalize("NFD", "thôn")):
            assert db.execute(found, [f'"{word}"']).fetchone()[0] == 1


def test_every_spelling_of_a_text_is_searched(archive: Archive) -> None:
    article = archive.keep("/tin-1", "Đại hội", "Đường Ậ ỷ ở thôn Đông")
    spelled = archive.rows("SELECT title_folded, body_folded, decomposed FROM articles_spellings")
    nested = "Đại hội   Đường Ậ ỷ ở thôn Đông "
    assert spelled == [
        ("Dai hoi", "Duong A y o thon Dong", unicodedata.normalize("NFD", nested)),
    ]
    archive.db.execute("UPDATE articles SET body = 'khác' WHERE id = ?", [article])
    archive.db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
