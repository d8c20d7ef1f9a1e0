"""Reading WARC files of any tool, record by record, around the damage (ISO 28500:2017, 4 and 5).

No WARC library: `warcio` 1.8 passes over what it can't inflate without a word, and an archive has
to say where a file is damaged.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawler.capture.addresses import asked_for, text_of

# What is read past the end of a record is copied twice: most records have some KB.
_BLOCK = 1 << 14
_WINDOW = 1 << 20
_LONGEST_HEADER = 1 << 20
LARGEST = 256 * 1024 * 1024
"""Bytes of a record's block that are held in memory; of a longer block only these are read."""
# Longer numbers are no length of anything.
_MOST_DIGITS = 15
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
# A header that breaks off is followed by the next record's; looked for together, each is passed
# once, however many of them a hostile file has.
_END_OR_NEXT = re.compile(rb"\r?\n\r?\n|\nWARC/\d\.\d{1,2}\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_GZIP = b"\x1f\x8b"
_BEGINNING = b"WARC/"
_START = re.compile(rb"\x1f\x8b\x08|WARC/\d\.\d{1,2}\r?\n")
_LONGEST_START = 12
_LINE_ENDS = 2
_LONGEST_NOTHING = 1 << 17
"""Bytes of a gzip member that give nothing: its header has a name and 64 KiB more at most."""


class Damaged(Exception):
    """There is no whole record here. What stands before is good; look for the next record."""


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
    def address(self) -> str:
        """WARC-Target-URI; old versions of wget put it in angle brackets."""
        return self.headers.get("warc-target-uri", "").strip("<>")

    @property
    def url(self) -> str:
        """The address without the form of a POST that some tools write into it."""
        return asked_for(self.address)[0]


def is_warc(path: Path) -> bool:
    """Whether there is the beginning of a record in the file, compressed or not. Raises OSError.

    The file itself may begin with rubbish: what is whole in it is wanted.
    """
    with path.open("rb") as file:
        start = file.read(_BLOCK)
        if start.startswith(_GZIP) and _inflated(start) == _BEGINNING:
            return True
        end = path.stat().st_size
        return _next_start(file, 0, end) < end


def _inflated(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, len(_BEGINNING))
    except zlib.error:
        return b""


def records(path: Path, damaged: Callable[[str], None]) -> Iterator[Record]:
    """Every whole record of the file, in order; `damaged` is told, in a line, of what is none.

    Raises WholeGzip where the records have no addresses.
    """
    with path.open("rb") as file:
        end = path.stat().st_size
        offset = 0
        while offset < end:
            try:
                record = _record(file, offset)
            except Damaged as error:
                onward = _next_start(file, offset + 1, end)
                damaged(f"{error} ({onward - offset} bytes are left out)")
                offset = onward
            else:
                yield record
                offset = record.offset + record.length


def record_at(path: Path, offset: int) -> Record:
    """The record that begins at byte `offset`; raises Damaged or OSError."""
    with path.open("rb") as file:
        return _record(file, offset)


def _next_start(file: BinaryIO, offset: int, end: int) -> int:
    """Where the next record begins, at byte `offset` or behind it; the end if none does."""
    while offset < end:
        file.seek(offset)
        window = file.read(_WINDOW)
        for found in _START.finditer(window):
            if _is_start(file, offset + found.start()):
                return offset + found.start()
        # A start may lie across the edge of the window.
        offset += max(len(window) - _LONGEST_START, 1)
    return end


def _is_start(file: BinaryIO, offset: int) -> bool:
    """Whether a header can be read there: three bytes look like gzip once in 16 MB of anything."""
    try:
        _header(_stream(file, offset), offset)
    except Damaged:
        return False
    return True


def _record(file: BinaryIO, offset: int) -> Record:
    stream = _stream(file, offset)
    headers = _header(stream, offset)
    block = _block(stream, headers, offset)
    _ended(stream, offset)
    return Record(offset, stream.finish() - offset, headers, block)


def _stream(file: BinaryIO, offset: int) -> "_Plain":
    file.seek(offset)
    is_zipped = file.read(2) == _GZIP
    file.seek(offset)
    return _Inflated(file, offset) if is_zipped else _Plain(file)


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
        passed = 0
        while not self._inflater.eof:
            source = self._inflater.unconsumed_tail or self._file.read(_BLOCK)
            passed += len(source)
            if not source or passed > _LONGEST_NOTHING:
                raise Damaged(f"it ends in the record at byte {self._offset}")
            try:
                inflated = self._inflater.decompress(source, _BLOCK)
            except zlib.error as error:
                raise Damaged(f"the record at byte {self._offset} is damaged: {error}") from None
            if inflated:
                return inflated
        return b""


def _header(stream: _Plain, offset: int) -> dict[str, str]:
    """The header fields by lower-case name."""
    while len(stream.peek()) < len(_BEGINNING) and stream.grow():
        pass
    if not stream.peek().startswith(_BEGINNING):
        raise Damaged(f"there is no WARC record at byte {offset}")
    searched = 0
    while not (end := _END_OR_NEXT.search(stream.peek(), searched)):
        searched = max(len(stream.peek()) - _LONGEST_START, 0)
        if searched > _LONGEST_HEADER or not stream.grow():
            raise Damaged(f"there is no whole record header at byte {offset}")
    if not _END_OF_HEADER.match(end[0]):
        raise Damaged(f"there is no whole record header at byte {offset}")
    head = stream.take(end.end())
    # Not `splitlines`: it takes U+2028 in an address for the end of the line.
    lines = text_of(_FOLD.sub(b" ", head)).split("\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _block(stream: _Plain, headers: dict[str, str], offset: int) -> bytes:
    """The record's block; not more than LARGEST bytes of it are kept."""
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS):
        raise Damaged(f"the record at byte {offset} has no Content-Length")
    left, kept, parts = int(length), 0, list[bytes]()
    while left:
        part = stream.take(left)
        if not part:
            raise Damaged(f"the record at byte {offset} has {left} bytes less than it says")
        left -= len(part)
        if kept < LARGEST:
            parts.append(part)
            kept += len(part)
    return b"".join(parts)


def _ended(stream: _Plain, offset: int) -> None:
    """Pass the two line ends behind a record; some old tools leave them out at the file's end."""
    for _ in range(_LINE_ENDS):
        found = stream.take(1)
        if found == b"\r":
            found = stream.take(1)
        if found.strip():
            raise Damaged(f"the record at byte {offset} is longer than it says")
