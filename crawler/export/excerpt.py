"""The records of some articles only, copied as they are out of the archive's WARC files."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from crawler.archive import holdings
from crawler.errors import CannotRun
from crawler.export.selection import Selection
from crawler.replaying.records import Damaged, Record, WholeGzip, record_at
from crawler.words import tr

_COMPANIONS = ("request", "metadata")
_CONCURRENT = "warc-concurrent-to"


def excerpt(db: sqlite3.Connection, folder: Path, articles: Iterable[int], into: Path) -> Selection:
    """Write the records of `articles` from the WARC files in `folder` to files in `into`.

    Each file begins with the warcinfo record of the one that it is taken from. Raises CannotRun
    when no record is there, or one can't be read.
    """
    made, missing = [], []
    for name, places in groupby(holdings.places(db, articles), key=lambda place: place[0]):
        if (folder / name).is_file():
            # In a merged archive it lies in the folder of a source.
            made.append(into / f"excerpt-{name.replace('/', '-')}")
            _copy(folder / name, [each[1:] for each in places], made[-1])
        else:
            missing.append(name)
    if not made:
        raise CannotRun(
            tr("there is no whole WARC file in {folder}; nothing to pack", folder=folder)
        )
    return Selection(made, [], missing)


def _copy(source: Path, places: list[tuple[int, int]], target: Path) -> None:
    """Copy the records at the offsets; beside each stands that of the capture before it."""
    try:
        parts = [part for offset, before in places for part in _parts(source, offset, before)]
        parts += _info(source)
        with source.open("rb") as whole, target.open("xb") as out:
            for start, length in sorted(set(parts)):
                whole.seek(start)
                out.write(whole.read(length))
    except (Damaged, WholeGzip) as error:
        raise CannotRun(f"{source.name}: {error}") from None


def _info(source: Path) -> Iterator[tuple[int, int]]:
    """Offset and length of the record that tells of the file, if it begins with one."""
    first = record_at(source, 0)
    if first.kind == "warcinfo":
        yield first.offset, first.length


def _parts(source: Path, offset: int, before: int) -> Iterator[tuple[int, int]]:
    """Offset and length of the record at `offset`, and of those that belong to it.

    luutru, Heritrix and browsers write them behind it; wget, wpull and Common Crawl write the
    request in front, and the answer names it.
    """
    record = record_at(source, offset)
    yield record.offset, record.length
    behind = list(_behind(source, record))
    yield from behind
    if _CONCURRENT in record.headers or not behind:
        yield from _in_front(source, record, before)


def _behind(source: Path, record: Record) -> Iterator[tuple[int, int]]:
    end, onward = source.stat().st_size, record.offset + record.length
    while onward < end and _belongs(each := record_at(source, onward), record):
        yield each.offset, each.length
        onward += each.length


def _in_front(source: Path, record: Record, before: int) -> Iterator[tuple[int, int]]:
    """Those between the capture at `before` and `record`."""
    while before < record.offset:
        each = record_at(source, before)
        if _belongs(each, record):
            yield each.offset, each.length
        before += each.length


def _belongs(each: Record, record: Record) -> bool:
    """Whether one of the two names the other (ISO 28500:2017, 5.7); else they have one address."""
    if each.kind not in _COMPANIONS:
        return False
    named = each.headers.get(_CONCURRENT), record.headers.get(_CONCURRENT)
    if not any(named):
        return each.url == record.url
    numbers = record.headers.get("warc-record-id"), each.headers.get("warc-record-id")
    return any(one and one == other for one, other in zip(named, numbers, strict=True))
