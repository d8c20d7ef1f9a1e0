"""Making a Scrapy response and a capture of a kept exchange, as the crawl had them."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.archive.integrity import DOUBT
from crawler.capture.exchange import Capture
from crawler.capture.message import CHUNK_SIZE, Message, capture_of, packing, parsed
from crawler.fixity.digests import hexadecimal, is_known
from crawler.replaying.kept import Kept, Reference, Spot
from crawler.replaying.records import LARGEST, Damaged, Record, WholeGzip, record_at

_LINE_END = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")

Decode = Callable[[Request, Response], Request | Response]


class Unusable(Exception):
    """The record holds no answer that can be read; say so and go on with the next one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a record holds."""

    url: str
    """WARC-Target-URI."""
    message: Message
    capture: Capture
    doubt: str | None = None
    """What speaks against the bytes: a digest in the record's header that they do not have."""


def answer(kept: Kept) -> Answer:
    """What the record of `kept` holds, a revisit with its original's payload; raises Unusable."""
    record = _read(kept.spot)
    message = _message(record, kept.spot)
    capture = _captured(kept, record, message)
    if kept.original is None:
        if kept.same_payload:
            raise Unusable(
                f"{kept.spot.place.file}: the revisit at byte {kept.spot.place.offset} refers to "
                f"a record that is not there (import the file that has it, then this one again); "
                f"it is of {record.url}"
            )
        return Answer(record.url, message, capture, _doubt(record, message))
    original = _read(kept.original)
    payload = _message(original, kept.original).payload
    # A 304 has no content, and its capture bears the digest of the content that it vouches for.
    capture = replace(capture, payload_sha256=hashlib.sha256(payload).hexdigest())
    if kept.same_payload:
        message = Message(message.status, message.head, payload)
        # A revisit may call itself truncated for leaving out its payload (ISO 28500:2017, 6.7.2),
        # as wget's do; whether that is whole, its original tells.
        cut = original.headers.get("warc-truncated")
        capture = replace(capture, size=len(payload), truncated=cut)
    return Answer(record.url, message, capture)


def holds(spot: Spot, wanted: Reference) -> bool:
    """Whether the record there is the one that `wanted` names by its id, or has its payload."""
    try:
        record = _read(spot)
        if wanted.number and wanted.number == record.headers.get("warc-record-id"):
            return True
        stated = hexadecimal(wanted.digest)
        payloads = _payloads(record, _message(record, spot))
        return stated is not None and any(
            stated[1] == _digest(stated[0], each) for each in payloads
        )
    except Unusable:
        return False


def response(url: str, message: Message, decode: Decode, meta: dict[str, Any]) -> Response:
    """The answer from `url` as a spider gets it; `decode` undoes the content encoding."""
    request = Request(url, meta=meta)
    encoded = Response(
        url, message.status, headers=_headers(message), body=message.payload, request=request
    )
    decoded = decode(request, encoded)
    if isinstance(decoded, Request):
        raise TypeError("decoding makes no request")
    return decoded


def _read(spot: Spot) -> Record:
    try:
        record = record_at(spot.path, spot.place.offset)
    except (Damaged, WholeGzip, OSError) as error:
        raise Unusable(f"{spot.place.file}: {error}") from error
    if int(record.headers["content-length"]) > len(record.block):
        raise Unusable(f"{record.url}: larger than {LARGEST} bytes")
    return record


def _message(record: Record, spot: Spot) -> Message:
    if record.kind == "resource":
        # What was saved without its HTTP head was shown to somebody.
        media_type = record.headers.get("content-type", "")
        return Message(
            200, f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode(), record.block
        )
    message = parsed(record.block)
    if message is None:
        raise Unusable(
            f"{spot.place.file}: the record at byte {record.offset} holds no HTTP answer; "
            f"it is of {record.url}"
        )
    body = record.block[record.block.index(message.head) + len(message.head) :]
    coding = message.header("Transfer-Encoding") or ""
    plain = _unchunked(body) if "chunked" in coding.lower() else None
    return Message(message.status, message.head, body if plain is None else plain)


def _unchunked(body: bytes) -> bytes | None:
    """`body` without its chunk framing; None when it has none.

    Some tools keep the framing, some take it off and leave the header, as ISO 28500 allows both:
    only a body that is framed from the first to the last chunk is taken to be so.
    """
    parts: list[bytes] = []
    position = 0
    while size := CHUNK_SIZE.match(body, position):
        length = int(size.group(1), 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        line_end = _LINE_END.match(body, size.end() + length)
        if line_end is None:
            return None
        position = line_end.end()
    return None


def _doubt(record: Record, message: Message) -> str | None:
    """The digest in the record's header that its bytes do not have, in words; else None."""
    claims: dict[str, tuple[bytes, ...]] = {"WARC-Block-Digest": (record.block,)}
    if record.kind == "response":
        claims["WARC-Payload-Digest"] = _payloads(record, message)
    for name, candidates in claims.items():
        given = record.headers.get(name.lower(), "")
        stated = hexadecimal(given)
        if stated is None and is_known(given):
            return f"{DOUBT} ({name})"
        if stated and not any(_digest(stated[0], each) == stated[1] for each in candidates):
            return f"{DOUBT} ({name})"
    return None


def _payloads(record: Record, message: Message) -> tuple[bytes, ...]:
    """What a payload digest may mean: tools differ in whether it is of the chunks as they came or
    of their content.
    """
    return message.payload, record.block.partition(b"\r\n\r\n")[2]


def _digest(algorithm: str, content: bytes) -> str:
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def _captured(kept: Kept, record: Record, message: Message) -> Capture:
    return replace(
        capture_of(message, kept.url, kept.at),
        source=kept.source,
        ip=record.headers.get("warc-ip-address"),
        place=kept.spot.place,
        record_type="revisit" if record.kind == "revisit" else "response",
        truncated=record.headers.get("warc-truncated"),
        fetch_ms=kept.fetch_ms,
        caveat=f"saved without its HTTP head, dated by {kept.dated_by or 'its record'}"
        if record.kind == "resource"
        else None,
    )


def _headers(message: Message) -> dict[bytes, list[bytes]]:
    lines = _FOLD.sub(b" ", message.head).splitlines()[1:]
    headers: dict[bytes, list[bytes]] = {}
    for name, colon, value in (line.partition(b":") for line in lines):
        if colon:
            headers.setdefault(name.strip(), []).append(value.strip())
    packed = [each.encode() for each in packing(message.header("Transfer-Encoding"))]
    headers.setdefault(b"Content-Encoding", []).extend(packed)
    return headers
