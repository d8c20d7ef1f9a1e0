"""Many archives into one that is searched as a whole: each source in one transaction.

A merge that was killed leaves every source as it was or as it is now; the next merge goes on.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive import merging, sources
from crawler.archive.connection import explained, open_archive, timestamp, transaction
from crawler.archive.merging import Brought
from crawler.archive.sources import Source
from crawler.capture.folder import folder_of
from crawler.errors import BadInput, CannotRun, LuutruError
from crawler.words import tr

_NAME = "archive.db"
_ON_READING = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR)
_ON_WRITING = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source."""

    path: Path
    problem: str | None = None
    """Why it was left as it was, in one line; None when it is merged."""
    brought: Brought | None = None
    """None when nothing had changed in it."""
    whole: bool = False
    """Whether all of it came: it is new, or not the archive that it was."""
    copy_of: Path | None = None
    """The archive that was merged in its place, of which it is a copy."""
    source: int | None = None
    """Its number among the sources, if it is one."""


def archives_in(given: Iterable[Path], target: Path) -> list[Path]:
    """The archives that are meant: files as they are, of folders every `archive.db` inside.

    Raises BadInput for a folder without any, and when only `target` itself is meant.
    """
    found: dict[Path, None] = {}
    for path in given:
        inside = _inside(path) if _is_folder(path) else [path]
        if not inside:
            raise BadInput(tr("there is no {name} in {folder}", name=_NAME, folder=path))
        found |= dict.fromkeys(each.resolve() for each in inside)
    found.pop(target.resolve(), None)
    if not found:
        raise BadInput(tr("there is nothing to merge but {path} itself", path=target))
    return list(found)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:
        # What it is can't be known; when it is looked at, its line says so.
        return False


def _inside(folder: Path) -> list[Path]:
    found = []

    def closed(error: OSError) -> None:
        # Nobody knows what is in there: the line about this one says that it can't be read.
        found.append(error.filename)

    found += [at for at, _, names in os.walk(folder, onerror=closed) if _NAME in names]
    return [Path(at) / _NAME for at in sorted(found)]


def merge(
    target: Path, archives: Iterable[Path], now: datetime, *, update: bool = False
) -> Iterator[Outcome]:
    """Bring every archive up to date in `target`, one after the other.

    With `update`, what an earlier luutru made is written in its place as this one wants it.

    Raises BadInput when `target` is an archive with crawls of its own, CannotRun when it can't be
    written. What is wrong with a source is in its outcome.
    """
    is_new = not target.exists()
    db = _opened(target)
    merger = _Merger(db, target, timestamp(now), update)
    try:
        for path, original in _originals(list(archives)).items():
            yield merger.outcome(path) if path == original else Outcome(path, copy_of=original)
        is_empty = is_new and not sources.is_merged(db)
    finally:
        db.close()
    if is_empty:
        target.unlink()


def _originals(archives: list[Path]) -> dict[Path, Path]:
    """Each archive with the one to merge: of copies of the same, that which knows most."""
    known = {path: found for path in archives if (found := sources.age(path))}
    best: dict[str, Path] = {}
    for path, (identity, age) in known.items():
        if identity not in best or known[best[identity]][1] < age:
            best[identity] = path
    return {path: best[known[path][0]] if path in known else path for path in archives}


def _opened(target: Path) -> sqlite3.Connection:
    db = open_archive(target, create=True)
    sources.must_be_for_merging(db, target)
    # Rows come table by table, and every reference is whole again at the end of the transaction.
    db.execute("PRAGMA foreign_keys = OFF")
    return db


class _Merger:
    """Brings archives into one."""

    def __init__(self, db: sqlite3.Connection, target: Path, at: str, update: bool) -> None:
        self._db, self._target, self._at, self._update = db, target, at, update

    def outcome(self, path: Path) -> Outcome:
        """Bring the archive at `path` up to date, and say what became of it."""
        try:
            with sources.attached(self._db, path, update=self._update) as identity:
                made = self._merged(identity, path)
        except LuutruError as error:
            return Outcome(path, str(error))
        except sqlite3.DatabaseError as error:
            if _is_of_the_target(error, path):
                raise explained(error, self._target) from None
            return Outcome(path, str(sources.unreadable(error)))
        if made.source:
            _link(self._target, made.source, folder_of(path))
        return made

    def _merged(self, identity: str, path: Path) -> Outcome:
        db = self._db
        with transaction(db):
            known = sources.before(db, identity, path)
            if known.source and not known.moved and merging.is_current(db, known.source):
                return Outcome(path, source=known.number)
            merging.prepare(db)
            lonely = set() if known.stale is None else merging.forget(db, known.stale)
            brought = merging.bring(db, known.source or Source(known.number), lonely)
            sources.note(db, known.number, identity, path, self._at, known.stale)
        return Outcome(path, None, brought, known.source is None, source=known.number)


def _is_of_the_target(error: sqlite3.DatabaseError, source: Path) -> bool:
    """Whether it is the target that failed: a source that is locked has said so at first sight."""
    code = error.sqlite_errorcode & 0xFF
    return code in _ON_WRITING or (code in _ON_READING and sources.is_sound(source))


def _link(target: Path, number: int, warcs: Path) -> None:
    """Let the folder of a source's WARC files be found under its number, without a copy."""
    link = folder_of(target.absolute()) / str(number)
    try:
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink() or link.readlink() != warcs:
            link.unlink(missing_ok=True)
            link.symlink_to(warcs, target_is_directory=True)
    except OSError as error:
        raise CannotRun(f"{link}: {error.strerror}") from None
