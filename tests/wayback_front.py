"""A front before pywb that talks as the Wayback Machine does, and fails as any service does.

Its index gives one JSON array in pieces with resumption keys, and leaves out captures whose digest
is that of the one before; its playback puts `X-Archive-Orig-` before the portal's headers.
"""

import gzip
import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

from tests.faulty_service import Faults, FaultyHandler, served

_FIELDS = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length")
_NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
_OWN = ("memento-datetime", "link", "content-location", "date", "content-length")
_ORIGINAL = "x-archive-orig-"


@dataclass
class Front(Faults):
    """The stand-in, and what goes wrong with it."""

    pywb: str = ""
    piece: int = 50
    """Lines of one answer of the index."""
    packed: bool = False
    """Whether what was sent plain is packed on the way, asked or not."""


@contextmanager
def fronted(front: Front) -> Iterator[Front]:
    """Serve `front` at a free port."""
    with served(front, _Handler):
        yield front


class _Handler(FaultyHandler):
    faults: Front

    def answer(self, fault: str | None) -> None:
        if fault == "moved":
            self._moved()
        elif self.path.startswith("/cdx/search/cdx?"):
            self.send(200, [("Content-Type", "application/json")], self._index(), fault)
        else:
            self.send(*self._playback(), fault)

    def _moved(self) -> None:
        to = re.sub(r"/web/\d{14}", "/web/20010101000000", self.path)
        headers = [("Location", to), ("X-Archive-Redirect-Reason", "found capture at 2001")]
        self.send(302, headers, b"", None)

    def _index(self) -> bytes:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        query = f"/past/cdx?url={quote_plus(asked['url'])}&matchType=prefix&output=json"
        _, _, body = _get(self.faults.pywb, query)
        rows = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
        lines = _collapsed([[str(row[name]) for name in _FIELDS] for row in rows])
        start = int(unquote_plus(asked.get("resumeKey", "")).rpartition(" ")[2] or 0)
        limit = min(int(asked.get("limit", 1 << 30)), self.faults.piece)
        piece: list[Any] = lines[start : start + limit]
        if asked.get("showResumeKey") and start + limit < len(lines):
            piece += [[], [quote_plus(f"vn,gov)/ {start + limit}")]]
        return json.dumps([_NAMES, *piece] if piece else []).encode()

    def _playback(self) -> tuple[int, list[tuple[str, str]], bytes]:
        status, given, body = _get(self.faults.pywb, self.path.replace("/web/", "/past/", 1))
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
        if self.faults.packed and "content-encoding" not in names:
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
