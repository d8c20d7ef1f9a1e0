"""The canned queries answer: plain SQL against archives whose answers are known."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from browse.queries import QUERIES
from crawler.archive import runs
from crawler.archive.saving import save
from crawler.items import ReadPage
from crawler.search import add_functions
from tests.conftest import NOW, Archive

_WEEK = timedelta(days=7)


def _ask(archive: Archive, query: str, /, **values: str) -> list[dict[str, Any]]:
    add_functions(archive.db)
    return [dict(row) for row in archive.db.execute(QUERIES[query]["sql"], values)]


@pytest.fixture
def told(archive: Archive) -> Archive:
    """Two articles changed, one of them long ago; the latest crawl ended now."""
    for number, when in ((1, NOW - 3 * _WEEK), (2, NOW - 3 * _WEEK)):
        archive.keep(f"/{number}", f"Bài {number}", "Cũ.", page={"fetched_at": when})
    archive.keep("/1", "Bài 1", "Sửa lâu rồi.", page={"fetched_at": NOW - 2 * _WEEK})
    archive.keep("/2", "Bài 2 sửa", "Mới.", page={"fetched_at": NOW - timedelta(days=6)})
    runs.finish(archive.db, archive.run, "finished", NOW)
    return archive


def test_what_changed_last_week(told: Archive) -> None:
    (row,) = _ask(told, "changed_last_week")
    assert (row["title"], row["title_before"]) == ("Bài 2 sửa", "Bài 2")
    assert row["portal"] == "Huyện Thử"


def test_what_vanished(told: Archive) -> None:
    assert _ask(told, "missing") == []
    told.db.execute("UPDATE articles SET status = 'missing' WHERE id = 1")
    assert [row["id"] for row in _ask(told, "missing")] == [1]


def test_most_read_per_month(archive: Archive) -> None:
    for number in range(13):
        archive.keep(f"/{number}", f"Bài {number}", published_on=NOW.date(), view_count=number * 10)
    earlier = NOW.date().replace(month=5)
    archive.keep("/may", "Tháng năm", published_on=earlier, view_count=3)
    archive.keep("/none", "Không đếm", published_on=earlier)
    rows = _ask(archive, "most_read_per_month")
    assert [(row["month"], row["place"], row["view_count"]) for row in rows] == [
        *(("2024-07", place, 130 - place * 10) for place in range(1, 11)),
        ("2024-05", 1, 3),
    ]


@pytest.mark.parametrize("name", ["Trần Thị Hoà", "tran thi hoa", ' "TRẦN Thị Hòa" '])
def test_how_often_a_person_was_named_per_year(archive: Archive, name: str) -> None:
    day = NOW.date()
    archive.keep("/1", "Gặp bà Trần Thị Hòa", published_on=day)
    archive.keep("/2", "Tin", "Theo bà Trần Thị Hoà, lúa tốt.", published_on=day)
    archive.keep("/3", "Tin", "Bà Trần Thị Hòa.", published_on=day.replace(year=2019))
    archive.keep("/4", "Tin", "Trần Hòa gặp bà Thị.", published_on=day)
    found = _ask(archive, "named_per_year", name=name)
    assert [tuple(row.values()) for row in found] == [("2019", 1), ("2024", 2)]


def test_which_pages_carry_planted_links(archive: Archive) -> None:
    archive.keep("/1", "Tin")
    for number in (1, 2):
        archive.db.execute(
            """INSERT INTO suspect_links (url_id, href, text, hidden, why, first_seen_at,
               last_seen_at) SELECT id, ?, 'x', 1, 'betting word', ?, ? FROM urls""",
            (f"http://192.0.2.{number}/", "2024-07-01T00:00:00Z", "2024-07-02T00:00:00Z"),
        )
    (row,) = _ask(archive, "planted_links")
    assert (row["page"], row["links"], row["hidden"]) == ("https://thu.example/1", 2, 2)


def test_what_was_never_captured(archive: Archive) -> None:
    archive.keep("/1", "Tin")
    archive.page("/waiting", status=None)
    archive.keep("/2", "Tin", page={"status": 200})
    gone = archive.page("/gone", status=404)
    save(archive.db, archive.run, ReadPage(gone, "not_found"))
    rows = _ask(archive, "never_captured")
    assert [(row["url"], row["state"]) for row in rows] == [
        ("https://thu.example/gone", "gone"),
        ("https://thu.example/waiting", "waiting"),
    ]


def test_what_was_never_captured_is_found_by_what_others_call_it(archive: Archive) -> None:
    archive.keep("/1", "Khởi công cầu qua sông Vạc")
    archive.page("/gone", status=None)
    archive.page("/other", status=None)
    for path, words in (("1", "sông Vạc"), ("gone", "Nạo vét sông Vạc"), ("other", "Lễ hội")):
        archive.db.execute("UPDATE urls SET linked_as = ? WHERE url LIKE ?", (words, f"%/{path}"))
    for words in ("song vac", "SÔNG Vạc"):
        rows = _ask(archive, "never_captured_called", words=words)
        assert [(row["url"], row["linked_as"]) for row in rows] == [
            ("https://thu.example/gone", "Nạo vét sông Vạc")
        ]


@pytest.mark.parametrize("name", QUERIES)
def test_hidden_articles_are_in_no_answer(told: Archive, name: str) -> None:
    told.db.execute("UPDATE articles SET status = 'missing', view_count = 3, published_on = '2024'")
    told.db.execute("UPDATE articles SET hidden_at = '2024-07-03T00:00:00Z', hidden_why = 'x'")
    rows = _ask(told, name, q="Bài", name="Bài", words="Bài")
    assert all("Bài" not in str(value) for row in rows for value in row.values())
    nothing = {"newest", "most_read", "changed", "missing", "search", "per_month", "named_per_year"}
    assert name not in nothing or rows == []


@pytest.mark.parametrize(
    "query", ["lua -bao", "lúa", '"lua mua"', "tieude:lua", "UBND lua", "LÚA*"]
)
def test_sql_has_the_query_language(archive: Archive, query: str) -> None:
    archive.keep("/1", "Lúa mùa", "Ủy ban nhân dân họp.")
    archive.keep("/2", "Bão", "Mưa to, tin về lụa.")
    found = _ask(archive, "search", q=query)
    assert [row["id"] for row in found] == [1]


@pytest.mark.parametrize("query", ["", "-bão", '"', "*", "(", "NOT", "\x00", "a AND", "title:"])
def test_no_query_is_an_error_in_sql(archive: Archive, query: str) -> None:
    archive.keep("/1", "Lúa mùa")
    assert _ask(archive, "search", q=query) == []
    assert _ask(archive, "named_per_year", name=query) == []


def test_sql_folds_as_the_index_does(archive: Archive) -> None:
    add_functions(archive.db)
    folds = "SELECT luutru_fold('ĐƯỜNG Hoà'), luutru_fold(NULL)"
    assert tuple(archive.db.execute(folds).fetchone()) == ("duong hoa", None)


def test_the_query_of_the_docs_answers(archive: Archive) -> None:
    archive.keep("/1", "Làm đường liên thôn", "Ủy ban nhân dân xã vận động.")
    archive.keep("/2", "Bão cuốn đường liên thôn", "UBND họp.")
    add_functions(archive.db)
    docs = Path(__file__).parent.parent / "docs" / "search.md"
    (sql,) = re.findall(r"```sql\n(.*?)```", docs.read_text("utf-8"), re.DOTALL)
    assert [row["id"] for row in archive.db.execute(sql)] == [1]
