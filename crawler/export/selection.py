"""Which WARC files go into a package, and which can't."""

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.archive import holdings
from crawler.capture.folder import OPEN, ORIGINALS
from crawler.errors import CannotRun
from crawler.words import tr

_WARC = (".warc.gz", ".warc")


@dataclass(frozen=True, slots=True)
class Selection:
    """The WARC files of the archive, or of one portal, sorted by name."""

    whole: list[Path]
    still_open: list[str]
    """Names of files that a crawl is writing or that a kill left open; they stay behind."""
    missing: list[str]
    """Names that rows point at though the folder has no such file."""
    originals: list[Path] = field(default_factory=list)
    """Files of other tools as they came."""

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(path.stat().st_size for path in (*self.whole, *self.originals))


def everything(db: sqlite3.Connection, folder: Path) -> Selection:
    """All WARC files in `folder`, and what they were made of. Raises CannotRun as `selected`."""
    return replace(selected(db, folder), originals=sorted((folder / ORIGINALS).glob("*")))


def selected(db: sqlite3.Connection, folder: Path, portal: int | None = None) -> Selection:
    """The WARC files in `folder`; only those that a portal needs when `portal` is its number.

    Raises CannotRun when there is not one whole file.
    """
    there = {path.name: path for path in folder.glob("*") if path.is_file()}
    named = holdings.warc_files(db, portal)
    whole = sorted(
        name
        for name in there
        if name.endswith(_WARC) and (portal is None or name in named) and _holds_bytes(there[name])
    )
    if not whole:
        raise CannotRun(
            tr("there is no whole WARC file in {folder}; nothing to pack", folder=folder)
        )
    still_open = sorted(
        name
        for name in there
        if name.endswith(OPEN) and (portal is None or name.removesuffix(OPEN) in named)
    )
    missing = named - set(whole) - {name.removesuffix(OPEN) for name in still_open}
    return Selection([there[name] for name in whole], still_open, sorted(missing))


def _holds_bytes(path: Path) -> bool:
    return path.stat().st_size > 0
