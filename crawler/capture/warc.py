"""Writing WARC 1.1 files: one gzip member per record, flushed before anyone relies on it.

A file is called `.open` until it is whole. Its name begins with the time, so names sort:
`20240703020000-kimson-r12-00001.warc.gz`.
"""

import errno
import fcntl
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from socket import gethostname
from time import monotonic

from crawler.archive.connection import timestamp
from crawler.capture.exchange import Capture, Exchange, Original, Place
from crawler.capture.folder import OPEN
from crawler.capture.message import Message, capture_of, parsed
from crawler.capture.record import Record, digest, member, record_id, written
from crawler.durability import sync

# Seconds; crawls without pauses would wait for the disk most of the time.
_SYNCED_EVERY = 1.0
# Records below this are not worth a reference: the revisit record would be as long.
_SMALLEST_REVISIT = 256
_NOT_MODIFIED = 304
# JPEG, PNG, GIF, WebP, and what was sent with Content-Encoding: gzip.
_PACKED = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"\x1f\x8b")
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"

Lookup = Callable[[str], Original | None]


def unkept(url: str, exchange: Exchange) -> Capture | None:
    """The capture of an exchange whose bytes are not kept; None when no response head came."""
    message = parsed(exchange.received)
    return _captured(url, message, exchange) if message else None


class WarcWriter:
    """Appends exchanges to the WARC files of one run."""

    def __init__(self, folder: Path, name: str, info: dict[str, str], largest: int) -> None:
        """Write into `folder` files named after `name`; a new one when `largest` bytes are full."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = name
        self._info = info
        self._largest = largest
        self._serial = 0
        self._file: FileIO | None = None
        self._path = folder
        self._info_id = ""
        self._synced_at = -_SYNCED_EVERY

    def keep(
        self,
        url: str,
        exchange: Exchange,
        via: str | None,
        known: Lookup,
        vouched: Original | None = None,
    ) -> Capture | None:
        """Write response (or revisit), request and metadata; None when no response head came.

        `known` finds the original of a payload by its SHA-256; `vouched` is the copy that a 304
        vouches for. What was received is taken out of `exchange`. Raises OSError (disk full, ...).
        """
        message = parsed(exchange.received)
        if message is None:
            return None
        # A body may have 64 MiB, and is held more than once from here on.
        exchange.received.clear()
        capture = _captured(url, message, exchange)
        if message.status == _NOT_MODIFIED:
            original = vouched
        else:
            original = known(capture.payload_sha256) if _may_refer(message, exchange) else None
        about = _about(via, capture)
        place = self.append(_records(url, exchange, message, about, original))
        if original is None:
            return replace(capture, place=place)
        return replace(
            capture,
            place=place,
            record_type="revisit",
            refers_to=original.capture_id,
            payload_sha256=original.payload_sha256,
        )

    def close(self) -> None:
        """Make the current file whole: synced to the disk and without `.open`."""
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._path.rename(self._path.with_suffix(""))
            self._file.close()
            self._file = None

    def append(self, records: Sequence[Record | bytes]) -> Place:
        """Write the records, all or none; the place is that of the first.

        Bytes are a gzip member that is kept as it is. Raises OSError (disk full, ...).
        """
        file = self._ready()
        offset = file.tell()
        members = [
            each if isinstance(each, bytes) else member(each, self._info_id) for each in records
        ]
        _write(file, members)
        self._sync(file)
        return Place(self._path.name.removesuffix(OPEN), offset, len(members[0]))

    def _sync(self, file: FileIO) -> None:
        """A power cut must not part records from rows: a polite crawl syncs each before its row."""
        if monotonic() - self._synced_at >= _SYNCED_EVERY:
            os.fsync(file.fileno())
            self._synced_at = monotonic()

    def _ready(self) -> FileIO:
        if self._file is not None and self._file.tell() >= self._largest:
            self.close()
        if self._file is None:
            self._file = self._started()
        if not self._path.exists():
            # What is written into a removed file is lost without a word.
            raise FileNotFoundError(errno.ENOENT, "it is gone", str(self._path))
        return self._file

    def _started(self) -> FileIO:
        self._serial += 1
        self._path = self._folder / f"{self._name}-{self._serial:05}.warc.gz{OPEN}"
        file = self._path.open("xb", buffering=0)
        # Held while the file is written, so that recovery leaves a living crawl alone.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        info = _warcinfo(self._path.name.removesuffix(OPEN), self._info)
        self._info_id = info.headers["WARC-Record-ID"]
        _write(file, [member(info, "")])
        sync(self._folder)
        return file


def _write(file: FileIO, members: list[bytes]) -> None:
    """Write all of `members` or, when the disk is full, nothing of it.

    The bytes are with the kernel before any row points at them: a kill can't part them.
    """
    begin = file.tell()
    try:
        for member in members:
            rest = memoryview(member)
            while rest:
                rest = rest[file.write(rest) :]
    except OSError:
        file.truncate(begin)
        file.seek(begin)
        raise


def _captured(url: str, message: Message, exchange: Exchange) -> Capture:
    return replace(
        capture_of(message, url, exchange.began_at),
        ip=exchange.ip,
        truncated=exchange.truncated,
        fetch_ms=int((monotonic() - exchange.clock) * 1000),
    )


def _about(via: str | None, capture: Capture) -> bytes:
    """The fields of the metadata record (ISO 28500:2017, 6.6)."""
    fields = f"via: {via}\r\n" if via else ""
    return f"{fields}fetchTimeMs: {capture.fetch_ms}\r\n".encode()


def _may_refer(message: Message, exchange: Exchange) -> bool:
    return len(message.payload) >= _SMALLEST_REVISIT and exchange.truncated is None


def _records(
    url: str, exchange: Exchange, message: Message, about: bytes, original: Original | None
) -> list[Record]:
    """Response or revisit first, then the request and the metadata that belong to it."""
    number = uuid.uuid4()
    response = _response(number, url, exchange, message, original)
    concurrent = {
        "WARC-Concurrent-To": record_id(number),
        "WARC-Date": response.headers["WARC-Date"],
    }
    request = Record(
        "request",
        {"WARC-Record-ID": record_id(number, 1), **concurrent},
        bytes(exchange.sent),
        "application/http; msgtype=request",
        url,
    )
    metadata = Record(
        "metadata",
        {"WARC-Record-ID": record_id(number, 2), **concurrent},
        about,
        "application/warc-fields",
        url,
    )
    return [response, request, metadata]


def _response(
    number: uuid.UUID, url: str, exchange: Exchange, message: Message, original: Original | None
) -> Record:
    headers = {
        "WARC-Record-ID": record_id(number),
        "WARC-Date": timestamp(exchange.began_at),
        "WARC-Payload-Digest": digest(message.payload),
    }
    if exchange.ip:
        headers["WARC-IP-Address"] = exchange.ip
    if exchange.truncated:
        headers["WARC-Truncated"] = exchange.truncated
    block = message.head + message.payload
    if original is None:
        packed = message.payload.startswith(_PACKED)
        return Record("response", headers, block, "application/http; msgtype=response", url, packed)
    unmodified = message.status == _NOT_MODIFIED
    headers |= {
        # ISO 28500:2017, 6.7.2 and 6.7.3. pywb and wabac.js find the original by address and date.
        "WARC-Profile": _PROFILE
        + ("server-not-modified" if unmodified else "identical-payload-digest"),
        "WARC-Payload-Digest": written(bytes.fromhex(original.payload_sha256)),
        "WARC-Refers-To-Target-URI": original.url,
        "WARC-Refers-To-Date": original.captured_at,
    }
    return Record("revisit", headers, message.head, "application/http; msgtype=response", url)


def _warcinfo(name: str, info: dict[str, str]) -> Record:
    fields = "".join(f"{key}: {value}\r\n" for key, value in info.items())
    headers = {
        "WARC-Record-ID": record_id(uuid.uuid4()),
        "WARC-Date": timestamp(datetime.now(UTC)),
        "WARC-Filename": name,
    }
    return Record("warcinfo", headers, fields.encode(), "application/warc-fields")


def info_fields(software: str, user_agent: str, operator: str, robots: str) -> dict[str, str]:
    """The fields of the warcinfo record (ISO 28500:2017, 6.2)."""
    return {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "operator": operator,
        "hostname": gethostname(),
        "http-header-user-agent": user_agent,
        "robots": robots,
    }
