"""Taking in files of other tools: a copy of the same bytes in the archive's folder, and its digest.

A WACZ file is a ZIP with WARC files in `archive/` (https://specs.webrecorder.net/wacz/1.1.1/);
those are taken out of it.
"""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler import __version__
from crawler.archive import evidence, replays
from crawler.archive.connection import transaction
from crawler.capture.warc import OPEN
from crawler.durability import put_in_place
from crawler.errors import BadInput, CannotRun
from crawler.replaying import wacz
from crawler.replaying.records import is_warc
from crawler.replaying.regzip import is_gzipped_as_a_whole, recompress
from crawler.words import tr

_BLOCK = 1 << 20
_ENDINGS = (".warc", ".warc.gz", ".wacz", f".warc.gz{OPEN}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Taken:
    """A WARC file in the archive's folder."""

    path: Path
    new: bool
    """Whether it was taken in now; it may have been there."""
    remade: bool = False
    """Whether its records were compressed anew, because they had no addresses."""
    damage: str | None = None
    """What was damaged in the file as it came; the records behind that are lost."""


def take_in(sources: Iterable[Path], folder: Path, db: sqlite3.Connection) -> list[Taken]:
    """Put the WARC files of `sources` (WARC, WACZ, folders) into `folder`, unless they are there.

    Raises BadInput when one of them is neither, before any is copied, and CannotRun when a file
    can't be written.
    """
    files = list(_files(sources))
    for file in files:
        _check(file)
    intake = _Intake(folder, db)
    try:
        return [taken for file in files for taken in intake.take(file)]
    except OSError as error:
        raise CannotRun(
            tr("{path} can't be written: {why}", path=folder, why=error.strerror or error)
        ) from error


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if not source.is_dir():
            yield source
            continue
        inside = sorted(path for path in source.rglob("*") if path.name.endswith(_ENDINGS))
        if not inside:
            raise BadInput(tr("{path} holds no WARC or WACZ file", path=source))
        yield from inside


def _check(path: Path) -> None:
    try:
        fits = wacz.is_wacz(path) or is_warc(path)
    except OSError as error:
        raise BadInput(tr("{path} can't be read: {why}", path=path, why=error.strerror)) from None
    if not fits:
        raise BadInput(tr("{path} is neither a WARC nor a WACZ file", path=path))


class _Intake:
    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        self._folder = folder
        self._db = db

    def take(self, path: Path) -> Iterator[Taken]:
        """The WARC files that `path` brings."""
        if wacz.is_wacz(path):
            for name, stream in wacz.warcs(path, shutil.disk_usage(path.parent).free):
                yield self._kept(stream, name, f"{path.name}/{name}")
        elif path.parent.resolve() == self._folder.resolve():
            yield Taken(path, new=False)
        else:
            with path.open("rb") as stream:
                yield self._kept(stream, path.name, str(path.absolute()))

    def _kept(self, stream: BinaryIO, name: str, origin: str) -> Taken:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{_safe(name)}.part"
        sha256 = _copied(stream, part)
        before = replays.ingested(self._db, sha256)
        if before and (self._folder / before).exists():
            part.unlink()
            return Taken(self._folder / before, new=False)
        path = self._free(_safe(name), sha256)
        return self._placed(part, path, origin, sha256)

    def _placed(self, part: Path, path: Path, origin: str, sha256: str) -> Taken:
        size = part.stat().st_size
        detail = f"from {origin}; {size} bytes; sha256:{sha256}"
        remade, damage = is_gzipped_as_a_whole(part), None
        if remade:
            original = _in_originals(path)
            put_in_place(part, original)
            damage = recompress(original, part)
            detail += (
                f"; was compressed as a whole, so its records are compressed one by one here; "
                f"the file as it came is {original.parent.name}/{original.name}"
            )
        put_in_place(part, path)
        self._note(path.name, detail)
        return Taken(path, new=True, remade=remade, damage=damage)

    def _free(self, name: str, sha256: str) -> Path:
        """A name that no file has: the same name with other content gets a part of its digest."""
        path = self._folder / name
        if not path.exists() and not path.with_name(name + OPEN).exists():
            return path
        stem, dot, endings = name.partition(".warc")
        return self._folder / f"{stem}-{sha256[:12]}{dot}{endings}"

    def _note(self, name: str, detail: str) -> None:
        agent = f"luutru {__version__}"
        with transaction(self._db):
            evidence.note(self._db, datetime.now(UTC), "ingestion", name, "success", detail, agent)


def _in_originals(path: Path) -> Path:
    folder = path.parent / "originals"
    folder.mkdir(exist_ok=True)
    return folder / path.name


def _safe(name: str) -> str:
    """`name` as a plain file name that ends as a WARC file does."""
    plain = _UNSAFE.sub("-", Path(name).name.removesuffix(OPEN)).lstrip(".-")
    stem, _, ending = plain.partition(".warc")
    return f"{stem[:_LONGEST_NAME] or 'imported'}.warc{'.gz' if ending.startswith('.gz') else ''}"


def _copied(stream: BinaryIO, to: Path) -> str:
    """Write the stream to `to`; the SHA-256 of its bytes in hex digits."""
    sha256 = hashlib.sha256()
    with to.open("wb") as file:
        while block := stream.read(_BLOCK):
            sha256.update(block)
            file.write(block)
    return sha256.hexdigest()
