"""Records of Common Crawl: one gzip member of a WARC file, asked for by its range of bytes."""

import re
import zlib

from crawler.archive.listed import Listed
from crawler.capture.addresses import text_of
from crawler.capture.message import Message
from crawler.rescue.playback import Refused, refusal
from crawler.urls import clean, key_of

FORBIDDEN = 403
"""Common Crawl's answer to who asks too often, for a day
(https://github.com/CAIDA/commoncrawl-host-ip-mapper/issues/4)."""
_PARTIAL = 206
_WHOLE = 200
_LARGEST_HEADER = 1 << 16
_RECORD_ID = re.compile(rb"(?im)^WARC-Record-ID:[ \t]*(<[^>\r\n]*>)")
_TARGET = re.compile(rb"(?im)^WARC-Target-URI:[ \t]*<?([^\r\n>]+)")


def wanted(listed: Listed) -> str:
    """The range of bytes of the record, as a Range header names it (RFC 9110, 14.1.2)."""
    begin = listed.offset or 0
    return f"bytes={begin}-{begin + (listed.size or 0) - 1}"


def record(message: Message, listed: Listed) -> tuple[bytes, str]:
    """The member as it lies in the file, and its WARC-Record-ID; raises Refused."""
    if message.status == FORBIDDEN:
        raise Refused("the web archive says HTTP 403", may_pass=True)
    if message.status not in (_PARTIAL, _WHOLE):
        raise refusal(message)
    member = message.payload
    if len(member) != listed.size:
        raise Refused(f"{len(member)} bytes came instead of {listed.size}", may_pass=True)
    head = _header(member)
    target = _TARGET.search(head)
    if not head.startswith(b"WARC/") or target is None:
        raise Refused("what lies there is no WARC record", may_pass=False)
    if not _is_of(text_of(target.group(1)), listed):
        raise Refused("what lies there is the record of another page", may_pass=False)
    number = _RECORD_ID.search(head)
    return member, number.group(1).decode("utf-8", "replace") if number else ""


def _is_of(address: str, listed: Listed) -> bool:
    """Whether a record's address is the listed one; indexes encode what the record does not."""
    asked, found = clean(listed.url, listed.url), clean(address, address)
    return address == listed.url or bool(asked and found and key_of(asked) == key_of(found))


def _header(member: bytes) -> bytes:
    """The record's header; the whole member is unpacked, which checks it to the end."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        head, rest = inflater.decompress(member, _LARGEST_HEADER), inflater.unconsumed_tail
        while rest and not inflater.eof:
            inflater.decompress(rest, 1 << 20)
            rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise Refused(f"its record can't be unpacked: {error}", may_pass=True) from None
    if not inflater.eof or inflater.unused_data:
        raise Refused("what lies there is not one whole record", may_pass=False)
    return head.partition(b"\r\n\r\n")[0]
