"""A service that fails as any does: no answer, half an answer, 429, 503, things that are gone."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Faults:
    """What goes wrong, and what was asked."""

    once: dict[str, str] = field(default_factory=dict)
    """Patterns of requests, and how the first answer to each of those goes wrong: drop (no answer),
    cut (shorter than it says), short (shorter, and it does not say), 429, 503."""
    always: dict[str, str] = field(default_factory=dict)
    """The same for every answer: 404, 403, 503, moved (to another capture)."""
    requests: Counter[str] = field(default_factory=Counter)
    """How often each was made: path, and range if one was asked for."""
    url: str = ""

    def fault(self, request: str) -> str | None:
        """How the answer to `request` goes wrong this time."""
        self.requests[request] += 1
        for pattern, how in self.always.items():
            if re.search(pattern, request):
                return how
        for pattern, how in self.once.items():
            if self.requests[request] == 1 and re.search(pattern, request):
                return how
        return None


@contextmanager
def served(faults: Faults, handler: type["FaultyHandler"]) -> Iterator[str]:
    """Serve at a free port of this machine; yields the address, which `faults` has, too."""
    made = type("Handler", (handler,), {"faults": faults})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    faults.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield faults.url
    finally:
        server.shutdown()
        server.server_close()


class FaultyHandler(BaseHTTPRequestHandler):
    """Answers GET by `answer`, or as `faults` says."""

    protocol_version = "HTTP/1.1"
    faults: Any

    def do_GET(self) -> None:
        request = f"{self.path} {self.headers.get('Range', '')}".strip()
        fault = self.faults.fault(request)
        if fault == "drop":
            self.close_connection = True
        elif fault and fault.isdecimal():
            headers = [("Retry-After", "1")] if fault == "429" else []
            self.send(int(fault), headers, b"<html><h1>Please wait</h1></html>", None)
        else:
            self.answer(fault)

    def answer(self, fault: str | None) -> None:
        """Answer; `fault` is for `send`, or a kind of its own."""
        raise NotImplementedError

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def send(
        self, status: int, headers: list[tuple[str, str]], body: bytes, fault: str | None
    ) -> None:
        """Send an answer, or half of it."""
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
