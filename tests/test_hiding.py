"""What is hidden from readers: kept, said so, and in nothing that they get."""

import json
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.connection import open_archive, timestamp
from crawler.archive.reports import article
from crawler.personal import why_private
from tests.conftest import NOW, Archive
from tests.packing import crawled, rows
from tests.site import serving
from tests.test_cli import luutru
from tests.test_datasette import served
from tests.test_replay import PAGE, TEXT, _record
from tests.test_replay_serving import Kept

_SECRET = "Bà Lành xin trợ cấp"


def _status(address: str) -> tuple[int, str]:
    try:
        with urlopen(address) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def hidden(archive: Archive) -> Archive:
    """Two articles; the first changed, is the most read and the newest, and is hidden."""
    for text in ("Cũ.", "Mới."):
        archive.keep("/1", _SECRET, text, published_on=NOW.date(), view_count=99, author="Lành")
    archive.keep("/2", "Chợ huyện", "Bán cá.", published_on=NOW.date().replace(year=2020))
    result = luutru("hide", "1", "--why", "a person asked", "--db", str(archive.path))
    assert (result.returncode, result.stdout) == (0, f"hidden: 1  {_SECRET}\n")
    return archive


def test_it_is_kept_and_says_so(hidden: Archive) -> None:
    row = article(hidden.db, "1")
    assert row
    assert (row["title"], row["body"], len(row["versions"])) == (_SECRET, "Mới.", 2)
    shown = luutru("show", "1", "--db", str(hidden.path))
    assert "a person asked" in shown.stdout
    (event,) = hidden.rows("SELECT event_type, object, detail FROM events")
    assert event == ("policy assignment", "article 1", "hidden from readers: a person asked")


def test_no_page_feed_or_export_for_readers_has_it(hidden: Archive) -> None:
    pages = (
        "", "search", "search?q=lanh", "browse", "portal/thu", "date/2024", "author?name=Lành",
        "changed", "vanished", "planted", "charts", "run/1", "article/2", "search.atom",
        "changed.atom", "vanished.atom", "search.csv", "search.jsonl",
    )  # fmt: skip
    with serving(hidden.path) as site:
        for page in pages:
            status, text = _status(site.at(page.replace("à", "%C3%A0")))
            assert status == 200, page
            assert "Lành xin" not in text, page
        for page in ("article/1", "article/1/changes"):
            status, text = _status(site.at(page))
            assert status == 403
            assert "a person asked" in text
            assert "Lành" not in text
    for command in ("search", "export csv", "export jsonl"):
        result = luutru(*command.split(), "--db", str(hidden.path))
        assert "Chợ huyện" in result.stdout
        assert "Lành" not in result.stdout


def test_a_new_crawl_does_not_bring_it_back_and_unhide_does(hidden: Archive) -> None:
    hidden.keep("/1", _SECRET, "Mới hơn.")
    assert luutru("search", "lanh", "--db", str(hidden.path)).returncode == 1
    result = luutru("unhide", "https://thu.example/1", "--db", str(hidden.path))
    assert (result.returncode, result.stdout) == (0, f"shown again: 1  {_SECRET}\n")
    assert luutru("search", "lanh", "--db", str(hidden.path)).returncode == 0
    assert luutru("unhide", "1", "--db", str(hidden.path)).returncode == 1
    assert len(hidden.rows("SELECT id FROM events")) == 2


def test_wrong_use_is_told(hidden: Archive) -> None:
    for words, said in (
        (("hide", "77", "--why", "x"), "no article 77"),
        (("hide", "1", "--why", "  "), "--why needs a reason"),
        (("hide", "1"), "--why"),
    ):
        result = luutru(*words, "--db", str(hidden.path))
        assert result.returncode == 2
        assert said in result.stderr
        assert "Traceback" not in result.stderr


def test_files_of_a_hidden_article_are_not_given_out(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keep("/a.png", "200 OK\r\nContent-Type: image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 300)
    kept.keep("/1", "200 OK\r\nContent-Type: text/html", b"<p>" * 200, title="Tin")
    kept.archive.db.execute(
        """INSERT INTO images (article_id, url, media_type, capture_id)
           SELECT 1, 'https://thu.example/a.png', 'image/png', min(id) FROM captures"""
    )
    kept.close()
    with serving(kept.db) as site:
        with urlopen(site.at("image/1")) as answer:
            assert answer.read() == b"\x89PNG\r\n\x1a\n" + b"x" * 300
            assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert luutru("hide", "1", "--why", "x", "--db", str(kept.db)).returncode == 0
        assert _status(site.at("image/1"))[0] == 404


def test_a_wacz_of_the_whole_says_that_it_still_holds_the_page(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for number, title in enumerate((_SECRET, "Chợ huyện")):
        body = f"<p>{title} {number}".encode() * 30
        kept.keep(f"/{number}", "200 OK\r\nContent-Type: text/html", body, title=title)
    kept.close()
    db, out = str(kept.db), tmp_path / "out.wacz"
    assert luutru("hide", "1", "--why", "x", "--db", db).returncode == 0
    result = luutru("export", "wacz", "--db", db, "-o", str(out))
    assert result.returncode == 0
    assert "1 hidden articles are not listed" in result.stderr
    lines = zipfile.ZipFile(out).read("pages/pages.jsonl").decode().splitlines()
    assert [json.loads(line)["title"] for line in lines[1:]] == ["Chợ huyện"]
    assert luutru("export", "wacz", "--search", "cho", "--db", db, "-o", str(out)).returncode == 0
    package = zipfile.ZipFile(out)
    names = [name for name in package.namelist() if name.startswith("archive/")]
    with package.open(names[0]) as file:
        urls = {r.rec_headers.get_header("WARC-Target-URI") for r in ArchiveIterator(file)}
    assert urls == {None, "https://thu.example/1"}


def test_for_readers_there_are_no_tables(hidden: Archive) -> None:
    command = ("luutru", "serve", "--db", str(hidden.path), "--port", "0", "--readers")
    with served(*command, plugins=True) as origin:
        status, text = _status(f"{origin}/archive/-/search")
        assert status == 200
        assert "Datasette" not in text
        for page in (
            "articles", "articles/1", "articles.json", "newest", "newest.json",
            "?sql=select+*+from+articles", ".json?sql=select+*+from+articles",
        ):  # fmt: skip
            status, text = _status(f"{origin}/archive{'/' if page[0].isalpha() else ''}{page}")
            assert status in (302, 403) or _SECRET not in text, page
            assert _SECRET not in text, page
        assert _status(f"{origin}/archive.db")[0] == 403


def test_for_readers_there_are_no_tables_of_an_earlier_archive(
    hidden: Archive, tmp_path: Path
) -> None:
    hidden.db.execute("DELETE FROM _sqlite_migrations WHERE name = '17-rescue-order'")
    metadata = tmp_path / "metadata.json"
    metadata.write_text('{"plugins": {"luutru": {"readers_only": true}}}')
    command = ("datasette", str(hidden.path), "--port", "0", "-m", str(metadata))
    with served(*command, plugins=True) as origin:
        for page in ("/articles/1.json", "/articles.csv", ".json?sql=select+*+from+articles"):
            assert _status(f"{origin}/archive{page}")[0] == 403, page


def test_the_site_keeps_to_datasettes_own_permissions(hidden: Archive, tmp_path: Path) -> None:
    metadata = tmp_path / "metadata.json"
    metadata.write_text('{"databases": {"archive": {"allow": {"id": "root"}}}}')
    command = ("datasette", str(hidden.path), "--port", "0", "-m", str(metadata))
    with served(*command, plugins=True) as origin:
        assert _status(f"{origin}/archive/-/article/2")[0] == 403


@pytest.mark.parametrize(
    ("url", "category"),
    [
        ("https://thu.example/hoi-dap/123", None),
        ("https://thu.example/vi/Danh-b%E1%BA%A1/phong-ban/12.html", None),
        ("https://thu.example/a/1", "Hỏi - Đáp pháp luật"),
        ("https://thu.example/a/1", "DANH BẠ ĐIỆN THOẠI"),
        ("https://thu.example/phan-anh-kien-nghi/x-1", "Công dân"),
    ],
)
def test_directories_and_questions_are_hidden_at_first(url: str, category: str | None) -> None:
    assert why_private(url, category)


@pytest.mark.parametrize(
    ("url", "category"),
    [
        ("https://thu.example/tin-tuc/hoi-nghi-hoi-dap-chinh-sach-12", "Tin tức"),
        ("https://thu.example/tin/ra-mat-danh-ba-so", "Chuyển đổi số"),
        ("https://thu.example/", None),
    ],
)
def test_news_about_such_things_are_not(url: str, category: str | None) -> None:
    assert why_private(url, category) is None


def test_a_crawled_answer_is_hidden_until_a_person_shows_it(archive: Archive) -> None:
    archive.keep("/hoi-dap/1", "Hỏi về đất", "Ông A ở thôn B hỏi.")
    assert archive.rows("SELECT hidden_at, hidden_why FROM articles") == [
        ("2024-07-03T02:00:00Z", "questions and answers may hold personal data (section “hoi dap”)")
    ]
    assert luutru("search", "--db", str(archive.path)).returncode == 1
    assert luutru("unhide", "1", "--db", str(archive.path)).returncode == 0
    archive.keep("/hoi-dap/1", "Hỏi về đất", "Ông A ở thôn B hỏi lại.")
    assert luutru("search", "--db", str(archive.path)).returncode == 0


def test_an_older_archive_hides_them_when_it_is_brought_up_to_date(archive: Archive) -> None:
    archive.keep("/hoi-dap/1", "Hỏi về đất")
    archive.keep("/tin/1", "Tin")
    archive.db.executescript(
        """DROP INDEX articles_hidden; DROP INDEX articles_newest; DROP INDEX articles_most_read;
        DROP INDEX articles_not_present; DROP INDEX articles_shown;
        DROP INDEX articles_shown_categories; DROP INDEX articles_shown_authors;
        DROP TABLE watch_hits; DROP TABLE watches;
        ALTER TABLE articles DROP COLUMN hidden_at; ALTER TABLE articles DROP COLUMN hidden_why;
        DELETE FROM _sqlite_migrations WHERE name LIKE '10-%'"""
    )
    again = open_archive(archive.path)
    found = again.execute("SELECT id, hidden_at IS NOT NULL FROM articles").fetchall()
    assert [tuple(row) for row in found] == [(1, 1), (2, 0)]
    assert isinstance(again, sqlite3.Connection)
    again.close()


def test_an_archive_rebuilt_from_its_records_hides_what_was_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    db = crawled(folder, times=1)
    ids = [row["id"] for row in rows(db, "SELECT id FROM articles ORDER BY id LIMIT 3")]
    for number in ids:
        assert luutru("hide", str(number), "--why", "được yêu cầu", "--db", str(db)).returncode == 0
    assert luutru("unhide", str(ids[1]), "--db", str(db)).returncode == 0
    assert luutru("verify", "--db", str(db)).returncode == 0
    asked = "SELECT url, hidden_at, hidden_why FROM articles WHERE hidden_why = 'được yêu cầu'"
    expected = sorted(map(tuple, rows(db, asked)))
    assert len(expected) == 2
    again = tmp_path / "again.db"
    for _ in range(2):
        result = luutru("replay", str(db.with_suffix(".warcs")), "--db", str(again))
        assert result.returncode == 0, result.stderr
        assert sorted(map(tuple, rows(again, asked))) == expected
    told = "SELECT count(*) AS n FROM events WHERE event_type = 'policy assignment'"
    assert rows(again, told)[0]["n"] == 2
    # The decisions now lie beside the rebuilt archive, too.
    again.unlink()
    luutru("replay", str(again.with_suffix(".warcs")), "--db", str(again))
    assert sorted(map(tuple, rows(again, asked))) == expected


def test_what_somebody_else_decided_shows_nothing_that_is_hidden_here(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    address = "http://thu.example/tin/{}.html"
    for number, place in ((1, tmp_path), (2, tmp_path), (3, theirs)):
        page = PAGE.format(n=number, text=TEXT).encode()
        (place / f"{number}.warc").write_bytes(_record(address.format(number), page))
    assert luutru("import", "1.warc", "2.warc", cwd=tmp_path).returncode == 0
    assert luutru("hide", address.format(1), "--why", "x", cwd=tmp_path).returncode == 0
    now = timestamp(datetime.now(UTC))
    lines = [
        {"url": address.format(number), "at": at, "why": why}
        for number, at, why in (
            (1, now, None),
            (1, "2999-01-01T00:00:00Z", None),
            (2, "2999-01-01T00:00:00Z", "y"),
            (3, now, "z"),
        )
    ]
    (theirs / "hidden.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    for words in (("import", "theirs/3.warc"), ("replay", "archive.db")):
        assert luutru(*words, cwd=tmp_path).returncode == 0
    found = rows(tmp_path / "archive.db", "SELECT hidden_why FROM articles ORDER BY url")
    assert [row["hidden_why"] for row in found] == ["x", None, "z"]


def test_a_decision_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    db = crawled(tmp_path, times=1)
    kept = db.with_suffix(".warcs") / "hidden.jsonl"
    # The last line lost its end to a power cut.
    kept.write_text('{"url": "x"}\n{"url": "http')
    result = luutru("replay", str(db))
    assert result.returncode == 1
    assert f"{kept}, line 1, is no decision to hide" in result.stdout
    kept.unlink()
    kept.mkdir()
    result = luutru("hide", "1", "--why", "x", "--db", str(db))
    assert (result.returncode, "can't be written" in result.stderr) == (3, True)
