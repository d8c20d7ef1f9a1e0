"""Making WARC records of what came otherwise; the same source makes the same bytes every time."""

import gzip
import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler import __version__
from crawler.archive.connection import timestamp

_HTTP = "application/http;msgtype=response"
_FIELDS = "application/warc-fields"
# An address or a charset that was written encoded may hold line ends, and fields of its own then.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Saved:
    """A page, image or file that somebody saved, without the HTTP head it came with."""

    url: str
    at: datetime
    """UTC; as near to the time of the visit as can be told."""
    dated_by: str
    """What `at` rests on, for people: `the time of the file`."""
    media_type: str
    content: bytes
    name: str
    """Where it lay: a path in the folder, or the file's name."""


def info(at: datetime, source: str) -> bytes:
    """The first record of a file that is made out of `source`."""
    fields = (
        f"software: luutru {__version__}\r\nformat: WARC File Format 1.1\r\n"
        f"source: {_line(source)}\r\n"
    )
    return _record("warcinfo", at, _FIELDS, fields.encode(errors="backslashreplace"))


def response(url: str, at: datetime, ip: str | None, answer: bytes) -> bytes:
    """A record of an HTTP answer as it came."""
    more = {"WARC-IP-Address": ip} if ip else {}
    return _record("response", at, _HTTP, answer, url, **more)


def resource(saved: Saved) -> Iterator[bytes]:
    """The record of what was saved, and one that tells where it lay and what dates it."""
    # No head is invented: a `resource` record is content alone (ISO 28500:2017, 6.4).
    kept = _record("resource", saved.at, saved.media_type, saved.content, saved.url)
    told = f"savedAs: {_line(saved.name)}\r\ndatedBy: {saved.dated_by}\r\n".encode(
        errors="backslashreplace"
    )
    yield kept
    number = _number("resource", saved.at, saved.url, saved.content)
    concurrent = {"WARC-Concurrent-To": number}
    yield _record("metadata", saved.at, _FIELDS, told, saved.url, **concurrent)


def _record(
    kind: str, at: datetime, content_type: str, block: bytes, url: str = "", **more: str
) -> bytes:
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": _number(kind, at, url, block),
        **({"WARC-Target-URI": url} if url else {}),
        "WARC-Date": timestamp(at),
        **more,
        "WARC-Block-Digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
        "Content-Type": content_type,
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {_line(value)}\r\n" for name, value in fields.items())
    # No time in the member's header, and a number told by the content: see above.
    return gzip.compress(f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n", mtime=0)


def _line(text: str) -> str:
    """`text` as it may stand in one line of a header."""
    return _CONTROLS.sub(" ", text)


def _number(kind: str, at: datetime, url: str, block: bytes) -> str:
    named = f"{kind} {timestamp(at)} {url} {hashlib.sha256(block).hexdigest()}"
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}>"
