"""What belongs into a copy: the database as it is at one moment, its WARC files, and what is ours.

A WARC file that is closed never changes; one that a crawl is writing comes with the next copy.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import decisions
from crawler.archive.connection import is_immutable
from crawler.capture.folder import ORIGINALS, folder_of
from crawler.errors import CannotRun
from crawler.words import tr

_WARC = "*.warc.gz"
_SNAPSHOT = ".copying"


@dataclass(frozen=True, slots=True)
class Item:
    """A file to copy."""

    source: Path
    path: str
    """Where it lies in the copy."""
    fixed: bool
    """Whether it never changes once it is written."""


def warcs(archive: Path) -> Iterator[Item]:
    """The WARC files that are closed, what they were made of, and what is hidden of them."""
    folder = folder_of(archive)
    for source in [*sorted(folder.glob(_WARC)), *sorted(folder.glob(f"{ORIGINALS}/*"))]:
        yield Item(source, f"{folder.name}/{source.relative_to(folder)}", fixed=True)
    if (hidden := folder / decisions.FILE).exists():
        yield Item(hidden, f"{folder.name}/{hidden.name}", fixed=False)


def others(archive: Path, reports: Path | None, config: Path | None) -> Iterator[Item]:
    """Own profiles beside the archive, reports on runs, and the configuration."""
    folders = [archive.absolute().parent / "portals", *([reports] if reports else [])]
    for folder in folders:
        for source in sorted(folder.glob("*.*")):
            if source.is_file() and source.suffix in (".toml", ".html"):
                yield Item(source, f"{folder.name}/{source.name}", fixed=False)
    if config:
        yield Item(config, config.name, fixed=False)


@contextmanager
def snapshot(db: sqlite3.Connection, archive: Path) -> Iterator[Item]:
    """The database as it is now, in a file of its own, while crawls go on writing.

    Raises CannotRun when it is damaged: the copy that is there is better.
    """
    if is_immutable(archive):
        # It lies where nobody writes, nor could a file be made beside it.
        yield Item(archive, archive.name, fixed=False)
        return
    path = archive.with_name(archive.name + _SNAPSHOT)
    _remove(path)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            db.backup(copy)
            # One file, without the log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise CannotRun(
                tr("{path} is damaged and was not copied: {why}", path=archive, why=found)
            )
        yield Item(path, archive.name, fixed=False)
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
