"""HTTrack's cache, `hts-cache/new.zip`: pages as they came, before their links were rewritten.

Name of an entry: the address. Its local header's extra field: status line and headers, with
`X-In-Cache` (whether the content is here) and `X-Save` (where in the folder it is else). After an
update, `old.zip` has what the mirroring before it saw. Of a mirroring that was killed the ZIP file
lacks its list, and its entries are found by their local headers.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

from crawler.capture.addresses import text_of
from crawler.foreign.dating import in_utc
from crawler.foreign.writing import Saved

CACHE = "hts-cache"
OWN_INDEX = b"<!-- Mirror and index made by HTTrack"
"""In the page that it lays beside what it has mirrored."""
HALF = (".tmp", ".delayed", ".z")
"""How files end in which it keeps what it has not read to the end."""
_OWN_FILES = ("backblue.gif", "fade.gif", "cookies.txt", "hts-log.txt", "hts-in_progress.lock")
DATED_BY = "HTTrack's cache"
_NEW, _OLD = "new.zip", "old.zip"
_LARGEST = 256 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_ENTRY = re.compile(rb"PK\x03\x04.{26}https?://", re.DOTALL)
_DEFLATED = 8
_WRONG = (OSError, zlib.error, ValueError, struct.error)


def is_mirror(folder: Path) -> bool:
    """Whether HTTrack made the folder."""
    return (folder / CACHE).is_dir() or (folder / "hts-log.txt").is_file()


def is_own(path: Path) -> bool:
    """Whether it made the file at `path` in its folder for itself."""
    return path.as_posix() in _OWN_FILES or path.parts[0] == CACHE


def is_whole(folder: Path) -> bool:
    """Whether the folder has a cache that was written to its end."""
    return zipfile.is_zipfile(folder / CACHE / _NEW)


def saved(folder: Path, damaged: Callable[[str], None]) -> Iterator[Saved]:
    """What was fetched with success: each address once, and what the mirroring before had of it."""
    before = set[tuple[str, datetime]]()
    for name in (_NEW, _OLD):
        path = folder / CACHE / name
        if not path.is_file() or not path.stat().st_size:
            continue
        with path.open("rb") as raw:
            for offset in _offsets(path):
                try:
                    found = _saved(folder, _entry(raw, offset), is_latest=name == _NEW)
                except _WRONG as error:
                    damaged(f"{CACHE}/{name}: the entry at byte {offset}: {error}")
                    continue
                if found and (found.url, found.at) not in before:
                    before.add((found.url, found.at))
                    yield found


def _offsets(path: Path) -> list[int]:
    """Where the local headers begin."""
    try:
        with zipfile.ZipFile(path) as listed:
            return [entry.header_offset for entry in listed.infolist()]
    except (zipfile.BadZipFile, NotImplementedError):
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as cache:
            return [found.start() for found in _ENTRY.finditer(cache)]


@dataclass(frozen=True, slots=True)
class _Entry:
    url: str
    visited: datetime
    head: dict[str, str]
    content: bytes


def _entry(raw: BinaryIO, offset: int) -> _Entry:
    raw.seek(offset)
    fields = _LOCAL_HEADER.unpack(raw.read(_LOCAL_HEADER.size))
    _, _, _, method, clock, day, crc, packed, size, name_length, extra_length = fields
    # Its names are UTF-8, which it does not say.
    url = text_of(raw.read(name_length))
    _, _, lines = raw.read(extra_length).partition(b"\r\n")
    if max(packed, size) > _LARGEST:
        raise ValueError(f"{url}: larger than {_LARGEST} bytes")
    content = raw.read(packed)
    if method == _DEFLATED:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, size or 1)
    if zlib.crc32(content) != crc:
        raise ValueError(f"{url}: its bytes are not those that were packed")
    headers = BytesHeaderParser().parsebytes(lines).items()
    return _Entry(
        url, _visited(day, clock), {name.lower(): text for name, text in headers}, content
    )


def _visited(day: int, clock: int) -> datetime:
    """The time in the local header, as MS-DOS writes times."""
    return datetime(
        1980 + (day >> 9),
        day >> 5 & 15,
        day & 31,
        clock >> 11,
        clock >> 5 & 63,
        (clock & 31) * 2,
        tzinfo=UTC,
    )


def _saved(folder: Path, entry: _Entry, *, is_latest: bool) -> Saved | None:
    head = entry.head
    is_here = head.get("x-in-cache") == "1"
    # What the mirroring before had laid into the folder is overwritten.
    if head.get("x-statuscode") != "200" or not (is_here or is_latest):
        return None
    if not entry.url.startswith(("http://", "https://")):
        return None
    if is_here and not entry.content:
        # It was killed behind the header: as far as anybody can tell, no page was empty.
        raise ValueError(f"{entry.url}: it is empty")
    name = head.get("x-save", "")
    content = entry.content if is_here else _beside(folder, name)
    charset = head.get("x-charset")
    media_type = head.get("content-type", "") + (f"; charset={charset}" if charset else "")
    return Saved(entry.url, _at(entry), DATED_BY, media_type, content, name)


def _beside(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError("it leads out of the folder")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"larger than {_LARGEST} bytes")
    return path.read_bytes()


def _at(entry: _Entry) -> datetime:
    """Last-Modified; for a page without, HTTrack puts the time of the visit there."""
    try:
        return in_utc(entry.head.get("last-modified", ""))
    except ValueError:
        return entry.visited
