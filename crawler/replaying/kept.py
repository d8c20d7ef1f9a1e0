"""The exchanges that WARC files hold, in the order in which they were made."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from crawler.archive.connection import timestamp
from crawler.capture.addresses import asked_for
from crawler.capture.exchange import Place
from crawler.capture.folder import OPEN
from crawler.capture.moment import moment
from crawler.fixity.digests import hexadecimal
from crawler.replaying.records import Record, WholeGzip, records
from crawler.urls import is_address

_Told = TypeVar("_Told")

ANSWERS = ("response", "revisit", "resource")
"""Types of records that hold what a server said."""
_CLOCKS_DIFFER = timedelta(days=1)
_POST = re.compile(rb"POST\s")
# HEAD, OPTIONS, ...: browsers and link checkers send them, and the answer is not the page.
_OTHER_METHOD = re.compile(rb"(?!(?:GET|POST)\s)[A-Z]{3,20} +\S+ +HTTP/")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_DATED_BY = re.compile(rb"(?m)^datedBy:[ \t]*([^\r\n]+)")
# Where a web archive played a page back, as pywb's recorder, cdx_toolkit and a rescue name it.
_PLAYED_BACK = re.compile(r"/\d{14}id_/")
_FETCH_TIME = re.compile(rb"(?im)^fetchTimeMs:[ \t]*(\d{1,9})[ \t]*\r?$")


@dataclass(frozen=True, slots=True)
class Spot:
    """A record in a file on this disk."""

    path: Path
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """What a revisit says of its original (ISO 28500:2017, 5.10, 5.11 and 5.9)."""

    url: str
    at: datetime | None
    digest: str
    """WARC-Payload-Digest, or empty."""
    number: str = ""
    """WARC-Refers-To: the id of the record, or empty."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One exchange as its record's header tells it; the answer itself stays in the file."""

    url: str
    at: datetime
    """WARC-Date, UTC, to the second."""
    spot: Spot
    form: str | None = None
    """URL-encoded body of the POST it answers; None is a GET."""
    fetch_ms: int | None = None
    """Milliseconds that it took, as its metadata record says; None when none says so."""
    refers_to: Reference | None = None
    """Only of a revisit."""
    original: Spot | None = None
    """The record that holds the payload of a revisit, when it is in one of the files."""
    same_payload: bool = False
    """Whether this is a revisit of identical content, which has no payload of its own."""
    dated_by: str | None = None
    """What the date of a saved page rests on, which has no HTTP head; None of an exchange."""
    url_id: int = 0
    """The URL that the archive knows it by; 0 for what comes from outside."""
    source: str = "file"
    """As `captures.source`: the web archive that the record says it was had from, else `file`."""
    run_started: str = ""
    """When the run began that kept it, as far as can be told."""


@dataclass(slots=True)
class Holdings:
    """What some WARC files hold, and what is wrong with them."""

    exchanges: list[Kept] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    """One line for each place that is no whole record."""


def holdings(paths: Iterable[Path]) -> Holdings:
    """The exchanges in `paths` by date, then file and offset: as the crawl made them."""
    found = Holdings()
    originals = _Originals()
    for path in paths:
        scan = _Scan(path, originals)
        found.exchanges += scan.exchanges()
        found.damage += scan.damage
    found.exchanges.sort(key=lambda kept: (kept.at, kept.spot.path.name, kept.spot.place.offset))
    found.exchanges = [originals.resolved(kept) for kept in found.exchanges]
    return found


@dataclass(slots=True)
class _Originals:
    """Where payloads are: by address and date, else by the record's id, else by digest."""

    by_date: dict[tuple[str, datetime], Spot] = field(default_factory=dict)
    by_number: dict[str, Spot] = field(default_factory=dict)
    by_digest: dict[str, Spot] = field(default_factory=dict)

    def add(self, record: Record, kept: Kept) -> None:
        """Remember the response `kept`."""
        self.by_date.setdefault((record.address, kept.at), kept.spot)
        if number := record.headers.get("warc-record-id"):
            self.by_number.setdefault(number, kept.spot)
        if digest := _digest(record):
            self.by_digest.setdefault(digest, kept.spot)

    def resolved(self, kept: Kept) -> Kept:
        """`kept` with the place of its payload, if it is a revisit and its original is here."""
        wanted = kept.refers_to
        if wanted is None:
            return kept
        spot = self.by_date.get((wanted.url, wanted.at)) if wanted.at else None
        spot = spot or self.by_number.get(wanted.number) or self.by_digest.get(wanted.digest)
        return replace(kept, original=spot)


class _Scan:
    """One file read through."""

    def __init__(self, path: Path, originals: _Originals) -> None:
        self._path = path
        self._name = path.name.removesuffix(OPEN)
        self._originals = originals
        # What no clock can have said yet would be an article's newest state for years.
        self._latest = datetime.now(UTC) + _CLOCKS_DIFFER
        self._forms: dict[str, str] = {}
        self._no_pages: set[str] = set()
        self._took: dict[str, int] = {}
        self._dated: dict[str, str] = {}
        self._had_from: dict[str, str] = {}
        self.damage: list[str] = []

    def exchanges(self) -> list[Kept]:
        """Its exchanges; `damage` then tells what in it is no whole record."""
        answers = list(self._answers())
        started = timestamp(min((kept.at for kept, _ in answers), default=datetime.now(UTC)))
        return [
            replace(
                kept,
                form=_first(self._forms, ids) or kept.form,
                fetch_ms=_first(self._took, ids),
                dated_by=_first(self._dated, ids),
                source=_first(self._had_from, ids) or kept.source,
                run_started=started,
            )
            for kept, ids in answers
            if self._no_pages.isdisjoint(ids)
        ]

    def _answers(self) -> Iterator[tuple[Kept, tuple[str, ...]]]:
        try:
            for record in records(self._path, self._damaged):
                if source := _had_from(record):
                    self._had_from.update(dict.fromkeys(_ids(record), source))
                if record.kind == "request":
                    self._note_request(record)
                elif record.kind == "metadata":
                    self._note_facts(record)
                elif record.kind in ANSWERS and (kept := self._kept(record)):
                    yield kept, _ids(record)
        except WholeGzip as error:
            self._damaged(f"{error}; what stands before was read")

    def _damaged(self, what: str) -> None:
        self.damage.append(f"{self._name}: {what}")

    def _kept(self, record: Record) -> Kept | None:
        at = moment(record.headers.get("warc-date", ""))
        if not record.url.lower().startswith(("http:", "https:")):
            if not record.url:
                self._damaged(f"the record at byte {record.offset} has no address")
            return None
        if not is_address(record.url):
            self._damaged(
                f"the record at byte {record.offset} is of an address that no host can have: "
                f"{record.url}"
            )
            return None
        if at is None:
            self._damaged(f"the record at byte {record.offset} has no date: {record.url}")
            return None
        if at > self._latest:
            self._damaged(
                f"the record at byte {record.offset} is dated in the future, by this machine's "
                f"clock ({timestamp(at)}): {record.url}"
            )
            return None
        if "warc-segment-number" in record.headers:
            self._damaged(
                f"the record at byte {record.offset} is one of several segments, "
                f"which are not put together: {record.url}"
            )
            return None
        place = Place(self._name, record.offset, record.length)
        url, form = asked_for(record.address)
        kept = Kept(url, at, Spot(self._path, place), form)
        if record.kind == "revisit":
            return replace(kept, same_payload=_is_same(record), refers_to=reference(record))
        self._originals.add(record, kept)
        return kept

    def _note_facts(self, record: Record) -> None:
        if took := _FETCH_TIME.search(record.block):
            self._took.update(dict.fromkeys(_ids(record), int(took.group(1))))
        if dated := _DATED_BY.search(record.block):
            text = dated.group(1).decode("utf-8", "replace")
            self._dated.update(dict.fromkeys(_ids(record), text))

    def _note_request(self, record: Record) -> None:
        """A request belongs to the answer that either of the two names (ISO 28500:2017, 5.7)."""
        if _OTHER_METHOD.match(record.block):
            self._no_pages.update(_ids(record))
        if _POST.match(record.block) and (end := _END_OF_HEAD.search(record.block)):
            form = record.block[end.end() :].decode("utf-8", "replace")
            self._forms.update(dict.fromkeys(_ids(record), form))


def _had_from(record: Record) -> str:
    """The kind of web archive that a record, or the metadata beside it, says it came out of."""
    if "warc-source-range" in record.headers:
        return "commoncrawl"
    return "wayback" if _PLAYED_BACK.search(record.headers.get("warc-source-uri", "")) else ""


def _first(found: dict[str, _Told], ids: tuple[str, ...]) -> _Told | None:
    return next((found[each] for each in ids if each in found), None)


def _ids(record: Record) -> tuple[str, ...]:
    """The record's own id and the one it is concurrent to."""
    names = ("warc-record-id", "warc-concurrent-to")
    return tuple(record.headers[name] for name in names if name in record.headers)


def _digest(record: Record) -> str:
    """The payload's, in hex digits: tools differ in how they write the same one."""
    written = record.headers.get("warc-payload-digest", "")
    known = hexadecimal(written)
    return ":".join(known) if known else written


def _is_same(record: Record) -> bool:
    """Whether a revisit is of identical content, not of `304 Not Modified`."""
    return "identical-payload-digest" in record.headers.get("warc-profile", "")


def _of_nothing(record: Record) -> bool:
    stated = hexadecimal(record.headers.get("warc-payload-digest", ""))
    if stated is None:
        return False
    return hashlib.new(stated[0], usedforsecurity=False).hexdigest() == stated[1]


def reference(record: Record) -> Reference:
    """What a revisit says of its original."""
    given = record.headers.get
    # Common Crawl gives the digest of the 304's own body, which every empty answer has too.
    says_nothing = _of_nothing(record) and not _is_same(record)
    return Reference(
        given("warc-refers-to-target-uri", "").strip("<>") or record.address,
        moment(given("warc-refers-to-date", "")),
        "" if says_nothing else _digest(record),
        given("warc-refers-to", ""),
    )
