"""The WARC files in a WACZ file, whose author may mean us harm."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from crawler.errors import BadInput, CannotRun
from crawler.words import tr

_FOLDER = "archive"
_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
# WARC text shrinks to a tenth; WACZ 1.1.1 asks that compressed WARC files are stored as they are.
_HIGHEST_RATIO = 100
_SMALL = 1 << 20
_TORN = (zipfile.BadZipFile, EOFError, zlib.error, OSError, NotImplementedError)


def is_wacz(path: Path) -> bool:
    """Whether the file is a ZIP file with an `archive` folder. Raises OSError.

    A ZIP file without its list at the end is none: its records are looked for as in any torn file.
    """
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return False
    return zipfile.is_zipfile(path) and any(_is_warc(entry) for entry in _entries(path))


def must_be_harmless(path: Path) -> None:
    """Raises BadInput when an entry is a trap: a path that leads out, a bomb."""
    for entry in _entries(path):
        if _is_warc(entry):
            _check(path, entry)


def warcs(path: Path, room: int, damaged: Callable[[str], None]) -> Iterator[tuple[str, BinaryIO]]:
    """Name and bytes of each WARC file in it, of `room` bytes at most altogether.

    `damaged` is told of entries whose bytes are not what the ZIP says; they come as far as they can
    be had. Raises CannotRun when there is no room.
    """
    entries = [entry for entry in _entries(path) if _is_warc(entry)]
    if sum(entry.file_size for entry in entries) > room:
        raise CannotRun(tr("there is no room on the disk for what is in {path}", path=path))
    with zipfile.ZipFile(path) as opened:
        for entry in entries:
            name = PurePosixPath(entry.filename).name
            try:
                with opened.open(entry) as stream:
                    yield name, cast("BinaryIO", _Lenient(stream, entry, damaged))
            except _TORN as error:
                damaged(f"{entry.filename}: {error}")


class _Lenient:
    """A stream that ends where its bytes can't be had, and says so."""

    def __init__(
        self, stream: IO[bytes], entry: zipfile.ZipInfo, damaged: Callable[[str], None]
    ) -> None:
        self._stream = stream
        self._damaged = damaged
        self._name = entry.filename
        self._crc = (0, entry.CRC)
        # zipfile gives nothing of a block whose sum is wrong; we say so and take it.
        stream._expected_crc = None  # type: ignore[attr-defined]

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; zipfile gives no more than the entry declares."""
        try:
            piece = self._stream.read(size)
        except _TORN as error:
            self._damaged(f"{self._name}: {error}")
            return b""
        so_far, stated = self._crc
        self._crc = (zlib.crc32(piece, so_far), stated)
        if not piece and so_far != stated:
            self._damaged(f"{self._name}: its bytes are not those that were packed (CRC)")
        return piece


def _entries(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as opened:
            return opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise _damaged(path, error) from None


def _is_warc(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return parts[:1] == (_FOLDER,) and entry.filename.endswith(_ENDINGS)


def _check(path: Path, entry: zipfile.ZipInfo) -> None:
    leads_out = ".." in PurePosixPath(entry.filename).parts
    bomb = entry.file_size > _SMALL + _HIGHEST_RATIO * entry.compress_size
    locked = bool(entry.flag_bits & 1)
    for wrong, why in (
        (leads_out, "its name leads out of the folder"),
        (bomb, "it would grow more than a hundredfold"),
        (locked, "it is encrypted"),
    ):
        if wrong:
            raise BadInput(
                tr("{path}: {name} is refused: {why}", path=path, name=entry.filename, why=why)
            )


def _damaged(path: Path, error: Exception) -> BadInput:
    return BadInput(tr("{path} is a damaged WACZ file: {why}", path=path, why=error))
