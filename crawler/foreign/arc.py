"""ARC files, the format before WARC (Internet Archive 1996; https://archive.org/web/researcher/ArcFileFormat.php)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler.capture.addresses import text_of
from crawler.foreign import writing

_WINDOW = 1 << 20
_LONGEST_LINE = 1 << 13
_LARGEST = 256 << 20
# Version 1 has five fields, version 2 five more before the length. Addresses may have spaces.
_LINE = re.compile(
    rb"^(?P<url>[A-Za-z]+:[^\r\n]{1,4096}?) (?P<ip>\S+) (?P<at>\d{14}) (?P<type>[^\r\n]*?) ?"
    rb"(?:\S+ \S+ \S+ \d+ \S+ )?(?P<length>\d{1,12})\r?\n",
    re.MULTILINE,
)
_FIRST = b"filedesc:"


def is_arc(start: bytes) -> bool:
    """Whether a file that begins so, compression taken off, is an ARC file."""
    return start.startswith(_FIRST) and _LINE.match(start) is not None


@dataclass(frozen=True, slots=True)
class _Entry:
    url: str
    ip: str
    at: datetime
    content: bytes


def records(path: Path, damaged: Callable[[str], None]) -> Iterator[bytes]:
    """The answers in an uncompressed ARC file as WARC records, around the damage."""
    with path.open("rb") as file:
        end, offset = path.stat().st_size, 0
        while offset < end:
            line = _line(file, offset)
            if line is None:
                onward = _next(file, offset + 1, end)
                damaged(
                    f"there is no ARC record at byte {offset} ({onward - offset} bytes left out)"
                )
                offset = onward
                continue
            begin = offset + line.end()
            entry = _entry(file, line, begin)
            onward = begin + int(line["length"])
            if entry is None or not _is_whole(file, begin, onward, end):
                damaged(f"the ARC record at byte {offset} is not as long as it says")
                onward = _next(file, offset + 1, end)
            elif entry.content.startswith(b"HTTP/"):
                yield writing.response(entry.url, entry.at, entry.ip, entry.content)
            elif entry.url.lower().startswith("http"):
                damaged(f"the ARC record at byte {offset} holds no HTTP answer: {entry.url}")
            offset = _behind_line_ends(file, onward)


def _line(file: BinaryIO, offset: int) -> "re.Match[bytes] | None":
    file.seek(offset)
    return _LINE.match(file.read(_LONGEST_LINE))


def _entry(file: BinaryIO, line: "re.Match[bytes]", begin: int) -> _Entry | None:
    """What stands behind `line`; None when it is cut, or no time or size that can be."""
    length = int(line["length"])
    try:
        at = datetime.strptime(line["at"].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    file.seek(begin)
    content = file.read(min(length, _LARGEST))
    if len(content) < length:
        return None
    return _Entry(text_of(line["url"]), text_of(line["ip"]), at, content)


def _is_whole(file: BinaryIO, begin: int, offset: int, end: int) -> bool:
    """Whether the record whose content begins at `begin` may end at `offset`: another one begins
    behind it, or nothing does. Where the next is damaged, none may begin in its content.
    """
    behind = _behind_line_ends(file, offset)
    if behind >= end or _line(file, behind) is not None:
        return True
    return behind > offset and _next(file, begin, end) > offset


def _behind_line_ends(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    after = file.read(8)
    return offset + len(after) - len(after.lstrip(b"\r\n"))


def _next(file: BinaryIO, offset: int, end: int) -> int:
    while offset < end:
        file.seek(offset)
        window = file.read(_WINDOW)
        # A line begins behind a line end; the first byte of the window is behind an unknown one.
        if found := _LINE.search(window, 1):
            return offset + found.start()
        offset += max(len(window) - _LONGEST_LINE, 1) if offset + len(window) < end else len(window)
    return end
