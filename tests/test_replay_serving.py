"""`luutru serve --replay`: captured pages byte for byte, on an origin of their own."""

import gzip
import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest

from crawler.archive import evidence
from crawler.archive.saving import save
from crawler.capture.exchange import Exchange, Original
from crawler.capture.folder import folder_of
from crawler.capture.record import digest
from crawler.capture.warc import WarcWriter
from crawler.export import cdxj
from crawler.items import Article, ReadPage
from crawler.playback import address
from tests.conftest import Archive
from tests.packing import (
    PYWB,
    chromium,
    crawled,
    needs_chromium,
    needs_pywb,
    parsed,
    record,
    rows,
    warcs,
)
from tests.test_cli import luutru

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_FIRST = datetime(2024, 7, 3, 2, 0, tzinfo=UTC)
_HTML = "<title>Huyện Thử</title><p>Xây dựng nông thôn mới.</p>".encode() * 20
_SCRIPT = b"<title>script</title><script>window.ran = 1</script>" + b" " * 300


def inner(url: str, captured_at: str, port: int, how: str = "id_") -> str:
    """The address of the capture alone: as it was (`id_`) or as pywb's frame shows it (`mp_`)."""
    return address(url, captured_at, port, how)


@dataclass
class Served:
    """The two origins of `luutru serve --replay`."""

    datasette: str
    replay_port: int
    process: int
    """Of luutru."""

    def fetch(self, place: str) -> tuple[http.client.HTTPResponse, bytes]:
        """Answer and body as they come; redirects and encodings are left alone."""
        parts = urlsplit(place)
        connection = http.client.HTTPConnection("127.0.0.1", self.replay_port, timeout=30)
        connection.putrequest("GET", f"{parts.path}?{parts.query}", skip_accept_encoding=True)
        connection.putheader("Accept-Encoding", "gzip, br, zstd")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def replayed(self, url: str, captured_at: str) -> tuple[http.client.HTTPResponse, bytes]:
        """The capture as it was, without what pywb adds for the browser."""
        return self.fetch(inner(url, captured_at, self.replay_port))


@contextmanager
def served(db: Path) -> Iterator[Served]:
    program = str(Path(sys.executable).with_name("luutru"))
    server = subprocess.Popen(
        [program, "serve", "--db", str(db), "--port", "0", "--replay", "--replay-port", "0"],
        env={**os.environ, "LUUTRU_LANG": "en", "PATH": f"{PYWB}{os.pathsep}{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    said = ""
    try:
        for line in server.stderr:
            said += line
            if found := re.search(r"running on (http://[\d.:]+)", line):
                port = re.search(r"captured pages: http://127.0.0.1:(\d+)/archive/", said)
                assert port
                yield Served(found.group(1), int(port.group(1)), server.pid)
                return
        raise AssertionError(said)
    finally:
        server.terminate()
        server.communicate(timeout=30)


class Kept:
    """An archive whose records are written by hand, through the functions of a crawl."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder / "archive.db")
        self.db = self.archive.path
        self.payloads: dict[tuple[str, str], bytes] = {}
        self._writer = WarcWriter(folder_of(self.db), "hand", {}, 1 << 30)
        self._at = _FIRST

    def keep(
        self, path: str, head: str, body: bytes, payload: bytes | None = None, title: str = ""
    ) -> None:
        """Keep the answer to GET `path`; `payload` is what replay gives, if not `body`.

        With a title it is an article.
        """
        page = self.archive.page(path, fetched_at=self._at, status=None)
        exchange = Exchange(began_at=self._at)
        exchange.sent += f"GET {path} HTTP/1.1\r\nHost: thu.example\r\n\r\n".encode()
        exchange.received += f"HTTP/1.1 {head}\r\n\r\n".encode() + body
        vouched = self._known(hashlib.sha256(payload or b"").hexdigest())
        capture = self._writer.keep(page.url, exchange, None, self._known, vouched)
        assert capture
        page = replace(page, status=capture.status, captures=(capture,))
        article = Article(page.url, title=title) if title else None
        read = ReadPage(page, "article" if title else "other", article)
        save(self.archive.db, self.archive.run, read)
        moment = self._at.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.payloads[page.url, moment] = body if payload is None else payload
        self._at += timedelta(hours=1)

    def close(self) -> None:
        self._writer.close()
        self.archive.db.close()

    def _known(self, sha256: str) -> Original | None:
        return evidence.original(self.archive.db, sha256)


def _chunked(body: bytes) -> bytes:
    half = len(body) // 2
    parts = (body[:half], body[half:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    made = Kept(tmp_path_factory.mktemp("hand"))
    html = "Content-Type: text/html; charset=utf-8"
    made.keep("/plain", f"200 OK\r\n{html}", _HTML)
    made.keep("/plain", f"200 OK\r\n{html}", _HTML)
    for name, body in (
        ("gzip", gzip.compress(_HTML)),
        ("br", brotli.compress(_HTML)),
        ("zstd", zstd.compress(_HTML)),
    ):
        made.keep(f"/{name}", f"200 OK\r\n{html}\r\nContent-Encoding: {name}", body)
    made.keep("/cut", f"200 OK\r\n{html}\r\nTransfer-Encoding: chunked", _chunked(_HTML), _HTML)
    made.keep("/old", "301 Moved\r\nLocation: https://thu.example/plain", b"moved")
    made.keep("/none", f"404 Not Found\r\n{html}", b"<p>none")
    made.keep("/tin-tức?tên=đường làng", f"200 OK\r\n{html}", _HTML + b"vn")
    made.keep("/file", "200 OK\r\nContent-Type: application/pdf", bytes(range(256)) * 4000)
    made.keep("/script", f"200 OK\r\n{html}", _SCRIPT)
    made.keep("/plain", '304 Not Modified\r\nETag: "a"', b"", _HTML)
    made.keep("/tin-đầu", f"200 OK\r\n{html}", _HTML + b"1", title="Tin đầu")
    made.keep("/tin-đầu", f"200 OK\r\n{html}", _HTML + "<p>Sửa".encode(), title="Tin (sửa)")
    made.close()
    return made


@pytest.fixture(scope="module")
def site(kept: Kept) -> Iterator[Served]:
    with served(kept.db) as running:
        yield running


@needs_pywb
def test_every_kind_of_capture_replays_byte_for_byte(kept: Kept, site: Served) -> None:
    kinds = set()
    for row in rows(
        kept.db,
        """SELECT u.url, c.captured_at, c.status, c.record_type, c.size FROM captures c
           JOIN urls u ON u.id = c.url_id""",
    ):
        answer, body = site.replayed(row["url"], row["captured_at"])
        payload = kept.payloads[row["url"], row["captured_at"]]
        status = 200 if row["status"] == 304 else row["status"]
        assert (answer.status, len(body)) == (status, len(payload)), row["url"]
        assert body == payload, row["url"]
        kinds.add((row["status"], row["record_type"]))
    assert kinds == {
        (200, "response"),
        (200, "revisit"),
        (301, "response"),
        (304, "revisit"),
        (404, "response"),
    }


@needs_pywb
def test_a_redirect_leads_to_the_capture_of_its_target(kept: Kept, site: Served) -> None:
    old = ("https://thu.example/old", "2024-07-03T07:00:00Z")
    assert site.replayed(*old)[0].headers["Location"] == "https://thu.example/plain"
    answer, _ = site.fetch(inner(*old, site.replay_port, "mp_"))
    place = urlsplit(answer.headers["Location"])
    assert place.port == site.replay_port
    assert place.path == "/archive/20240703070000mp_/https://thu.example/plain"
    while answer.status != 200:
        answer, body = site.fetch(answer.headers["Location"])
    assert "Xây dựng nông thôn mới" in body.decode()


@needs_pywb
def test_what_was_not_captured_is_not_fetched_from_the_web(site: Served) -> None:
    answer, body = site.replayed("https://thu.example/never", "2024-07-03T08:00:00Z")
    assert answer.status == 404
    assert b"thu.example/never" in body


@needs_pywb
def test_a_portal_crawled_twice_replays_at_both_dates(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    db = crawled(tmp_path_factory.mktemp("twice"), times=2)
    kinds = set()
    with served(db) as site:
        for line in (line for warc in warcs(db) for line in cdxj.lines(warc)):
            _, timestamp, facts = parsed(line)
            found = record(folder_of(db), facts)
            # robots.txt is asked for once more before the archive has a row for it.
            if rows(db, "SELECT 1 FROM captures WHERE warc_offset = ?", facts["offset"]):
                _, body = site.replayed(facts["url"], timestamp)
                assert digest(body) == facts["digest"], facts["url"]
                assert found.rec_type == "revisit" or body == found.payload, facts["url"]
                kinds.add(found.rec_type)
    assert kinds == {"response", "revisit"}


@needs_pywb
@needs_chromium
def test_archived_scripts_run_but_reach_nothing_of_the_archive(site: Served) -> None:
    capture = ("https://thu.example/script", "2024-07-03T12:00:00Z", site.replay_port)
    with chromium() as browser:
        page = browser.new_page()
        page.goto(address(*capture))
        frame = next(each for each in page.frames if "mp_/" in each.url)
        frame.wait_for_function("window.ran === 1")
        # As it was captured, without pywb's own guards: only the origin keeps it apart.
        page.goto(inner(*capture))
        assert page.evaluate("window.ran") == 1
        for path in ("/archive.json", "/archive/articles.json", "/"):
            assert page.evaluate(_READ, site.datasette + path) == "refused"
            assert page.evaluate(_FRAME, site.datasette + path) is None


_READ = """async (place) => {
    try { return await (await fetch(place)).text() } catch (error) { return 'refused' }
}"""
_FRAME = """async (place) => {
    const frame = document.createElement('iframe');
    frame.src = place;
    const loaded = new Promise((resolve) => { frame.onload = resolve });
    document.body.append(frame);
    await loaded;
    return frame.contentDocument;
}"""


@needs_pywb
@needs_chromium
def test_an_articles_page_leads_to_its_captured_pages(site: Served) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{site.datasette}/archive/-/article/1")
        links = page.locator("a.replay")
        told = ["as it was, 3 Jul 2024 15:00 UTC", "as it was, 3 Jul 2024 14:00 UTC"]
        assert links.all_text_contents() == told
        links.first.click()
        page.wait_for_url(f"http://127.0.0.1:{site.replay_port}/**")
        frame = page.wait_for_selector("iframe").content_frame()
        assert frame
        frame.get_by_text("Sửa", exact=True).wait_for()


@needs_pywb
@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_replay_does_not_outlive_a_killed_server(kept: Kept) -> None:
    with served(kept.db) as site:
        assert _answers(site.replay_port)
        os.kill(site.process, signal.SIGKILL)
        end = time.monotonic() + 30
        while _answers(site.replay_port) and time.monotonic() < end:
            time.sleep(0.05)
        assert not _answers(site.replay_port)


@needs_pywb
def test_both_servers_stop_together(kept: Kept) -> None:
    with served(kept.db) as site:
        assert _answers(site.replay_port)
    assert not _answers(site.replay_port)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@needs_pywb
def test_an_archive_without_records_has_nothing_to_show(archive: Archive) -> None:
    archive.keep("/1", "x")
    with served(archive.path) as site:
        assert site.replayed("https://thu.example/1", "2024-07-03T02:00:00Z")[0].status == 404
    assert not folder_of(archive.path).exists()


@needs_pywb
def test_a_taken_port_is_said(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{PYWB}{os.pathsep}{os.environ['PATH']}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = luutru("serve", "--db", str(kept.db), "--replay", "--replay-port", port)
    assert f"port {port} can't be used for replay" in result.stderr
    assert (result.returncode, result.stderr.count("\n")) == (3, 1)


def test_without_pywb_one_line_says_how_to_get_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = luutru("serve", "--db", str(archive.path), "--replay")
    assert "pipx install pywb" in result.stderr
    assert (result.returncode, result.stderr.count("\n")) == (3, 1)
