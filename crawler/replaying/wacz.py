"""The WARC files in a WACZ file, whose author may mean us harm."""

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast
from zipfile import ZipFile, ZipInfo

from crawler.errors import BadInput, CannotRun
from crawler.words import tr

_DESCRIPTION = "datapackage.json"
_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
# WARC text shrinks to a tenth; WACZ 1.1.1 asks that compressed WARC files are stored as they are.
_HIGHEST_RATIO = 100
_SMALL = 1 << 20
_LARGEST_DESCRIPTION = 16 << 20
Told = Callable[[str], None]

_TORN = (zipfile.BadZipFile, EOFError, zlib.error, OSError, NotImplementedError)


def is_wacz(path: Path) -> bool:
    """Whether the file is a ZIP file with WARC files, or with WACZ files. Raises OSError.

    A ZIP file without its list at the end is none: its records are looked for as in any torn file.
    """
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return False
    if not zipfile.is_zipfile(path):
        return False
    with _opened(path) as package:
        return any(_is_warc(entry) or _is_package(entry) for entry in package.infolist())


def must_be_harmless(path: Path) -> None:
    """Raises BadInput when an entry is a trap: a path that leads out, a bomb."""
    with _opened(path) as package:
        for entry in package.infolist():
            if _is_package(entry):
                _check(path, entry)
        for _, entry in _inside(package, _told_later):
            _check(path, entry)


def warcs(path: Path, room: int, damaged: Told) -> Iterator[tuple[str, BinaryIO]]:
    """Name and bytes of each WARC file in it, of `room` bytes at most altogether.

    `damaged` is told of entries whose bytes are not what the ZIP says; they come as far as they can
    be had. Raises CannotRun when there is no room.
    """
    with _opened(path) as package:
        if sum(entry.file_size for _, entry in _inside(package, _told_later)) > room:
            raise CannotRun(tr("there is no room on the disk for what is in {path}", path=path))
        for opened, entry in _inside(package, damaged):
            name = PurePosixPath(entry.filename).name
            try:
                with opened.open(entry) as stream:
                    yield name, cast("BinaryIO", _Lenient(stream, entry, damaged))
            except _TORN as error:
                damaged(f"{entry.filename}: {error}")


def _inside(package: ZipFile, damaged: Told) -> Iterator[tuple[ZipFile, ZipInfo]]:
    """The WARC files, those in WACZ files of a package of several, too, each with the ZIP file that
    it is in (https://specs.webrecorder.net/multi-wacz/0.1.0/).
    """
    _tell_missing(package, damaged)
    for entry in package.infolist():
        if _is_warc(entry):
            yield package, entry
        elif _is_package(entry):
            try:
                with package.open(entry) as stream, ZipFile(stream) as inner:
                    _tell_missing(inner, damaged)
                    yield from ((inner, each) for each in inner.infolist() if _is_warc(each))
            except _TORN as error:
                damaged(f"{entry.filename}: {error}")


def _tell_missing(package: ZipFile, damaged: Told) -> None:
    """Tell of files that it describes and does not have; those of a package of several may lie at
    any address.
    """
    for path in _described(package):
        if path.lower().endswith((*_ENDINGS, ".wacz")) and path not in package.namelist():
            damaged(f"{path} is named in {_DESCRIPTION} and not there")


def _described(package: ZipFile) -> list[str]:
    """The paths in its datapackage.json; none where that can't be read."""
    try:
        if package.getinfo(_DESCRIPTION).file_size > _LARGEST_DESCRIPTION:
            return []
        resources = json.loads(package.read(_DESCRIPTION))["resources"]
        return [str(each["path"]) for each in resources]
    except (*_TORN, KeyError, TypeError, ValueError):
        return []


def _told_later(_damage: str) -> None:
    """Nothing: taking the files out tells it."""


class _Lenient:
    """A stream that ends where its bytes can't be had, and says so."""

    def __init__(self, stream: IO[bytes], entry: ZipInfo, damaged: Told) -> None:
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


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise BadInput(tr("{path} is a damaged WACZ file: {why}", path=path, why=error)) from None


def _is_warc(entry: ZipInfo) -> bool:
    return entry.filename.lower().endswith(_ENDINGS)


def _is_package(entry: ZipInfo) -> bool:
    return entry.filename.lower().endswith(".wacz")


def _check(path: Path, entry: ZipInfo) -> None:
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
