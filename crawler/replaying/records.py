"""Reading WARC files of any tool, record by record, up to the damage (ISO 28500:2017, 4 and 5).

No WARC library: `warcio` 1.8 passes over what it can't inflate without a word, and an archive has
to say where a file is damaged.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 18
_LONGEST_HEADER = 1 << 20
LARGEST = 256 * 1024 * 1024
"""Bytes of a record's block that are held in memory; of a longer block only these are read."""
# A record of 1 GB or more, in a file compressed as a whole, would have to be held in memory.
_MOST_DIGITS = 9
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_GZIP = b"\x1f\x8b"
_AFTER_RECORD = b"\r\n\r\n"


class Damaged(Exception):
    """The file can't be read on. What stands before is good; go on with the next file."""


class WholeGzip(Exception):
    """All records are in one gzip member, so none has an address. Compress each by itself."""


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record and where it lies."""

    offset: int
    length: int
    """Bytes of its gzip member, or of the record in a file that is not compressed."""
    headers: dict[str, str]
    """Header fields by lower-case name; of a repeated one the last."""
    block: bytes

    @property
    def kind(self) -> str:
        """WARC-Type: response, revisit, request, metadata, ..."""
        return self.headers.get("warc-type", "")

    @property
    def url(self) -> str:
        """WARC-Target-URI; old versions of wget put it in angle brackets."""
        return self.headers.get("warc-target-uri", "").strip("<>")


def is_warc(path: Path) -> bool:
    """Whether the file begins like a WARC file, compressed or not. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(_BLOCK)
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, 16)
        except zlib.error:
            return False
    return start.startswith(b"WARC/")


def records(path: Path) -> Iterator[Record]:
    """Every record of the file, in order; raises Damaged or WholeGzip where it can't go on."""
    with path.open("rb") as file:
        end = path.stat().st_size
        offset = 0
        while offset < end:
            record = _record(file, offset)
            yield record
            offset = record.offset + record.length


def record_at(path: Path, offset: int) -> Record:
    """The record that begins at byte `offset`; raises Damaged or OSError."""
    with path.open("rb") as file:
        return _record(file, offset)


def plain_records(file: BinaryIO) -> Iterator[bytes]:
    """Every record of an uncompressed stream as its bytes; raises Damaged where it breaks off."""
    stream = _Plain(file)
    while stream.peek():
        headers, head = _header(stream, 0)
        if len(headers.get("content-length", "")) > _MOST_DIGITS:
            raise Damaged("a record in it is larger than any page")
        yield head + _block(stream, headers, 0, None) + _ended(stream, 0)


def _record(file: BinaryIO, offset: int) -> Record:
    file.seek(offset)
    zipped = file.read(2) == _GZIP
    file.seek(offset)
    stream = _Inflated(file, offset) if zipped else _Plain(file)
    headers, _ = _header(stream, offset)
    block = _block(stream, headers, offset, LARGEST)
    _ended(stream, offset)
    return Record(offset, stream.finish() - offset, headers, block)


class _Plain:
    """Bytes of an uncompressed file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held = b""

    def peek(self) -> bytes:
        """What is held, at least one byte unless the end is reached."""
        if not self._held:
            self._held = self._more()
        return self._held

    def grow(self) -> bool:
        """Hold more; False at the end."""
        more = self._more()
        self._held += more
        return bool(more)

    def take(self, size: int) -> bytes:
        """Up to `size` bytes."""
        held = self.peek()
        self._held = held[size:]
        return held[:size]

    def finish(self) -> int:
        """The offset in the file behind the record."""
        return self._file.tell() - len(self._held)

    def _more(self) -> bytes:
        return self._file.read(_BLOCK)


class _Inflated(_Plain):
    """Bytes of one gzip member (RFC 1952)."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        super().__init__(file)
        self._offset = offset
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def finish(self) -> int:
        """The end of the member; what stands in it behind the record makes it no record's own."""
        if self.peek().strip():
            raise WholeGzip("its records are compressed as one")
        while self.grow():
            self._held = b""
        return self._file.tell() - len(self._inflater.unused_data)

    def _more(self) -> bytes:
        while not self._inflater.eof:
            source = self._inflater.unconsumed_tail or self._file.read(_BLOCK)
            if not source:
                raise Damaged(f"it ends in the record at byte {self._offset}")
            try:
                inflated = self._inflater.decompress(source, _BLOCK)
            except zlib.error as error:
                raise Damaged(f"the record at byte {self._offset} is damaged: {error}") from None
            if inflated:
                return inflated
        return b""


def _header(stream: _Plain, offset: int) -> tuple[dict[str, str], bytes]:
    """The header fields by lower-case name, and the bytes they stand in."""
    while not (end := _END_OF_HEADER.search(stream.peek())):
        if len(stream.peek()) > _LONGEST_HEADER or not stream.grow():
            raise Damaged(f"there is no whole record header at byte {offset}")
    head = stream.take(end.end())
    if not head.startswith(b"WARC/"):
        raise Damaged(f"there is no WARC record at byte {offset}")
    lines = _FOLD.sub(b" ", head).decode("utf-8", "replace").splitlines()[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, head


def _block(stream: _Plain, headers: dict[str, str], offset: int, most: int | None) -> bytes:
    """The record's block; with `most`, not more than so many bytes of it are kept."""
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise Damaged(f"the record at byte {offset} has no Content-Length")
    left, kept, parts = int(length), 0, list[bytes]()
    while left:
        part = stream.take(left)
        if not part:
            raise Damaged(f"it ends in the record at byte {offset}")
        left -= len(part)
        if most is None or kept < most:
            parts.append(part)
            kept += len(part)
    return b"".join(parts)


def _ended(stream: _Plain, offset: int) -> bytes:
    """The two line ends behind a record; some old tools leave them out at the end of the file."""
    found = b""
    while len(found) < len(_AFTER_RECORD) and (
        part := stream.take(len(_AFTER_RECORD) - len(found))
    ):
        found += part
    if found.strip():
        raise Damaged(f"the record at byte {offset} is longer than it says")
    return found
