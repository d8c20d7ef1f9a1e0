"""The records of some articles only, copied as they are out of the archive's WARC files."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from crawler.archive import holdings
from crawler.errors import CannotRun
from crawler.export.selection import Selection
from crawler.replaying.records import Damaged, WholeGzip, record_at
from crawler.words import tr

# What follows an answer and belongs to it, as `crawler.capture.warc` writes them.
_COMPANIONS = ("request", "metadata")


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
            _copy(folder / name, [offset for _, offset in places], made[-1])
        else:
            missing.append(name)
    if not made:
        raise CannotRun(
            tr("there is no whole WARC file in {folder}; nothing to pack", folder=folder)
        )
    return Selection(made, [], missing)


def _copy(source: Path, offsets: list[int], target: Path) -> None:
    try:
        parts = [part for offset in offsets for part in _parts(source, offset)]
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


def _parts(source: Path, offset: int) -> Iterator[tuple[int, int]]:
    """Offset and length of the record at `offset`, and of those that belong to it."""
    end = source.stat().st_size
    record = record_at(source, offset)
    yield record.offset, record.length
    while (onward := record.offset + record.length) < end:
        record = record_at(source, onward)
        if record.kind not in _COMPANIONS:
            return
        yield record.offset, record.length
