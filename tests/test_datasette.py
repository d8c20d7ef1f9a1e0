"""Datasette on an archive: plain, and with the plugin. A real server each time."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from browse.metadata import database_metadata
from browse.queries import QUERIES
from crawler.archive import browsing
from crawler.archive.saving import save
from crawler.items import LegalDocument, ReadPage
from tests.conftest import Archive
from tests.plain import plain
from tests.test_cli import luutru


@contextmanager
def served(*command: str, plugins: bool, **variables: str) -> Iterator[str]:
    """The address of a Datasette that runs `command`; without plugins luutru is not installed."""
    program = str(Path(sys.executable).with_name(command[0]))
    words, environment = ([program, *command[1:]], None) if plugins else plain(*command)
    if variables:
        environment = {**(environment or os.environ), **variables}
    server = subprocess.Popen(
        words,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if found := re.search(r"running on (http://[\d.:]+)", line):
                yield found.group(1)
                return
        raise AssertionError(f"{command} did not start")
    finally:
        server.terminate()
        server.communicate(timeout=30)


def _get(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def _text(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


@pytest.fixture
def filled(archive: Archive) -> Archive:
    archive.keep("/1", "Xây dựng nông thôn mới", "Làm đường liên thôn.", category="Tin tức")
    archive.keep("/2", "Chợ huyện", "Bà con bán cá.", category="Kinh tế", view_count=12)
    archive.keep("/3", "Thư bạn đọc", "Các bạn viết.", category="Kinh tế", view_count=30)
    return archive


def test_plain_datasette_finds_both_spellings(filled: Archive) -> None:
    with served("datasette", str(filled.path), "--port", "0", plugins=False) as url:
        assert _get(f"{url}/-/plugins.json") == []
        for query, expected in (
            ("nong thon moi", [1]),
            ('"nông thôn mới"', [1]),
            ("duong lien thon", [1]),
            ("ĐƯỜNG liên thôn", [1]),
            ("bán", [2]),
            ("ban", [2, 3]),
            (unicodedata.normalize("NFD", "đường liên thôn"), [1]),
            (unicodedata.normalize("NFD", "BÁN"), [2]),
        ):
            answer = _get(
                f"{url}/archive/articles.json?_search={quote(query)}&_shape=array&_col=id"
            )
            assert sorted(row["id"] for row in answer) == expected, query
        facets = _get(f"{url}/archive/articles.json?_facet=category")["facet_results"]["category"]
        assert {f["value"]: f["count"] for f in facets["results"]} == {"Kinh tế": 2, "Tin tức": 1}
        assert "Huyện Thử" in _text(f"{url}/archive/articles")


def _command(*words: str) -> str:
    command, environment = plain(*words)
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    ).stdout


def test_plain_datasette_links_rows_by_foreign_keys(filled: Archive) -> None:
    with served("datasette", str(filled.path), "--port", "0", plugins=False) as url:
        for table, target in (
            ("articles", "portals/1"),
            ("articles", "captures/1"),
            ("versions", "articles/1"),
            ("captures", "runs/1"),
        ):
            assert f'href="/archive/{target}"' in _text(f"{url}/archive/{table}"), table
        labelled = _get(f"{url}/archive/articles.json?_labels=on&_shape=array")
        assert labelled[0]["portal_id"] == {"value": 1, "label": "Huyện Thử"}
        assert "Links from other tables" in _text(f"{url}/archive/articles/1")


def test_plain_datasette_shows_every_table_as_page_json_and_csv(filled: Archive) -> None:
    with served("datasette", str(filled.path), "--port", "0", plugins=False) as url:
        tables = [table["name"] for table in _get(f"{url}/archive.json")["tables"]]
        assert {"articles", "versions", "captures", "suspect_links", "articles_fts"} <= set(tables)
        for table in tables:
            assert table in _text(f"{url}/archive/{table}")
            assert _get(f"{url}/archive/{table}.json?_labels=on&_size=1")["columns"], table
            assert _text(f"{url}/archive/{table}.csv?_size=1"), table


def test_inspect_and_immutable_serve_the_same(filled: Archive, tmp_path: Path) -> None:
    filled.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.db.close()
    counts = tmp_path / "counts.json"
    counts.write_text(_command("datasette", "inspect", str(filled.path)))
    told = json.loads(counts.read_text())["archive"]["tables"]
    assert told["articles"] == {"count": 3}
    command = ("datasette", "-i", str(filled.path), "--inspect-file", str(counts), "--port", "0")
    for plugins in (False, True):
        with served(*command, plugins=plugins) as url:
            answer = _get(f"{url}/archive/articles.json?_search=nong+thon&_shape=array&_col=id")
            assert [row["id"] for row in answer] == [1]
            assert _get(f"{url}/-/databases.json")[0]["is_mutable"] is False
            if plugins:
                assert "Xây dựng" in _text(f"{url}/archive/-/search?q=nong+thon")


def test_a_copy_without_write_ahead_log_works_on_a_medium_that_is_read_only(
    filled: Archive, tmp_path: Path
) -> None:
    folder = tmp_path / "disc"
    folder.mkdir()
    copy = folder / "archive.db"
    filled.db.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o444)
    folder.chmod(0o555)
    try:
        for plugins in (False, True):
            with served("datasette", "-i", str(copy), "--port", "0", plugins=plugins) as url:
                answer = _get(f"{url}/archive/articles.json?_search=lien+thon&_shape=array")
                assert [row["id"] for row in answer] == [1]
        assert [path.name for path in folder.iterdir()] == ["archive.db"]
    finally:
        folder.chmod(0o755)


def test_upkeep_by_sqlite_utils_leaves_the_search_as_it_is(filled: Archive) -> None:
    db = str(filled.path)
    filled.db.close()
    for command in ("rebuild-fts", "optimize", "vacuum", "analyze", "disable-wal"):
        _command("sqlite-utils", command, db)
        found = json.loads(_command("sqlite-utils", "search", db, "articles", "lien thon"))
        assert [row["id"] for row in found] == [1], command
    assert filled.path.read_bytes()[18:20] == b"\1\1"  # The file format without a WAL.
    with served("datasette", db, "--port", "0", plugins=False) as url:
        answer = _get(f"{url}/archive/articles.json?_search=lien+thon&_shape=array")
        assert [row["id"] for row in answer] == [1]
    assert luutru("search", "liên thôn", "--db", db).returncode == 0


def test_sqlite_utils_commands_work_on_an_archive(filled: Archive) -> None:
    db = str(filled.path)
    told = json.loads(_command("sqlite-utils", "tables", db, "--counts"))
    assert {"table": "articles", "count": 3} in told
    rows = json.loads(
        _command(
            "sqlite-utils", "rows", db, "articles", "-c", "title", "--order", "id", "--limit", "1"
        )
    )
    assert rows == [{"title": "Xây dựng nông thôn mới"}]
    assert "title" in _command("sqlite-utils", "schema", db, "articles")
    found = json.loads(_command("sqlite-utils", db, "select count(*) as n from articles_fts"))
    assert found == [{"n": 3}]
    _command("sqlite-utils", "query", db, "update articles set title = 'Đường mới' where id = 1")
    found = json.loads(_command("sqlite-utils", "search", db, "articles", "duong", "-c", "id"))
    assert found == [{"id": 1}]
    assert _command("sqlite-utils", "query", db, "pragma integrity_check", "--csv").split() == [
        "integrity_check",
        "ok",
    ]


def test_serve_has_descriptions_facets_and_queries(filled: Archive) -> None:
    with served("luutru", "serve", "--db", str(filled.path), "--port", "0", plugins=True) as url:
        page = _text(f"{url}/archive/articles")
        assert "An article as last seen." in page
        assert "Publication date (Vietnam" in page
        assert "facet" in page
        # For each of the columns of a large table; by default that is two seconds.
        assert _get(f"{url}/-/settings.json")["facet_suggest_time_limit_ms"] <= 5
        style = re.search(r'href="([^"]*archive\.css)"', page)
        assert style
        assert "col-title" in _text(url + style.group(1))
        front = _text(f"{url}/archive")
        assert "Most read" in front
        for name in ("newest", "most_read", "changed", "missing", "per_month", "problems_by_kind"):
            assert _get(f"{url}/archive/{name}.json")["ok"], name
        assert [row[0] for row in _get(f"{url}/archive/most_read.json")["rows"]] == [3, 2]
        for query in ("nong thon", "nông thôn", 'a "b', "*"):
            answer = _get(f"{url}/archive/search.json?q={quote(query)}")
            assert answer["ok"], answer
        assert _get(f"{url}/archive/search.json?q=lien+thon")["rows"][0][1].startswith("Xây dựng")


def test_a_server_that_is_stopped_leaves_nothing_behind(filled: Archive, tmp_path: Path) -> None:
    (temporary := tmp_path / "temporary").mkdir()
    command = ("luutru", "serve", "--db", str(filled.path), "--port", "0")
    with served(*command, plugins=True, TMPDIR=str(temporary)):
        assert list(temporary.iterdir())
    assert list(temporary.iterdir()) == []


def _plan(db: sqlite3.Connection, sql: str) -> str:
    return "\n".join(str(row["detail"]) for row in db.execute(f"EXPLAIN QUERY PLAN {sql}"))


def test_no_table_or_list_reads_all_articles_first(archive: Archive) -> None:
    """Datasette gave up after three seconds, and the site's first page took many."""
    shown = database_metadata()["tables"]
    for table in ("articles", "captures", "versions", "view_counts", "problems", "events"):
        plan = _plan(archive.db, f"SELECT * FROM {table} ORDER BY {shown[table]['sort_desc']} DESC")
        assert "TEMP B-TREE" not in plan, table
    assert "articles_not_present" in _plan(archive.db, QUERIES["missing"]["sql"])
    asked: list[str] = []
    archive.db.set_trace_callback(asked.append)
    browsing.portals(archive.db)
    archive.db.set_trace_callback(None)
    plan = _plan(archive.db, asked[0])
    assert "articles_shown" in plan
    assert "articles_title" not in plan


@pytest.mark.parametrize(("words", "ms"), [((), 5), (("facet_suggest_time_limit_ms", "20"), 20)])
def test_facets_are_not_looked_for_long(filled: Archive, words: tuple[str, ...], ms: int) -> None:
    setting = ("--setting", *words) if words else ()
    command = ("datasette", str(filled.path), "--port", "0", *setting)
    with served(*command, plugins=True) as url:
        assert _get(f"{url}/-/settings.json")["facet_suggest_time_limit_ms"] == ms


def test_official_documents_are_browsed_by_their_facts(archive: Archive) -> None:
    page = archive.page("/vb")
    documents = tuple(
        LegalDocument(f"{n}/QĐ-UBND", "Quyết định", f"Phòng {n % 2}", place=str(n))
        for n in range(4)
    )
    save(archive.db, archive.run, ReadPage(page, "listing", documents=documents))
    with served("luutru", "serve", "--db", str(archive.path), "--port", "0", plugins=True) as url:
        shown = _text(f"{url}/archive/documents")
        assert "Số, ký hiệu" in shown
        assert all(f"{n}/QĐ-UBND" in shown for n in range(4))
        facets = _get(f"{url}/archive/documents.json")["facet_results"]
        assert {each["value"]: each["count"] for each in facets["issuer"]["results"]} == {
            "Phòng 0": 2,
            "Phòng 1": 2,
        }


def test_an_articles_page_gives_references(filled: Archive) -> None:
    with served("luutru", "serve", "--db", str(filled.path), "--port", "0", plugins=True) as url:
        assert 'href="/archive/-/article/1"' in _text(f"{url}/archive/articles/1")
        page = _text(f"{url}/archive/-/article/1")
        assert "Xây dựng nông thôn mới”. Huyện Thử. https://thu.example/1. Captured 2024" in page
        assert "@online{thu-1," in page
        assert "&#34;type&#34;: &#34;webpage&#34;" in page
        assert "as it was" not in page
        assert "-/article" not in _text(f"{url}/archive/captures/1")


def test_an_archive_without_articles_has_all_pages(archive: Archive) -> None:
    pages = ["", "search", "search?q=a", "browse", "portal/thu", "date/2020", "changed", "runs"]
    pages += ["vanished", "planted", "documents", "gaps"]
    pages += ["charts", "charts?portal=thu", "charts?year=so"]
    with served("luutru", "serve", "--db", str(archive.path), "--port", "0", plugins=True) as url:
        for page in pages:
            assert "Lưu Trữ" in _text(f"{url}/archive/-/{page}"), page


def test_an_archive_of_an_earlier_luutru_is_shown_in_tables_only(filled: Archive) -> None:
    filled.db.execute("DELETE FROM _sqlite_migrations WHERE name = '17-rescue-order'")
    with served("datasette", str(filled.path), "--port", "0", plugins=True) as url:
        assert "Xây dựng nông thôn mới" in _text(f"{url}/archive/articles/1")
        assert "archive" in _text(url)
        with pytest.raises(urllib.error.HTTPError, match="404") as absent:
            _text(f"{url}/archive/-/article/1")
        absent.value.close()


def test_sqlite_utils_searches_too(filled: Archive) -> None:
    program = str(Path(sys.executable).with_name("sqlite-utils"))
    for query in ("nong thon", "nông thôn"):
        result = subprocess.run(
            [program, "search", str(filled.path), "articles", query, "-c", "title"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(result.stdout) == [{"title": "Xây dựng nông thôn mới"}]


def test_other_databases_are_left_alone(filled: Archive, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    subprocess.run(
        [
            str(Path(sys.executable).with_name("sqlite-utils")),
            "create-table",
            str(other),
            "articles",
            "id",
            "integer",
        ],
        check=True,
    )
    with served("datasette", str(other), "--port", "0", plugins=True) as url:
        assert "Most read" not in _text(f"{url}/other")
        assert _get(f"{url}/other/articles.json")["rows"] == []
