"""Folders of wget --mirror and HTTrack, MHTML and HTML files: saved pages become articles."""

import gzip
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import practice
from tests.test_cli import luutru
from tests.test_replay import PAGE, TEXT, _record

ARTICLES = 6
needs_wget = pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
needs_httrack = pytest.mark.skipif(
    shutil.which("httrack") is None, reason="httrack is not installed"
)


class Mirrors:
    """The practice portal, crawled by luutru and mirrored by others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with practice.running(articles=ARTICLES, crawl_delay=0) as url:
            crawl = ["crawl", url, "--db", str(folder / "crawl.db"), "--delay", "0"]
            assert luutru(*crawl).returncode == 0
            if wget := shutil.which("wget"):
                mirror = [wget, "-q", "--mirror", "-l", "4", url]
                # 8: the portal answered some address with an error.
                assert subprocess.run([*mirror, "-P", folder / "wget"]).returncode in (0, 8)
                changed = [*mirror, "-E", "-k", "-K", "-P", folder / "changed"]
                assert subprocess.run(changed).returncode in (0, 8)
            if httrack := shutil.which("httrack"):
                # It is polite by itself (25 KB a second), unless told that it need not be.
                options = ["-q", "-r4", "-s0", "-c8", "-A100000000", "-%c100", "-%!"]
                subprocess.run(
                    [httrack, url, "-O", folder / "httrack", *options],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )


@pytest.fixture(scope="module")
def mirrors(tmp_path_factory: pytest.TempPathFactory) -> Mirrors:
    return Mirrors(tmp_path_factory.mktemp("mirrors"))


def _query(db: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


# A mirror may have the page under another spelling of its address.
SHOWN = "SELECT title, published_on, author, body FROM articles ORDER BY title"


def _imported(source: Path, db: Path) -> Path:
    result = luutru("import", str(source), "--db", str(db))
    assert result.returncode == 0, result.stdout + result.stderr
    assert luutru("verify", "--db", str(db)).returncode == 0
    return db


@pytest.mark.parametrize(
    ("made", "dated_by"),
    [
        pytest.param("wget", "the time of the file", marks=needs_wget),
        pytest.param("changed", "the time of the file", marks=needs_wget),
        pytest.param("httrack", "HTTrack's cache", marks=needs_httrack),
    ],
)
def test_a_mirror_gives_the_articles_of_a_crawl(mirrors: Mirrors, made: str, dated_by: str) -> None:
    db = _imported(mirrors.folder / made, mirrors.folder / f"{made}.db")
    assert _query(db, SHOWN) == _query(mirrors.folder / "crawl.db", SHOWN)
    told = f"saved without its HTTP head, dated by {dated_by}"
    assert _query(db, "SELECT DISTINCT source, caveat FROM captures") == [("file", told)]
    files = "SELECT count(*), count(sha256) FROM {}"
    for table in ("images", "attachments"):
        assert _query(db, files.format(table)) == _query(
            mirrors.folder / "crawl.db", files.format(table)
        )
    before = _query(db, "SELECT * FROM captures"), _query(db, "SELECT * FROM versions")
    assert luutru("import", str(mirrors.folder / made), "--db", str(db)).returncode == 0
    assert (_query(db, "SELECT * FROM captures"), _query(db, "SELECT * FROM versions")) == before


@needs_httrack
def test_without_its_cache_a_mirror_says_where_its_pages_are_from(
    mirrors: Mirrors, tmp_path: Path
) -> None:
    shutil.copytree(mirrors.folder / "httrack", tmp_path / "mirror")
    (tmp_path / "mirror" / "hts-cache" / "new.zip").write_bytes(b"PK torn")
    db = tmp_path / "archive.db"
    result = luutru("import", str(tmp_path / "mirror"), "--db", str(db))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "HTTrack's cache is not whole" in result.stdout
    wanted = "SELECT title, published_on, body FROM articles ORDER BY title"
    assert _query(db, wanted) == _query(mirrors.folder / "crawl.db", wanted)


def _page(n: int = 1) -> str:
    return PAGE.format(n=n, text=TEXT)


def _cached(url: str, page: str, at: str) -> bytes:
    """An entry of HTTrack's cache: its names are UTF-8 without a flag that says so."""
    name, content = url.encode(), page.encode()
    head = "HTTP/1.1 200 OK\r\nX-In-Cache: 1\r\nX-StatusCode: 200\r\nContent-Type: text/html\r\n"
    extra = f"{head}Last-Modified: {at}\r\n".encode()
    packed = zlib.compress(content, wbits=-15)
    sizes = (zlib.crc32(content), len(packed), len(content), len(name), len(extra))
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, *sizes) + name + extra + packed


def _httrack(folder: Path, new: bytes, old: bytes = b"") -> Path:
    (folder / "mirror" / "hts-cache").mkdir(parents=True)
    (folder / "mirror" / "hts-cache" / "new.zip").write_bytes(new)
    (folder / "mirror" / "hts-cache" / "old.zip").write_bytes(old)
    return folder / "mirror"


_JULY, _JUNE = "Wed, 03 Jul 2024 02:00:00 GMT", "Mon, 03 Jun 2024 02:00:00 GMT"


def test_a_httrack_that_was_killed_leaves_what_it_had(tmp_path: Path) -> None:
    first = _cached("http://thu.example/tin/bài.html", _page(), _JULY)
    begun = bytearray(_cached("http://thu.example/tin/9.html", "", _JULY))
    struct.pack_into("<3L", begun, 14, 0, 0, 0)
    torn = _cached("http://thu.example/tin/2.html", "x", _JULY)[:-1]
    mirror = _httrack(tmp_path, first + begun + torn)
    pages = mirror / "web"
    pages.mkdir()
    mark = (
        "<!-- Mirrored from thu.example/tin/{} by HTTrack Website Copier/3.x [XR&CO'2014], {} -->"
    )
    # With -N the folders are no hosts.
    (pages / "b.html").write_text(mark.format("bài.html", _JULY) + _page(7))
    (pages / "3a4f.html").write_text(mark.format("tin.aspx?số=3&x=1", _JULY) + _page(3))
    (pages / "4.html.tmp").write_bytes(b"\0half a page")
    (pages / "5.html").write_text(_page(5))
    (pages / "anh").mkdir()
    for n in range(3):
        (pages / "anh" / f"{n}.jpg").write_bytes(b"\xff\xd8")
    (pages / "mau.doc").write_bytes(b"x")
    (mirror / "backblue.gif").write_bytes(b"GIF89a")
    (mirror / "index.html").write_text(
        "<html><!-- Mirror and index made by HTTrack Website Copier/3.49-4 [XR&CO'2014] --></html>"
    )
    result = luutru("import", "mirror", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "HTTrack's cache is not whole" in result.stdout
    told = " ".join(result.stdout.split())
    assert "web/4.html.tmp: it was not read to its end" in told
    assert "web/5.html: it does not say where it is from" in told
    assert "http://thu.example/tin/9.html: it is empty" in told
    assert "index.html" not in told
    assert "nothing says where these files are from: 4 in web/anh (3), web (1)" in told
    found = _query(tmp_path / "archive.db", "SELECT url, title FROM articles ORDER BY title")
    assert found == [
        ("http://thu.example/tin/b%C3%A0i.html", "Bài số 1"),
        ("http://thu.example/tin/tin.aspx?s%E1%BB%91=3&x=1", "Bài số 3"),
    ]


def test_what_httrack_saw_before_its_last_update_is_a_version(tmp_path: Path) -> None:
    url = "http://thu.example/tin/1.html"
    new, old = _cached(url, _page(), _JULY), _cached(url, _page(2), _JUNE)
    _httrack(tmp_path, new, old + new)
    assert luutru("import", "mirror", cwd=tmp_path).returncode == 1
    found = _query(tmp_path / "archive.db", "SELECT seen_at, title FROM versions ORDER BY seen_at")
    assert found == [("2024-06-03T02:00:00Z", "Bài số 2"), ("2024-07-03T02:00:00Z", "Bài số 1")]
    assert len(_query(tmp_path / "archive.db", "SELECT 1 FROM captures")) == 2


def test_an_mhtml_file_of_a_mirrored_portal_is_one_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "mirror" / "thu.example"
    folder.mkdir(parents=True)
    link = '<a href="/mau.mht">Mẫu</a></div>'
    (folder / "1.html").write_text(_page().replace("</div>", link))
    (folder / "mau.mht").write_bytes(_mhtml(_page(2)))
    result = luutru("import", "mirror", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    found = _query(tmp_path / "archive.db", "SELECT url, title FROM articles")
    assert found == [("http://thu.example/1.html", "Bài số 1")]


def test_a_mirror_may_have_folders_of_protocols(tmp_path: Path) -> None:
    for n, protocol in enumerate(("http", "https")):
        folder = tmp_path / "mirror" / protocol / "thu.example"
        folder.mkdir(parents=True)
        (folder / f"{n}.html").write_text(_page(n))
    assert luutru("import", "mirror", cwd=tmp_path).returncode == 0
    found = _query(tmp_path / "archive.db", "SELECT title FROM articles ORDER BY title")
    assert found == [("Bài số 0",), ("Bài số 1",)]


def test_a_folder_of_pages_that_do_not_say_where_they_are_from_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "1.html").write_text(_page())
    result = luutru("import", "mirror", cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert "mirror holds no WARC or WACZ file and no folder of a host" in result.stderr


def test_a_folder_of_saved_pages_is_taken_in(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "a.MHTML").write_bytes(_mhtml(_page()))
    mark = "<!-- saved from url=(0029)http://thu.example/tin/2.html -->"
    (folder / "b.html").write_text(f"<!DOCTYPE html>\n{mark}{_page(2)}")
    (folder / "c.htm").write_text(f"<!DOCTYPE html>\n{_page(3)}")
    result = luutru("import", "saved", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "saved/c.htm does not say where it is from" in " ".join(result.stdout.split())
    found = _query(tmp_path / "archive.db", "SELECT title FROM articles ORDER BY title")
    assert found == [("Bài số 1",), ("Bài số 2",)]


def test_pages_beside_warc_files_are_counted(tmp_path: Path) -> None:
    """As `wget --mirror --warc-file` leaves them."""
    folder = tmp_path / "saved" / "thu.example"
    folder.mkdir(parents=True)
    (folder / "1.html").write_text(_page())
    (folder / "2.html").write_text(_page(2))
    (tmp_path / "saved" / "a.warc").write_bytes(
        _record("http://thu.example/1.html", _page().encode())
    )
    result = luutru("import", "saved", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 HTML files beside WARC files were left out" in " ".join(result.stdout.split())
    result = luutru("import", "saved/a.warc", cwd=tmp_path)
    assert "beside" not in result.stdout


def _mhtml(page: str, **fields: str) -> bytes:
    message = EmailMessage()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content("x")
    message.clear_content()
    message.make_related()
    part = EmailMessage()
    part.set_content(page, subtype="html", cte="quoted-printable")
    part["Content-Location"] = "http://thu.example/tin/1.html"
    message.attach(part)
    return message.as_bytes()


# `-0000` is UTC, wherever this machine stands (RFC 5322, 3.3).
@pytest.mark.parametrize(
    "date", ["Wed, 3 Jul 2024 09:00:00 +0700", "Wed, 3 Jul 2024 02:00:00 -0000"]
)
def test_an_mhtml_file_says_where_and_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    whole = _mhtml(
        _page(),
        Date=date,
        Snapshot_Content_Location="http://thu.example/tin/1.html?utm_source=x",
    )
    (tmp_path / "page.mhtml").write_bytes(whole)
    result = luutru("import", "page.mhtml", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    db = tmp_path / "archive.db"
    assert _query(db, "SELECT url, title, last_seen_at FROM articles") == [
        ("http://thu.example/tin/1.html", "Bài số 1", "2024-07-03T02:00:00Z")
    ]
    ((caveat,),) = _query(db, "SELECT DISTINCT caveat FROM captures")
    assert caveat == "saved without its HTTP head, dated by the date in the MHTML file"
    assert (tmp_path / "archive.warcs" / "originals" / "page.mhtml").read_bytes() == whole


_ADDRESS = "http://thu.example/tin/1.html"
_HEAD = "From: x\r\nDate: Wed, 3 Jul 2024 09:00:00 +0700\r\nMIME-Version: 1.0\r\n"
_ALONE = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
_RELATED = 'Content-Type: multipart/related; boundary="A"\r\n\r\n--A\r\n'


@pytest.mark.parametrize(
    ("written", "url"),
    [
        pytest.param(
            f"{_HEAD}{_ALONE}Content-Location: {_ADDRESS}\r\n\r\n{{page}}",
            _ADDRESS,
            id="one part, by Internet Explorer",
        ),
        pytest.param(
            f"{_HEAD}Snapshot-Content-Location: {_ADDRESS}\r\n{_RELATED}"
            "Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\n"
            f"Content-Type: text/plain\r\n\r\nx\r\n--B\r\n{_ALONE}\r\n{{page}}\r\n--B--\r\n--A--",
            _ADDRESS,
            id="a page beside its text",
        ),
        pytest.param(
            f"{_HEAD}{_RELATED}{_ALONE}Content-Location: {_ADDRESS}?a=1&\r\n b=2\r\n\r\n{{page}}"
            "\r\n--A--",
            f"{_ADDRESS}?a=1&b=2",
            id="an address in two lines",
        ),
        pytest.param(
            f"{_HEAD}{_RELATED}{_ALONE}Content-Location: http://thu.example/tin/bài.html\r\n\r\n"
            "{page}\r\n--A--",
            "http://thu.example/tin/b%C3%A0i.html",
            id="an address in UTF-8",
        ),
    ],
)
def test_an_mhtml_file_of_any_browser_has_its_page(tmp_path: Path, written: str, url: str) -> None:
    (tmp_path / "page.mht").write_bytes(written.format(page=_page()).encode())
    result = luutru("import", "page.mht", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    found = _query(tmp_path / "archive.db", "SELECT url, title, last_seen_at FROM articles")
    assert found == [(url, "Bài số 1", "2024-07-03T02:00:00Z")]


@pytest.mark.parametrize(
    ("type_", "location"),
    [
        ("text/html; charset*=utf-8''utf-8%0D%0AWARC-Target-URI:%20{other}%0D%0AX:", "{url}"),
        ("text/html; charset=utf-8", "=?utf-8?q?{url}=0DWARC-Type=3A=20request?="),
    ],
)
def test_what_an_mhtml_file_says_encoded_adds_no_field_to_a_record(
    tmp_path: Path, type_: str, location: str
) -> None:
    type_ = type_.format(other="http://other.example/")
    (tmp_path / "page.mht").write_bytes(
        f"{_HEAD}{_RELATED}Content-Type: {type_}\r\nContent-Location: {location}\r\n\r\n{_page()}"
        "\r\n--A--".format(url=_ADDRESS).encode()
    )
    result = luutru("import", "page.mht", cwd=tmp_path)
    assert result.stdout.startswith("thu.example → "), result.stdout + result.stderr
    (made,) = (tmp_path / "archive.warcs").glob("*.warc.gz")
    with gzip.open(made) as records:
        lines = records.read().splitlines()
    assert [each for each in lines if each.startswith(b"WARC-Type: request")] == []
    assert len([each for each in lines if each.startswith(b"WARC-Target-URI:")]) == 2


def test_an_mhtml_file_without_an_address_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.mht").write_bytes(
        f"{_HEAD}{_RELATED}{_ALONE}Content-Location: file:///C:/a.htm\r\n\r\n{_page()}\r\n--A--".encode()
    )
    result = luutru("import", "page.mht", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "page.mht: the page in it does not say where it is from" in result.stdout


@pytest.mark.parametrize(
    ("written", "words", "seen_at", "dated_by"),
    [
        (
            "",
            ["--url", "http://thu.example/tin/1.html"],
            "2024-07-01T05:00:00Z",
            "time of the file",
        ),
        (
            "<!-- saved from url=(0029)http://thu.example/tin/1.html -->",
            [],
            "2024-07-01T05:00:00Z",
            "time of the file",
        ),
        (
            "<!-- Page saved with SingleFile\n url: http://thu.example/tin/1.html\n"
            " saved date: Wed Jul 03 2024 09:00:00 GMT+0700 (Indochina Time)\n-->",
            [],
            "2024-07-03T02:00:00Z",
            "the page's comment",
        ),
    ],
)
def test_an_html_file_has_an_address(
    tmp_path: Path, written: str, words: list[str], seen_at: str, dated_by: str
) -> None:
    path = tmp_path / "bài viết.html"
    path.write_text(f"<!DOCTYPE html>\n{written}{_page()}")
    os.utime(path, (1719810000, 1719810000))
    result = luutru("import", path.name, *words, cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    db = tmp_path / "archive.db"
    wanted = "SELECT url, title, last_seen_at FROM articles"
    assert _query(db, wanted) == [("http://thu.example/tin/1.html", "Bài số 1", seen_at)]
    assert dated_by in _query(db, "SELECT caveat FROM captures")[0][0]


@pytest.mark.parametrize("mark", ["(0014)about:internet", "(0022)file:///C:/trang.html"])
def test_what_is_marked_as_from_nowhere_has_no_address(tmp_path: Path, mark: str) -> None:
    (tmp_path / "1.html").write_text(f"<!DOCTYPE html>\n<!-- saved from url={mark} -->{_page()}")
    result = luutru("import", "1.html", cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert "name its address: --url" in result.stderr


@pytest.mark.parametrize("as_folder", [False, True])
def test_what_was_saved_out_of_the_wayback_machine_is_of_its_day(
    tmp_path: Path, as_folder: bool
) -> None:
    path = tmp_path / "1.html"
    if as_folder:
        path = tmp_path / "web.archive.org/web/20190102030405/http:/thu.example/tin/1.html"
        path.parent.mkdir(parents=True)
    mark = "https://web.archive.org/web/20190102030405/http://thu.example/tin/1.html"
    written = "" if as_folder else f"<!-- saved from url=(0077){mark} -->"
    path.write_text(f"<!DOCTYPE html>\n{written}{_page()}")
    result = luutru("import", path.relative_to(tmp_path).parts[0], cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    found = _query(
        tmp_path / "archive.db",
        "SELECT a.url, a.last_seen_at, c.caveat FROM articles a JOIN captures c USING (url_id)",
    )
    assert found == [
        (
            "http://thu.example/tin/1.html",
            "2019-01-02T03:04:05Z",
            "saved without its HTTP head, dated by its address in the Wayback Machine",
        )
    ]


def test_an_html_file_in_utf_16_is_read_as_word_saves_it(tmp_path: Path) -> None:
    mark = "<!-- saved from url=(0029)http://thu.example/tin/1.html -->"
    (tmp_path / "1.html").write_bytes(f"<!DOCTYPE html>\n{mark}{_page()}".encode("utf-16"))
    result = luutru("import", "1.html", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    found = _query(tmp_path / "archive.db", "SELECT url, title FROM articles")
    assert found == [("http://thu.example/tin/1.html", "Bài số 1")]


def test_the_view_for_printers_counts_where_nothing_else_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "thu.example" / "tin"
    folder.mkdir(parents=True)
    (folder / "1.html").write_text(_page())
    (folder / "1.html?print=1").write_text(_page().replace("Bài số", "In: bài số"))
    (folder / "2.html?print=1").write_text(_page(2))
    for path in folder.iterdir():
        os.utime(path, (1719810000, 1719810000))
    assert luutru("import", "thu.example", cwd=tmp_path).returncode == 0
    found = _query(tmp_path / "archive.db", "SELECT url, title FROM articles ORDER BY url")
    assert found == [
        ("http://thu.example/tin/1.html", "Bài số 1"),
        ("http://thu.example/tin/2.html", "Bài số 2"),
    ]
    assert len(_query(tmp_path / "archive.db", "SELECT 1 FROM versions")) == 2


def test_a_package_of_wacz_create_is_taken_in(tmp_path: Path) -> None:
    record = _record(
        "http://thu.example/tin/1.html",
        _page().encode(),
        Content_Type="application/http;msgtype=response",
    )
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(record))
    wacz = [str(Path(sys.executable).with_name("wacz")), "create", "-o", "a.wacz", "a.warc.gz"]
    subprocess.run(wacz, cwd=tmp_path, check=True, capture_output=True)
    result = luutru("import", "a.wacz", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert _query(tmp_path / "archive.db", "SELECT title FROM articles") == [("Bài số 1",)]
    kept = tmp_path / "archive.warcs" / "a.warc.gz"
    assert kept.read_bytes() == (tmp_path / "a.warc.gz").read_bytes()
