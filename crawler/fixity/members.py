"""Gzip members of a WARC file (RFC 1952), inflated piece by piece in one pass over the file."""

import zlib
from typing import BinaryIO

_BLOCK = 1 << 20
# A slice inflates to 16 MiB at most (deflate's limit is 1032 to 1), and what is left of it after a
# member's end is copied: small slices keep both small.
_SLICE = 1 << 14
_SIGNATURE = b"\x1f\x8b\x08"
_BEGINNING = b"WARC/"


class Unreadable(Exception):
    """The member at hand is no whole record; look for the next one."""


class Source:
    """The bytes of a file in slices, of which a part may be given back."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        """Begin at byte `start`; what lies past byte `end` is read only as far as it is taken."""
        self._file = file
        self._end = end
        self.seek(start)

    def seek(self, offset: int) -> None:
        """Go on at byte `offset` of the file."""
        self.offset = offset
        self._block = memoryview(b"")
        self._at = 0
        self._file.seek(offset)

    @property
    def is_at_end(self) -> bool:
        """Whether the next byte lies at the end or past it."""
        return self.offset >= self._end

    def take(self) -> memoryview:
        """The next slice; empty at the end of the file."""
        if self._at == len(self._block):
            wanted = max(self._end - self.offset, _SLICE)
            self._block = memoryview(self._file.read(min(_BLOCK, wanted)))
            self._at = 0
        found = self._block[self._at : self._at + _SLICE]
        self._at += len(found)
        self.offset += len(found)
        return found

    def give_back(self, size: int) -> None:
        """The last `size` bytes of the last slice belong to the next member."""
        self._at -= size
        self.offset -= size

    def seek_record(self, start: int) -> None:
        """Go on where the next record seems to begin, at or after byte `start`; else at the end."""
        while start < self._end:
            self._file.seek(start)
            block = self._file.read(min(_BLOCK, self._end - start))
            found = block.find(_SIGNATURE)
            while found >= 0:
                if self._begins_a_record(start + found):
                    self.seek(start + found)
                    return
                found = block.find(_SIGNATURE, found + 1)
            # A signature may lie across the border of two blocks.
            start += max(len(block) - len(_SIGNATURE) + 1, 1)
        self.seek(self._end)

    def _begins_a_record(self, offset: int) -> bool:
        self._file.seek(offset)
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            return inflater.decompress(self._file.read(512), len(_BEGINNING)) == _BEGINNING
        except zlib.error:
            return False


class Member:
    """One gzip member."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def piece(self) -> bytes:
        """The next bytes; empty after the last, when length and CRC have been found right.

        Raises Unreadable when the bytes are no gzip member, or not all of one.
        """
        while not self._inflater.eof:
            data = self._source.take()
            if not data:
                raise Unreadable("the file ends inside this record")
            piece = self._inflated(data)
            if piece:
                return piece
        return b""

    def _inflated(self, data: memoryview) -> bytes:
        try:
            piece = self._inflater.decompress(data)
        except zlib.error as error:
            raise Unreadable(f"no whole gzip member ({error})") from None
        if self._inflater.eof:
            self._source.give_back(len(self._inflater.unused_data))
        return piece
