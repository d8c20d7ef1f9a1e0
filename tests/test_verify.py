"""`luutru verify` names what was changed in a real archive, and puts files right from a copy."""

import fcntl
import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
from base64 import b32encode
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import practice
from crawler.archive.connection import open_archive
from crawler.capture.folder import folder_of
from crawler.capture.message import unchunked
from crawler.fixity.digests import HttpMeter, Meter, Unchunked, hexadecimal
from crawler.fixity.records import Damage, Record, read
from tests.conftest import Archive
from tests.test_cli import luutru


class Kept:
    """A copy of an archive that was crawled twice, so it has responses and revisits."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "archive.db"
        self.warcs = folder / "archive.warcs"

    def verify(self, *words: str) -> subprocess.CompletedProcess[str]:
        result = luutru("verify", "--db", str(self.db), *words)
        assert "Traceback" not in result.stderr, result.stderr
        return result

    def report(self, *words: str, code: int = 1) -> dict[str, Any]:
        """The JSON report; the exit code is checked."""
        result = self.verify("--json", *words)
        assert result.returncode == code, result.stdout + result.stderr
        report: dict[str, Any] = json.loads(result.stdout)
        return report

    def places(self) -> set[tuple[Any, ...]]:
        """(file, offset, table, id) of each finding."""
        return {
            (found["file"], found["offset"], found["table"], found["id"])
            for found in self.report()["findings"]
        }

    def rows(self, sql: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.db)) as db:
            db.row_factory = sqlite3.Row
            return db.execute(sql, values).fetchall()

    def change(self, sql: str, *values: object) -> None:
        """Write as someone would who evades the foreign keys."""
        with closing(sqlite3.connect(self.db)) as db:
            db.execute(sql, values)
            db.commit()

    def capture(self, number: int, record_type: str = "response") -> Any:
        return self.rows(
            "SELECT * FROM captures WHERE record_type = ? ORDER BY id LIMIT 1 OFFSET ?",
            record_type,
            number,
        )[0]

    def file(self, row: Any) -> Path:
        return self.warcs / str(row["warc_file"])

    def flip(self, row: Any, byte: int) -> None:
        path = self.file(row)
        data = bytearray(path.read_bytes())
        data[row["warc_offset"] + byte] ^= 0x01
        path.write_bytes(data)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    words = ("--db", str(folder / "archive.db"), "--full", "--delay", "0", "--concurrency", "8")
    with practice.running(articles=30, crawl_delay=0.001) as url:
        for _ in range(2):
            assert luutru("crawl", url, *words).returncode == 0
    return folder


@pytest.fixture
def kept(crawled: Path, tmp_path: Path) -> Kept:
    shutil.copytree(crawled, tmp_path / "kept")
    return Kept(tmp_path / "kept")


def test_a_sound_archive_is_clean(kept: Kept) -> None:
    report = kept.report(code=0)
    assert report["findings"] == []
    assert report["rows"] == kept.rows("SELECT count(*) FROM captures")[0][0] > 60
    assert kept.rows("SELECT count(*) FROM captures WHERE record_type = 'revisit'")[0][0] > 10
    assert report["files"] == 2
    assert report["size"] == sum(path.stat().st_size for path in kept.warcs.iterdir())
    people = kept.verify()
    assert "nothing wrong" in people.stdout
    assert people.stderr == ""


def test_checks_are_noted_in_premis_terms(kept: Kept) -> None:
    kept.verify()
    kept.flip(kept.capture(3), 100)
    kept.verify()
    events = kept.rows("SELECT event_type, object, outcome, detail FROM events ORDER BY id")
    name = kept.capture(3)["warc_file"]
    assert [event["outcome"] for event in events if event["object"] == "archive.db"] == [
        "success",
        "failure",
    ]
    assert ("message digest calculation", name) in {
        (event["event_type"], event["object"]) for event in events
    }
    damaged = next(e for e in events if e["object"] == name and e["outcome"] == "failure")
    assert damaged["event_type"] == "fixity check"
    assert f"{name} at byte {kept.capture(3)['warc_offset']}" in damaged["detail"]


@pytest.mark.parametrize("byte", [0, 12, 200, -9, -6, -1])
def test_a_flipped_byte_is_named_with_file_and_offset(kept: Kept, byte: int) -> None:
    row = kept.capture(5)
    kept.flip(row, byte if byte >= 0 else row["warc_length"] + byte)
    place = (row["warc_file"], row["warc_offset"])
    assert {(*place, None, None), (*place, "captures", row["id"])} == kept.places()


def test_a_flipped_byte_of_a_record_without_a_row_is_named(kept: Kept) -> None:
    row = kept.capture(5)
    kept.flip(row, row["warc_length"] + 60)
    # The request that belongs to the response.
    assert kept.places() == {
        (row["warc_file"], row["warc_offset"] + row["warc_length"], None, None)
    }


def test_a_flipped_byte_that_no_record_covers_is_named_after_the_first_check(kept: Kept) -> None:
    kept.report(code=0)
    row = kept.capture(5)
    kept.flip(row, 4)  # gzip's time stamp
    assert kept.places() == {(row["warc_file"], None, None, None)}


def test_a_deleted_file_is_named(kept: Kept) -> None:
    row = kept.capture(0)
    kept.file(row).unlink()
    found = kept.report()["findings"]
    assert [(each["file"], each["offset"]) for each in found] == [(row["warc_file"], None)]
    assert "missing" in found[0]["what"]


@pytest.mark.parametrize("inside", [True, False])
def test_a_truncated_file_is_named(kept: Kept, inside: bool) -> None:
    row = kept.capture(10)
    lost = kept.rows(
        "SELECT id FROM captures WHERE warc_file = ? AND warc_offset >= ?",
        row["warc_file"],
        row["warc_offset"],
    )
    with kept.file(row).open("r+b") as file:
        file.truncate(row["warc_offset"] + 100 * inside)
    found = kept.places()
    assert {place[3] for place in found if place[2] == "captures"} == {each["id"] for each in lost}
    torn = (row["warc_file"], row["warc_offset"], None, None)
    assert (torn in found) == inside


def test_records_cut_off_at_the_end_are_named_after_the_first_check(kept: Kept) -> None:
    kept.report(code=0)
    last = kept.rows(
        "SELECT warc_file, max(warc_offset + warc_length) AS finish FROM captures GROUP BY 1"
    )[0]
    with (kept.warcs / last["warc_file"]).open("r+b") as file:
        file.truncate(last["finish"])
    assert kept.places() == {(last["warc_file"], None, None, None)}


_A_LATER_ONE = "(SELECT max(id) FROM captures)"
_CHANGES = [
    ("captures", "UPDATE captures SET payload_sha256 = replace(payload_sha256, 'a', 'b')"),
    ("captures", "UPDATE captures SET status = 404"),
    ("captures", "UPDATE captures SET captured_at = '2020-01-01T00:00:00Z'"),
    ("captures", "UPDATE captures SET size = size + 1"),
    ("captures", "UPDATE captures SET warc_offset = warc_offset + 1"),
    ("captures", "UPDATE captures SET warc_offset = 'x'"),
    ("captures", "UPDATE captures SET warc_length = warc_length - 1"),
    ("captures", "UPDATE captures SET warc_file = 'other.warc.gz'"),
    ("captures", "UPDATE captures SET record_type = 'revisit'"),
    ("captures", "UPDATE captures SET url_id = url_id + 1"),
    ("captures", "UPDATE captures SET url_id = 99999"),
    ("captures", "UPDATE captures SET media_type = 'text/x'"),
    ("captures", "UPDATE captures SET ip = '10.0.0.1'"),
    ("versions", "UPDATE versions SET body = body || '.'"),
    ("versions", "UPDATE versions SET published_on = 'yesterday'"),
    ("versions", "UPDATE versions SET capture_id = 99999"),
    ("articles", "UPDATE articles SET title = title || '.'"),
    ("articles", "UPDATE articles SET view_count = view_count + 1"),
    ("articles", "UPDATE articles SET capture_id = 99999"),
    ("versions", f"UPDATE versions SET capture_id = {_A_LATER_ONE}"),
    ("view_counts", "UPDATE view_counts SET capture_id = 99999"),
    ("view_counts", f"UPDATE view_counts SET capture_id = {_A_LATER_ONE}"),
    ("view_counts", "UPDATE view_counts SET seen_at = '2020-01-01T00:00:00Z'"),
    ("images", "UPDATE images SET capture_id = capture_id + 1"),
    ("images", "UPDATE images SET url_id = url_id - 1"),
    ("readings", "UPDATE readings SET capture_id = 99999"),
]


@pytest.mark.parametrize(("table", "sql"), _CHANGES)
def test_a_changed_row_is_named(kept: Kept, table: str, sql: str) -> None:
    condition = " AND view_count IS NOT NULL" if "view_count =" in sql else ""
    condition += " AND payload_sha256 LIKE '%a%'" if table == "captures" else ""
    row = kept.rows(f"SELECT id FROM {table} WHERE id >= 9{condition}")[0]["id"]
    kept.change(f"{sql} WHERE id = ?", row)
    found = kept.places()
    named = {place[2:] for place in found if place[2]}
    assert (table, row) in named or ("other.warc.gz", None, None, None) in found
    # A capture may be named through its version, its reading of the counter and its revisit, which
    # depends on what was fetched ninth; no fifth row is.
    assert len(named) <= 4, found


@pytest.mark.parametrize("record_type", ["response", "revisit"])
def test_a_removed_capture_is_named_by_the_rows_that_refer_to_it(
    kept: Kept, record_type: str
) -> None:
    row = kept.rows(
        """SELECT v.id, v.capture_id FROM view_counts v JOIN captures c ON c.id = v.capture_id
           WHERE c.record_type = ? ORDER BY 1 LIMIT 1""",
        record_type,
    )[0]
    kept.change("DELETE FROM captures WHERE id = ?", row["capture_id"])
    assert (None, None, "view_counts", row["id"]) in kept.places()


def test_a_removed_version_and_a_wrong_index_are_named(kept: Kept) -> None:
    kept.change("DELETE FROM versions WHERE article_id = 4")
    assert kept.places() == {(None, None, "articles", 4)}
    kept.change("DROP TRIGGER articles_fts_delete")
    kept.change("DELETE FROM articles_fts_data WHERE id > 10")
    assert (None, None, "articles_fts", None) in kept.places()


def test_a_damaged_database_is_told_in_findings(kept: Kept) -> None:
    data = bytearray(kept.db.read_bytes())
    page = int.from_bytes(data[16:18], "big")
    root = kept.rows("SELECT rootpage FROM sqlite_master WHERE name = 'versions'")[0][0]
    data[(root - 1) * page : root * page] = bytes(page)
    kept.db.write_bytes(data)
    assert {place[2] for place in kept.places()} >= {"archive.db", "versions"}


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("articles", "category = 'Khác'"),
        ("articles", "summary = 'Khác'"),
        ("view_counts", "views = views + 1"),
        ("readings", "raw = raw || '.'"),
    ],
)
def test_a_changed_row_that_no_other_digest_covers_is_found(
    kept: Kept, table: str, change: str
) -> None:
    """Nobody noticed an older count, what was read for a field, a category or a summary."""
    (row,) = kept.rows(f"SELECT min(id) FROM {table}")[0]
    kept.change(f"UPDATE {table} SET {change} WHERE id = {row}")
    assert kept.places() == {(None, None, table, row)}


def test_rows_that_are_older_than_checksums_are_told_and_no_fault(kept: Kept) -> None:
    kept.change("UPDATE readings SET checksum = NULL")
    result = luutru("verify", "--db", str(kept.db))
    assert result.returncode == 0, result.stdout
    (rows,) = kept.rows("SELECT count(*) FROM readings")[0]
    assert f"left out: readings: {rows} rows are older than checksums" in result.stdout


@pytest.mark.parametrize("how", ["overwritten", "cut short"])
def test_a_database_that_can_not_be_opened_is_made_anew_from_its_records(
    kept: Kept, how: str
) -> None:
    """To run `luutru verify`, which had just been run, was the first advice."""
    data = kept.db.read_bytes()
    kept.db.write_bytes(
        data[: len(data) // 2] if how == "cut short" else data[:100] + b"\xaa" * 999
    )
    result = luutru("verify", "--db", str(kept.db))
    told = (
        f"take it back from a copy, or have `luutru replay {folder_of(kept.db)} --db new.db` read"
    )
    assert (result.returncode, told in result.stderr) == (3, True), result.stderr
    assert "luutru verify" not in result.stderr
    new = kept.db.with_name("new.db")
    assert luutru("replay", str(folder_of(kept.db)), "--db", str(new)).returncode == 0
    with closing(sqlite3.connect(new)) as archive:
        assert archive.execute("SELECT count(*) FROM articles").fetchone()[0] > 0


def test_what_is_found_is_told_where_it_cannot_be_noted(kept: Kept) -> None:
    """The check ended with nothing but "archive.db is damaged; `luutru verify` tells where"."""
    db = kept.db.rename(kept.db.with_name("other.db"))
    folder_of(kept.db).rename(folder_of(db))
    with closing(sqlite3.connect(db)) as archive:
        page = archive.execute("PRAGMA page_size").fetchone()[0]
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'events'"
        root = archive.execute(sql).fetchone()[0]
    data = bytearray(db.read_bytes())
    data[(root - 1) * page : root * page] = bytes(page)
    db.write_bytes(data)
    result = luutru("verify", "--db", str(db))
    assert result.returncode == 1, result.stderr
    assert "findings" in result.stdout
    assert f"no event was written: {db}: database disk image is malformed" in result.stderr
    # What ends a command names the archive that it was about.
    assert f"{db} is damaged" in luutru("alarms", "--db", str(db)).stderr


def _break(kept: Kept, how: str) -> str:
    row = kept.capture(4)
    path = kept.file(row)
    if how == "flipped":
        kept.flip(row, 300)
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[: row["warc_offset"] + 10])
    elif how == "emptied":
        path.write_bytes(b"")
    else:
        path.unlink()
    return str(row["warc_file"])


@pytest.mark.parametrize("how", ["flipped", "truncated", "emptied", "deleted"])
@pytest.mark.parametrize("copy", ["archive.db", "archive.warcs"])
def test_a_damaged_file_is_put_right_from_a_copy(
    kept: Kept, crawled: Path, how: str, copy: str
) -> None:
    name = _break(kept, how)
    broken = (kept.warcs / name).read_bytes() if how != "deleted" else None
    report = kept.report("--repair-from", str(crawled / copy), code=0)
    assert report["findings"]
    assert all(found["repaired"] for found in report["findings"])
    assert (kept.warcs / name).read_bytes() == (crawled / "archive.warcs" / name).read_bytes()
    if broken is not None:
        assert (kept.warcs / f"{name}.damaged").read_bytes() == broken
    assert kept.report(code=0)["findings"] == []
    event = kept.rows("SELECT object, outcome FROM events WHERE event_type = 'modification'")
    assert [tuple(row) for row in event] == [(name, "success")]


def test_a_copy_that_is_not_right_is_not_taken(kept: Kept, tmp_path: Path) -> None:
    name = _break(kept, "flipped")
    copies = tmp_path / "copies"
    copies.mkdir()
    broken = (kept.warcs / name).read_bytes()
    for wrong in (broken, broken[:5000], b"", b"no gzip" * 99):
        (copies / name).write_bytes(wrong)
        report = kept.report("--repair-from", str(copies))
        assert not any(found["repaired"] for found in report["findings"])
        assert "not right either" in report["repairs"][0]["detail"]
        assert (kept.warcs / name).read_bytes() == broken
    assert sorted(kept.warcs.iterdir()) == [
        p for p in sorted(kept.warcs.iterdir()) if p.suffix == ".gz"
    ]


def test_a_changed_row_can_not_be_repaired_with_a_file(kept: Kept, crawled: Path) -> None:
    kept.change("UPDATE captures SET payload_sha256 = 'x' WHERE id = 5")
    report = kept.report("--repair-from", str(crawled))
    assert not report["repairs"][0]["done"]


def test_a_sample_reads_a_part_and_finds_lost_files(kept: Kept) -> None:
    everything = kept.report(code=0)
    some = kept.report("--sample", "20%", code=0)
    assert 0 < some["records"] < everything["records"] / 2
    assert kept.report("--sample", "100%", code=0)["records"] == everything["records"]
    _break(kept, "deleted")
    assert "missing" in kept.verify("--sample", "0.1%").stdout
    kept.change("UPDATE versions SET body = 'x' WHERE id = 2")
    assert "versions 2" in kept.verify("--sample", "0.1%").stdout


def test_a_locked_archive_is_said_and_no_finding(kept: Kept) -> None:
    with closing(sqlite3.connect(kept.db)) as db:
        db.execute("BEGIN IMMEDIATE")
        result = kept.verify()
    assert (result.returncode, result.stdout) == (3, "")
    assert "is locked by another program" in result.stderr


def test_an_empty_archive_is_sound(archive: Archive) -> None:
    assert luutru("verify", "--db", str(archive.path)).returncode == 0
    archive.keep("/1", "x")
    assert luutru("verify", "--db", str(archive.path)).returncode == 0


def test_an_archive_without_its_warc_folder_is_not(kept: Kept) -> None:
    shutil.rmtree(kept.warcs)
    assert {place[0] for place in kept.places()} == {
        row[0] for row in kept.rows("SELECT DISTINCT warc_file FROM captures")
    }


def test_the_file_of_a_living_crawl_is_left_out(kept: Kept) -> None:
    name = kept.capture(0)["warc_file"]
    opened = (kept.warcs / name).rename(kept.warcs / f"{name}.open")
    with opened.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b"\x1f\x8b\x08 half a record")
        file.flush()
        report = kept.report(code=0)
        assert report["left_out"] == [
            "articles_fts: a crawl is writing",
            f"{name}.open: a crawl is writing it",
        ]
    # Killed: what is whole is checked, the torn end is the next crawl's to cut off.
    report = kept.report(code=0)
    assert report["rows"] == kept.rows("SELECT count(*) FROM captures")[0][0]
    assert "torn last record" in report["left_out"][0]


def test_what_is_no_warc_file_is_said(kept: Kept) -> None:
    (kept.warcs / "notes.txt").write_text("x")
    assert kept.report(code=0)["left_out"] == ["notes.txt: no .warc.gz file"]
    (kept.warcs / "a.warc.gz").write_bytes(bytes(range(256)) * 999)
    (kept.warcs / "b.warc.gz").write_bytes(gzip.compress(b"no record"))
    (kept.warcs / "c.warc.gz").write_bytes(b"")
    assert kept.places() == {
        ("a.warc.gz", 0, None, None),
        ("b.warc.gz", 0, None, None),
        ("c.warc.gz", None, None, None),
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--sample", "many"], "is no share"),
        (["--sample", "0%"], "is no share"),
        (["--sample", "nan"], "is no share"),
        (["--repair-from", "nowhere"], "does not exist"),
        (["--repair-from", "lonely.db"], "no folder of WARC files"),
        (["--db", "text.db"], "not an SQLite archive"),
        (["--db", "none.db"], "no archive at"),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, words: list[str], says: str) -> None:
    open_archive(tmp_path / "archive.db", create=True).close()
    (tmp_path / "lonely.db").touch()
    (tmp_path / "text.db").write_text("no database " * 50)
    result = luutru("verify", *words, cwd=tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert says in result.stderr


def _record(block: bytes, **headers: str) -> bytes:
    given = {"WARC-Type": "response", "Content-Type": "application/http; msgtype=response"}
    given |= {"Content-Length": str(len(block))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return gzip.compress(f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n")


def _read(data: bytes) -> list[Record | Damage]:
    return list(read(io.BytesIO(data), 0, len(data)))


def _wrong(data: bytes) -> tuple[str, ...]:
    (record,) = _read(data)
    assert isinstance(record, Record)
    return record.wrong


def _sha1(data: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(data).digest()).decode()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("payload", [b"5\r\nhello\r\n0\r\n\r\n", b"hello"])
def test_other_tools_digests_are_understood(payload: bytes) -> None:
    block = CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"
    assert _wrong(_record(block, WARC_Payload_Digest=_sha1(payload))) == ()
    assert _wrong(_record(block, WARC_Block_Digest=_sha1(block))) == ()
    assert hexadecimal("SHA-1:" + hashlib.sha1(b"x").hexdigest().upper()) == hexadecimal(
        _sha1(b"x").rstrip("=")
    )


def test_a_header_that_lies_is_named() -> None:
    block = HEAD + b"\r\nhello"
    assert "WARC-Block-Digest says" in _wrong(_record(block, WARC_Block_Digest=_sha1(b"x")))[0]
    assert "WARC-Payload-Digest says" in _wrong(_record(block, WARC_Payload_Digest=_sha1(b"x")))[0]
    assert "no digest" in _wrong(_record(block, WARC_Block_Digest="md5:abc"))[0]
    assert _wrong(_record(block, WARC_Block_Digest="md6:abc")) == ()
    assert "Content-Length says 999" in _wrong(_record(block, Content_Length="999"))[0]
    assert "two empty lines" in _wrong(_record(block, Content_Length="10"))[0]
    (damage,) = _read(_record(block, Content_Length="many"))
    assert isinstance(damage, Damage)


def test_a_record_larger_than_any_piece_is_streamed() -> None:
    block = HEAD + b"\r\n" + bytes(40 << 20)
    wrong = _wrong(_record(block, WARC_Block_Digest=_sha1(block)))
    assert wrong == ()


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    assert all(isinstance(found, Damage) for found in _read(data))
    whole = _record(HEAD + b"\r\nhello")
    assert [type(each) for each in _read(data + whole)][-1:] == [Record]


@given(st.binary(max_size=200), st.integers(1, 50), st.sampled_from([b"", b"5\r\nhello\r\n"]))
def test_unchunking_piece_by_piece_is_unchunking(body: bytes, size: int, before: bytes) -> None:
    body = before + body
    meter = Meter(["sha256"])
    decoder = Unchunked(meter)
    for start in range(0, len(body), size):
        decoder.feed(body[start : start + size])
    decoder.close()
    assert meter.digest("sha256") == hashlib.sha256(unchunked(body)[0]).hexdigest()


@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_payload_in_pieces_is_a_payload(payload: bytes, size: int) -> None:
    block = HEAD + b"\r\n" + payload
    meter = HttpMeter(["sha256"])
    for start in range(0, len(block), size):
        meter.feed(block[start : start + size])
    meter.close()
    assert meter.digests("sha256") == (hashlib.sha256(payload).hexdigest(),)
    assert meter.head
    assert meter.head.status == 200
