"""Those who are told: a real mail server and a real web server."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Mailbox


class _Mails(Mailbox):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.got.append(message)


@contextmanager
def receiving_mail(
    hostname: str = "127.0.0.1", **options: Any
) -> Iterator[tuple[str, list[Message]]]:
    """The address of a mail server on this machine, and what it received."""
    box = _Mails()
    # The controller calls its own port once to see that it runs, so it can't be told to pick one.
    with socket.create_server((hostname, 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname=hostname, port=port, **options)
    server.start()
    yield f"smtp://{hostname}:{port}", box.got
    server.stop()


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Message]]:
    """What a mail server on this machine received; LUUTRU_SMTP names it."""
    with receiving_mail() as (server, got):
        monkeypatch.setenv("LUUTRU_SMTP", server)
        yield got


class Hook(ThreadingHTTPServer):
    """Receives POSTs with JSON, and answers with the status `answer`."""

    answer = 204

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.asked: list[str] = []
        self.pinged: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_GET(self) -> None:
        self.server.pinged.append(self.path)
        self.send_response(self.server.answer)
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.path)
        if self.server.answer < 300:
            kind = self.headers["Content-Type"] or ""
            told = json.loads(body) if kind == "application/json" else body.decode()
            self.server.got.append((kind, told))
        self.send_response(self.server.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
