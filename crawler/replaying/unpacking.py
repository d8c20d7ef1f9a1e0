"""Taking gzip and zstd off whole files, as other tools write them, around the damage."""

import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
# A skippable frame that holds the dictionary of all frames after it
# (https://iipc.github.io/warc-specifications/specifications/warc-zstd/).
ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
_SKIPPABLE = 8
_BLOCK = 1 << 16
_LARGEST_PIECE = 1 << 22
_STEP = 4
# Web pages shrink to a tenth, zeros to a thousandth.
_HIGHEST_RATIO = 100
_SMALL = 1 << 24

Told = Callable[[str], None]


class _Bomb(Exception):
    """It grows without end; take what has come."""


def unpack(source: Path, target: Path, damaged: Told) -> None:
    """Write what is compressed in `source` to `target`; `damaged` is told what can't be had.

    Raises OSError when the disk does not take or give the bytes.
    """
    most = _SMALL + _HIGHEST_RATIO * source.stat().st_size
    with source.open("rb") as file, target.open("wb") as out:
        try:
            for piece in _pieces(file, damaged):
                out.write(piece)
                if out.tell() > most:
                    raise _Bomb
        except _Bomb:
            damaged("it grows more than a hundredfold: what follows is left out")


def _pieces(file: BinaryIO, damaged: Told) -> Iterator[bytes]:
    dictionary = _dictionary(file, damaged)
    beginning = file.tell()
    magic = ZSTD if file.read(len(ZSTD)) == ZSTD else GZIP
    offset = _next(file, beginning, magic)
    # Records in the open may stand in front of compressed ones.
    yield from _as_it_is(file, beginning, offset)
    while offset >= 0:
        part = _Part(file, offset, magic, dictionary)
        try:
            yield from part.pieces()
        except (zlib.error, zstd.ZstdError) as error:
            damaged(f"what is compressed at byte {offset} is damaged: {error}")
            offset = _next(file, offset + 1, magic)
        else:
            if part.is_torn:
                damaged(f"what is compressed at byte {offset} breaks off")
            offset = _next(file, part.end, magic)
            if left_out := _left_out(file, part.end, offset):
                damaged(f"nothing is compressed at byte {part.end} ({left_out} bytes are left out)")


def _left_out(file: BinaryIO, start: int, end: int) -> int:
    """Bytes from `start` to `end` (to the file's end if that is -1), unless zstd skips them."""
    file.seek(start)
    is_skippable = file.read(len(ZSTD_DICTIONARY))[1:] == ZSTD_DICTIONARY[1:]
    return 0 if is_skippable else (file.seek(0, 2) if end < 0 else end) - start


def _as_it_is(file: BinaryIO, offset: int, end: int) -> Iterator[bytes]:
    file.seek(offset)
    while file.tell() < end:
        yield file.read(min(_BLOCK, end - file.tell()))


def _dictionary(file: BinaryIO, damaged: Told) -> "zstd.ZstdDict | None":
    head = file.read(_SKIPPABLE)
    if not head.startswith(ZSTD_DICTIONARY):
        file.seek(0)
        return None
    content = file.read(int.from_bytes(head[4:], "little"))
    try:
        if content.startswith(ZSTD):
            content = zstd.ZstdDecompressor().decompress(content, _LARGEST_PIECE)
        return zstd.ZstdDict(content)
    except (zstd.ZstdError, ValueError) as error:
        damaged(f"its dictionary is damaged: {error}")
        return None


class _Part:
    """One gzip member or zstd frame."""

    def __init__(
        self, file: BinaryIO, offset: int, magic: bytes, dictionary: "zstd.ZstdDict | None"
    ) -> None:
        self._file = file
        self._inflater = (
            zlib.decompressobj(zlib.MAX_WBITS | 16)
            if magic == GZIP
            else zstd.ZstdDecompressor(zstd_dict=dictionary)
        )
        self.end = offset
        """The byte behind it, once all pieces are taken."""
        self.is_torn = False

    def pieces(self) -> Iterator[bytes]:
        """What is compressed in it, up to its end or the file's."""
        self._file.seek(self.end)
        while not self._inflater.eof:
            data = self._file.read(_BLOCK)
            self.is_torn = not data
            if self.is_torn:
                break
            yield from self._inflated(data)
        self.end = self._file.tell() - len(self._inflater.unused_data)

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        """What `data` gives; zlib gives nothing of a block with damage in it, so step by step."""
        if not isinstance(self._inflater, type(zlib.decompressobj())):
            # Zeros shrink to a thirty-thousandth: all of them at once would need gigabytes.
            yield self._inflater.decompress(data, _LARGEST_PIECE)
            while not (self._inflater.needs_input or self._inflater.eof):
                yield self._inflater.decompress(b"", _LARGEST_PIECE)
            return
        before = self._inflater.copy()
        try:
            yield self._inflater.decompress(data)
        except zlib.error:
            self._inflater = before
            for start in range(0, len(data), _STEP):
                yield before.decompress(data[start : start + _STEP])


def _next(file: BinaryIO, offset: int, magic: bytes) -> int:
    """Where `magic` stands next, at `offset` or behind it; -1 if nowhere."""
    while True:
        file.seek(offset)
        window = file.read(_BLOCK)
        if (found := window.find(magic)) >= 0:
            return offset + found
        if len(window) < len(magic):
            return -1
        offset += len(window) - len(magic) + 1
