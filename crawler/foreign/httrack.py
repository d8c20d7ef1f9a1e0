"""HTTrack's cache, `hts-cache/new.zip`: pages as they came, before their links were rewritten.

Name of an entry: the address. Its local header's extra field: status line and headers, with
`X-In-Cache` (whether the content is here) and `X-Save` (where in the folder it is else).
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import BinaryIO

from crawler.foreign.dating import in_utc
from crawler.foreign.writing import Saved

CACHE = "hts-cache"
DATED_BY = "HTTrack's cache"
_LARGEST = 256 << 20
_LOCAL_HEADER = 30


def is_cached(folder: Path) -> bool:
    """Whether the folder has a cache that can be opened."""
    return zipfile.is_zipfile(folder / CACHE / "new.zip")


def saved(folder: Path, damaged: Callable[[str], None]) -> Iterator[Saved]:
    """What was fetched with success, each address once."""
    path = folder / CACHE / "new.zip"
    with zipfile.ZipFile(path) as cache, path.open("rb") as raw:
        for entry in sorted(cache.infolist(), key=lambda entry: entry.filename):
            try:
                found = _saved(folder, cache, entry, _head(raw, entry))
            except (OSError, zipfile.BadZipFile, zlib.error, ValueError, struct.error) as error:
                damaged(f"{CACHE}/new.zip: {entry.filename}: {error}")
            else:
                if found:
                    yield found


_Head = dict[str, str]


def _head(raw: BinaryIO, entry: zipfile.ZipInfo) -> _Head:
    """The headers in the extra field of the local header, which zipfile passes over."""
    raw.seek(entry.header_offset)
    name, extra = struct.unpack("<HH", raw.read(_LOCAL_HEADER)[-4:])
    raw.seek(name, 1)
    _, _, lines = raw.read(extra).partition(b"\r\n")
    return {name.lower(): value for name, value in BytesHeaderParser().parsebytes(lines).items()}


def _saved(
    folder: Path, cache: zipfile.ZipFile, entry: zipfile.ZipInfo, head: _Head
) -> Saved | None:
    if head.get("x-statuscode") != "200" or not entry.filename.startswith(("http://", "https://")):
        return None
    if entry.file_size > _LARGEST:
        raise ValueError(f"larger than {_LARGEST} bytes")
    name = head.get("x-save", "")
    content = cache.read(entry) if head.get("x-in-cache") == "1" else _beside(folder, name)
    charset = head.get("x-charset")
    media_type = head.get("content-type", "") + (f"; charset={charset}" if charset else "")
    return Saved(entry.filename, _at(entry, head), DATED_BY, media_type, content, name)


def _beside(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError("it leads out of the folder")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"larger than {_LARGEST} bytes")
    return path.read_bytes()


def _at(entry: zipfile.ZipInfo, head: _Head) -> datetime:
    """Last-Modified; for a page without, HTTrack puts the time of the visit there."""
    try:
        return in_utc(head.get("last-modified", ""))
    except ValueError:
        return datetime(*entry.date_time, tzinfo=UTC)
