"""One WARC 1.1 record as a gzip member, its HTTP bytes as they are (ISO 28500:2017)."""

import hashlib
import io
import uuid
from base64 import b32encode
from dataclasses import dataclass

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import GzippingWrapper, WARCWriter
from zlib_ng import zlib_ng

_VERSION = "1.1"
_LEVEL = 5
# Nothing is gained by trying hard.
_LEVEL_OF_PACKED = 1
_GZIP = zlib_ng.MAX_WBITS | 16


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is about to be written."""

    kind: str
    headers: dict[str, str]
    block: bytes
    content_type: str
    url: str | None = None
    is_packed: bool = False
    """Whether the block is compressed already: pictures, answers with a Content-Encoding."""


def record_id(number: uuid.UUID, nth: int = 0) -> str:
    """The id of the nth record of one exchange.

    All but the last digits are alike: an id that a record repeats with one digit changed costs a
    few bytes in it, where a new one costs twenty.
    """
    return f"<urn:uuid:{uuid.UUID(int=number.int ^ nth)}>"


def digest(data: bytes) -> str:
    """SHA-256 of `data` as WARC writes it: `sha256:` and base 32 (ISO 28500:2017, 5.8)."""
    return written(hashlib.sha256(data).digest())


def written(sha256: bytes) -> str:
    """A SHA-256 of 32 bytes as WARC writes it."""
    return "sha256:" + b32encode(sha256).decode()


class _Verbatim:
    """HTTP bytes that warcio writes as they are, instead of its own rendering of headers."""

    def __init__(self, block: bytes) -> None:
        self.headers_buff = block

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Nothing to compute: these are the bytes of the wire."""


class _Writer(WARCWriter):  # type: ignore[misc]
    def ensure_digest(self, *_: object, **__: object) -> None:
        """Nothing to add: every record brings its SHA-256, and warcio would add SHA-1 of it."""


class _Gzip(GzippingWrapper):  # type: ignore[misc]
    """One member by zlib-ng, at a level that takes half of zlib's time for a hundredth of size."""

    def __init__(self, out: io.BytesIO, level: int) -> None:
        super().__init__(out)
        self.compressor = zlib_ng.compressobj(level, wbits=_GZIP)


def member(record: Record, info_id: str) -> bytes:
    """The record as one gzip member."""
    given = {"WARC-Type": record.kind, **record.headers}
    if record.url:
        given["WARC-Target-URI"] = record.url
    if info_id and "WARC-Concurrent-To" not in given:
        # What is concurrent to a response is described by the response's warcinfo.
        given["WARC-Warcinfo-ID"] = info_id
    given["WARC-Block-Digest"] = digest(record.block)
    headers = StatusAndHeaders("", list(given.items()), protocol=f"WARC/{_VERSION}")
    buffer = io.BytesIO()
    level = _LEVEL_OF_PACKED if record.is_packed else _LEVEL
    writer = _Writer(_Gzip(buffer, level), gzip=False, warc_version=_VERSION)
    whole = ArcWarcRecord(
        "warc", record.kind, headers, io.BytesIO(), _Verbatim(record.block), record.content_type, 0
    )
    whole.payload_length = 0
    writer.write_record(whole)
    return buffer.getvalue()
