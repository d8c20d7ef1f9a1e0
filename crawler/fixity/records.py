"""Reading WARC records in one pass, each block and payload digest recomputed on the way.

No WARC library: parsing line by line would cost more than inflating and SHA-256 together
(`benchmarks/fixity.py` measures it).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crawler.capture.addresses import text_of
from crawler.fixity.digests import HttpMeter, Meter, hexadecimal, is_known
from crawler.fixity.members import Member, Source, Unreadable

_LONGEST_HEADER = 1 << 20
_FOLD = re.compile(r"\r?\n[ \t]+")
# ISO 28500 has CRLF; some tools end lines with LF alone, all of them.
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_AFTER_RECORD = (b"\r\n\r\n", b"\n\n")
_LONGEST_AFTER = 4
_OF_NOTHING = hexadecimal("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record that could be read to its end."""

    offset: int
    length: int
    """Bytes of its gzip member."""
    inflated: int
    """Bytes of header and block."""
    headers: dict[str, str]
    """Header fields by lower-case name; of a repeated one the last."""
    status: int | None
    """HTTP status of a response or revisit; None of other records."""
    media_type: str | None
    """Content-Type of the HTTP response, lower case, without parameters."""
    payload: tuple[tuple[str, int], ...]
    """(SHA-256 in hex digits, bytes) of an HTTP payload as it stands and, when chunked, decoded."""
    wrong: tuple[str, ...]
    """What is wrong with the record by itself, a line each."""
    unchecked: int = 0
    """Digests that it states by algorithms that are not known here: nothing contradicts them."""

    @property
    def kind(self) -> str:
        """WARC-Type: response, revisit, request, metadata, warcinfo, ..."""
        return self.headers.get("warc-type", "")


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no whole record."""

    offset: int
    length: int
    """Bytes up to where reading went on."""
    what: str


def read(file: BinaryIO, start: int, end: int) -> Iterator[Record | Damage]:
    """The records that begin between the bytes `start` and `end` of `file`, and what is damaged.

    After damage, reading goes on at the next gzip member that begins like a record. Raises OSError
    when the disk does not give the bytes.
    """
    source = Source(file, start, end)
    while not source.is_at_end:
        offset = source.offset
        try:
            yield _record(source)
        except Unreadable as error:
            source.seek_record(offset + 1)
            yield Damage(offset, source.offset - offset, str(error))


def _record(source: Source) -> Record:
    offset = source.offset
    member = Member(source)
    headers, size, first = _header(member)
    block = _Block(headers)
    block.feed(first)
    while piece := member.piece():
        block.feed(piece)
    block.close()
    return Record(
        offset=offset,
        length=source.offset - offset,
        inflated=size + block.size,
        headers=headers,
        status=block.status,
        media_type=block.media_type,
        payload=block.payload,
        wrong=tuple(block.wrong()),
        unchecked=sum(bool(given) and not is_known(given) for given in _stated(headers)),
    )


def _header(member: Member) -> tuple[dict[str, str], int, bytes]:
    """The record's header fields, their length, and what follows (ISO 28500:2017, 4)."""
    data = member.piece()
    while not (end := _END_OF_HEADER.search(data)):
        piece = member.piece()
        data += piece
        if not piece or len(data) > _LONGEST_HEADER:
            raise Unreadable("a gzip member without a WARC header")
    version, _, fields = text_of(data[: end.start()]).partition("\n")
    if not version.startswith("WARC/1."):
        raise Unreadable(f"a gzip member that is no WARC record: it begins {version[:20]!r}")
    return _fields(fields), end.end(), data[end.end() :]


def _fields(text: str) -> dict[str, str]:
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = (line.partition(":") for line in text.split("\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


class _Block:
    """The block of one record: its length, its digests and those of its payload."""

    def __init__(self, headers: dict[str, str]) -> None:
        length = headers.get("content-length", "")
        if not length.isdecimal():
            raise Unreadable("a record without Content-Length")
        self._headers = headers
        self._length = self._left = int(length)
        self._after = b""
        self._block_digest = hexadecimal(headers.get("warc-block-digest", ""))
        self._payload_digest = hexadecimal(headers.get("warc-payload-digest", ""))
        self._meter = Meter(_algorithm(self._block_digest))
        self._http = HttpMeter({"sha256", *_algorithm(self._payload_digest)})
        self._is_http = _is_http(headers)
        self._is_resource = headers.get("warc-type") == "resource"
        self._content = Meter({"sha256"} if self._is_resource else ())

    def feed(self, data: bytes) -> None:
        """Take in the next bytes after the header."""
        part = data if len(data) <= self._left else data[: self._left]
        self._left -= len(part)
        # One byte more than belongs there is enough to know.
        self._after = (self._after + data[len(part) :])[: _LONGEST_AFTER + 1]
        self._meter.feed(part)
        self._content.feed(part)
        if self._is_http:
            self._http.feed(part)

    def close(self) -> None:
        """No more bytes come."""
        if self._is_http:
            self._http.close()

    @property
    def size(self) -> int:
        return self._length - self._left

    @property
    def status(self) -> int | None:
        if self._is_resource:
            # Content that was saved without its HTTP head was there (`crawler.replaying.answers`).
            return 200
        return self._http.head.status if self._http.head else None

    @property
    def media_type(self) -> str | None:
        content_type = self._http.head.header("Content-Type") if self._http.head else None
        if self._is_resource:
            content_type = self._headers.get("content-type")
        return (content_type or "").partition(";")[0].strip().lower() or None

    @property
    def payload(self) -> tuple[tuple[str, int], ...]:
        if self._is_resource:
            return ((self._content.digest("sha256"), self._content.size),)
        if not self._is_http:
            return ()
        return tuple(zip(self._http.digests("sha256"), self._http.sizes, strict=True))

    def wrong(self) -> Iterator[str]:
        """What the header says and the block does not bear out."""
        if self._left:
            yield f"the block has {self.size} bytes, Content-Length says {self._length}"
        elif self._after not in _AFTER_RECORD:
            yield "the record does not end with two empty lines, where Content-Length puts its end"
        # wget digests no bytes where it writes a revisit (1.21.3).
        is_wgets = self._headers.get("warc-type") == "revisit" and self._block_digest == _OF_NOTHING
        if not is_wgets:
            yield from self._differing("WARC-Block-Digest", self._block_digest, self._block_digests)
        # The payload digest of a revisit is that of another record (ISO 28500:2017, 6.7.2).
        if self._is_http and self._headers.get("warc-type") == "response":
            yield from self._differing(
                "WARC-Payload-Digest", self._payload_digest, self._http.digests
            )

    def _block_digests(self, algorithm: str) -> tuple[str, ...]:
        return (self._meter.digest(algorithm),)

    def _differing(
        self, name: str, expected: tuple[str, str] | None, actual: Callable[[str], tuple[str, ...]]
    ) -> Iterator[str]:
        given = self._headers.get(name.lower())
        if given and expected is None and is_known(given):
            yield f"{name} is no digest that can be checked: {given[:80]}"
        if expected and expected[1] not in actual(expected[0]):
            yield f"{name} says {':'.join(expected)}, the bytes give {actual(expected[0])[0]}"


def _stated(headers: dict[str, str]) -> tuple[str, str]:
    return headers.get("warc-block-digest", ""), headers.get("warc-payload-digest", "")


def _algorithm(expected: tuple[str, str] | None) -> Iterable[str]:
    return (expected[0],) if expected else ()


def _is_http(headers: dict[str, str]) -> bool:
    if headers.get("warc-type") not in ("response", "revisit"):
        return False
    # Some tools leave Content-Type out; what came by HTTP is told by its address then.
    by_http = headers.get("warc-target-uri", "").lstrip("<").startswith(("http://", "https://"))
    given = headers.get("content-type", "application/http" if by_http else "")
    return given.startswith("application/http")
