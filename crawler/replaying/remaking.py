"""Making a WARC file of whole records, each with an address, out of one that is none.

It was not compressed, or as a whole or with zstd, damaged, or an ARC file. Records stay as they
are. All that is kept is compressed record by record (ISO 28500:2017, annex D): whatever checks,
copies and exports them knows one form.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from crawler.foreign import arc
from crawler.replaying.records import Record, WholeGzip, records
from crawler.replaying.unpacking import GZIP, ZSTD, ZSTD_DICTIONARY, unpack

_ENOUGH = 1 << 13
_BEGINNING = 1 << 9
_MOST_DAMAGE = 100

DAMAGED = "was damaged; its whole records are copied, and the file as it came is in originals/"
UNPACKED = (
    "was compressed as a whole; its records are compressed one by one now, "
    "and the file as it came is in originals/"
)
PLAIN = (
    "was not compressed; its records are compressed one by one now, "
    "and the file as it came is in originals/"
)
CONVERTED = (
    "was an ARC file; its answers are WARC records now, the file as it came is in originals/"
)


@dataclass(slots=True)
class Remade:
    """What became of a file."""

    why: str = ""
    """Why it had to be made anew; empty when it is good as it is."""
    damage: list[str] = field(default_factory=list)
    """What is not whole in it, a line each."""
    left_out: int = 0
    """Damage beyond so many lines that nobody would read them."""

    def damaged(self, what: str) -> None:
        """Note a line, or that there is one more."""
        if len(self.damage) < _MOST_DAMAGE:
            self.damage.append(what)
        else:
            self.left_out += 1

    def lines(self) -> list[str]:
        """All that is to be told of it."""
        more = [f"and {self.left_out} more places like these"] if self.left_out else []
        return [*self.damage, *more]


def is_other_warc(path: Path) -> bool:
    """Whether it is an ARC file or packed by zstd: a WARC file is made of both. Raises OSError."""
    start = beginning(path)
    return arc.is_arc(start) or start.startswith((ZSTD, ZSTD_DICTIONARY))


def beginning(path: Path) -> bytes:
    """The first bytes, without gzip. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(_ENOUGH)
    if start.startswith(GZIP):
        try:
            # Few bytes: zlib gives nothing at all when a wrong sum stands right behind them.
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, _BEGINNING)
        except zlib.error:
            return b""
    return start


def remade(source: Path, target: Path) -> Remade:
    """Write `target` if `source` is no WARC file of whole records with addresses.

    Raises OSError when the disk does not take or give the bytes.
    """
    try:
        if not _is_packed(source):
            return _out_of_plain(source, target)
        if not is_other_warc(source) and (made := _out_of_records(source, target)):
            return made
    except WholeGzip:
        pass
    return _out_of_packed(source, target)


def _out_of_records(source: Path, target: Path) -> Remade | None:
    """What becomes of a file of compressed records; None if none of them has an address."""
    made = Remade()
    if not sum(1 for _ in records(source, made.damaged)):
        # A short file compressed as a whole, with damage that hides that.
        return None
    if made.damage:
        made.why = DAMAGED
        with target.open("wb") as out, source.open("rb") as file:
            out.writelines(_bytes(file, record) for record in records(source, _told_before))
    return made


def _told_before(_damage: str) -> None:
    """Nothing: the first reading told it."""


def _out_of_plain(source: Path, target: Path) -> Remade:
    made = _packed(source, target, Remade(PLAIN))
    if made.damage and made.why == PLAIN:
        made.why = DAMAGED
    return made


def _out_of_packed(source: Path, target: Path) -> Remade:
    made, plain = Remade(UNPACKED), target.with_name(f"{target.name}.unpacked")
    try:
        unpack(source, plain, made.damaged)
        return _packed(plain, target, made)
    finally:
        plain.unlink(missing_ok=True)


def _packed(plain: Path, target: Path, made: Remade) -> Remade:
    """Write the records of `plain` to `target`, each as a gzip member."""
    if arc.is_arc(beginning(plain)):
        made.why = CONVERTED
    with target.open("wb") as out:
        out.writelines(_members(plain, made))
    return made


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ZSTD)).startswith((GZIP, ZSTD, ZSTD_DICTIONARY))


def _members(plain: Path, made: Remade) -> Iterator[bytes]:
    """Each record of an uncompressed file as a gzip member."""
    if made.why == CONVERTED:
        yield from arc.records(plain, made.damaged)
        return
    with plain.open("rb") as file:
        for record in records(plain, made.damaged):
            yield _member(_bytes(file, record))


def _member(record: bytes) -> bytes:
    """The record as a gzip member, which it is already where only the file's beginning is plain."""
    # No time in the member's header: the same records make the same file.
    return record if record.startswith(GZIP) else gzip.compress(record, mtime=0)


def _bytes(file: BinaryIO, record: Record) -> bytes:
    file.seek(record.offset)
    return file.read(record.length)
