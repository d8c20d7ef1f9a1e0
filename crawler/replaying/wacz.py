"""The WARC files in a WACZ file, whose author may mean us harm."""

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from crawler.errors import BadInput, CannotRun
from crawler.words import tr

_FOLDER = "archive"
# WARC text shrinks to a tenth; WACZ 1.1.1 asks that compressed WARC files are stored as they are.
_HIGHEST_RATIO = 100
_SMALL = 1 << 20


def is_wacz(path: Path) -> bool:
    """Whether the file is a ZIP file with an `archive` folder. Raises OSError."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return False
    return any(_is_warc(entry) for entry in _entries(path))


def warcs(path: Path, room: int) -> Iterator[tuple[str, BinaryIO]]:
    """Name and bytes of each WARC file in it, of `room` bytes at most altogether.

    Raises BadInput when an entry is a trap (a path that leads out, a bomb) or unreadable.
    """
    entries = [entry for entry in _entries(path) if _is_warc(entry)]
    if sum(entry.file_size for entry in entries) > room:
        raise CannotRun(tr("there is no room on the disk for what is in {path}", path=path))
    for entry in entries:
        _check(path, entry)
    with zipfile.ZipFile(path) as opened:
        for entry in entries:
            with opened.open(entry) as stream:
                yield PurePosixPath(entry.filename).name, cast("BinaryIO", _Checked(stream, path))


class _Checked:
    """A stream that says in one line what is wrong with it."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream = stream
        self._path = path

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; zipfile gives no more than the entry declares, and checks its CRC."""
        try:
            return self._stream.read(size)
        except (zipfile.BadZipFile, EOFError) as error:
            raise _damaged(self._path, error) from None


def _entries(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as opened:
            return opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise _damaged(path, error) from None


def _is_warc(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return parts[:1] == (_FOLDER,) and entry.filename.endswith((".warc", ".warc.gz"))


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
