"""An archive of an earlier luutru that can't be brought up to date where it lies: read in a copy.

A deposit copy on a disc is opened years later. What its schema lacks is added in the temporary
folder; the archive itself stays as it is.
"""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from sqlite_utils import Database

from crawler.archive.schema import migrations
from crawler.capture.folder import folder_of
from crawler.errors import CannotRun
from crawler.words import tr


class Copy(sqlite3.Connection):
    """A connection to such a copy, which is removed when the connection is closed."""

    folder: "TemporaryDirectory[str]"
    path: Path
    """Where the copy lies; it finds its WARC files beside it, as the archive does."""

    def close(self) -> None:
        """Let go of the copy and remove it."""
        super().close()
        self.folder.cleanup()


def read_at(db: sqlite3.Connection, archive: Path) -> Path:
    """Where another program finds what `db` reads: at `archive`, or in its copy."""
    return db.path if isinstance(db, Copy) else archive


def renewed(old: sqlite3.Connection, archive: Path) -> Copy:
    """A copy of `old` that is up to date; a line on standard error tells of it and of its size.

    Raises CannotRun when there is no room for it, and sqlite3.DatabaseError when `old` is damaged.
    """
    try:
        folder = _folder_with_room(_size(old))
    except OSError as error:
        raise _not_made(archive, _size(old), str(error.strerror or error)) from None
    path = Path(folder.name) / archive.name
    try:
        _bring_up_to_date(old, path)
    except sqlite3.OperationalError as error:
        folder.cleanup()
        # A disk without room for the memory that SQLite shares in a file is an I/O error to it.
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise
        raise _not_made(archive, 2 * _size(old), str(error)) from None
    folder_of(path).symlink_to(folder_of(archive.absolute()))
    _tell(archive, path.stat().st_size)
    db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, factory=Copy)
    db.row_factory, db.folder, db.path = sqlite3.Row, folder, path
    return db


def _tell(archive: Path, size: int) -> None:
    print(
        tr(
            "{path} was made by an earlier luutru and can't be brought up to date where it lies: "
            "a copy is read, which takes {size} MB in {folder} until the command ends",
            path=archive,
            size=_mb(size),
            folder=gettempdir(),
        ),
        file=sys.stderr,
    )


def _size(db: sqlite3.Connection) -> int:
    pages, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * size)


def _folder_with_room(size: int) -> "TemporaryDirectory[str]":
    free = shutil.disk_usage(gettempdir()).free
    if free < size:
        raise OSError(tr("{folder} has {free} MB free", folder=gettempdir(), free=_mb(free)))
    return TemporaryDirectory(prefix="luutru-read-")


def _bring_up_to_date(old: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.row_factory = sqlite3.Row
        old.backup(copy)
        # Whatever goes wrong, the copy is thrown away: no log has to take room beside it.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = ON"):
            copy.execute(f"PRAGMA {pragma}")
        migrations.apply(Database(copy))


def _not_made(archive: Path, size: int, why: str) -> CannotRun:
    return CannotRun(
        tr(
            "{path} was made by an earlier luutru and can't be brought up to date where it lies, "
            "nor could a copy be made to read ({why}); name a folder with {size} MB in TMPDIR",
            path=archive,
            why=why,
            size=_mb(size),
        )
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
