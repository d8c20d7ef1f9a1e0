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


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_a_query_that_finds_nothing_is_no_missing_file(db: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"found.{form}"
    result = luutru("export", form, "--db", str(db), "-o", str(out), "--search", "khongcogi")
    told = "no article is found; nothing to pack\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", told)
    assert not out.exists()


def _asked_by_post(n: int) -> bytes:
    """A request and its answer in the order of wget."""
    url, form = "http://thu.example/tin.aspx", f"id={n}"
    sent = f"POST /tin.aspx HTTP/1.1\r\nContent-Length: {len(form)}\r\n\r\n{form}"
    request = (
        f"WARC/1.0\r\nWARC-Type: request\r\nWARC-Record-ID: <urn:x:{n}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2024-07-03T02:00:00Z\r\n"
        f"Content-Length: {len(sent)}\r\n\r\n{sent}\r\n\r\n"
    )
    page = PAGE.format(n=n, text=TEXT).encode()
    return request.encode() + _record(url, page, WARC_Concurrent_To=f"<urn:x:{n}>")


def test_requests_in_front_leave_with_their_answers_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(map(_asked_by_post, range(4))))
    assert luutru("import", "a.warc", cwd=tmp_path).returncode == 0
    sql = "SELECT id FROM articles WHERE title LIKE '%1' OR title LIKE '%2'"
    words = ["-o", "found.warc.gz", "--sql", sql]
    assert luutru("export", "warc", *words, cwd=tmp_path).returncode == 0
    again = luutru("import", "found.warc.gz", "--db", "again.db", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    with closing(sqlite3.connect(tmp_path / "again.db")) as archive:
        forms = archive.execute("SELECT form FROM urls WHERE form NOT NULL ORDER BY 1").fetchall()
    assert forms == [("id=1",), ("id=2",)]
    with (tmp_path / "found.warc.gz").open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["request", "response"] * 2


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        # No foreign key forbids it: nothing but that the archive is only read.
        ("UPDATE articles SET title = 'x' RETURNING id", "can't be run: attempt to write"),
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
