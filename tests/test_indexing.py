"""The index holds the same whoever fills it: luutru itself, or the triggers for other programs."""

import sqlite3
import tempfile
import unicodedata
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.again import save_again
from crawler.archive.batch import Batch
from crawler.archive.connection import transaction
from crawler.archive.fulltext import INDEXED_BY_WRITER, INDEXES
from crawler.items import Article, Link, ReadPage
from crawler.vietnamese import FOLDING
from tests.conftest import NOW, Archive, captured

# Every letter that is folded, others with marks, and marks that stand alone.
_LETTERS = st.sampled_from([*FOLDING, *"abc .,-\n"]) | st.characters(
    exclude_categories=["Cs", "Cc"]
)
_TEXT = st.none() | st.text(_LETTERS, max_size=40).map(
    lambda text: unicodedata.normalize("NFC", text)
)
_ARTICLE = st.fixed_dictionaries(dict.fromkeys(("title", "summary", "author", "body"), _TEXT))


def _words(db: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    """Every word of the indexes with the row, column and place where it stands."""
    found = []
    for index in INDEXES:
        db.execute(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {index}, instance)")
        found.append([tuple(row) for row in db.execute("SELECT * FROM words ORDER BY 1, 2, 3, 4")])
        db.execute("DROP TABLE temp.words")
    return found


def _must_hold_what_sql_says(db: sqlite3.Connection) -> None:
    assert db.execute(f"SELECT count(*) FROM {INDEXED_BY_WRITER}").fetchone()[0] == 0
    ours = _words(db)
    for index in INDEXES:
        # With 1 SQLite compares the index with the view, which spells in SQL as the triggers do.
        db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    assert ours == _words(db)


def _read(archive: Archive, path: str, day: int = 0, **facts: object) -> ReadPage:
    at = NOW + timedelta(days=day)
    page = archive.page(path, fetched_at=at, captures=(captured(200, at),))
    return ReadPage(page, "article", Article(page.url, **facts))  # type: ignore[arg-type]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 3), _ARTICLE), min_size=1, max_size=6))
def test_new_and_changed_articles_of_a_batch_are_indexed_as_sql_would(
    pages: list[tuple[int, dict[str, str | None]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder) / "archive.db")
        with closing(archive.db) as db:
            batch = Batch(db)
            for day, (number, facts) in enumerate(pages):
                read = _read(archive, f"/tin-{number}.html", day, **facts)
                with batch.page():
                    save_again(db, archive.run, read)
            batch.commit()
            _must_hold_what_sql_says(db)


def test_another_program_writes_as_before(archive: Archive) -> None:
    archive.keep("/tin-1", "Nông thôn mới", "Đường liên thôn")
    with closing(sqlite3.connect(archive.path)) as plain:
        for statement in (
            "UPDATE articles SET title = 'Cấy lúa', attachments_text = 'Phụ lục đính kèm'",
            """INSERT INTO articles (portal_id, url_id, url, title, first_seen_at, last_seen_at,
                   capture_id) SELECT 1, max(id) + 1, 'x', 'Đại hội', '', '', 1 FROM urls""",
            "DELETE FROM articles WHERE title = 'Cấy lúa'",
        ):
            plain.execute(statement)
            plain.commit()
            _must_hold_what_sql_says(plain)
            plain.commit()


def test_an_article_that_moves_within_a_batch_is_indexed_once(archive: Archive) -> None:
    text = "Uỷ ban nhân dân huyện họp phiên thường kỳ. " * 10
    batch = Batch(archive.db)
    for path in ("/tin-1?utm=x&trang=1", "/tin-1"):
        read = _read(archive, path, title="Phiên họp", body=text)
        with batch.page():
            save_again(archive.db, archive.run, read)
    batch.commit()
    assert archive.rows("SELECT url FROM articles") == [("https://thu.example/tin-1",)]
    _must_hold_what_sql_says(archive.db)


def test_a_page_that_fails_takes_nothing_of_its_batch_with_it(archive: Archive) -> None:
    batch = Batch(archive.db)
    wrong = _read(archive, "/tin-2", title="Trang hỏng", body="x")
    # A link without a kind can't be written.
    broken = ReadPage(
        wrong.page.walked("page", (Link("https://thu.example/x", None, key="x"),)),  # type: ignore[arg-type]
        "article",
        wrong.article,
    )
    with batch.page():
        save_again(archive.db, archive.run, _read(archive, "/tin-1", title="Trang lành"))
    with pytest.raises(sqlite3.Error), batch.page():
        save_again(archive.db, archive.run, broken)
    with batch.page():
        save_again(archive.db, archive.run, _read(archive, "/tin-3", title="Trang lành nữa"))
    batch.commit()
    titles = archive.rows("SELECT title FROM articles ORDER BY id")
    assert titles == [("Trang lành",), ("Trang lành nữa",)]
    assert archive.rows("SELECT count(*) FROM captures") == [(2,)]
    _must_hold_what_sql_says(archive.db)


def test_a_batch_makes_room_for_another_writer(archive: Archive) -> None:
    batch = Batch(archive.db)
    archive.db.execute("PRAGMA busy_timeout = 100")
    with closing(sqlite3.connect(archive.path, timeout=5)) as other:
        other.execute("UPDATE portals SET name = 'Huyện khác'")
        other.commit()
        for number in range(3):
            read = _read(archive, f"/tin-{number}", title="Đại hội")
            with batch.page():
                save_again(archive.db, archive.run, read)
            # Nothing is held back, now that somebody else writes.
            assert other.execute("SELECT count(*) FROM articles").fetchone() == (number + 1,)


def test_a_transaction_does_not_walk_along_all_articles(archive: Archive) -> None:
    for n in range(50):
        archive.keep(f"/{n}", "Bài", "Nội dung.")
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    archive.db.set_progress_handler(step, 1)
    with transaction(archive.db):
        pass
    few = steps
    for n in range(50, 500):
        archive.keep(f"/{n}", "Bài", "Nội dung.")
    steps = 0
    with transaction(archive.db):
        pass
    assert steps == few
