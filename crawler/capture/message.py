"""An HTTP/1 response taken apart without changing a byte of its head (RFC 9112)."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from crawler.capture.exchange import Capture

STATUS = re.compile(rb"(?i)HTTP/(\d)(?:\.(\d))?[ \t]*([1-9]\d\d)[ \t]*([^\r\n]*)")
"""A status line; some servers forget a blank, the reason, or how to spell HTTP."""

CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
"""The line in front of a chunk: its size, and extensions that mean nothing (RFC 9112, 7.1)."""

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_EMPTY_LINES = re.compile(rb"(?:\r?\n)+")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LINE_END = re.compile(rb"\r?\n")
_NUMBER = re.compile(rb"[0-9]{1,15}")
_PACKING = {"gzip", "x-gzip", "deflate"}


@dataclass(frozen=True, slots=True)
class Message:
    """The final response of an exchange; interim 1xx answers are left out."""

    status: int
    head: bytes
    """Status line and headers as received, with the empty line that ends them."""
    payload: bytes
    """The body after transfer decoding; its content encoding is untouched."""
    is_framed: bool = True
    """Whether its chunks, if it has any, are well-formed as far as they came."""

    def header(self, name: str) -> str | None:
        """The first value of the header `name`, or None."""
        pattern = rb"(?im)^" + re.escape(name.encode()) + rb"[ \t]*:[ \t]*(.*?)[ \t]*\r?$"
        found = re.search(pattern, _FOLD.sub(b" ", self.head))
        return found.group(1).decode("latin-1") if found else None

    @property
    def coding(self) -> str | None:
        """What the payload is packed with, as a Content-Encoding; None if with nothing."""
        codings = [self.header("Content-Encoding"), *packing(self.header("Transfer-Encoding"))]
        return ", ".join(filter(None, codings)) or None

    def fields(self) -> list[tuple[bytes, bytes]]:
        """Names and values in order, as the server spelled them; lines without a colon left out."""
        lines = (line.partition(b":") for line in _LINE_END.split(_FOLD.sub(b" ", self.head))[1:])
        return [(name.strip(), value.strip()) for name, colon, value in lines if colon]


def packing(transfer_encoding: str | None) -> list[str]:
    """Codings that make a body smaller for its transfer (RFC 9112, 7.2), in their order.

    Nobody asks for them (TE), yet some servers pack so. Payload means what the chunks hold, as
    WARC tools have it; so these are undone with the content's own codings, after which they came.
    """
    codings = (each.strip().lower() for each in (transfer_encoding or "").split(","))
    return [each for each in codings if each in _PACKING]


def parsed(received: bytes | bytearray) -> Message | None:
    """The response in `received`, or None when not even a whole head came.

    A body of 64 MiB is copied once.
    """
    start = 0
    while True:
        # Empty lines in front are a leftover of an earlier body (RFC 9112, 2.2).
        if empty := _EMPTY_LINES.match(received, start):
            start = empty.end()
        end, status = _END_OF_HEAD.search(received, start), STATUS.match(received, start)
        if end is None or status is None:
            return None
        code = int(status.group(3))
        if code >= 200 or code == 101:
            with memoryview(received) as whole:
                return _message(code, bytes(whole[start : end.end()]), bytes(whole[end.end() :]))
        start = end.end()


def is_interim(heads: bytes) -> bool:
    """Whether nothing but the heads of interim answers stands in `heads`: the final one follows."""
    return STATUS.match(heads.lstrip(b"\r\n")) is not None and parsed(heads) is None


def _message(status: int, head: bytes, body: bytes) -> Message:
    plain = Message(status, head, body)
    coding = plain.header("Transfer-Encoding")
    if coding and "chunked" in coding.lower():
        return Message(status, head, *unchunked(body))
    lengths = {each for name, each in plain.fields() if name.lower() == b"content-length"}
    length = lengths.pop() if len(lengths) == 1 else b""
    if _NUMBER.fullmatch(length) and int(length) < len(body):
        # What comes behind the stated length is no part of this answer (RFC 9112, 6.3).
        return Message(status, head, body[: int(length)])
    return plain


def unchunked(body: bytes) -> tuple[bytes, bool]:
    """`body` without its chunk framing (RFC 9112, 7.1), and whether nothing but chunks came.

    What is no valid chunk is kept as it is.
    """
    parts: list[bytes] = []
    position = 0
    while size := CHUNK_SIZE.match(body, position):
        length = int(size.group(1), 16)
        if length == 0:
            return b"".join(parts), True
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        if line_end := _LINE_END.match(body, position):
            position = line_end.end()
    return b"".join([*parts, body[position:]]), position >= len(body)


def capture_of(message: Message, url: str, captured_at: datetime) -> Capture:
    """The capture of `message`, the answer from `url`, as far as the message itself tells."""
    media_type = (message.header("Content-Type") or "").partition(";")[0].strip().lower()
    return Capture(
        captured_at=captured_at,
        status=message.status,
        media_type=media_type or None,
        payload_sha256=hashlib.sha256(message.payload).hexdigest(),
        size=len(message.payload),
        etag=message.header("ETag"),
        last_modified=message.header("Last-Modified"),
        url=url,
    )
