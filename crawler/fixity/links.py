"""Holding rows of `captures` against the records that they point at, for one part of a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.integrity import CaptureRow
from crawler.capture.addresses import asked_for
from crawler.capture.moment import moment
from crawler.fixity.digests import hexadecimal
from crawler.fixity.finding import Finding
from crawler.fixity.records import Damage, Record, read
from crawler.urls import clean, key_of

_NOT_MODIFIED = 304
_BLOCK_DIGEST, _PAYLOAD_DIGEST = "WARC-Block-Digest", "WARC-Payload-Digest"
_TO_THE_SECOND = len("2024-07-03T02:00:00")
_REPLACED = re.compile("(?:\ufffd|%EF%BF%BD)+")
_NO_UTF8 = re.compile(r"(?:(?:\\|%5C)x[89a-f][0-9a-f])+")
"""As `key_of` writes bytes in a path and in a query."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a WARC file, beginning with a record, and the rows that point into it."""

    path: Path
    name: str
    """As rows name the file: without `.open`."""
    start: int
    end: int
    """No record that begins here or later belongs to it."""
    rows: tuple[CaptureRow, ...]
    may_be_torn: bool = False
    """Whether a crawl was killed while writing here: the next crawl cuts a torn end off."""


@dataclass(slots=True)
class Outcome:
    """What the check of a part gave."""

    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    inflated: int = 0
    """Bytes of the records, inflated."""
    loose: int = 0
    """Responses and revisits that no row points at."""
    as_it_came: list[str] = field(default_factory=list)
    """What is wrong with records, and was so when they were taken in."""
    unvouched: list[Finding] = field(default_factory=list)
    """What is wrong with records that no row points at: only the file as a whole can tell whether
    they came so."""
    unchecked: int = 0
    """Digests of algorithms that are not known here."""
    torn: int = 0
    """Bytes of a torn end that the next crawl cuts off."""


def check(part: Part) -> Outcome:
    """Recompute every digest of `part`, and follow rows to records and back."""
    outcome = Outcome()
    waiting: dict[int, list[CaptureRow]] = {}
    for row in part.rows:
        waiting.setdefault(row.offset, []).append(row)
    try:
        for found in _read(part):
            if isinstance(found, Damage):
                _damaged(outcome, part, found)
            else:
                _whole(outcome, part, found, waiting.pop(found.offset, []))
    except OSError as error:
        # A dying disk or a missing permission: said like any damage, the other files go on.
        outcome.findings.append(Finding(f"it can't be read: {error.strerror}", part.name))
    outcome.findings += _unmet(part, waiting)
    return outcome


def _read(part: Part) -> Iterator[Record | Damage]:
    # A crawl that begins meanwhile takes `.open` off the name.
    path = part.path if part.path.exists() else part.path.with_name(part.name)
    with path.open("rb") as file:
        yield from read(file, part.start, part.end)


def _damaged(outcome: Outcome, part: Part, damage: Damage) -> None:
    if part.may_be_torn and damage.offset + damage.length >= part.end:
        outcome.torn += damage.length
    else:
        what = f"{damage.what}; {damage.length} bytes skipped"
        outcome.findings.append(Finding(what, part.name, damage.offset))


def _whole(outcome: Outcome, part: Part, record: Record, rows: list[CaptureRow]) -> None:
    outcome.records += 1
    outcome.inflated += record.inflated
    outcome.loose += not rows and record.kind in ("response", "revisit")
    outcome.unchecked += record.unchecked
    for what in record.wrong:
        finding = Finding(f"{record.kind} record: {what}", part.name, record.offset)
        # Whether its bytes are still those that came, the row's own SHA-256 tells below.
        if any(_was_told(what, row.doubt) for row in rows):
            outcome.as_it_came.append(f"{finding}; it came like that, see problems")
        else:
            (outcome.findings if rows else outcome.unvouched).append(finding)
    outcome.findings += [
        Finding(what, part.name, record.offset, "captures", row.id)
        for row in rows
        for what in _differences(row, record)
    ]


def _was_told(what: str, doubt: str | None) -> bool:
    """Whether `doubt`, the problem noted when the record was taken in, is of the digest that `what`
    begins with. Where the block's is wrong, nobody looked at that of the payload inside.
    """
    return doubt is not None and (
        what.startswith(_PAYLOAD_DIGEST)
        or (what.startswith(_BLOCK_DIGEST) and f"({_BLOCK_DIGEST})" in doubt)
    )


def _unmet(part: Part, waiting: dict[int, list[CaptureRow]]) -> Iterator[Finding]:
    for offset, rows in waiting.items():
        for row in rows:
            what = "no whole record begins where the row says"
            yield Finding(what, part.name, offset, "captures", row.id)


def _differences(row: CaptureRow, record: Record) -> Iterator[str]:
    """Where the row and its record tell different things."""
    # What was saved without its HTTP head has its own payload, as a response has.
    kind = "response" if record.kind == "resource" else record.kind
    if kind != row.record_type:
        yield f"the row says {row.record_type}, the record is a {record.kind or 'nameless one'}"
        return
    headers = record.headers
    for name, said, found in (
        ("length", row.length, record.length),
        (
            "time",
            str(row.captured_at)[:_TO_THE_SECOND],
            _to_the_second(headers.get("warc-date", "")),
        ),
        ("status", row.status, record.status),
        ("media type", row.media_type, record.media_type),
        ("address", row.ip, headers.get("warc-ip-address")),
        ("truncation", *_truncations(row, record)),
    ):
        if said != found:
            yield f"{name}: the row says {said}, the record {found}"
    address = headers.get("warc-target-uri", "")
    if not _is_of(row.key, address):
        yield f"URL: the row's is known as {row.key}, the record has {address}"
    yield from (_payload if row.record_type == "response" else _original)(row, record)


def _truncations(row: CaptureRow, record: Record) -> tuple[str | None, str | None]:
    """As the row and the record tell it; that a revisit has no payload is no loss."""
    if row.record_type == "revisit":
        return None, None
    return row.truncated, record.headers.get("warc-truncated")


def _payload(row: CaptureRow, record: Record) -> Iterator[str]:
    if (row.payload_sha256, row.size) not in record.payload:
        found = " or ".join(f"{digest} ({size} bytes)" for digest, size in record.payload)
        yield (
            f"payload: the row says SHA-256 {row.payload_sha256} ({row.size} bytes), "
            f"the record has {found or 'none'}"
        )


def _original(row: CaptureRow, record: Record) -> Iterator[str]:
    """A revisit names the record that holds its payload (ISO 28500:2017, 6.7.2)."""
    headers = record.headers
    named = hexadecimal(headers.get("warc-payload-digest", ""))
    # What other tools keep of a 304 has no payload; ours has its original's, as `captures` shows.
    same = row.status == _NOT_MODIFIED or (named or ("", ""))[1] == row.payload_sha256
    if named and named[0] == "sha256" and not same:
        yield f"payload: the row says SHA-256 {row.payload_sha256}, the revisit {named[1]}"
    at = _to_the_second(headers.get("warc-refers-to-date", ""))
    if row.original_at and at and at != row.original_at[:_TO_THE_SECOND]:
        yield f"the row refers to a capture of {row.original_at}, the revisit to one of {at}"
    address = headers.get("warc-refers-to-target-uri", "")
    if row.original_key and address and not _is_of(row.original_key, address):
        yield f"the row refers to a capture of {row.original_key}, the revisit to one of {address}"


def _to_the_second(date: str) -> str:
    """A WARC-Date as rows have it, without the Z; one that is none as it stands."""
    at = moment(date)
    return at.isoformat()[:_TO_THE_SECOND] if at else date


def _is_of(key: str | None, address: str) -> bool:
    """Whether a URL known as `key` may be asked for at `address`."""
    # wget writes brackets, after the grammar of ISO 28500:2009.
    given = address.strip("<>")
    # Before 29 November 2026 a POST was known by the form in its address, if it stood there.
    known_as = [_key(url) for url in dict.fromkeys((given, asked_for(given)[0]))]
    return key is not None and any(
        _fits(key, each) or _fits(_as_now(key, each), each) for each in known_as
    )


def _key(address: str) -> str:
    cleaned = clean(address, address)
    return key_of(cleaned) if cleaned else address


def _fits(key: str, found: str) -> bool:
    # The key of a form names its POST too; the record's address does not.
    return key == found or key.startswith(f"{found} POST ")


def _as_now(key: str, found: str) -> str:
    """`key` as it would be today: letters that are no UTF-8 were one U+FFFD before 28 November
    2026, whichever they were; the rest of the key has to be that of `found`.
    """
    letters = iter(_NO_UTF8.findall(found))
    return _REPLACED.sub(lambda each: next(letters, each[0]), key)
