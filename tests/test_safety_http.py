"""What real servers do wrong is read; what hostile ones do is cut off, kept and told."""

import gzip
import socket
import sqlite3
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.capture.folder import folder_of
from tests.raw_server import Answer, RawServer, links, ok, raw_server
from tests.scrapy_run import crawl
from tests.small_portal import PROSE


def page(title: str) -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='ngay'>Ngày đăng: 04/01/2023</div><div class='noi-dung'><p>{PROSE}</p>"
        f"<p>{PROSE[::-1]}</p></div></body></html>"
    ).encode()


def _head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


HTML = "Content-Type: text/html; charset=utf-8"
P = {name: page(f"Hội nghị {name}") for name in "abcdefghijklmnopqrstuvwxyzđ"}
CHUNKED = _head("HTTP/1.1 200 OK", HTML, "Transfer-Encoding: chunked")


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def _stays_open(data: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.settimeout(30)
        connection.recv(1)

    return answer


READABLE: dict[str, Answer] = {
    "/no-reason": ok(P["a"], status="HTTP/1.1 200"),
    "/no-blank": ok(P["b"], status="HTTP/1.1 200OK"),
    "/small-letters": ok(P["c"], status="http/1.1 200 ok"),
    "/odd-bytes": ok(P["d"], "X-M\xe1y: ch\xfb \x01\x7f", "no colon here", ": nameless", "Ng y: x"),
    "/blank-before-colon": ok(P["e"], "X-Powered-By : ASP.NET", "Content-Encoding : identity"),
    "/folded": ok(P["f"], "X-Via: proxy-1\r\n\tproxy-2\r\n  proxy-3"),
    "/fold-at-once": ok(P["g"], status="HTTP/1.1 200 OK\r\n  goes on"),
    "/bare-lf": ok(P["h"]).replace(b"\r\n", b"\n"),
    "/empty-lines-first": b"\r\n\r\n" + ok(P["i"]),
    "/interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n"
    + ok(P["j"]),
    "/length-too-long": ok(P["k"] + b" " * 9)[:-9],
    "/length-too-short": ok(P["l"]) + b"HTTP/1.1 200 OK\r\n\r\n<h1>smuggled</h1>",
    "/lengths-differ": _head("HTTP/1.1 200 OK", HTML, "Content-Length: 7", "Content-Length: 9")
    + P["m"],
    "/length-of-words": _head("HTTP/1.1 200 OK", HTML, "Content-Length: -1, many") + P["n"],
    "/old": _head("HTTP/1.0 200 OK", HTML) + P["o"],
    "/never-closes": _stays_open(_head("HTTP/1.1 200 OK", HTML) + P["p"]),
    "/promises-more": _stays_open(ok(P["q"] + b"x" * 99)[:-99]),
    "/no-last-chunk": CHUNKED + _chunk(P["r"]),
    "/chunked-with-length": _head(
        "HTTP/1.1 200 OK", HTML, "Content-Length: 3", "Transfer-Encoding: Chunked"
    )
    + _chunk(P["s"])
    + b"0\r\n\r\n",
    "/odd-coding": _head("HTTP/1.1 200 OK", HTML, "Transfer-Encoding: identity") + P["t"],
    "/says-gzip": ok(P["u"], "Content-Encoding: gzip"),
    "/says-br": ok(P["v"], "Content-Encoding: br"),
    "/no-coding": ok(P["w"], "Content-Encoding: utf-8"),
    "/wrong-checksum": ok(gzip.compress(P["x"])[:-8] + b"12345678", "Content-Encoding: gzip"),
    "/bare-deflate": ok(zlib.compress(P["y"], wbits=-15), "Content-Encoding: deflate"),
    "/long-cookies": ok(P["z"], f"Set-Cookie: huge={'x' * 60_000}", *["Set-Cookie: a=b"] * 300),
    "/gzip-for-the-transfer": _head("HTTP/1.1 200 OK", HTML, "Transfer-Encoding: gzip, chunked")
    + _chunk(gzip.compress(P["đ"]))
    + b"0\r\n\r\n",
}


def _endless(block: bytes, start: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(block)

    return answer


def _drip(start: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(b"x")
            time.sleep(0.1)

    return answer


def _reset(connection: socket.socket) -> None:
    connection.sendall(_head("HTTP/1.1 200 OK", HTML) + P["a"][:200])
    time.sleep(0.2)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


BOMB = gzip.compress(b" " * 30_000_000)
PLAIN = _head("HTTP/1.1 200 OK", HTML)
# path: answer, reason, WARC-Truncated of what is kept (None: whole, or nothing to keep)
CUT: dict[str, tuple[Answer, str, str | None]] = {
    "/huge-header": (
        _endless(b"x" * 65536, b"HTTP/1.1 200 OK\r\nX-Huge: "),
        "too long: a head of more than 256 KiB",
        None,
    ),
    "/many-headers": (
        ok(P["a"], *["X-More: y"] * 1500),
        "too long: more than 1000 header lines",
        "length",
    ),
    "/interim-flood": (
        _endless(b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" * 50, b""),
        "too long: ",
        None,
    ),
    "/endless": (_endless(b"<p>x</p>" * 8192, PLAIN), "too large: more than 2 MiB", "length"),
    "/endless-chunks": (
        _endless(_chunk(b"y" * 65536), CHUNKED),
        "too large: more than 2 MiB",
        "length",
    ),
    "/tiny-chunks": (
        _endless(b"1;pad=xxxxxxxxxxxxxxx\r\na\r\n" * 2000, CHUNKED),
        "too large: more than 2 MiB",
        "length",
    ),
    "/stated-huge": (
        _head("HTTP/1.1 200 OK", HTML, "Content-Length: 5368709120") + b"abc",
        "too large: more than 2 MiB",
        "length",
    ),
    "/bomb": (
        ok(BOMB, "Content-Encoding: gzip"),
        "too large: unpacks to more than ",
        None,
    ),
    "/bomb-twice": (
        ok(gzip.compress(BOMB), "Content-Encoding: gzip, gzip"),
        "too large: unpacks to more than ",
        None,
    ),
    "/bomb-br": (
        ok(brotli.compress(b" " * 30_000_000), "Content-Encoding: br"),
        "too large: unpacks to more than ",
        None,
    ),
    "/onion": (
        ok(P["b"], "Content-Encoding: gzip, gzip, gzip"),
        "too many codings: packed 3 times over",
        None,
    ),
    "/torn-gzip": (
        ok(gzip.compress(P["c"])[:300], "Content-Encoding: gzip"),
        "can't be unpacked: the packed data breaks off",
        None,
    ),
    "/another-service": (b"220 mail ESMTP\r\n\r\n", "no HTTP answer: it begins with b'220", None),
    "/no-head": (P["d"], "no HTTP answer: it begins with b'<html>", None),
    "/drips-head": (_drip(b"HTTP/1.1 200 OK\r\nX: "), "time-out: no answer in time", None),
    "/drips-body": (
        _drip(PLAIN + P["e"][:400]),
        "time-out: no answer in time",
        "time",
    ),
    "/cut": (
        ok(P["f"])[:-300],
        "ResponseDataLossError: the connection ended in the middle of the answer",
        "disconnect",
    ),
    "/reset": (_reset, "DownloadFailedError: the connection ended before the answer", "disconnect"),
    "/broken-chunk": (
        CHUNKED + _chunk(P["g"][:500]) + b"zz\r\n" + P["g"][500:],
        "ResponseDataLossError: the connection ended in the middle of the answer",
        "disconnect",
    ),
}


class Crawled:
    def __init__(self, folder: Path) -> None:
        answers: dict[str, Answer] = {path: answer for path, (answer, _, _) in CUT.items()}
        answers |= READABLE
        answers["/"] = ok(links(*answers))
        answers["/robots.txt"] = ok(b"")
        self.log: RawServer
        with raw_server(answers) as self.log:
            self.output = crawl(
                self.log.url,
                folder / "archive.db",
                DOWNLOAD_MAXSIZE=2 * 1024 * 1024,
                DOWNLOAD_TIMEOUT=2,
                RETRY_TIMES=0,
                CONCURRENT_REQUESTS=8,
                CONCURRENT_REQUESTS_PER_DOMAIN=8,
            )
        self.db = sqlite3.connect(folder / "archive.db")
        self.warcs = folder_of(folder / "archive.db")

    def url(self, path: str) -> tuple[str, str | None, str | None]:
        """State and reason of its URL, and how its capture was truncated."""
        row = self.db.execute(
            """SELECT state, reason, (SELECT truncated FROM captures WHERE url_id = urls.id)
               FROM urls WHERE url = ?""",
            (self.log.url + path[1:],),
        ).fetchone()
        return row[0], row[1], row[2]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    return Crawled(tmp_path_factory.mktemp("http"))


@pytest.mark.parametrize(("path", "letter"), list(zip(READABLE, P, strict=True)))
def test_what_servers_do_wrong_is_read(crawled: Crawled, path: str, letter: str) -> None:
    assert crawled.url(path) == ("done", None, None)
    row = crawled.db.execute(
        "SELECT title, published_on FROM articles WHERE url = ?", (crawled.log.url + path[1:],)
    ).fetchone()
    assert row == (f"Hội nghị {letter}", "2023-01-04")


@pytest.mark.parametrize("path", list(CUT))
def test_what_has_no_good_end_is_cut_and_told(crawled: Crawled, path: str) -> None:
    state, reason, truncated = crawled.url(path)
    assert state == "failed"
    assert (reason or "").startswith(CUT[path][1]), reason
    assert truncated == CUT[path][2]


def test_what_is_kept_are_the_bytes_of_the_wire(crawled: Crawled) -> None:
    kept = {}
    for file in crawled.warcs.iterdir():
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                if record.rec_type == "response":
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    kept["/" + url.removeprefix(crawled.log.url)] = record.raw_stream.read()
    compared = 0
    for path, sent in crawled.log.sent.items():
        if path in kept and b"hunked" not in sent[:500] and path != "/interim":
            whole = sent.lstrip(b"\r\n").partition(b"HTTP/1.1 200 OK\r\n\r\n<h1>smuggled")[0]
            assert kept[path] == whole, path
            compared += 1
    assert compared > 25
