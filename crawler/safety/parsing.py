"""Reading HTTP/1 as real servers write it, where Twisted's parser would give up.

Bytes are never changed: the wire is recorded before they come here. Leans on private classes of
Scrapy 2.19 and Twisted 26; tests/test_safety_http.py sends every oddity through them.
"""

import re
from typing import Any

from scrapy.core.downloader.handlers.http11 import _LenientHTTPClientParser
from twisted.web._newclient import HEADER, STATUS

from crawler.capture import message
from crawler.safety.bounds import TooMuch, no_http

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class TolerantParser(_LenientHTTPClientParser):
    """Skips what it can't understand in a head, and settles how long the body is."""

    # One line may be as long as the whole head, which the connection bounds.
    MAX_LENGTH = 1 << 30
    most_headers: int
    has_surplus = False
    """Whether bytes came behind the end of the answer."""
    _lines = 0

    @property
    def is_in_head(self) -> bool:
        """Whether the final head has not come yet."""
        return self.state in (STATUS, HEADER)

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take a line of the head; empty ones in front and a fold of nothing are skipped."""
        if self.state == STATUS and not line.strip():
            return
        if self.state == HEADER and self._partialHeader is None and line[:1] in (b" ", b"\t"):
            return
        self._lines += 1
        if self._lines > self.most_headers:
            raise TooMuch(f"too long: more than {self.most_headers} header lines")
        super().lineReceived(line)

    def statusReceived(self, status: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take the first line, whatever its spelling."""
        found = message.STATUS.match(status)
        if found is None:
            raise no_http(status)
        major, minor, code, phrase = found.groups()
        line = b"HTTP/%b.%b %b %b" % (major, minor or b"0", code, phrase)
        super().statusReceived(line)  # type: ignore[no-untyped-call]

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take a field if its name can be one."""
        if _TOKEN.fullmatch(name.strip()):
            super().headerReceived(name.strip(), value)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        """Go on to the body, of a length that is beyond doubt."""
        self._settle_coding()
        self._settle_length()
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def _settle_coding(self) -> None:
        codings = b",".join(self.connHeaders.getRawHeaders(b"Transfer-Encoding", []))
        for each in message.packing(codings.decode("latin-1")):
            self.headers.addRawHeader(b"Content-Encoding", each.encode())
        if b"chunked" in codings.lower():
            self.connHeaders.setRawHeaders(b"Transfer-Encoding", [b"chunked"])
        else:
            self.connHeaders.removeHeader(b"Transfer-Encoding")

    def _settle_length(self) -> None:
        """A length that is no number, or several that differ, is none: the body ends by closing."""
        stated = b",".join(self.connHeaders.getRawHeaders(b"Content-Length", []))
        lengths = {each.strip() for each in stated.split(b",")}
        if len(lengths) > 1 or not all(each.isdigit() and len(each) < 16 for each in lengths):
            self.connHeaders.removeHeader(b"Content-Length")

    def _finished(self, rest: Any) -> None:
        if rest:
            self.has_surplus = True
            # Nobody asked for what follows; it must not be taken for the next answer.
            self.connHeaders.setRawHeaders(b"connection", [b"close"])
        super()._finished(rest)  # type: ignore[no-untyped-call]
