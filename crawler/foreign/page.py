"""Single HTML files: address and date as the program that saved them has written into them."""

import re
from datetime import UTC, datetime
from pathlib import Path

from crawler.capture.addresses import text_of
from crawler.foreign.dating import in_utc

_BEGINNING = 4096
_MIRRORED = re.compile(
    rb"<!-- Mirrored from (?P<url>\S+) by HTTrack Website Copier[^,>]*(?:\[[^\]]*\])?, "
    rb"(?P<at>[^>]*?) -->"
)
# Browsers write it for Windows' sake: the number is that of the letters of the address.
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(?P<url>\S+) -->")
_SINGLE_FILE = re.compile(
    rb"<!--\s+Page saved with SingleFile\s+url: (?P<url>\S+)\s+saved date: (?P<at>[^\r\n]+)"
)
_IN_WORDS = re.compile(
    r"\w{3} (?P<month>\w{3}) (?P<day>\d{1,2}) (?P<year>\d{4}) (?P<clock>\d\d:\d\d:\d\d)"
    r"(?: GMT(?P<zone>[+-]\d{4}))?"
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def is_html(start: bytes) -> bool:
    """Whether a file that begins so is an HTML page, in UTF-16 too, as Word saves it."""
    return _HTML.search(_ascii(start)) is not None


def is_html_file(path: Path) -> bool:
    """The same of a file. Raises OSError."""
    with path.open("rb") as file:
        return is_html(file.read(_BEGINNING))


def _ascii(content: bytes) -> bytes:
    """The beginning, in which UTF-16 has a NUL beside each letter of ASCII."""
    return content[:_BEGINNING].replace(b"\0", b"")


def origin(content: bytes) -> tuple[str, datetime | None] | None:
    """The address that a page was saved from, and the time if that is told; None if neither is."""
    start = _ascii(content)
    for pattern in (_MIRRORED, _SINGLE_FILE, _SAVED_FROM):
        if found := pattern.search(start):
            url = text_of(found["url"])
            if pattern is _MIRRORED and "://" not in url:
                # HTTrack leaves out the scheme.
                url = f"http://{url}"
            if not url.lower().startswith(("http://", "https://")):
                # `about:internet`, or a file of somebody's disk.
                continue
            at = found.groupdict().get("at")
            return url, _moment(at) if at else None
    return None


def _moment(written: bytes) -> datetime | None:
    text = written.decode("latin-1").strip()
    try:
        if found := _IN_WORDS.match(text):
            named = "{month} {day} {year} {clock} ".format(**found.groupdict())
            named += found["zone"] or "+0000"
            return datetime.strptime(named, "%b %d %Y %H:%M:%S %z").astimezone(UTC)
        return in_utc(text)
    except ValueError:
        return None
