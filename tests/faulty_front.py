"""A front before the practice portal that lets single pages fail and rewrites others."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from practice.server import app

Rewrite = Callable[[bytes], bytes]


@dataclass
class Faulty:
    """What goes wrong, by request line: `/tin-tuc?page=2`, or `POST /path page=2`."""

    url: str = ""
    failing: dict[str, int] = field(default_factory=dict)
    """Requests that match this pattern get this status instead of an answer."""
    rewritten: dict[str, Rewrite] = field(default_factory=dict)
    """Bodies of the answers to requests that match this pattern pass through this."""
    portal: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await _body(receive)
        line = _line(scope, body)
        for pattern, status in self.failing.items():
            if re.fullmatch(pattern, line):
                await _answer(send, status, [(b"content-type", b"text/html")], b"<h1>Error</h1>")
                return
        status, headers, answer = await _answered(self.portal, scope, body)
        for pattern, rewrite in self.rewritten.items():
            if re.fullmatch(pattern, line):
                answer = rewrite(answer)
        kept = [(name, value) for name, value in headers if name != b"content-length"]
        await _answer(send, status, kept, answer)


async def _body(receive: Any) -> bytes:
    found, more = b"", True
    while more:
        message = await receive()
        found += message.get("body", b"")
        more = message.get("more_body", False)
    return found


def _line(scope: Any, body: bytes) -> str:
    query = scope["query_string"].decode()
    line = scope["path"] + (f"?{query}" if query else "")
    page = re.search(rb"(?:Page%24|\bpage=)(\d+)", body)
    return f"POST {line} page={page[1].decode() if page else ''}" if body else line


async def _answered(portal: Any, scope: Any, body: bytes) -> tuple[int, Any, bytes]:
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await portal(scope, receive, send)
    return (
        messages[0]["status"],
        messages[0]["headers"],
        b"".join(message.get("body", b"") for message in messages[1:]),
    )


async def _answer(send: Any, status: int, headers: Any, body: bytes) -> None:
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def faulty_front(articles: int) -> Iterator[Faulty]:
    """The practice portal behind a front without faults, to which a test adds them."""
    front = Faulty(portal=app(articles, crawl_delay=0))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with listener:
        listener.bind(("127.0.0.1", 0))
        front.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server = uvicorn.Server(uvicorn.Config(front, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield front
        server.should_exit = True
        thread.join()
