"""Damaged files: what is whole is taken, what is not is told, and nothing stops half-way."""

import bz2
import gzip
import hashlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.connection import open_archive
from crawler.capture.folder import folder_of
from crawler.replaying.answers import answer
from crawler.replaying.intake import Intake, take_in
from crawler.replaying.kept import holdings
from crawler.replaying.records import records
from crawler.replaying.sources import sources
from crawler.replaying.unpacking import unpack, zstd
from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT

PAGES = 6
EVERY = set(range(PAGES))


def _url(n: int) -> str:
    return f"http://thu.example/tin/{n}.html"


def _block(n: int) -> bytes:
    body = PAGE.format(n=n, text=TEXT).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _record(n: int, **fields: str | None) -> bytes:
    """A record of page `n`; `fields` replace header fields, None leaves one out."""
    block = _block(n)
    given = {
        "WARC_Type": "response",
        "WARC_Record_ID": f"<urn:uuid:{n}>",
        "WARC_Target_URI": _url(n),
        "WARC_Date": f"2024-07-03T02:00:{n:02}Z",
        "Content_Type": "application/http;msgtype=response",
        "WARC_Block_Digest": f"sha1:{hashlib.sha1(block).hexdigest()}",
        "Content_Length": str(len(block)),
        **fields,
    }
    lines = [f"{k.replace('_', '-')}: {v}" for k, v in given.items() if v is not None]
    return "\r\n".join(["WARC/1.1", *lines, "", ""]).encode() + block + b"\r\n\r\n"


def _plain(**third: str | None) -> list[bytes]:
    """All records; the header fields of the third are as given."""
    return [_record(n, **(third if n == 2 else {})) for n in range(PAGES)]


def _packed(records: list[bytes]) -> list[bytes]:
    return [gzip.compress(record, mtime=0) for record in records]


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def _with_third(change: Callable[[bytes], bytes], members: list[bytes] | None = None) -> bytes:
    found = members or _packed(_plain())
    return b"".join([*found[:2], change(found[2]), *found[3:]])


def _whole() -> bytes:
    return gzip.compress(b"".join(_plain()), mtime=0)


def _frames() -> list[bytes]:
    sums = {zstd.CompressionParameter.checksum_flag: 1}
    return [zstd.compress(record, options=sums) for record in _plain()]


def _zip(method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr("archive/data.warc.gz", b"".join(_packed(_plain())))
        made.writestr("datapackage.json", b"{}")
    return out.getvalue()


def _arc(third_length: int = 0) -> list[bytes]:
    about = b"1 0 luutru\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://x.arc 0.0.0.0 20240703020000 text/plain %d\n" % len(about)
    made = [head + about + b"\n"]
    for n in range(PAGES):
        length = len(_block(n)) + (third_length if n == 2 else 0)
        line = f"{_url(n)} 203.0.113.9 2024070302000{n} text/html {length}\n"
        made.append(line.encode() + _block(n) + b"\n")
    return made


DAMAGE: dict[str, tuple[str, bytes, set[int], str]] = {
    # How it is damaged: the file's name, its bytes, the pages that are whole, what is told.
    "cut in a record": ("a.warc.gz", b"".join(_packed(_plain()))[:-40], EVERY - {5}, "it ends in"),
    "cut in a gzip head": (
        "a.warc.gz",
        b"".join(_packed(_plain())[:5]) + _packed(_plain())[5][:5],
        EVERY - {5},
        "it ends in",
    ),
    "a flipped byte": ("a.warc.gz", _with_third(lambda r: _flipped(r, 60)), EVERY - {2}, "damaged"),
    "a wrong CRC": ("a.warc.gz", _with_third(lambda r: _flipped(r, -6)), EVERY - {2}, "damaged"),
    "killed and gone on": ("a.warc.gz", _with_third(lambda r: r[:100]), EVERY - {2}, "damaged"),
    "a record's start is gone": (
        "a.warc.gz",
        _with_third(lambda r: r[30:]),
        EVERY - {2},
        "no WARC record",
    ),
    "zeros between": ("a.warc.gz", _with_third(lambda r: r + bytes(5000)), EVERY, "5000 bytes"),
    "zeros at the end": ("a.warc.gz", b"".join(_packed(_plain())) + bytes(64), EVERY, "64 bytes"),
    "rubbish in front": (
        "a.warc.gz",
        b"\n\n<rubbish>" + b"".join(_packed(_plain())),
        EVERY,
        "byte 0",
    ),
    "rubbish in front of one stream": ("a.warc.gz", b"<rubbish>" + _whole(), EVERY, "byte 0"),
    "a record in the open, then one stream": (
        "a.warc.gz",
        _plain()[0] + gzip.compress(b"".join(_plain()[1:])) + b"<rubbish>",
        EVERY,
        "(9 bytes are left out)",
    ),
    "too long a length": (
        "a.warc.gz",
        b"".join(_packed(_plain(Content_Length="99999"))),
        EVERY - {2},
        "less than it says",
    ),
    "too short a length": (
        "a.warc.gz",
        b"".join(_packed(_plain(Content_Length="300"))),
        EVERY - {2},
        "longer than it says",
    ),
    "too long a length, plain": (
        "a.warc",
        b"".join(_plain(Content_Length="2000")),
        EVERY - {2},
        "longer than it says",
    ),
    "too long for the file, plain": (
        "a.warc",
        b"".join(_plain(Content_Length="999999")),
        EVERY - {2},
        "less than it says",
    ),
    "too short a length, plain": (
        "a.warc",
        b"".join(_plain(Content_Length="300")),
        EVERY - {2},
        "longer than it says",
    ),
    "no length": (
        "a.warc",
        b"".join(_plain(Content_Length=None)),
        EVERY - {2},
        "has no Content-Length",
    ),
    "a negative length": (
        "a.warc.gz",
        b"".join(_packed(_plain(Content_Length="-5"))),
        EVERY - {2},
        "has no Content-Length",
    ),
    "an endless length": (
        "a.warc.gz",
        b"".join(_packed(_plain(Content_Length="9" * 60))),
        EVERY - {2},
        "has no Content-Length",
    ),
    "no date": ("a.warc", b"".join(_plain(WARC_Date="soon")), EVERY - {2}, "has no date"),
    "no address": ("a.warc", b"".join(_plain(WARC_Target_URI=None)), EVERY - {2}, "has no address"),
    "line ends changed": (
        "a.warc",
        _with_third(lambda r: r.replace(b"\r\n", b"\n"), _plain()),
        EVERY - {2},
        "longer than it says",
    ),
    "one stream, cut": ("a.warc.gz", _whole()[: len(_whole()) * 3 // 4], {0, 1}, "breaks off"),
    "one stream, a wrong CRC": ("a.warc.gz", _flipped(_whole(), -6), EVERY, "damaged"),
    "one member holds three records": (
        "a.warc.gz",
        b"".join(_packed([*_plain()[:2], b"".join(_plain()[2:5]), _plain()[5][:-900]])),
        EVERY - {5},
        "less than it says",
    ),
    "zstd, a damaged frame": (
        "a.warc.zst",
        _with_third(lambda r: _flipped(r, len(r) // 2), _frames()),
        EVERY - {2},
        "damaged",
    ),
    "zstd, rubbish at the end": (
        "a.warc.zst",
        b"".join(_frames()) + b"<rubbish>",
        EVERY,
        "9 bytes",
    ),
    "zstd, cut": ("a.warc.zst", b"".join(_frames())[:-30], EVERY - {5}, "breaks off"),
    "a WACZ without its list": ("a.wacz", _zip()[:-60], EVERY, "byte 0"),
    "a WACZ with another byte": (
        "a.wacz",
        _flipped(_zip(), _zip().index(_packed(_plain())[2]) + 60),
        EVERY - {2},
        "CRC",
    ),
    "ARC, cut": ("a.arc", b"".join(_arc())[:-40], EVERY - {5}, "not as long as it says"),
    "ARC, a wrong length": ("a.arc", b"".join(_arc(7)), EVERY - {2}, "not as long as it says"),
    "ARC, a damaged member": (
        "a.arc.gz",
        b"".join(
            _flipped(member, 60) if n == 3 else member
            for n, member in enumerate(gzip.compress(record, mtime=0) for record in _arc())
        ),
        EVERY - {2},
        "damaged",
    ),
}


def _taken(db: Path, *paths: Path) -> tuple[list[str], list[str]]:
    """The pages that are whole, in order, and what is told."""
    came = Intake([], [])
    with closing(open_archive(db, create=True)) as archive:
        take_in(came, sources(paths, "", came.damage.append), folder_of(db), archive)
    found = holdings(taken.path for taken in came.taken)
    for kept in found.exchanges:
        assert "Bài số" in answer(kept).message.payload.decode()
    return [kept.url for kept in found.exchanges], came.damage + found.damage


@pytest.mark.parametrize("how", DAMAGE)
def test_what_is_whole_is_taken_and_the_rest_is_told(tmp_path: Path, how: str) -> None:
    name, data, whole, says = DAMAGE[how]
    path = tmp_path / name
    path.write_bytes(data)
    db = tmp_path / "archive.db"
    found, told = _taken(db, path)
    assert found == [_url(n) for n in sorted(whole)]
    assert any(says in line for line in told), told
    assert all(line.startswith((name, "data.warc.gz")) for line in told), told
    # The same file once more is known.
    assert _taken(db, path)[0] in (found, [])


@pytest.mark.parametrize("how", [how for how in DAMAGE if not how.startswith(("no ", "a WACZ"))])
def test_the_archive_keeps_whole_records_and_the_file_as_it_came(tmp_path: Path, how: str) -> None:
    name, data, _, _ = DAMAGE[how]
    path = tmp_path / name
    path.write_bytes(data)
    _taken(tmp_path / "archive.db", path)
    folder = folder_of(tmp_path / "archive.db")
    assert (folder / "originals" / name).read_bytes() == data
    clean = [each for each in folder.iterdir() if each.is_file()]
    assert len(clean) == 1
    assert holdings(clean).damage == []


_ADDRESSES = {
    "http://thu.example/tin/bài.html".encode(): "http://thu.example/tin/b%C3%A0i.html",
    b"http://thu.example/tin/caf\xe9.html": "http://thu.example/tin/caf%E9.html",
    b"http://thu.example/tin/caf\xe8.html": "http://thu.example/tin/caf%E8.html",
    b"http://thu.example/tin/hai tu.html": "http://thu.example/tin/hai%20tu.html",
    "http://thu.example/tin/a\u2028b.html".encode(): "http://thu.example/tin/a%E2%80%A8b.html",
    b"HTTP://thu.example/tin/1.html": "http://thu.example/tin/1.html",
}


def _in_arc(url: bytes, n: int) -> bytes:
    head = b"%s 203.0.113.9 2024070302000%d text/html %d\n" % (url, n, len(_block(n)))
    return head + _block(n) + b"\n"


def _in_warc(url: bytes, n: int) -> bytes:
    return gzip.compress(_record(n).replace(_url(n).encode(), url, 1), mtime=0)


@pytest.mark.parametrize("form", ["arc", "warc.gz"])
def test_addresses_stay_what_they_were_in_any_bytes(tmp_path: Path, form: str) -> None:
    made = _in_arc if form == "arc" else _in_warc
    start = _arc()[0] if form == "arc" else b""
    pages = b"".join(made(url, n) for n, url in enumerate(_ADDRESSES))
    (tmp_path / f"a.{form}").write_bytes(start + pages)
    result = luutru("import", f"a.{form}", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        found = {url for (url,) in archive.execute("SELECT url FROM articles")}
    assert found == set(_ADDRESSES.values())
    assert luutru("verify", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("known_as", "code"),
    [
        pytest.param("thu.example/tin/caf\ufffd\ufffd.html?%EF%BF%BD=1", 0, id="as before"),
        pytest.param("thu.example/tin/ca\ufffd\ufffd.html?%EF%BF%BD=1", 1, id="another letter"),
        pytest.param("thu.example/tin/caf\ufffd\ufffd.html?\ufffd=%EF%BF%BD", 1, id="one more"),
    ],
)
def test_a_row_that_was_known_by_replaced_letters_is_that_of_its_record(
    tmp_path: Path, known_as: str, code: int
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(
        _in_warc(b"http://thu.example/tin/caf\xe9\xe8.html?\xe9=1", 1)
    )
    assert luutru("import", "a.warc.gz", cwd=tmp_path).returncode == 0
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        archive.execute("UPDATE urls SET key = ? WHERE kind = 'article'", (known_as,))
        assert archive.execute("SELECT changes()").fetchone() == (1,)
        archive.commit()
    result = luutru("verify", cwd=tmp_path)
    assert result.returncode == code, result.stdout


def test_an_arc_record_is_whole_though_the_next_is_none(tmp_path: Path) -> None:
    records = _arc()
    records[4] = records[4].replace(b" 2024070302", b" soon ", 1)
    (tmp_path / "a.arc").write_bytes(b"".join(records))
    found, told = _taken(tmp_path / "archive.db", tmp_path / "a.arc")
    assert found == [_url(n) for n in (0, 1, 2, 4, 5)]
    assert len(told) == 1


def test_a_wrong_digest_is_taken_with_a_problem(tmp_path: Path) -> None:
    wrong = f"sha1:{'0' * 40}"
    (tmp_path / "a.warc").write_bytes(b"".join(_plain(WARC_Block_Digest=wrong)))
    result = luutru("import", "a.warc", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        found = archive.execute(
            """SELECT u.url, p.reason FROM problems p JOIN urls u ON u.id = p.url_id
               WHERE p.reason LIKE '%digest%'"""
        ).fetchall()
        articles = archive.execute("SELECT count(*) FROM articles").fetchone()[0]
    assert found == [
        (
            _url(2),
            "the bytes of the record do not have the digest that it states (WARC-Block-Digest)",
        )
    ]
    assert articles == PAGES
    # It is no damage since, which would hide the next one from whoever checks every night.
    result = luutru("verify", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert "it came like that, see problems" in " ".join(result.stdout.split())


@pytest.mark.parametrize("packed", [True, False])
def test_a_wrong_digest_of_a_record_without_a_row_is_no_damage_of_later(
    tmp_path: Path, packed: bool
) -> None:
    request = _record(1, WARC_Type="request", WARC_Block_Digest=f"sha1:{'0' * 40}")
    records = [request, *_plain()]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(_packed(records) if packed else records))
    assert luutru("import", "a.warc.gz", cwd=tmp_path).returncode == 0
    for share in ("--sample=100%", "--sample=99.9%"):
        result = luutru("verify", share, cwd=tmp_path)
        assert result.returncode == 0, result.stdout
        told = " ".join(result.stdout.split())
        assert "request record: WARC-Block-Digest" in told
        assert "the file came like that" in told
    kept = tmp_path / "archive.warcs" / "a.warc.gz"
    kept.write_bytes(_flipped(kept.read_bytes(), -1))
    result = luutru("verify", "--sample=99.9%", cwd=tmp_path)
    assert result.returncode == 1, result.stdout
    assert "the file came like that" not in result.stdout


def test_a_vietnamese_name_stays_readable(tmp_path: Path) -> None:
    name = "Trang đã lưu, dữ liệu.warc"
    (tmp_path / name).write_bytes(b"".join(_plain()))
    assert luutru("import", name, cwd=tmp_path).returncode == 0
    kept = tmp_path / "archive.warcs"
    assert {each.name for each in kept.glob("*.gz")} == {"Trang-da-luu-du-lieu.warc.gz"}
    assert {each.name for each in kept.glob("originals/*")} == {"Trang-da-luu-du-lieu.warc"}


def test_a_name_that_is_no_utf_8_is_taken_in(tmp_path: Path) -> None:
    # As old disks have them: here TCVN3, in a folder of such a name.
    folder = tmp_path / os.fsdecode(b"d\xf7 li\xd6u")
    folder.mkdir()
    (folder / os.fsdecode(b"b\xb5i.warc")).write_bytes(b"".join(_plain())[:-300])
    result = luutru("import", ".", "--db", str(tmp_path / "archive.db"), cwd=folder)
    assert "Traceback" not in result.stderr + result.stdout
    assert result.returncode == 1, result.stdout + result.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        articles = archive.execute("SELECT count(*) FROM articles").fetchone()
        (told,) = archive.execute("SELECT verdict_reasons FROM runs").fetchone()
        ((origin,),) = archive.execute("SELECT detail FROM events WHERE detail LIKE 'from%'")
    assert articles == (PAGES - 1,)
    assert told.startswith("b\\xb5i.warc: ")
    assert "d\\xf7 li\\xd6u/b\\xb5i.warc" in origin


@pytest.mark.parametrize(
    "address", ["http://[::1/x", "http://thu.example:99999/x", "http://thu\u2100.example/x"]
)
def test_an_address_that_none_can_have_is_told_and_the_rest_is_taken(
    tmp_path: Path, address: str
) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(_plain(WARC_Target_URI=address)))
    result = luutru("import", "a.warc", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"is of an address that no host can have: {address}" in result.stdout
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        assert archive.execute("SELECT count(*) FROM articles").fetchone() == (PAGES - 1,)


def test_an_address_and_a_folder_are_no_markup(tmp_path: Path) -> None:
    folder = tmp_path / "2024 [/b]"
    folder.mkdir(parents=True)
    later = {"WARC_Target_URI": "http://thu.example/[/b]", "WARC_Date": "2999-01-01T00:00:00Z"}
    (folder / "later.warc").write_bytes(_record(0, **later))
    (folder / "whole.warc").write_bytes(b"".join(_plain()))
    db = str(folder / "archive.db")
    result = luutru("import", str(folder / "later.warc"), "--db", db)
    assert "http://thu.example/[/b]\nno page to read" in result.stdout, result.stderr
    result = luutru("import", str(folder / "whole.warc"), "--db", db)
    assert f"thu.example → {db}: complete" in result.stdout, result.stderr


@pytest.mark.parametrize("packed", [True, False])
def test_lines_that_end_with_lf_alone_are_lines(tmp_path: Path, packed: bool) -> None:
    records = [
        record.replace(b"\r\n", b"\n", record.partition(b"\r\n\r\n")[0].count(b"\r\n") + 2)[:-4]
        + b"\n\n"
        for record in _plain()
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(_packed(records) if packed else records))
    result = luutru("import", "a.warc", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        assert archive.execute("SELECT count(*) FROM articles").fetchone() == (PAGES,)
    result = luutru("verify", cwd=tmp_path)
    assert (result.returncode, "captures" in result.stdout) == (0, True), result.stdout


def test_what_was_told_of_one_digest_hides_nothing_else(tmp_path: Path) -> None:
    digests = {"WARC_Block_Digest": None, "WARC_Payload_Digest": f"sha1:{'0' * 40}"}
    records = _packed(_plain(**digests))
    # It ends with one empty line only, which is told of no record when it is taken in.
    records[2] = gzip.compress(_record(2, **digests)[:-2])
    (tmp_path / "a.warc.gz").write_bytes(b"".join(records))
    assert luutru("import", "a.warc.gz", cwd=tmp_path).returncode == 0
    result = luutru("verify", cwd=tmp_path)
    assert result.returncode == 1, result.stdout
    told = " ".join(result.stdout.split())
    assert "response record: the record does not end with two empty lines" in told
    assert "1 findings" in told


def test_a_digest_that_can_not_be_one_is_a_problem_and_one_by_unknown_means_is_none(
    tmp_path: Path,
) -> None:
    records = [
        _record(0, WARC_Block_Digest="sha1:none"),
        _record(1, WARC_Block_Digest="blake3:" + "a" * 64),
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(_packed(records)))
    assert luutru("import", "a.warc.gz", cwd=tmp_path).returncode == 0
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        query = "SELECT u.url FROM problems p JOIN urls u ON u.id = p.url_id WHERE p.reason LIKE ?"
        assert archive.execute(query, ("%digest%",)).fetchall() == [(_url(0),)]
    result = luutru("verify", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    told = " ".join(result.stdout.split())
    assert "1 digests in records, by algorithms that are not known here" in told


def test_a_command_tells_all_of_it_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "good.warc.gz").write_bytes(b"".join(_packed(_plain()[:3])))
    (tmp_path / "torn.warc.gz").write_bytes(b"".join(_packed(_plain()))[:-40])
    (tmp_path / "notes.txt").write_bytes(b"none of these")
    (tmp_path / "packed.warc.bz2").write_bytes(bz2.compress(b"".join(_plain())))
    result = luutru(
        "import", "good.warc.gz", "torn.warc.gz", "notes.txt", "packed.warc.bz2", cwd=tmp_path
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "torn.warc.gz: it ends in the record at byte" in result.stdout
    assert "notes.txt is neither" in result.stdout
    assert "packed.warc.bz2 is neither" in result.stdout
    assert "Traceback" not in result.stderr
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        verdict, reasons = archive.execute("SELECT verdict, verdict_reasons FROM runs").fetchone()
        outcomes = archive.execute(
            "SELECT outcome FROM events WHERE event_type = 'ingestion' ORDER BY id"
        ).fetchall()
        articles = archive.execute("SELECT count(*) FROM articles").fetchone()[0]
    assert verdict == "incomplete"
    assert len(reasons.splitlines()) == 3
    assert outcomes == [("success",), ("warning",)]
    assert articles == PAGES - 1
    assert luutru("verify", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("dictionary", [b"", b"abc", b"\x28\xb5\x2f\xfdnothing that it can be"])
def test_a_dictionary_of_zstd_that_is_none_is_told(tmp_path: Path, dictionary: bytes) -> None:
    frame = b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary
    (tmp_path / "a.warc.zst").write_bytes(frame + b"".join(_frames()))
    result = luutru("import", "a.warc.zst", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "a.warc.zst: its dictionary is damaged: " in result.stdout
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        assert archive.execute("SELECT count(*) FROM articles").fetchone() == (PAGES,)


def test_a_bomb_of_zstd_needs_little_memory(tmp_path: Path) -> None:
    packer = zstd.ZstdCompressor()
    bomb = [packer.compress(b"\0" * (1 << 20)) for _ in range(1024)]
    (tmp_path / "bomb.zst").write_bytes(b"".join([*bomb, packer.flush()]))
    told: list[str] = []
    tracemalloc.start()
    unpack(tmp_path / "bomb.zst", tmp_path / "out", told.append)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told == ["it grows more than a hundredfold: what follows is left out"]
    assert peak < 64 << 20


@pytest.mark.parametrize(
    ("beginning", "size"),
    [
        (b"WARC/1.0\r\n", 100_000),
        pytest.param(b"\x1f\x8b\x08\x08" + b"a" * 1000, 1_000_000, id="gzip, a name without end"),
    ],
)
def test_beginnings_without_an_end_are_gone_through_once(
    tmp_path: Path, beginning: bytes, size: int
) -> None:
    small, large = (
        _reading(tmp_path / "a.warc", beginning * (each // len(beginning)))
        for each in (size, 4 * size)
    )
    assert large < 9 * small + 0.3


def _reading(path: Path, content: bytes) -> float:
    path.write_bytes(content)
    told: list[str] = []
    begun = time.process_time()
    assert list(records(path, told.append)) == []
    assert len(told) == 1
    return time.process_time() - begun


def test_a_file_with_nothing_whole_in_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "stub.warc.gz").write_bytes(_packed(_plain())[0][:300])
    result = luutru("import", "stub.warc.gz", cwd=tmp_path)
    assert result.returncode in (1, 2), result.stdout + result.stderr
    assert "stub.warc.gz" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_an_import_that_is_stopped_leaves_nothing_half_made(tmp_path: Path) -> None:
    with (tmp_path / "long.warc.gz").open("wb") as file:
        file.writelines(_packed(_plain()))
        # Zeros, which take seconds to look through.
        file.truncate(1 << 28)
    folder = folder_of(tmp_path / "archive.db")
    command = [str(Path(sys.executable).with_name("luutru")), "import", "long.warc.gz"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while not list(folder.glob("*.part")):
            assert process.poll() is None
            time.sleep(0.02)
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in err
    assert list(folder.iterdir()) == []
