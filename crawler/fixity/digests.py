"""Digests computed while bytes stream by; nothing larger than one piece is held."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from crawler.capture.message import CHUNK_SIZE, Message, is_interim, parsed

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD = 1 << 20
_LONGEST_CHUNK_LINE = 1 << 12
_BASE_16 = re.compile(r"[0-9A-F]+")
_BASE_32 = re.compile(r"[A-Z2-7]+")
_AS_INT_READS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV"
)
_BITS = {"sha1": 160, "sha256": 256, "sha384": 384, "sha512": 512, "md5": 128}


def hexadecimal(labelled: str) -> tuple[str, str] | None:
    """A digest such as `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ` as (`sha1`, hex digits).

    Base 32 and base 16 are both in use (ISO 28500:2017, 5.8 leaves the choice). None when the
    algorithm is unknown or the value is no digest of it.
    """
    name = _named(labelled)
    bits = _BITS.get(name, 0)
    value = labelled.partition(":")[2].rstrip("=").upper()
    is_hex = len(value) * 4 == bits
    spare = 0 if is_hex else len(value) * 5 - bits
    if not bits or not 0 <= spare < 5 or not (_BASE_16 if is_hex else _BASE_32).fullmatch(value):
        return None
    # Many times as fast as base64.b32decode, which is not written in C.
    number = int(value, 16) if is_hex else int(value.translate(_AS_INT_READS), 32) >> spare
    return name, f"{number:0{bits // 4}x}"


def is_known(labelled: str) -> bool:
    """Whether a digest names an algorithm that can be computed here."""
    return _named(labelled) in _BITS


def _named(labelled: str) -> str:
    return labelled.partition(":")[0].strip().lower().replace("-", "")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Meter:
    """Length and digests of the bytes that pass."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self.size = 0
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}

    def feed(self, data: bytes) -> None:
        """Count `data` in."""
        self.size += len(data)
        for each in self._hashes.values():
            each.update(data)

    def digest(self, algorithm: str) -> str:
        """Hex digits of what has passed."""
        return self._hashes[algorithm].hexdigest()


class Unchunked:
    """Passes data on without its chunk framing, as `crawler.capture.message.unchunked` does."""

    def __init__(self, onward: Meter) -> None:
        self._onward = onward
        self._left = 0
        self._waiting = b""
        self._begun = self._ended = self._plain = False

    def feed(self, data: bytes) -> None:
        """Take in the next part of the body."""
        data, self._waiting = self._waiting + data, b""
        while data and not self._ended:
            data = self._pass(data) if self._left or self._plain else self._begin(data)

    def close(self) -> None:
        """No more data comes: what still waits is no chunk, and is kept as it is."""
        self._onward.feed(self._without_line_end(self._waiting))

    def _pass(self, data: bytes) -> bytes:
        part = data if self._plain else data[: self._left]
        self._onward.feed(part)
        self._left -= min(self._left, len(part))
        return data[len(part) :]

    def _begin(self, data: bytes) -> bytes:
        line = self._without_line_end(data)
        size = CHUNK_SIZE.match(line)
        if size is None:
            return self._no_chunk(data, line)
        self._begun = True
        self._left = int(size.group(1), 16)
        self._ended = self._left == 0
        return line[size.end() :]

    def _no_chunk(self, data: bytes, line: bytes) -> bytes:
        if len(line) < _LONGEST_CHUNK_LINE:
            self._waiting = data
            return b""
        self._plain = True
        return line

    def _without_line_end(self, data: bytes) -> bytes:
        """Without the line end that closes the chunk before."""
        if not self._begun:
            return data
        return data[2:] if data.startswith(b"\r\n") else data.removeprefix(b"\n")


class HttpMeter:
    """The head of an HTTP response, and the digests of its payload.

    A chunked payload is measured as it stands and decoded: our records hold it decoded (RFC 9112,
    7.1), those of wget as it came, and tools differ in which of the two their digest means.
    """

    def __init__(self, algorithms: Iterable[str]) -> None:
        self.head: Message | None = None
        """Status line and headers without payload; None when the block is no HTTP response."""
        self._algorithms = tuple(algorithms)
        self._meters = [Meter(self._algorithms)]
        self._decoder: Unchunked | None = None
        self._buffer = b""
        self._in_payload = False

    def feed(self, data: bytes) -> None:
        """Take in the next part of the block."""
        if self._in_payload:
            self._payload(data)
            return
        self._buffer += data
        end = self._end_of_head()
        if end or len(self._buffer) > _LONGEST_HEAD:
            self._begin(end)

    def close(self) -> None:
        """No more data comes."""
        if not self._in_payload:
            self._begin(0)
        if self._decoder:
            self._decoder.close()

    def digests(self, algorithm: str) -> tuple[str, ...]:
        """Hex digits of the payload as it stands and, when it is chunked, decoded."""
        return tuple(meter.digest(algorithm) for meter in self._meters)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of the payload, in the order of `digests`."""
        return tuple(meter.size for meter in self._meters)

    def _end_of_head(self) -> int:
        """Where the head of the final answer ends, behind interim ones (1xx); 0 if not here."""
        for end in _END_OF_HEAD.finditer(self._buffer):
            if not is_interim(self._buffer[: end.end()]):
                return end.end()
        return 0

    def _begin(self, end: int) -> None:
        self._in_payload = True
        self.head = parsed(self._buffer[:end])
        coding = self.head.header("Transfer-Encoding") if self.head else None
        if coding and "chunked" in coding.lower():
            self._meters.append(Meter(self._algorithms))
            self._decoder = Unchunked(self._meters[-1])
        self._payload(self._buffer[end:])
        self._buffer = b""

    def _payload(self, data: bytes) -> None:
        self._meters[0].feed(data)
        if self._decoder:
            self._decoder.feed(data)
