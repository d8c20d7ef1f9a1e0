"""What came back for a listed capture: the capture itself, or what the web archive says for itself.

With `id_` a Wayback Machine gives the payload as it was captured. The portal's own headers come
under their names or with `X-Archive-Orig-` in front; the others are the web archive's.
"""

import base64
import hashlib
import re
import zlib
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from crawler.archive.connection import timestamp
from crawler.archive.listed import Listed
from crawler.capture.message import Message
from crawler.fixity.digests import hexadecimal

_ORIGINAL = b"x-archive-orig-"
# What no web archive adds of its own, and only some put the prefix on (pywb: header_rewriter.py).
_OF_THE_PAGE = (
    b"content-type",
    b"content-disposition",
    b"content-encoding",
    b"content-language",
    b"location",
)
# Why the Wayback Machine gives nothing (a site that is closed to the public, ...), or leads on.
_REASONS = ("X-Archive-Wayback-Runtime-Error", "X-Archive-Redirect-Reason")
_TARGET = re.compile(rb"/(?:\d{1,14}[a-z]{2}_|\d{14})/(https?:.+)$")
_LARGEST = 1 << 28
_TOO_MANY = 429
_ERROR = 500


class Refused(Exception):
    """The web archive answers for itself: this capture is not had."""

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.may_pass = may_pass
        """Whether the same request may be answered later."""


@dataclass(frozen=True, slots=True)
class Played:
    """A capture as it was made."""

    head: bytes
    """Status line and headers of the portal, as far as the web archive tells them."""
    payload: bytes
    sha1: str
    """Of the payload, as indexes write it: base 32."""
    is_as_listed: bool
    """Whether the payload has the digest that the index names, if it names one to compare."""
    own: bytes
    """Headers that are the web archive's, a line each."""


def played(message: Message, listed: Listed) -> Played:
    """The capture that `message` brings; raises Refused when it brings none, or another."""
    _must_be(message, listed)
    payload, is_as_listed = _payload(message, listed)
    head, own = _parted(message, listed, payload)
    return Played(head, payload, sha1(payload), is_as_listed, own)


def _must_be(message: Message, listed: Listed) -> None:
    """Only a Memento-Datetime marks an answer as a capture (RFC 7089, 4.2.1)."""
    given = message.header("Memento-Datetime")
    if given is None:
        raise refusal(message)
    try:
        at = timestamp(parsedate_to_datetime(given))
    except ValueError:
        at = given
    if at != listed.captured_at:
        raise Refused(f"the web archive has only the capture of {at}", may_pass=False)


def refusal(message: Message) -> Refused:
    """What an answer of the web archive itself means for the capture."""
    status = message.status
    told = f"the web archive says HTTP {status}"
    if why := next(filter(None, map(message.header, _REASONS)), None):
        told += f": {why}"
    if status == _TOO_MANY or status >= _ERROR:
        return Refused(told, may_pass=True)
    return Refused(told, may_pass=False)


def _payload(message: Message, listed: Listed) -> tuple[bytes, bool]:
    """The payload that the index means: a web archive may have packed or unpacked it."""
    wanted = _sought(listed.digest)
    unpacked = _unpacked(message)
    if wanted is None or message.status != 200:
        # Of redirects and errors web archives make pages of their own.
        return (message.payload if _was_packed(message) else unpacked), True
    for payload in (message.payload, unpacked):
        if hashlib.new(wanted[0], payload, usedforsecurity=False).hexdigest() == wanted[1]:
            return payload, True
    return message.payload, False


def _sought(digest: str) -> tuple[str, str] | None:
    return hexadecimal(digest if ":" in digest else f"sha1:{digest}") if digest else None


def _was_packed(message: Message) -> bool:
    """Whether the portal packed it, and not the web archive on the way."""
    return message.header("X-Archive-Orig-Content-Encoding") is not None or not any(
        name.lower().startswith(_ORIGINAL) for name, _ in message.fields()
    )


def _unpacked(message: Message) -> bytes:
    if (message.header("Content-Encoding") or "").strip().lower() not in ("gzip", "x-gzip"):
        return message.payload
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(message.payload, _LARGEST)
    except zlib.error:
        return message.payload


def sha1(payload: bytes) -> str:
    """SHA-1 in base 32, as indexes write it."""
    return base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


def _parted(message: Message, listed: Listed, payload: bytes) -> tuple[bytes, bytes]:
    """The portal's head and the web archive's own headers."""
    theirs: list[tuple[bytes, bytes]] = []
    own: list[tuple[bytes, bytes]] = []
    prefixed = {name[len(_ORIGINAL) :].lower() for name, _ in _prefixed(message)}
    for name, value in message.fields():
        low = name.lower()
        if low.startswith(_ORIGINAL):
            theirs.append((name[len(_ORIGINAL) :], value))
        elif low in _OF_THE_PAGE and low not in prefixed:
            theirs.append((name, _target(value) if low == b"location" else value))
        else:
            own.append((name, value))
    theirs = [each for each in theirs if not _is_untrue(each, payload)]
    lines = [_status_line(message, listed), *(b"%s: %s" % each for each in theirs)]
    return b"\r\n".join(lines) + b"\r\n\r\n", b"".join(b"%s: %s\r\n" % each for each in own)


def _prefixed(message: Message) -> list[tuple[bytes, bytes]]:
    return [each for each in message.fields() if each[0].lower().startswith(_ORIGINAL)]


def _target(location: bytes) -> bytes:
    """Where the portal's redirect led: the web archive leads into itself."""
    found = _TARGET.search(location)
    return found.group(1) if found else location


def _is_untrue(field: tuple[bytes, bytes], payload: bytes) -> bool:
    """A coding that the payload no longer has would keep every reader from reading it."""
    name, value = field[0].lower(), field[1].strip().lower()
    return (
        name == b"content-encoding"
        and value in (b"gzip", b"x-gzip")
        and not payload.startswith(b"\x1f\x8b")
    )


def _status_line(message: Message, listed: Listed) -> bytes:
    """Redirects of every kind are played back as 302; the index knows which it was."""
    if listed.status and listed.status != message.status and 300 <= message.status < 400:
        return b"HTTP/1.1 %d Redirect" % listed.status
    return message.head.splitlines()[0].strip()
