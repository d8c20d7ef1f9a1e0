"""Records of what came out of another web archive: the original's address, date and payload.

How the fetch is told is what pywb's recorder and cdx_toolkit do, since ISO 28500 has nothing for
it: `WARC-Source-URI` is where the bytes were had, `WARC-Creation-Date` when. What else is known of
it stands in a metadata record beside the record.
"""

import uuid
from datetime import UTC, datetime

from crawler.archive.connection import timestamp
from crawler.capture.record import Record, digest, record_id


def played_back(
    url: str, captured_at: str, head: bytes, payload: bytes, source: str, about: bytes
) -> list[Record]:
    """A response with its metadata: `url` at `captured_at`, as `source` played it back.

    `about` are lines `name: value` that tell more of how it came.
    """
    number = uuid.uuid4()
    headers = {
        "WARC-Record-ID": record_id(number),
        "WARC-Date": captured_at,
        "WARC-Payload-Digest": digest(payload),
        **_fetched(source),
    }
    block = head + payload
    response = Record("response", headers, block, "application/http; msgtype=response", url)
    return [response, _metadata(url, record_id(number), record_id(number, 1), about, {})]


def as_it_lies(
    url: str, member: bytes, member_id: str, source: str, part: str, about: bytes
) -> list[Record | bytes]:
    """A record of another archive's file, byte for byte, with our metadata about it.

    `part` are the bytes of the file `source`, as cdx_toolkit names them in `WARC-Source-Range`.
    """
    fetched = {**_fetched(source), "WARC-Source-Range": part}
    return [member, _metadata(url, member_id, record_id(uuid.uuid4()), about, fetched)]


def _metadata(url: str, of: str, number: str, about: bytes, more: dict[str, str]) -> Record:
    headers = {
        "WARC-Record-ID": number,
        "WARC-Concurrent-To": of,
        "WARC-Date": timestamp(datetime.now(UTC)),
        **more,
    }
    return Record("metadata", headers, about, "application/warc-fields", url)


def _fetched(source: str) -> dict[str, str]:
    now = timestamp(datetime.now(UTC))
    return {"WARC-Source-URI": source, "WARC-Creation-Date": now}
