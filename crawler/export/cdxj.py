"""CDXJ: where the record of an address and a time lies, a sorted line each.

Lines are `SURT timestamp {json}` (WACZ 1.1.1, `indexes`), byte-sorted. An answer to a POST is
filed under the address and the form together, as pywb and ReplayWeb.page look for it: else it would
be shown to who asks for the bare address. A 304 has no line: readers would show it as the empty
page that it is, while without it they show the capture that it vouches for. Nor has a revisit that
does not name its original's address (wget): ReplayWeb.page would say that there is no such page.
"""

import io
import json
import sqlite3
from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdxj_indexer.main import CompressedWriter, SortingWriter
from cdxj_indexer.postquery import append_method_query
from surt import surt
from warcio.archiveiterator import ArchiveIterator
from warcio.timeutils import iso_date_to_timestamp

_INDEXED = ("response", "revisit", "resource")
_REVISIT = "warc/revisit"
_NOT_MODIFIED = "304"


@dataclass(frozen=True, slots=True)
class Asked:
    """The part of a request that tells two answers of one address apart."""

    method: str
    content_type: str
    body: bytes


@dataclass(slots=True)
class _Entry:
    record_id: str
    concurrent_to: str | None
    url: str
    date: str
    facts: dict[str, str]
    asked: Asked | None = None

    def line(self) -> str:
        return line(self.url, self.date, self.facts, self.asked)


@dataclass(frozen=True, slots=True)
class _Request:
    record_id: str
    concurrent_to: str | None
    asked: Asked


def line(url: str, date: str, facts: dict[str, str], asked: Asked | None = None) -> str:
    """The line of a record captured at `date` (ISO 8601, UTC); `facts` is its JSON."""
    if asked and asked.method in ("POST", "PUT"):
        query, suffix = append_method_query(
            asked.method, asked.content_type, len(asked.body), io.BytesIO(asked.body), url
        )
        facts = {**facts, "method": asked.method, "requestBody": query}
        key = _key(url + suffix)
    else:
        key = _key(url)
    return f"{key} {iso_date_to_timestamp(date)} {json.dumps({'url': url, **facts})}\n"


def _key(url: str) -> str:
    try:
        return str(surt(url))
    except ValueError:
        # What is no address to SURT is still found under its own spelling.
        return url


def lines(warc: Path) -> Iterator[str]:
    """The lines of the responses, revisits and resources in `warc`, in their order there."""
    with warc.open("rb") as stream:
        held: _Entry | None = None
        request: _Request | None = None
        records = ArchiveIterator(stream)
        for record in records:
            if record.rec_type == "request" and record.http_headers:
                request = _request(record)
            elif _is_shown(record):
                if held:
                    yield held.line()
                held = _entry(record, records, warc.name)
            if held and request and _belong(held, request):
                held.asked = request.asked
        if held:
            yield held.line()


def _is_shown(record: Any) -> bool:
    status = record.http_headers.get_statuscode() if record.http_headers else None
    wanted = ["WARC-Target-URI"]
    if record.rec_type == "revisit":
        wanted.append("WARC-Refers-To-Target-URI")
    is_named = all(map(record.rec_headers.get_header, wanted))
    return record.rec_type in _INDEXED and is_named and status != _NOT_MODIFIED


def _belong(entry: _Entry, request: _Request) -> bool:
    return entry.record_id == request.concurrent_to or entry.concurrent_to == request.record_id


def _request(record: Any) -> _Request:
    headers = record.http_headers
    asked = Asked(
        headers.protocol.upper(),
        headers.get_header("Content-Type") or "",
        record.content_stream().read(),
    )
    return _Request(*_identity(record), asked)


def _identity(record: Any) -> tuple[str, str | None]:
    of = record.rec_headers.get_header
    return of("WARC-Record-ID"), of("WARC-Concurrent-To")


def _entry(record: Any, records: Any, filename: str) -> _Entry:
    of = record.rec_headers.get_header
    facts = {
        "mime": _mime(record),
        "status": record.http_headers.get_statuscode() if record.http_headers else None,
        "digest": of("WARC-Payload-Digest"),
        "length": str(records.get_record_length()),
        "offset": str(records.get_record_offset()),
        "filename": filename,
    }
    known = {name: value for name, value in facts.items() if value}
    return _Entry(*_identity(record), of("WARC-Target-URI"), of("WARC-Date"), known)


def _mime(record: Any) -> str | None:
    if record.rec_type == "revisit":
        return _REVISIT
    headers = record.http_headers or record.rec_headers
    return (headers.get_header("Content-Type") or "").partition(";")[0].strip() or None


def row_lines(rows: Iterable[sqlite3.Row]) -> Iterator[str]:
    """The lines of rows of `holdings.records`: as `lines` gives them, without reading a WARC."""
    return (_row_line(row) for row in rows if str(row["status"]) != _NOT_MODIFIED)


def _row_line(row: sqlite3.Row) -> str:
    facts = {
        "mime": _REVISIT if row["record_type"] == "revisit" else row["media_type"] or "unk",
        "status": str(row["status"]),
        "digest": "sha256:" + b32encode(bytes.fromhex(row["payload_sha256"])).decode(),
        "length": str(row["warc_length"]),
        "offset": str(row["warc_offset"]),
        "filename": row["warc_file"],
    }
    form = row["form"]
    asked = Asked("POST", "application/x-www-form-urlencoded", form.encode()) if form else None
    return line(row["url"], row["captured_at"], facts, asked)


def write(entries: Iterable[str], out: Path) -> int:
    """Write the lines byte-sorted to `out`; the number of lines. Memory stays bounded."""
    with out.open("w", encoding="utf-8") as file:
        return _sorted(entries, file)


def write_compressed(entries: Iterable[str], data: Path, index: Path) -> int:
    """As `write`, in gzip blocks of 300 lines in `data`, which `index` lists (ZipNum).

    A reader fetches the one block that it needs, so an index of any size opens at once.
    """
    with data.open("wb") as blocks, index.open("w", encoding="utf-8") as file:
        return _sorted(
            entries,
            CompressedWriter(file, data_out=blocks, data_out_name=data.name, digest_records=True),
        )


def _sorted(entries: Iterable[str], out: Any) -> int:
    count = 0
    sorting = SortingWriter(out)
    for count, entry in enumerate(entries, 1):  # noqa: B007 - the count is the result
        sorting.write(entry)
    sorting.flush()
    return count
