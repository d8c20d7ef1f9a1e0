"""MHTML: a page with its images in one file, as browsers save it (RFC 2557)."""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from crawler.foreign.dating import in_utc
from crawler.foreign.writing import Saved

_WEB = ("http://", "https://")


def is_mhtml(start: bytes) -> bool:
    """Whether a file that begins so is a page with its parts."""
    head = start.lower()
    return b"multipart/related" in head and b"mime-version:" in head


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
    root = message.get("Snapshot-Content-Location") or ""
    is_first = True
    for part in message.walk():
        if part.is_multipart():
            continue
        address = part.get("Content-Location") or ""
        if is_first:
            address = url or root or address
        is_first = False
        content = part.get_payload(decode=True)
        if not address.startswith(_WEB) or not isinstance(content, bytes):
            continue
        yield Saved(address, at, dated_by, _type(part), content, path.name)


def _dated(message: Message, modified: datetime) -> tuple[datetime, str]:
    try:
        return in_utc(message["Date"] or ""), "the date in the MHTML file"
    except ValueError:
        return modified, "the time of the file"


def _type(part: Message) -> str:
    charset = part.get_content_charset()
    return part.get_content_type() + (f"; charset={charset}" if charset else "")
