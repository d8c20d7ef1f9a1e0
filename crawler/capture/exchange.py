"""What passed over one connection for one request, and where it was kept."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic


@dataclass(slots=True)
class Exchange:
    """The bytes of one request and its answer, in the order they were sent and received."""

    began_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    """To the second: the archive's rows and the WARC-Date of the records agree."""
    clock: float = field(default_factory=monotonic, repr=False)
    """Monotonic seconds at the beginning."""
    sent: bytearray = field(default_factory=bytearray, repr=False)
    received: bytearray = field(default_factory=bytearray, repr=False)
    ip: str | None = None
    truncated: str | None = None
    """WARC-Truncated reason when the answer was cut: length, time, disconnect, unspecified."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies."""

    file: str
    """Name of the WARC file in the archive's WARC folder, without `.open`."""
    offset: int
    """Bytes from the start of the file to the record's gzip member."""
    length: int
    """Bytes of the gzip member."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One kept exchange, a row of `captures`."""

    captured_at: datetime
    status: int
    media_type: str | None
    """Lower case, without parameters; None when the server gave none."""
    payload_sha256: str
    """Hex digest of the payload: the body after transfer decoding, content encoding untouched."""
    size: int
    """Bytes of that payload."""
    source: str = "live"
    """live, wayback, commoncrawl, file."""
    ip: str | None = None
    place: Place | None = None
    record_type: str = "response"
    """response, or revisit when the payload was already kept."""
    refers_to: int | None = None
    """The capture that holds the payload of a revisit."""
    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None
    """The address that was asked for, as WARC-Target-URI has it."""
    truncated: str | None = None
    fetch_ms: int | None = None
    """Milliseconds from the request to the end of the answer; None when nobody measured."""
    caveat: str | None = None
    """Why it is weaker evidence than an exchange kept as it was made; None when it is not."""


@dataclass(frozen=True, slots=True)
class Original:
    """The record that holds a payload already kept."""

    capture_id: int
    url: str
    captured_at: str
    payload_sha256: str
    """Hex digest."""
