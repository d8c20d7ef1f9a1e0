"""Mending WARC files that a kill left open: a torn last record is cut off."""

import fcntl
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawler.capture.folder import OPEN
from crawler.durability import put_in_place

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Mended:
    """A file that was left open and is whole now."""

    file: str
    size: int
    """Bytes that are kept."""
    cut: int
    """Bytes of the torn record that were cut off; 0 when the last record was whole."""


def recover(folder: Path, vouched: Callable[[str], int]) -> Iterator[Mended]:
    """Make every file whole that no living crawl is writing; an empty one is removed.

    `vouched` tells up to which byte of a file rows point at whole records: no need to read those.
    """
    for path in sorted(folder.glob(f"*{OPEN}")):
        with path.open("r+b") as file:
            if _is_being_written(file):
                continue
            name = path.name.removesuffix(OPEN)
            size = path.stat().st_size
            known = vouched(name)
            # A power cut may have taken what rows point at: then no row vouches for anything.
            whole = _whole_members(file, known if known <= size else 0)
            file.truncate(whole)
        if whole:
            put_in_place(path, path.with_suffix(""))
        else:
            path.unlink()
        yield Mended(name, whole, size - whole)


def _is_being_written(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _whole_members(file: BinaryIO, start: int) -> int:
    """The end of the last whole gzip member (RFC 1952), looking from byte `start` on."""
    whole = start
    while end := _member_end(file, whole):
        whole = end
    return whole


def _member_end(file: BinaryIO, start: int) -> int | None:
    file.seek(start)
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    while block := file.read(_BLOCK):
        try:
            inflater.decompress(block)
        except zlib.error:
            return None
        if inflater.eof:
            return file.tell() - len(inflater.unused_data)
    return None
