"""An HTTP/1 response taken apart without changing a byte of its head (RFC 9112)."""

import re
from dataclasses import dataclass

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[^\r\n]*\r?\n")
_LINE_END = re.compile(rb"\r?\n")


@dataclass(frozen=True, slots=True)
class Message:
    """The final response of an exchange; interim 1xx answers are left out."""

    status: int
    head: bytes
    """Status line and headers as received, with the empty line that ends them."""
    payload: bytes
    """The body after transfer decoding; its content encoding is untouched."""

    def header(self, name: str) -> str | None:
        """The first value of the header `name`, or None."""
        pattern = rb"(?im)^" + re.escape(name.encode()) + rb"[ \t]*:[ \t]*(.*?)[ \t]*\r?$"
        found = re.search(pattern, _FOLD.sub(b" ", self.head))
        return found.group(1).decode("latin-1") if found else None


def parsed(received: bytes) -> Message | None:
    """The response in `received`, or None when not even a whole head came."""
    end = _END_OF_HEAD.search(received)
    while end:
        head, rest = received[: end.end()], received[end.end() :]
        status = _STATUS.match(head)
        if status is None:
            return None
        code = int(status.group(1))
        if code >= 200 or code == 101:
            return _message(code, head, rest)
        received, end = rest, _END_OF_HEAD.search(rest)
    return None


def _message(status: int, head: bytes, body: bytes) -> Message:
    plain = Message(status, head, body)
    coding = plain.header("Transfer-Encoding")
    if coding and "chunked" in coding.lower():
        return Message(status, head, unchunked(body))
    return plain


def unchunked(body: bytes) -> bytes:
    """`body` without its chunk framing (RFC 9112, 7.1); what is no valid chunk is kept as it is."""
    parts: list[bytes] = []
    position = 0
    while size := _CHUNK_SIZE.match(body, position):
        length = int(size.group(1), 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        if line_end := _LINE_END.match(body, position):
            position = line_end.end()
    return b"".join([*parts, body[position:]])
