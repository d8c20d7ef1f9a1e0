"""One WARC file of some articles' records, copied as they are."""

import gzip
import shutil
from pathlib import Path

from crawler.export.building import built_beside
from crawler.export.selection import Selection
from crawler.replaying.records import Damaged, records

_GZIP = b"\x1f\x8b"


def write(selection: Selection, out: Path) -> int:
    """Put the files of `selection` behind one another into `out`; the number of their records.

    Gzip members may stand in a row (RFC 1952, 2.2); files without compression get it, record by
    record, since no reader expects both in one file.
    """
    count = 0
    with built_beside(out) as part, part.open("wb") as file:
        for path in selection.whole:
            count += sum(1 for _ in records(path, _broken))
            with path.open("rb") as source:
                is_packed = source.read(len(_GZIP)) == _GZIP
                source.seek(0)
                if is_packed:
                    shutil.copyfileobj(source, file)
                    continue
                for record in records(path, _broken):
                    source.seek(record.offset)
                    file.write(gzip.compress(source.read(record.length), mtime=0))
    return count


def _broken(what: str) -> None:
    """What was copied record by record is whole."""
    raise Damaged(what)
