"""A server on raw sockets that sends given bytes and logs what passed in both directions."""

import socket
import socketserver
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = Callable[[str], bytes | None]


@dataclass
class Log:
    """By path: the requests received and the answers sent, in order, byte for byte."""

    url: str = ""
    received: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))


class _Handler(socketserver.BaseRequestHandler):
    log: Log
    answer: Answer

    def handle(self) -> None:
        while request := self._request():
            path = request.split(b" ", 2)[1].decode("ascii")
            answer = type(self).answer(path) or _NOT_FOUND
            self.log.received[path].append(request)
            self.log.sent[path].append(answer)
            self.request.sendall(answer)
            if self._ends_with_connection(answer):
                self.request.shutdown(socket.SHUT_WR)
                return

    def _request(self) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            block = self.request.recv(65536)
            if not block:
                return b""
            data += block
        return data

    @staticmethod
    def _ends_with_connection(answer: bytes) -> bool:
        head = answer.split(b"\r\n\r\n")[0].lower()
        return answer.startswith(b"HTTP/1.0") or b"connection: close" in head


_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nno!"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def recording(answer: Answer, port: int = 0) -> Iterator[Log]:
    """Serve `answer(path)` (raw bytes, None is a 404) on 127.0.0.1 and log all of it.

    Without `port` it takes a free one.
    """
    log = Log()
    handler = type("Handler", (_Handler,), {"log": log, "answer": staticmethod(answer)})
    with _Server(("127.0.0.1", port), handler) as server:
        log.url = f"http://127.0.0.1:{server.server_address[1]}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield log
        server.shutdown()
