"""What is kept of an exchange: digest, size and place of the bytes.

This version notes the digests; `warc_file`, `warc_offset` and `warc_length` stay empty until
the bytes are written to WARC files.
"""

import hashlib
from dataclasses import dataclass

from crawler.items import Page


@dataclass(frozen=True, slots=True)
class Capture:
    """One kept exchange, a row of `captures`."""

    status: int
    media_type: str | None
    """Lower case, without parameters; None when the server gave none."""
    payload_sha256: str
    """Hex digest of the payload after transfer and content decoding."""
    size: int
    """Bytes of that payload."""
    source: str = "live"
    """live, wayback, commoncrawl, file."""
    ip: str | None = None
    warc_file: str | None = None
    warc_offset: int | None = None
    warc_length: int | None = None


def capture(page: Page) -> Capture | None:
    """The capture of a page, or None when the portal did not answer."""
    if page.status is None:
        return None
    return Capture(
        status=page.status,
        media_type=page.content_type.partition(";")[0].strip().lower() or None,
        payload_sha256=hashlib.sha256(page.body).hexdigest(),
        size=len(page.body),
        ip=page.ip,
    )
