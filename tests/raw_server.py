"""A server on raw sockets whose answers are bytes, or functions that write to the socket."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class RawServer:
    """What came in so far."""

    url: str = ""
    port: int = 0
    connections: int = 0
    asked: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    """The last request for a path."""
    sent: dict[str, bytes] = field(default_factory=dict)


def ok(body: bytes, *fields: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    """A plain answer with its length; `fields` are further header lines."""
    lines = [status, "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *fields, "", ""]).encode("latin-1") + body


def links(*paths: str) -> bytes:
    """A home page that links to `paths`."""
    items = "".join(f"<li><a href='{path}'>Tin số {path}</a></li>" for path in paths)
    return f"<html><body><ul>{items}</ul></body></html>".encode()


@contextmanager
def raw_server(
    answers: Mapping[str, Answer],
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    port: int = 0,
) -> Iterator[RawServer]:
    """Serve `answers` by path, one request a connection; what is not there is a 404."""
    log = RawServer()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((host, port))
        listener.listen(64)
        log.port = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        log.url = f"http{'s' if tls else ''}://{shown}:{log.port}/"
        threading.Thread(target=_serve, args=(listener, log, answers, tls), daemon=True).start()
        try:
            yield log
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _serve(
    listener: socket.socket,
    log: RawServer,
    answers: Mapping[str, Answer],
    tls: ssl.SSLContext | None,
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        log.connections += 1
        words = (connection, log, answers, tls)
        threading.Thread(target=_answer, args=words, daemon=True).start()


def _answer(
    plain: socket.socket,
    log: RawServer,
    answers: Mapping[str, Answer],
    tls: ssl.SSLContext | None,
) -> None:
    with plain, suppress(OSError):
        connection = tls.wrap_socket(plain, server_side=True) if tls else plain
        with connection:
            head = _request(connection)
            path = head.split(" ", 2)[1]
            log.asked.append(path)
            log.heads[path] = head
            answer = answers.get(path, ok(b"<html>404</html>", status="HTTP/1.1 404 Not Found"))
            if callable(answer):
                answer(connection)
            else:
                log.sent[path] = answer
                connection.sendall(answer)
                if tls:
                    connection.unwrap()  # type: ignore[attr-defined]
                else:
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(5)
                    while connection.recv(65536):
                        pass


def _request(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65536)
        if not block:
            raise ConnectionError("no request")
        data += block
    return data.decode("latin-1")
