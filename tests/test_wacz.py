"""`luutru export wacz`: every line resolves, every digest holds, other programs open it."""

import errno
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from warcio.archiveiterator import ArchiveIterator

from crawler.archive import holdings
from crawler.archive.connection import open_archive
from crawler.capture.exchange import Exchange, Original
from crawler.capture.folder import folder_of
from crawler.capture.warc import WarcWriter
from crawler.errors import CannotRun
from crawler.export import cdxj
from crawler.export.building import built_beside
from tests.packing import (
    REPLAY_WEB_PAGE,
    checked_by_warcio,
    chromium,
    crawled,
    needs_chromium,
    needs_replay_web_page,
    parsed,
    record,
    rows,
    warcs,
)
from tests.test_cli import luutru

_INDEXED = ("response", "revisit")


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal crawled twice, packed as archive.wacz beside the archive."""
    made = crawled(tmp_path_factory.mktemp("wacz"), times=2)
    result = luutru("export", "wacz", "--db", str(made))
    assert (result.returncode, result.stderr) == (0, "")
    assert "40 articles" in result.stdout
    return made


@pytest.fixture(scope="module")
def wacz(db: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(db.with_suffix(".wacz")) as file:
        yield file


def _index(wacz: zipfile.ZipFile) -> list[str]:
    return gzip.decompress(wacz.read("indexes/index.cdx.gz")).decode().splitlines()


def _pages(wacz: zipfile.ZipFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in wacz.read("pages/pages.jsonl").splitlines()]


def test_warcio_finds_every_file_whole(db: Path) -> None:
    assert len(warcs(db)) == 2
    for warc in warcs(db):
        result = checked_by_warcio(_program("warcio"), warc)
        assert result.returncode == 0, result.stdout
        assert "digest pass" in result.stdout
        assert "digest fail" not in result.stdout


def test_every_line_resolves_to_its_record(db: Path, wacz: zipfile.ZipFile) -> None:
    lines = _index(wacz)
    kinds = set()
    for line in lines:
        _, timestamp, facts = parsed(line)
        found = record(folder_of(db), facts)
        header = found.rec_headers.get_header
        assert header("WARC-Target-URI") == facts["url"]
        assert "".join(filter(str.isdigit, header("WARC-Date"))) == timestamp
        assert header("WARC-Payload-Digest") == facts["digest"]
        assert found.http_headers.get_statuscode() == facts["status"]
        assert (found.rec_type == "revisit") == (facts["mime"] == "warc/revisit")
        kinds.add(found.rec_type)
    assert kinds == set(_INDEXED)
    assert len(lines) == sum(_count(warc) for warc in warcs(db))
    assert [line.encode() for line in lines] == sorted(line.encode() for line in lines)


def _count(warc: Path) -> int:
    with warc.open("rb") as file:
        return sum(
            found.rec_type in _INDEXED and found.http_headers.get_statuscode() != "304"
            for found in ArchiveIterator(file)
        )


def test_the_blocks_of_the_index_are_where_it_says(wacz: zipfile.ZipFile) -> None:
    head, *blocks = wacz.read("indexes/index.idx").decode().splitlines()
    assert head == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    data = wacz.read("indexes/index.cdx.gz")
    for line in blocks:
        key, timestamp, facts = parsed(line)
        block = data[facts["offset"] : facts["offset"] + facts["length"]]
        assert facts["digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
        assert gzip.decompress(block).decode().startswith(f"{key} {timestamp} ")


def test_the_index_made_of_rows_agrees(db: Path, wacz: zipfile.ZipFile) -> None:
    archive = open_archive(db)
    by_rows = {line.strip() for line in cdxj.row_lines(holdings.records(archive))}
    archive.close()
    assert by_rows <= set(_index(wacz))
    # The crawler asks for robots.txt before it has a row for it.
    for line in set(_index(wacz)) - by_rows:
        assert parsed(line)[2]["url"].endswith("/robots.txt")


def test_digests_and_sizes_hold_for_every_file(db: Path, wacz: zipfile.ZipFile) -> None:
    described = wacz.read("datapackage.json")
    package = json.loads(described)
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    for resource in package["resources"]:
        data = wacz.read(resource["path"])
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
    listed = {resource["path"] for resource in package["resources"]}
    assert listed | {"datapackage.json", "datapackage-digest.json"} == set(wacz.namelist())
    assert listed >= {f"archive/{warc.name}" for warc in warcs(db)}
    sealed = json.loads(wacz.read("datapackage-digest.json"))
    digest = f"sha256:{hashlib.sha256(described).hexdigest()}"
    assert sealed == {"path": "datapackage.json", "hash": digest}


def test_warc_files_are_stored_as_they_are(db: Path, wacz: zipfile.ZipFile) -> None:
    for warc in warcs(db):
        info = wacz.getinfo(f"archive/{warc.name}")
        assert info.compress_type == zipfile.ZIP_STORED
        assert wacz.read(info) == warc.read_bytes()


def test_there_is_a_page_for_each_article(db: Path, wacz: zipfile.ZipFile) -> None:
    head, *pages = _pages(wacz)
    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}
    articles = rows(db, "SELECT title, published_on, body, url FROM articles")
    assert len(pages) == len(articles) == 40
    found = [(p.get("title"), p.get("published"), p.get("text")) for p in pages]
    expected = [(a["title"], a["published_on"], a["body"] or None) for a in articles]
    assert sorted(map(str, found)) == sorted(map(str, expected))
    captured = {(facts["url"], timestamp) for _, timestamp, facts in map(parsed, _index(wacz))}
    for page in pages:
        assert (page["url"], "".join(filter(str.isdigit, page["ts"]))) in captured


def test_a_second_validator_agrees(db: Path) -> None:
    command = [_program("wacz"), "validate", "-f", str(db.with_suffix(".wacz"))]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "the passed WACZ is valid" in result.stdout


def test_the_export_is_in_the_audit_log(db: Path) -> None:
    event = rows(db, "SELECT * FROM events WHERE event_type = 'dissemination' ORDER BY id")[0]
    assert (event["object"], event["outcome"]) == ("archive.wacz", "success")
    assert "2 WARC files" in event["detail"]


@pytest.fixture
def copy(db: Path, tmp_path: Path) -> Path:
    """The archive alone in a folder, to be damaged."""
    shutil.copytree(folder_of(db), tmp_path / "archive.warcs")
    return Path(shutil.copy(db, tmp_path))


def test_what_is_open_or_missing_stays_behind_and_is_said(copy: Path) -> None:
    first, second = warcs(copy)
    first.rename(first.with_name(first.name + ".open"))
    result = luutru("export", "wacz", "--db", str(copy))
    assert result.returncode == 1
    assert result.stderr.strip().endswith(f": {first.name}.open")
    with zipfile.ZipFile(copy.with_suffix(".wacz")) as wacz:
        assert f"archive/{second.name}" in wacz.namelist()
        assert f"archive/{first.name}" not in wacz.namelist()
        assert {facts["filename"] for *_, facts in map(parsed, _index(wacz))} == {second.name}
    first.with_name(first.name + ".open").unlink()
    result = luutru("export", "wacz", "--db", str(copy))
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert f"captures point at it: {first.name}" in result.stderr


def test_one_portal_alone(copy: Path) -> None:
    (slug,) = (row["slug"] for row in rows(copy, "SELECT slug FROM portals"))
    shutil.copy(warcs(copy)[0], folder_of(copy) / "of-nobody.warc.gz")
    out = copy.with_name("one.wacz")
    result = luutru("export", "wacz", "--db", str(copy), "--portal", slug, "-o", str(out))
    assert result.returncode == 0, result.stderr
    with zipfile.ZipFile(out) as wacz:
        assert sum(name.startswith("archive/") for name in wacz.namelist()) == 2
        assert len(_pages(wacz)) == 41


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--portal", "kimsom"], 2, "the archive has no portal kimsom; it has: "),
        (["-o", "no/folder/x.wacz"], 2, "there is no folder no/folder"),
        (["--db", "none.db"], 2, "there is no archive"),
        (["--db", "empty.db"], 3, "there is no whole WARC file in empty.warcs"),
    ],
)
def test_wrong_use_is_one_line(copy: Path, words: list[str], code: int, says: str) -> None:
    open_archive(copy.with_name("empty.db"), create=True).close()
    result = luutru("export", "wacz", *words, cwd=copy.parent)
    assert says in result.stderr
    assert (result.returncode, result.stderr.count("\n")) == (code, 1)


def test_what_fails_leaves_nothing_and_harms_nothing(tmp_path: Path) -> None:
    target = tmp_path / "x.wacz"
    target.write_text("the old one")
    with pytest.raises(CannotRun, match="disk is full"):
        _run_out_of_disk(target)
    assert [path.name for path in tmp_path.iterdir()] == ["x.wacz"]
    assert target.read_text() == "the old one"


_SLOW = """
import sys, time
from pathlib import Path
from crawler.commands.export import export
from crawler.export.building import built_beside

@export.command()
def slowly():
    with built_beside(Path("x.wacz")) as part:
        part.write_text("half")
        print("begun", flush=True)
        time.sleep(60)

export(["slowly"])
"""


def test_an_export_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SLOW]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as slow:
        assert slow.stdout
        assert slow.stdout.readline() == b"begun\n"
        slow.terminate()
    assert slow.returncode == 143
    assert list(tmp_path.iterdir()) == []


def _run_out_of_disk(target: Path) -> None:
    with built_beside(target) as part:
        part.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")


def _asked_by_post(answer: bytes) -> Exchange:
    exchange = Exchange()
    exchange.sent += (
        b"POST /list.aspx HTTP/1.1\r\nHost: thu.example\r\nContent-Length: 6\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\npage=2"
    )
    exchange.received += b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + answer
    return exchange


def test_an_answer_to_a_post_is_not_filed_under_the_bare_address(tmp_path: Path) -> None:
    url = "http://thu.example/list.aspx"
    writer = WarcWriter(tmp_path, "post", {}, 1 << 30)
    first = writer.keep(url, _asked_by_post(b"x" * 300), None, lambda _: None)
    assert first
    original = Original(1, url, "2024-07-03T02:00:00Z", first.payload_sha256)
    writer.keep(url, _asked_by_post(b"x" * 300), None, lambda _: original)
    writer.close()
    lines = [parsed(line) for line in cdxj.lines(*tmp_path.glob("*.warc.gz"))]
    assert [facts["mime"] for *_, facts in lines] == ["text/html", "warc/revisit"]
    for key, _, facts in lines:
        assert key == "example,thu)/list.aspx?__wb_method=post&page=2"
        assert (facts["method"], facts["requestBody"]) == ("POST", "page=2")


_WGET = b"""WARC/1.0\r
WARC-Type: request\r
WARC-Record-ID: <urn:uuid:1>\r
WARC-Target-URI: http://thu.example/form\r
WARC-Date: 2024-07-03T02:00:00Z\r
Content-Type: application/http;msgtype=request\r
Content-Length: 97\r
\r
POST /form HTTP/1.1\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 6\r
\r
page=3\r
\r
WARC/1.0\r
WARC-Type: response\r
WARC-Record-ID: <urn:uuid:2>\r
WARC-Concurrent-To: <urn:uuid:1>\r
WARC-Target-URI: http://thu.example/form\r
WARC-Date: 2024-07-03T02:00:00Z\r
Content-Type: application/http;msgtype=response\r
Content-Length: 50\r
\r
HTTP/1.1 200 OK\r
Content-Type: text/html\r
\r
answer\r
\r
"""


def test_requests_that_come_first_belong_to_their_answer_too(tmp_path: Path) -> None:
    """The order of wget and of older crawlers."""
    warc = tmp_path / "wget.warc"
    warc.write_bytes(_WGET)
    ((key, _, facts),) = map(parsed, cdxj.lines(warc))
    assert key.endswith("__wb_method=post&page=3")
    assert (facts["status"], facts["mime"]) == ("200", "text/html")


def _plain(kind: str, url: str, more: str = "") -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{kind}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2024-07-03T02:00:00Z\r\n{more}"
        f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def test_a_revisit_that_names_no_address_has_no_line(tmp_path: Path) -> None:
    """ReplayWeb.page finds the original by its address; without the line it shows the original."""
    url = "http://thu.example/1"
    named = f"WARC-Refers-To-Target-URI: {url}\r\nWARC-Refers-To-Date: 2024-07-01T02:00:00Z\r\n"
    by_wget = _plain("revisit", url, "WARC-Refers-To: <urn:uuid:1>\r\n")
    (tmp_path / "a.warc").write_bytes(by_wget + _plain("revisit", url, named))
    assert len(list(cdxj.lines(tmp_path / "a.warc"))) == 1


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """ReplayWeb.page and the files of `folder`, with Range requests, on one origin."""
    routes = [
        Mount("/files", StaticFiles(directory=folder)),
        Mount("/", StaticFiles(directory=REPLAY_WEB_PAGE, html=True)),
    ]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join()


@needs_chromium
@needs_replay_web_page
def test_replay_web_page_shows_an_article(db: Path, wacz: zipfile.ZipFile) -> None:
    article = next(page for page in _pages(wacz)[1:] if len(page.get("title", "")) > 20)
    moment = "".join(filter(str.isdigit, article["ts"]))
    with _served(db.parent) as url, chromium() as browser:
        page = browser.new_page()
        place = urlencode({"view": "pages", "url": article["url"], "ts": moment})
        page.goto(f"{url}?source={url}files/archive.wacz#{place}")
        frame = _frame_of(page, article["url"])
        frame.get_by_text(article["title"]).first.wait_for(timeout=30_000)
        listed = page.get_by_text(article["title"]).first
        listed.wait_for(timeout=30_000)


def _frame_of(page: Any, address: str) -> Any:
    for _ in range(300):
        for frame in page.frames:
            if frame.url.endswith(address):
                return frame
        page.wait_for_timeout(100)
    raise AssertionError([frame.url for frame in page.frames])
