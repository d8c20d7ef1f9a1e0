"""A front before pywb that talks as the Wayback Machine does, and fails as any service does.

Its index gives one JSON array in pieces with resumption keys, and leaves out captures whose digest
is that of the one before; its playback puts `X-Archive-Orig-` before the portal's headers.
"""

import gzip
import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

_FIELDS = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length")
_NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
_OWN = ("memento-datetime", "link", "content-location", "date", "content-length")
_ORIGINAL = "x-archive-orig-"


@dataclass
class Front:
    """What goes wrong, and what was asked."""

    pywb: str
    piece: int = 50
    """Lines of one answer of the index."""
    once: dict[str, str] = field(default_factory=dict)
    """Patterns of paths, and how the first answer to each of those paths goes wrong: drop (no
    answer), cut (shorter than it says), short (shorter, and it does not say), 429, 503."""
    always: dict[str, str] = field(default_factory=dict)
    """The same for every answer: 404, 403, 503, moved (to another capture)."""
    packed: bool = False
    """Whether what was sent plain is packed on the way, asked or not."""
    requests: Counter[str] = field(default_factory=Counter)
    url: str = ""

    def fault(self, path: str) -> str | None:
        """How the answer to `path` goes wrong this time."""
        self.requests[path] += 1
        for pattern, how in self.always.items():
            if re.search(pattern, path):
                return how
        for pattern, how in self.once.items():
            if self.requests[path] == 1 and re.search(pattern, path):
                return how
        return None


@contextmanager
def fronted(front: Front) -> Iterator[Front]:
    """Serve `front` at a free port."""
    handler = type("Handler", (_Handler,), {"front": front})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    front.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: Front

    def do_GET(self) -> None:
        fault = self.front.fault(self.path)
        if fault == "drop":
            self.close_connection = True
        elif fault == "moved":
            self._moved()
        elif fault and fault.isdecimal():
            self._own(int(fault))
        elif self.path.startswith("/cdx/search/cdx?"):
            self._send(200, [("Content-Type", "application/json")], self._index(), fault)
        else:
            self._send(*self._playback(), fault)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _own(self, status: int) -> None:
        headers = [("Content-Type", "text/html")]
        headers += [("Retry-After", "1")] if status == 429 else []
        self._send(status, headers, b"<html><h1>Wayback Machine</h1></html>", None)

    def _moved(self) -> None:
        to = re.sub(r"/web/\d{14}", "/web/20010101000000", self.path)
        headers = [("Location", to), ("X-Archive-Redirect-Reason", "found capture at 2001")]
        self._send(302, headers, b"", None)

    def _send(
        self, status: int, headers: list[tuple[str, str]], body: bytes, fault: str | None
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if fault == "short":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault in ("cut", "short"):
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(body)

    def _index(self) -> bytes:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        query = f"/past/cdx?url={quote_plus(asked['url'])}&matchType=prefix&output=json"
        _, _, body = _get(self.front.pywb, query)
        rows = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
        lines = _collapsed([[str(row[name]) for name in _FIELDS] for row in rows])
        start = int(unquote_plus(asked.get("resumeKey", "")).rpartition(" ")[2] or 0)
        limit = min(int(asked.get("limit", 1 << 30)), self.front.piece)
        piece: list[Any] = lines[start : start + limit]
        if asked.get("showResumeKey") and start + limit < len(lines):
            piece += [[], [quote_plus(f"vn,gov)/ {start + limit}")]]
        return json.dumps([_NAMES, *piece] if piece else []).encode()

    def _playback(self) -> tuple[int, list[tuple[str, str]], bytes]:
        status, given, body = _get(self.front.pywb, self.path.replace("/web/", "/past/", 1))
        names = {name.lower(): value for name, value in given}
        if "memento-datetime" not in names:
            return status, [("Content-Type", "text/html")], body
        headers = [("Server", "nginx"), ("Content-Type", names["content-type"])]
        for name, value in given:
            if name.lower() in ("memento-datetime", "link"):
                headers.append((name, value))
            elif name.lower() not in _OWN:
                plain = name.lower().removeprefix(_ORIGINAL)
                headers.append((f"{_ORIGINAL}{plain}", value))
        if self.front.packed and "content-encoding" not in names:
            body = gzip.compress(body)
            headers.append(("Content-Encoding", "gzip"))
        return status, headers, body


def _collapsed(lines: list[list[str]]) -> list[list[str]]:
    """Without those whose digest is that of the line before (collapse=digest)."""
    before = [None, *lines[:-1]]
    return [line for line, last in zip(lines, before, strict=True) if not _same(line, last)]


def _same(line: list[str], last: list[str] | None) -> bool:
    return last is not None and line[5] == last[5]


def _get(base: str, path: str) -> tuple[int, list[tuple[str, str]], bytes]:
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
