"""Bringing a copy up to date: what is new is written, read again, and only then put in its place.

What is good is never removed: a WARC file is replaced only by one that has the digest listed for
it, and a place that holds another archive's copy is left alone.
"""

import random
import sqlite3
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from crawler.archive import integrity
from crawler.capture.folder import folder_of
from crawler.copying import items, manifest
from crawler.copying.items import Item
from crawler.copying.places import PART, Place, place_of, sha256_in
from crawler.errors import BadInput
from crawler.fixity.digests import sha256_of
from crawler.locking import alone
from crawler.schedules.config import Copy
from crawler.words import tr


@dataclass(slots=True)
class Copied:
    """How it went with one copy."""

    name: str
    files: int = 0
    """Files that are in it now."""
    written: int = 0
    """Files that were written."""
    size: int = 0
    """Bytes of those."""
    checked: int = 0
    """Files that were read again without being written."""
    problems: dict[str, str] = field(default_factory=dict)
    """By path in the copy: what is, or was, wrong."""


def copy(
    db: sqlite3.Connection,
    archive: Path,
    to: Copy,
    *,
    check: float = 0,
    reports: Path | None = None,
    config: Path | None = None,
    with_database: bool = True,
) -> Copied:
    """Bring the copy of the archive at `archive` up to date, and check a share of what is there.

    `check` is a share of the files, from 0 to 1, chosen at random. Without the database
    the one that is there stays. Raises BadInput when the place holds another archive's copy or is
    in its own folder, CannotRun or OSError when it can't be reached.
    """
    if "://" not in to.to and Path(to.to).resolve().is_relative_to(folder_of(archive).resolve()):
        raise BadInput(
            tr(
                "{name} is in the archive's own folder of WARC files; name another place",
                name=to.name,
            )
        )
    with alone(folder_of(archive)):
        work = _Work(db, archive, place_of(to), Copied(to.name))
        work.check(check)
        is_due = with_database or not work.has(archive.name)
        with items.snapshot(db, archive) if is_due else nullcontext() as database:
            # The database comes last: what its rows point at is there before it is.
            wanted = [*items.warcs(archive), *items.others(archive, reports, config)]
            work.bring([*wanted, database] if database else wanted)
    return work.done


class _Work:
    def __init__(self, db: sqlite3.Connection, archive: Path, place: Place, done: Copied) -> None:
        self.place = place
        self.done = done
        self.there = place.sizes()
        self.listed = self._listed()
        self.damaged: set[str] = set()
        self._must_be_ours(db, archive)

    def _listed(self) -> manifest.Digests:
        if manifest.NAME not in self.there:
            return {}
        text = b"".join(self.place.read(manifest.NAME)).decode("utf-8", "replace")
        try:
            return manifest.parsed(text)
        except ValueError as error:
            raise BadInput(
                tr("{file} of the copy is damaged: {line}", file=manifest.NAME, line=error)
            ) from None

    def _must_be_ours(self, db: sqlite3.Connection, archive: Path) -> None:
        """An archive that was begun anew must not replace the copy of the one that was lost."""
        folder = folder_of(archive)
        known = {f"{folder.name}/{name}" for name in integrity.files_known(db)}
        known |= {item.path for item in items.warcs(archive)}
        listed = (path for path in self.listed if PurePath(path).match(f"{folder.name}/*.warc.gz"))
        strange = [path for path in listed if path not in known]
        if strange or (archive.name in self.there and archive.name not in self.listed):
            raise BadInput(
                tr(
                    "{name} holds the copy of another archive ({file}); name another place",
                    name=self.done.name,
                    file=(strange or [archive.name])[0],
                )
            )

    def check(self, share: float) -> None:
        """Read what is listed: all that is missing or has another size, and a share of the rest."""
        for path, digest in self.listed.items():
            if path not in self.there:
                self._found(path, tr("it is missing"))
            elif share and random.random() < share:  # noqa: S311 - no secret
                self.done.checked += 1
                if sha256_in(self.place, path) != digest:
                    self._found(path, tr("its digest is not the one that was listed"))

    def _found(self, path: str, what: str) -> None:
        self.damaged.add(path)
        self.done.problems[path] = what

    def has(self, path: str) -> bool:
        """Whether a file is there, and was not found damaged."""
        return path in self.there and path not in self.damaged

    def bring(self, wanted: Iterable[Item]) -> None:
        """Write what is not there, or not right."""
        for item in wanted:
            if not self._is_there(item):
                self._write(item)
        self.done.files = len(self.listed)

    def _is_there(self, item: Item) -> bool:
        if not self.has(item.path):
            return False
        size = item.source.stat().st_size
        if item.fixed and item.path in self.listed and self.there[item.path] == size:
            return True
        if self.there[item.path] != size:
            return False
        # Unlisted: a copy that was killed put it there, but had no time to list it.
        there = self.listed.get(item.path) or sha256_in(self.place, item.path)
        if there != sha256_of(item.source):
            return False
        self._list(item.path, there)
        return True

    def _write(self, item: Item) -> None:
        digest = sha256_of(item.source)
        if item.fixed and self.listed.get(item.path, digest) != digest:
            self.done.problems[item.path] = tr(
                "the archive's own file is not the one that was copied; the copy was left alone"
            )
            return
        if item.fixed and item.path in self.there and item.path not in self.damaged:
            self.done.problems.setdefault(item.path, tr("it was not whole, and is written anew"))
        self.place.upload(item.source, item.path)
        if sha256_in(self.place, item.path + PART) != digest:
            self.place.drop(item.path)
            self.done.problems[item.path] = tr("it was not written as it was read; try again")
            return
        self.place.settle(item.path)
        self.done.written += 1
        self.done.size += item.source.stat().st_size
        self._list(item.path, digest)

    def _list(self, path: str, digest: str) -> None:
        if self.listed.get(path) != digest:
            self.listed[path] = digest
            text = manifest.written(self.listed)
            self.place.write(manifest.NAME, text.encode())
