"""WARC files that were compressed as a whole: none of their records can be read by its address."""

import gzip
import zlib
from pathlib import Path

from crawler.replaying.records import Damaged, WholeGzip, plain_records, records


def is_gzipped_as_a_whole(path: Path) -> bool:
    """Whether the file's first gzip member holds more than one record."""
    try:
        next(records(path), None)
    except WholeGzip:
        return True
    except Damaged:
        return False
    return False


def recompress(source: Path, target: Path) -> str | None:
    """Write the records of `source` to `target`, each as a gzip member, no byte of them changed.

    Returns what is damaged in `source`, if anything; what follows that is not in `target`.
    """
    with gzip.open(source) as stream, target.open("xb") as file:
        try:
            for record in plain_records(stream):  # type: ignore[arg-type]
                # No time in the member's header: the same records make the same file.
                file.write(gzip.compress(record, mtime=0))
        except (Damaged, EOFError, zlib.error, gzip.BadGzipFile) as error:
            return str(error)
    return None
