"""A portal of a few pages on a real HTTP server, which a test changes between crawls."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROSE = (
    "Sáng nay, Ủy ban nhân dân huyện tổ chức hội nghị sơ kết công tác xây dựng nông thôn mới sáu "
    "tháng đầu năm và bàn nhiệm vụ sáu tháng cuối năm. Dự hội nghị có lãnh đạo các phòng, ban, "
    "ngành của huyện và chủ tịch các xã, thị trấn. Hội nghị đã nghe báo cáo kết quả thực hiện."
)


@dataclass
class Answer:
    """What a path is answered with."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    status: int


@dataclass
class SmallPortal:
    """Paths and their answers, and the requests so far; an unknown path is a 404."""

    url: str = ""
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    """Paths that get no answer as long as they are here."""
    mends: dict[str, tuple[int, Answer]] = field(default_factory=dict)
    """What a path is answered with after it was asked for so often."""

    def article(self, path: str, title: str = "Hội nghị", extra: str = "", **headers: str) -> None:
        """Put an article at `path`, with `extra` markup in its text and extra headers."""
        body = (
            f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
            f"<div class='ngay'>Ngày đăng: 04/01/2023</div><div>Lượt xem: 478</div>"
            f"<div class='noi-dung'><p>{PROSE}</p><p>{PROSE[::-1]}</p>{extra}</div></body></html>"
        ).encode()
        given = {"Content-Type": "text/html; charset=utf-8"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(body, headers=given)

    def home(self, *paths: str) -> None:
        """Let the home page link to `paths`."""
        links = "".join(f"<li><a href='{path}'>Tin số {path}</a></li>" for path in paths)
        body = f"<html><body><ul>{links}</ul></body></html>"
        headers = {"Content-Type": "text/html", "ETag": '"h"'}
        self.pages["/"] = Answer(body.encode(), headers=headers)

    def file(self, path: str, body: bytes, media_type: str = "", **headers: str) -> None:
        """Put a file at `path`; the media type is what the server claims."""
        given = {"Content-Type": media_type or "application/octet-stream"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(body, headers=given)

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for `path` so far."""
        return [asked for asked in self.asked if asked.path == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal: SmallPortal

    def do_GET(self) -> None:
        after, mended = self.portal.mends.get(self.path, (0, None))
        if mended and len(self.portal.asked_for(self.path)) >= after:
            self.portal.pages[self.path] = mended
        answer = self.portal.pages.get(self.path) or Answer(b"<html>404 not found</html>", 404)
        status = 304 if self._has(answer) else answer.status
        self.portal.asked.append(Asked(self.path, dict(self.headers), status))
        while self.path in self.portal.silent:
            time.sleep(0.05)
        self.send_response(status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(answer.body)

    def _has(self, answer: Answer) -> bool:
        etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        if "If-None-Match" in self.headers:
            return self.headers["If-None-Match"] == etag
        return modified is not None and self.headers.get("If-Modified-Since") == modified

    def log_message(self, *_: object) -> None:
        """Requests are in `asked`."""


@contextmanager
def small_portal() -> Iterator[SmallPortal]:
    """An empty portal on 127.0.0.1."""
    portal = SmallPortal()
    portal.pages["/robots.txt"] = Answer(b"", headers={"Content-Type": "text/plain"})
    handler = type("Handler", (_Handler,), {"portal": portal})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        portal.url = f"http://127.0.0.1:{server.server_address[1]}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield portal
        server.shutdown()
