"""MHTML: a page with its images in one file, as browsers save it (RFC 2557)."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from crawler.capture.addresses import text_of
from crawler.foreign.dating import in_utc
from crawler.foreign.writing import Saved

_WEB = ("http://", "https://")
_HTML = ("text/html", "application/xhtml+xml")
_FOLD = re.compile(r"\r?\n[ \t]*")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


def is_mhtml(start: bytes) -> bool:
    """Whether a file that begins so is a page with its parts; Internet Explorer writes a page that
    has none as one part.
    """
    begin = start.lower()
    head = _END_OF_HEAD.split(begin, maxsplit=1)[0]
    return b"mime-version:" in begin and (
        b"multipart/related" in begin or (b"mime-version:" in head and b"content-location:" in head)
    )


def saved(
    path: Path, url: str, modified: datetime, damaged: Callable[[str], None]
) -> Iterator[Saved]:
    """The parts that have an address on the web; the page itself has `url`, if one is given.

    `modified` dates them when the file gives no date.
    """
    with path.open("rb") as file:
        message = BytesParser(policy=compat32).parse(file)
    for defect in message.defects:
        damaged(f"it is no whole MHTML file: {type(defect).__name__}")
    at, dated_by = _dated(message, modified)
    parts = [part for part in message.walk() if not part.is_multipart()]
    page = _page(message, parts)
    for part in parts:
        address = _told(part, "Content-Location")
        if part is page:
            address = url or _told(message, "Snapshot-Content-Location") or address
        content = part.get_payload(decode=True)
        if address.startswith(_WEB) and isinstance(content, bytes):
            yield Saved(address, at, dated_by, _type(part), content, path.name)
        elif part is page:
            damaged("the page in it does not say where it is from; name its address: --url")


def _page(message: Message, parts: list[Message]) -> Message | None:
    """The part that the others belong to: the one named, else the first page (RFC 2387, 3.2)."""
    start = message.get_param("start")
    named = [part for part in parts if start and part.get("Content-ID") == start]
    pages = [part for part in parts if part.get_content_type() in _HTML]
    return next(iter([*named, *pages, *parts]), None)


def _told(message: Message, name: str) -> str:
    """A header field in one line, decoded (RFC 2047)."""
    try:
        pieces = decode_header(message.get(name) or "")
    except HeaderParseError:
        return ""
    text = "".join(each if isinstance(each, str) else text_of(each) for each, _ in pieces)
    return _FOLD.sub("", text).strip()


def _dated(message: Message, modified: datetime) -> tuple[datetime, str]:
    try:
        return in_utc(_told(message, "Date")), "the date in the MHTML file"
    except ValueError:
        return modified, "the time of the file"


def _type(part: Message) -> str:
    charset = part.get_content_charset()
    return part.get_content_type() + (f"; charset={charset}" if charset else "")
