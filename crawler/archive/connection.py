"""Opening an archive: one connection, WAL, foreign keys, migrations applied."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from crawler.archive import indexing, renewing
from crawler.archive.schema import migrations
from crawler.capture.folder import folder_of
from crawler.errors import BadInput, CannotRun
from crawler.words import tr

_WAIT_SECONDS = 5
_LOG_PAGES = 4000
"""Pages of the log (16 MB) from which on a commit moves them into the archive, and waits for the
disk. A saved page changes some 45: with SQLite's own 1,000 every twentieth did."""


def open_archive(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """A connection to the archive at `path`; its schema is brought up to date.

    Raises BadInput when there is no such archive (and `create` is off) or the file is none, and
    CannotRun when it is locked, read-only, of a later luutru, or its folder is missing.
    """
    if not create and not path.is_file():
        raise BadInput(
            tr(
                "there is no archive at {path}; `luutru demo` or `luutru crawl` makes one",
                path=path,
            )
        )
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        raise _not_opened(error, path) from None


def _connect(path: Path) -> sqlite3.Connection:
    with _closed_in_trouble(
        sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    ) as db:
        db.row_factory = sqlite3.Row
        # NORMAL in WAL mode survives a killed process; a power cut may undo the last commits but
        # never tears the file (https://www.sqlite.org/pragma.html#pragma_synchronous). FULL waits
        # for the disk at each commit: twice to eight times as long for a page
        # (benchmarks/commits.py).
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
        db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        _must_be_ours(db, path)
        migrations.apply(Database(db))
        return db


@contextmanager
def _closed_in_trouble(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    except BaseException:
        db.close()
        raise


def is_writable(path: Path) -> bool:
    """Whether rows can be added to the archive: SQLite writes files of its own beside it, too."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection for who only reads: to an archive that can't be written, too.

    Raises what `open_archive` or `open_unwritable` does.
    """
    return open_archive(path) if is_writable(path) or not path.is_file() else open_unwritable(path)


def open_unwritable(path: Path) -> sqlite3.Connection:
    """A connection that only reads, to an archive on a medium or in a folder that is read-only.

    What an earlier luutru made is read in a copy (`crawler.archive.renewing`). Raises BadInput as
    `open_archive` does, and CannotRun when there is no room for such a copy.
    """
    try:
        return _connect_unwritable(path)
    except sqlite3.DatabaseError as error:
        raise _not_opened(error, path) from None


def is_immutable(path: Path) -> bool:
    """Whether SQLite has to be told that nobody writes to the archive, else it could not read it.

    In WAL mode it wants files of its own beside the archive even for reading
    (https://www.sqlite.org/wal.html#read_only_databases).
    """
    has_log = path.with_name(f"{path.name}-wal").exists()
    return not has_log and not os.access(path.absolute().parent, os.W_OK)


def reading_address(path: Path) -> str:
    """The address of the archive for SQLite to read only."""
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_immutable(path) else ''}"


def _connect_unwritable(path: Path) -> sqlite3.Connection:
    address = reading_address(path)
    with _closed_in_trouble(
        sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
    ) as db:
        db.row_factory = sqlite3.Row
        _must_be_ours(db, path)
        if migrations.pending(Database(db)):
            with closing(db):
                return renewing.renewed(db, path)
        return db


def _must_be_ours(db: sqlite3.Connection, path: Path) -> None:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return
    if "_sqlite_migrations" not in tables:
        raise BadInput(
            tr(
                "this SQLite file is no luutru archive (it has the tables {tables}); "
                "name another with --db",
                tables=", ".join(sorted(tables)[:5]),
            )
        )
    if applied(db) - _known():
        # Its rows may mean what this version knows nothing of, and lack what a later one relies on.
        raise CannotRun(tr("{path} was made by a later luutru; update this one", path=path))


def applied(db: sqlite3.Connection) -> set[str]:
    """Names of the migrations that made the archive what it is."""
    return {row[0] for row in db.execute("SELECT name FROM main._sqlite_migrations")}


@cache
def _known() -> set[str]:
    """Names of the migrations of this version: those that an empty file lacks."""
    with closing(sqlite3.connect(":memory:")) as empty:
        return {each.name for each in migrations.pending(Database(empty))}


def _not_opened(error: sqlite3.Error, path: Path) -> BadInput | CannotRun:
    """As `explained`; where not even the tables can be looked up, no check tells more."""
    if "malformed" not in str(error):
        return explained(error, path)
    return CannotRun(
        tr(
            "{path} is damaged or cut short, and can't be opened ({error}); take it back from a "
            "copy, or have `luutru replay {folder} --db new.db` read what was kept anew",
            path=path,
            error=error,
            folder=folder_of(path),
        )
    )


def explained(error: sqlite3.Error | OSError, path: Path) -> BadInput | CannotRun:
    """The error as one line for a person: what, where, what to do."""
    text = str(error)
    if "malformed" in text:
        return CannotRun(
            tr(
                "{path} is damaged ({error}); `luutru verify` tells where as far as it can be "
                "read; `luutru replay {folder} --db new.db` reads what was kept into a new archive",
                path=path,
                error=text,
                folder=folder_of(path),
            )
        )
    if "not a database" in text:
        return BadInput(
            tr(
                "{path} is not an SQLite archive ({error}); name another with --db",
                path=path,
                error=text,
            )
        )
    if "locked" in text or "busy" in text:
        return CannotRun(
            tr("{path} is locked by another program; wait for it to end, or close it", path=path)
        )
    if "is full" in text or getattr(error, "errno", None) == errno.ENOSPC:
        return CannotRun(
            tr(
                "the disk is full, {path} keeps what was saved before; free some space "
                "and run the same command again",
                path=path,
            )
        )
    return CannotRun(
        tr(
            "{path} can't be opened or written ({error}); check the folder, its permissions and "
            "the room on its disk",
            path=path,
            error=text,
        )
    )


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. IMMEDIATE, so that a second writer waits at the start, not at the end.

    Inside another one it is a part of that.
    """
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        indexing.finish(db)
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def timestamp(moment: datetime) -> str:
    """`moment` (aware) as the archive writes times: ISO 8601 in UTC to the second, with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
