"""What a query finds leaves the archive as WARC or WACZ, and comes into another one."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT, _record


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query")
    pages = [
        _record(
            f"http://thu.example/tin/{n}.html",
            PAGE.format(n=n, text=TEXT + ("Lúa gạo được mùa. " if n == 2 else "")).encode(),
            Content_Type="application/http;msgtype=response",
        )
        for n in range(4)
    ]
    (folder / "a.warc").write_bytes(b"".join(pages))
    assert luutru("import", "a.warc", cwd=folder).returncode == 0
    assert luutru("hide", "4", "--why", "test", cwd=folder).returncode == 0
    return folder / "archive.db"


def _urls(path: Path) -> list[str]:
    with path.open("rb") as file:
        found = ArchiveIterator(file)
        return [
            record.rec_headers.get_header("WARC-Target-URI")
            for record in found
            if record.rec_type == "response"
        ]


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        (["--search", "lúa gạo"], [2]),
        (["--sql", "SELECT id FROM articles WHERE title LIKE '%1' OR id = 4"], [1]),
        (["--sql", "SELECT id FROM articles ORDER BY id DESC"], [0, 1, 2]),
    ],
)
def test_a_query_leaves_as_a_warc_file(
    db: Path, tmp_path: Path, words: list[str], pages: list[int]
) -> None:
    out = tmp_path / "found.warc.gz"
    with closing(sqlite3.connect(db)) as archive:
        hidden = archive.execute("SELECT url FROM articles WHERE hidden_at NOT NULL").fetchone()[0]
    result = luutru("export", "warc", "--db", str(db), "-o", str(out), *words)
    assert result.returncode == 0, result.stdout + result.stderr
    found = _urls(out)
    assert hidden not in found
    assert found == [f"http://thu.example/tin/{n}.html" for n in pages if f"/{n}." not in hidden]
    again = luutru("import", str(out), "--db", str(tmp_path / "again.db"), "--json")
    assert json.loads(again.stdout)["runs"][0]["articles_new"] == len(found)


def test_a_query_leaves_as_a_wacz_file(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.wacz"
    sql = "SELECT id FROM articles WHERE body LIKE '%Lúa gạo%'"
    result = luutru("export", "wacz", "--db", str(db), "-o", str(out), "--sql", sql)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 articles, 1 captures" in result.stdout


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DELETE FROM articles", "can't be run"),
        ("SELECT title FROM articles", "the number of an article"),
        ("SELECT", "can't be run"),
        ("SELECT 1; DROP TABLE articles", "can't be run"),
    ],
)
def test_wrong_sql_is_one_line(db: Path, tmp_path: Path, sql: str, says: str) -> None:
    out = tmp_path / "found.warc.gz"
    result = luutru("export", "warc", "--db", str(db), "-o", str(out), "--sql", sql)
    assert result.returncode == 2, result.stdout + result.stderr
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not out.exists()
