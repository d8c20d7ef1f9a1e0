"""Kept pages read again: the same rows come out, nothing is asked for, nothing is doubled."""

import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import brotli
import pytest
from scrapy import Request

import practice
from crawler.capture.folder import folder_of
from crawler.foreign import writing
from crawler.replaying.kept import holdings
from crawler.replaying.records import is_warc, records
from crawler.replaying.run import NoRequests
from spiders.replay import ReplaySpider
from tests.test_cli import luutru

# What says when and by which run a row was made, not what a page says.
RUN_DATA = {"id", "run_id", "url_id", "portal_id", "article_id", "capture_id", "seen_capture_id"}
RUN_DATA |= {"absent_capture_id", "found_on", "refers_to", "source"}

ROWS = {
    "articles": "SELECT * FROM articles",
    "versions": "SELECT a.url, v.* FROM versions v JOIN articles a ON a.id = article_id",
    "view_counts": "SELECT a.url, v.* FROM view_counts v JOIN articles a ON a.id = article_id",
    "readings": "SELECT a.url, r.* FROM readings r JOIN articles a ON a.id = article_id",
    "images": "SELECT a.url AS a, i.* FROM images i JOIN articles a ON a.id = article_id",
    "attachments": "SELECT a.url AS a, f.* FROM attachments f JOIN articles a ON a.id = article_id",
    "site_counts": "SELECT * FROM site_counts",
    "problems": "SELECT u.url, p.* FROM problems p JOIN urls u ON u.id = url_id",
    # The crawl asks for robots.txt twice in a second, and keeps a row for one of the two.
    "captures": """SELECT u.key, c.* FROM captures c JOIN urls u ON u.id = url_id
                   WHERE u.kind <> 'robots'""",
    "urls": "SELECT key, url, form, kind, state, reason, last_status FROM urls",
}


def rows(db: Path, table: str) -> list[dict[str, Any]]:
    """What the table says, sorted, without ids and run data."""
    with closing(sqlite3.connect(db)) as archive:
        archive.row_factory = sqlite3.Row
        found = [dict(row) for row in archive.execute(ROWS[table])]
    kept = [{name: row[name] for name in row if name not in RUN_DATA} for row in found]
    return sorted(kept, key=str)


def everything(db: Path) -> dict[str, list[Any]]:
    """Every row of the archive as it is, but for what tells of runs and what they touched."""
    with closing(sqlite3.connect(db)) as archive:
        tables = [
            name
            for (name,) in archive.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in ("runs", "events", "row_changes")
            and not name.startswith(("articles_fts", "_"))
        ]
        return {name: archive.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


class Crawls:
    """The practice portal crawled on day 0 and on day 7; nobody listens at its address now."""

    def __init__(self, folder: Path) -> None:
        self.day0, self.week = folder / "day0.db", folder / "week.db"
        with practice.running(articles=160, day=0, crawl_delay=0) as url:
            port = int(url.rstrip("/").rpartition(":")[2])
            self._crawl(url)
        shutil.copy(self.week, self.day0)
        shutil.copytree(folder_of(self.week), folder_of(self.day0))
        with practice.running(articles=160, day=7, port=port, crawl_delay=0) as url:
            self._crawl(url)

    def _crawl(self, url: str) -> None:
        result = luutru(
            "crawl", url, "--db", str(self.week), "--full", "--delay", "0", "--concurrency", "8"
        )
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Crawls:
    return Crawls(tmp_path_factory.mktemp("crawls"))


def replay(*words: object) -> subprocess.CompletedProcess[str]:
    return luutru("replay", *map(str, words))


@pytest.fixture(scope="module")
def rebuilt(crawls: Crawls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive made again from the WARC files of day 0."""
    db = tmp_path_factory.mktemp("rebuilt") / "again.db"
    result = replay(folder_of(crawls.day0), "--db", db)
    assert result.returncode == 0, result.stdout + result.stderr
    return db


@pytest.mark.parametrize("table", ROWS)
def test_the_crawl_comes_out_of_its_warc_files(crawls: Crawls, rebuilt: Path, table: str) -> None:
    expected = rows(crawls.day0, table)
    assert rows(rebuilt, table) == expected
    assert expected or table == "problems"


def test_pages_that_came_by_post_are_found_again(crawls: Crawls, rebuilt: Path) -> None:
    query = "SELECT key FROM urls WHERE form IS NOT NULL AND state = 'done' ORDER BY key"
    with closing(sqlite3.connect(rebuilt)) as archive:
        posted = archive.execute(query).fetchall()
    with closing(sqlite3.connect(crawls.day0)) as archive:
        assert archive.execute(query).fetchall() == posted
    assert any("POST page" in key for (key,) in posted)
    assert any("/loadarticle post" in key.lower() for (key,) in posted)


@pytest.mark.parametrize("table", ROWS)
def test_two_crawls_give_the_same_versions_and_counts(
    crawls: Crawls, tmp_path_factory: pytest.TempPathFactory, table: str
) -> None:
    db = tmp_path_factory.getbasetemp() / "two-crawls" / "again.db"
    if not db.exists():
        db.parent.mkdir()
        assert replay(folder_of(crawls.week), "--db", db).returncode == 0
    assert rows(db, table) == rows(crawls.week, table)


def test_the_run_is_a_replay_and_says_so(rebuilt: Path) -> None:
    with closing(sqlite3.connect(rebuilt)) as archive:
        kind, verdict, seen = archive.execute(
            "SELECT kind, verdict, articles_new FROM runs"
        ).fetchone()
        captures = archive.execute("SELECT DISTINCT source FROM captures").fetchall()
        (detail,) = archive.execute(
            "SELECT detail FROM events WHERE event_type = 'ingestion'"
        ).fetchone()
    assert (kind, verdict, seen) == ("replay", "complete", 160)
    assert captures == [("file",)]
    assert "sha256:" in detail


def test_rows_point_at_records_beside_the_archive(rebuilt: Path) -> None:
    result = luutru("verify", "--db", str(rebuilt))
    assert result.returncode == 0, result.stdout


def test_the_second_time_nothing_is_added(crawls: Crawls, rebuilt: Path, tmp_path: Path) -> None:
    before = everything(rebuilt)
    files = sorted(path.name for path in folder_of(rebuilt).iterdir())
    assert replay(folder_of(crawls.day0), "--db", rebuilt).returncode == 0
    assert everything(rebuilt) == before
    renamed = tmp_path / "other-name.warc.gz"
    shutil.copy(next(folder_of(crawls.day0).iterdir()), renamed)
    assert replay(renamed, "--db", rebuilt).returncode == 0
    assert everything(rebuilt) == before
    assert sorted(path.name for path in folder_of(rebuilt).iterdir()) == files


def test_an_archive_replayed_onto_itself_stays_as_it_is(crawls: Crawls) -> None:
    before = everything(crawls.week)
    result = replay(crawls.week, "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout)["runs"][0]["articles_new"] == 0
    assert everything(crawls.week) == before


def test_what_an_older_reader_got_wrong_is_put_right(crawls: Crawls, tmp_path: Path) -> None:
    db = tmp_path / "week.db"
    shutil.copy(crawls.week, db)
    shutil.copytree(folder_of(crawls.week), folder_of(db))
    with closing(sqlite3.connect(db)) as archive:
        archive.execute("UPDATE articles SET title = 'sai', view_count = NULL")
        archive.execute("UPDATE versions SET body = 'sai', content_sha256 = 'x'")
        archive.execute("DELETE FROM view_counts WHERE id % 2")
        archive.execute("UPDATE readings SET rule = 'cũ'")
        archive.execute("UPDATE attachments SET text = NULL")
        archive.commit()
    assert replay(db).returncode == 0
    # A 304 bears the count of the page that it vouches for; it says nothing that could be read.
    for table in ("articles", "versions", "readings", "attachments", "captures", "urls"):
        assert rows(db, table) == rows(crawls.week, table), table


def test_older_evidence_goes_before_the_younger(crawls: Crawls, tmp_path: Path) -> None:
    db = tmp_path / "reverse.db"
    first, second = sorted(folder_of(crawls.week).iterdir())
    assert replay(second, "--db", db).returncode == 0
    latest = {row["url"]: row for row in rows(db, "articles")}
    assert replay(first, "--db", db).returncode == 0
    told = ("title", "body", "view_count", "last_seen_at")
    for row in rows(db, "articles"):
        if younger := latest.get(row["url"]):
            assert [row[name] for name in told] == [younger[name] for name in told]
            assert row["first_seen_at"] <= younger["first_seen_at"]
    pairs = {(row["url"], row["content_sha256"]) for row in rows(db, "versions")}
    assert pairs == {(row["url"], row["content_sha256"]) for row in rows(crawls.week, "versions")}


@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_a_damaged_file_is_read_around_the_damage(crawls: Crawls, tmp_path: Path, how: str) -> None:
    source = next(folder_of(crawls.day0).iterdir())
    data = bytearray(source.read_bytes())
    with closing(sqlite3.connect(crawls.day0)) as archive:
        offsets = "SELECT warc_offset FROM captures c JOIN articles a ON a.capture_id = c.id"
        found_at = sorted(offset for (offset,) in archive.execute(offsets))
    middle = found_at[len(found_at) // 2] + 100
    damaged = tmp_path / "damaged.warc.gz"
    if how == "cut":
        damaged.write_bytes(data[:middle])
    else:
        data[middle] ^= 0xFF
        damaged.write_bytes(data)
    db = tmp_path / "archive.db"
    result = replay(damaged, "--db", db)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "damaged.warc.gz: " in result.stdout
    assert "bytes are left out" in result.stdout
    assert "Traceback" not in result.stderr
    found = {row["url"]: row for row in rows(db, "articles")}
    whole = {row["url"]: row for row in rows(crawls.day0, "articles")}
    assert len(found) == (len(whole) - 1 if how == "flipped" else len(whole) // 2)
    assert {url: row["body"] for url, row in found.items()} == {
        url: whole[url]["body"] for url in found
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["text.txt"], "text.txt is neither a WARC nor a WACZ file"),
        (["none.warc.gz"], "none.warc.gz can't be read"),
        (["folder"], "folder holds no WARC or WACZ file"),
        (["songs.db"], "no luutru archive"),
        (["day0.db", "text.txt"], "is an archive"),
        (["small.warc", "--portal", "kimsom"], "nearest: kimson"),
    ],
)
def test_wrong_use_is_one_line(crawls: Crawls, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "text.txt").write_text("no records")
    (tmp_path / "folder").mkdir()
    (tmp_path / "small.warc").write_bytes(_record("http://thu.example/", b"x"))
    shutil.copy(crawls.day0, tmp_path / "day0.db")
    with closing(sqlite3.connect(tmp_path / "songs.db")) as songs:
        songs.execute("CREATE TABLE songs (id)")
    result = luutru("replay", *words, cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.count("\n") == 1
    assert says in result.stderr


PAGE = """<html><body><h1 class="title">Bài số {n}</h1><p>Ngày đăng: 03/07/2024</p>
<div class="content"><p>{text}</p></div></body></html>"""
TEXT = "Ủy ban nhân dân huyện tổ chức hội nghị tổng kết công tác xây dựng nông thôn mới. " * 8


def _record(url: str, body: bytes, head: str = "", kind: str = "response", **more: str) -> bytes:
    given = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{head}\r\n"
    block = given.encode() + body
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{url}-{kind}>",
        "WARC-Target-URI": url,
        "WARC-Date": "2024-07-03T02:00:00Z",
        **{name.replace("_", "-"): value for name, value in more.items()},
        "Content-Length": str(len(block)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def _chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def _codings() -> Iterator[tuple[str, bytes]]:
    pages = (PAGE.format(n=n, text=TEXT).encode() for n in count())
    yield "Content-Encoding: gzip\r\n", gzip.compress(next(pages))
    yield "Content-Encoding: br\r\n", brotli.compress(next(pages))
    yield "Content-Encoding: deflate\r\n", zlib.compress(next(pages))
    yield "Content-Encoding: deflate, gzip\r\n", gzip.compress(zlib.compress(next(pages)))
    deflate = zlib.compressobj(wbits=-15)
    yield "Content-Encoding: deflate\r\n", deflate.compress(next(pages)) + deflate.flush()
    yield "Transfer-Encoding: chunked\r\n", _chunked(next(pages))
    yield "Transfer-Encoding: chunked\r\n", next(pages)
    zipped = gzip.compress(next(pages))
    yield "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", _chunked(zipped)
    yield "Transfer-Encoding: gzip, chunked\r\n", _chunked(gzip.compress(next(pages)))


def test_every_coding_is_taken_off(tmp_path: Path) -> None:
    made = b"".join(
        _record(f"http://thu.example/tin/{n}.html", body, head)
        for n, (head, body) in enumerate(_codings())
    )
    (tmp_path / "codings.warc").write_bytes(made)
    result = luutru("replay", "codings.warc", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    found = rows(tmp_path / "archive.db", "articles")
    assert [row["title"] for row in found] == [f"Bài số {n}" for n in range(9)]


def test_what_cannot_be_read_is_said_and_passed_over(tmp_path: Path) -> None:
    page = PAGE.format(n=1, text=TEXT).encode()
    same = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    made = [
        _record("http://thu.example/1.html", page),
        _record("http://thu.example/2.html", b"not gzip", "Content-Encoding: br\r\n"),
        _record("http://thu.example/3.html", page[:90], WARC_Truncated="length"),
        _record(
            "http://thu.example/4.html",
            b"",
            kind="revisit",
            WARC_Profile=same,
            WARC_Payload_Digest="sha1:NONE",
        ),
        _record("http://thu.example/5.html", page[:90], WARC_Segment_Number="1"),
        _record("http://thu.example/6.html", page, WARC_Date="2096-10-02T07:06:40Z"),
        _record("http://other.example/", page),
    ]
    (tmp_path / "odd.warc").write_bytes(b"".join(made))
    result = luutru("replay", "odd.warc", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert "2.html: " in result.stdout
    assert "the revisit at byte" in result.stdout
    assert "3.html: cut off (length)" in result.stdout
    assert "odd.warc.gz: the record at byte" in result.stdout
    assert "one of several segments" in result.stdout
    assert "dated in the future, by this machine's clock (2096-10-02" in result.stdout
    assert "1 pages of other hosts were left out: other.example (1)" in result.stdout
    states = {row["key"]: row["state"] for row in rows(tmp_path / "archive.db", "urls")}
    assert states["thu.example/1.html"] == "done"
    assert states["thu.example/2.html"] == states["thu.example/3.html"] == "failed"


def test_what_is_odd_and_whole_is_read_and_verified(tmp_path: Path) -> None:
    """A date in another zone and to the minute, an interim answer, `WARC-Truncated` in a revisit.

    Each was read, and then called damage by `luutru verify`, or dated seven hours late.
    """
    page = PAGE.format(n=1, text=TEXT).encode()
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    answer = interim + b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    same = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    url, noon = "http://thu.example/1.html", datetime(2024, 7, 3, 4, tzinfo=UTC)
    made = [
        _record(url, page, WARC_Date="2024-07-03T09:00:00+07:00", WARC_Record_ID="<urn:x:1>"),
        _record("http://thu.example/2.html", page, WARC_Date="2024-07-03T03:00Z"),
        gzip.decompress(writing.response("http://thu.example/3.html", noon, None, answer)),
        _record(
            url,
            b"",
            kind="revisit",
            WARC_Date="2024-07-04T02:00:00Z",
            WARC_Profile=same,
            WARC_Refers_To="<urn:x:1>",
            WARC_Truncated="length",
        ),
    ]
    (tmp_path / "odd.warc").write_bytes(b"".join(made))
    result = luutru("replay", "odd.warc", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    kept = rows(tmp_path / "archive.db", "captures")
    assert {(row["captured_at"], row["status"], row["truncated"]) for row in kept} == {
        ("2024-07-03T02:00:00Z", 200, None),
        ("2024-07-03T03:00:00Z", 200, None),
        ("2024-07-03T04:00:00Z", 200, None),
        ("2024-07-04T02:00:00Z", 200, None),
    }
    assert len({row["payload_sha256"] for row in kept}) == 1
    result = luutru("verify", cwd=tmp_path)
    assert result.returncode == 0, result.stdout


def test_what_is_read_otherwise_is_written_down(tmp_path: Path) -> None:
    """An earlier reader's values were overwritten without a trace, and closed problems reopened."""
    page = PAGE.format(n=1, text=TEXT).replace("03/07/2024", "một ngày đẹp trời")
    (tmp_path / "one.warc").write_bytes(_record("http://thu.example/1.html", page.encode()))
    assert luutru("import", "one.warc", cwd=tmp_path).returncode == 0
    db = tmp_path / "archive.db"
    with closing(sqlite3.connect(db)) as archive, archive:
        archive.execute("UPDATE articles SET title = 'Tên cũ', body = 'x'")
        archive.execute("UPDATE versions SET content_sha256 = 'old'")
        archive.execute("UPDATE problems SET resolved_at = '2026-01-01T00:00:00Z'")
    result = luutru("replay", "archive.db", cwd=tmp_path)
    assert "1 changed" in result.stdout, result.stdout + result.stderr
    assert "0 changed" in luutru("replay", "archive.db", cwd=tmp_path).stdout
    with closing(sqlite3.connect(db)) as archive:
        wanted = "SELECT object, detail FROM events WHERE event_type = 'modification'"
        ((url, detail),) = archive.execute(wanted).fetchall()
        closed = archive.execute("SELECT count(*), count(resolved_at) FROM problems").fetchone()
    assert (url, closed[0]) == ("http://thu.example/1.html", closed[1])
    assert closed[0] > 0
    assert "title: Tên cũ → Bài số 1\n" in detail
    assert "body: 1 characters → " in detail
    assert "version of 2024-07-03T02:00:00Z: sha256:old → sha256:" in detail


def test_a_page_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    pages = [
        _record(f"http://thu.example/{n}.html", PAGE.format(n=n, text=TEXT).encode())
        for n in range(3)
    ]
    (tmp_path / "three.warc").write_bytes(b"".join(pages))
    assert luutru("import", "three.warc", cwd=tmp_path).returncode == 0
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive, archive:
        archive.execute("UPDATE articles SET title = 'Tên cũ'")
        archive.execute(
            """CREATE TRIGGER full BEFORE UPDATE ON articles WHEN old.url LIKE '%/1.html'
               BEGIN SELECT RAISE(ABORT, 'not this one'); END"""
        )
    result = luutru("replay", "archive.db", cwd=tmp_path)
    assert result.returncode == 1
    assert "http://thu.example/1.html: not this one" in result.stdout
    titles = [row["title"] for row in rows(tmp_path / "archive.db", "articles")]
    assert sorted(titles) == ["Bài số 0", "Bài số 2", "Tên cũ"]


def test_a_revisit_has_the_content_of_its_original(tmp_path: Path) -> None:
    page = PAGE.format(n=1, text=TEXT).encode()
    same = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    made = [
        _record("http://thu.example/1.html", page, WARC_Payload_Digest="sha1:ONE"),
        _record(
            "http://thu.example/1.html?again",
            b"",
            kind="revisit",
            WARC_Profile=same,
            WARC_Payload_Digest="sha1:ONE",
        ),
    ]
    (tmp_path / "revisit.warc").write_bytes(b"".join(made))
    assert luutru("replay", "revisit.warc", cwd=tmp_path).returncode == 0
    # The same article at a second address is known as such by its text, so that was read.
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        copies = archive.execute("SELECT count(*) FROM urls WHERE same_as IS NOT NULL")
        assert copies.fetchone() == (1,)
    kept = rows(tmp_path / "archive.db", "captures")
    assert {row["record_type"] for row in kept} == {"response", "revisit"}
    assert len({row["payload_sha256"] for row in kept}) == 1


def test_a_revisit_finds_its_original_in_the_archive(crawls: Crawls, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    for path in sorted(folder_of(crawls.week).iterdir()):
        result = replay(path, "--db", db)
        assert result.returncode == 0, result.stdout + result.stderr
    for table in ROWS:
        assert rows(db, table) == rows(crawls.week, table), table


def test_nothing_can_be_asked_for(crawls: Crawls) -> None:
    """Nobody listens at the portal's address, and a replay's frontier hands out nothing."""
    scheduler = NoRequests()
    assert not scheduler.has_pending_requests()
    assert not scheduler.enqueue_request(Request("http://thu.example/"))
    assert set(ReplaySpider.custom_settings["DOWNLOAD_HANDLERS"].values()) == {None}
    assert replay(crawls.day0).returncode == 0


def test_scrapy_users_can_replay_too(crawls: Crawls, tmp_path: Path) -> None:
    files = ",".join(map(str, folder_of(crawls.day0).iterdir()))
    subprocess.run(
        [
            str(Path(sys.executable).with_name("scrapy")),
            "crawl",
            "replay",
            "-a",
            f"files={files}",
            "-s",
            f"ARCHIVE={tmp_path / 'archive.db'}",
        ],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
    )
    assert rows(tmp_path / "archive.db", "articles") == rows(crawls.day0, "articles")


def test_records_are_addressed_by_offset_and_length(crawls: Crawls) -> None:
    path = next(folder_of(crawls.day0).iterdir())
    with path.open("rb") as file:
        for record in records(path, pytest.fail):
            file.seek(record.offset)
            assert gzip.decompress(file.read(record.length)).startswith(b"WARC/1.1\r\n")
    assert is_warc(path)


def test_a_file_may_end_in_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(_record("http://thu.example/", b"x") + bytes(50))
    told = list[str]()
    assert [record.url for record in records(path, told.append)] == ["http://thu.example/"]
    assert len(told) == 1
    assert "50 bytes are left out" in told[0]
    assert len(holdings([path]).exchanges) == 1
