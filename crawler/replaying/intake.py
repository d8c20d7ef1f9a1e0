"""Taking in files of other tools: a copy in the archive's folder, and its digest.

A good WARC file is copied byte for byte, and so are those in a WACZ file, which is a ZIP with WARC
files in `archive/` (https://specs.webrecorder.net/wacz/1.1.1/). Of any other file a WARC file of
whole records is made; the file as it came is kept beside it, in `originals/`.
"""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler import __version__
from crawler.archive import evidence, integrity, replays
from crawler.archive.connection import transaction
from crawler.capture.addresses import readable
from crawler.capture.folder import OPEN, ORIGINALS
from crawler.durability import put_in_place
from crawler.errors import CannotRun
from crawler.fixity.digests import sha256_of
from crawler.replaying import wacz
from crawler.replaying.remaking import Remade, remade
from crawler.replaying.sources import Source, pages
from crawler.vietnamese import fold
from crawler.words import tr

_BLOCK = 1 << 20
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_ENDING = re.compile(r"\.w?arc(?=\.|$)|\.(?:wacz|mhtml?|html?)$")
_LONGEST_NAME = 120

MADE = "holds the saved pages as WARC records"


@dataclass(frozen=True, slots=True)
class Taken:
    """A WARC file in the archive's folder."""

    path: Path
    new: bool
    """Whether it was taken in now; it may have been there."""
    remade: str = ""
    """Why it is not the file as it came."""


@dataclass(slots=True)
class Intake:
    """What came of taking in."""

    taken: list[Taken]
    damage: list[str]
    """A line for each place of each file that is not whole."""


def take_in(came: Intake, found: list[Source], folder: Path, db: sqlite3.Connection) -> None:
    """Put WARC files of `found` into `folder`, unless they are there, and tell `came` of them.

    Raises CannotRun when a file can't be written.
    """
    intake = _Intake(folder, db, came.damage)
    try:
        for source in found:
            came.taken += intake.take(source)
    except BaseException as error:
        # A disk that it has filled would stay full, and the next crawl would fail for it.
        intake.clear()
        if not isinstance(error, OSError):
            raise
        raise CannotRun(
            tr("{path} can't be written: {why}", path=folder, why=error.strerror or error)
        ) from error


class _Intake:
    def __init__(self, folder: Path, db: sqlite3.Connection, damage: list[str]) -> None:
        self._folder = folder
        self._db = db
        self._damage = damage
        self._parts: set[Path] = set()

    def clear(self) -> None:
        """Remove what is half made."""
        for part in self._parts:
            for each in self._folder.glob(f"{part.name}*"):
                each.unlink()

    def take(self, source: Source) -> Iterator[Taken]:
        """The WARC files that `source` brings."""
        path = source.path
        if source.form == "wacz":
            room = shutil.disk_usage(path.parent).free
            for name, stream in wacz.warcs(path, room, lambda what: self._told(path.name, what)):
                yield from self._kept(stream, name, f"{path.name}/{name}")
        elif source.form == "warc" and path.parent.resolve() == self._folder.resolve():
            yield Taken(path, new=False)
        elif source.form == "warc":
            with path.open("rb") as stream:
                yield from self._kept(stream, path.name, str(path.absolute()))
        else:
            yield from self._made(source)

    def _told(self, name: str, what: str) -> None:
        self._damage.append(f"{name}: {what}")

    def _made(self, source: Source) -> Iterator[Taken]:
        """The WARC file made of a folder or saved page."""
        name = source.path.resolve().name
        part = self._part(_safe(name))
        with part.open("wb") as file:
            file.writelines(pages(source, lambda what: self._told(name, what)))
        sha256 = sha256_of(part)
        detail = f"made of {source.path.absolute()}; sha256:{sha256}"
        if source.form == "mhtml":
            copy = self._part(f"{part.name}.original")
            shutil.copyfile(source.path, copy)
            original = self._original(copy, source.path.name, sha256_of(copy))
            detail += f"; the file as it came is {original.parent.name}/{original.name}"
        yield from self._placed(part, name, sha256, detail, Remade(MADE))

    def _kept(self, stream: BinaryIO, name: str, origin: str) -> Iterator[Taken]:
        part = self._part(_safe(name))
        sha256 = _copied(stream, part)
        made = part.with_name(f"{part.name}.remade")
        became = Remade() if self._known(sha256) else remade(part, made)
        for line in became.lines():
            self._told(name, line)
        detail = f"from {origin}; {part.stat().st_size} bytes; sha256:{sha256}"
        if became.why:
            original = self._original(part, name, sha256)
            detail += f"; it {became.why}{original.name}; kept here as sha256:{sha256_of(made)}"
            part = made
        yield from self._placed(part, name, sha256, detail, became)

    def _placed(
        self, part: Path, name: str, sha256: str, detail: str, became: Remade
    ) -> Iterator[Taken]:
        if before := self._known(sha256):
            part.unlink()
            yield Taken(before, new=False)
            return
        if not part.stat().st_size:
            part.unlink()
            self._note(name, f"{detail}; there is no whole record in it", "failure")
            return
        path = self._free(_safe(name), sha256)
        put_in_place(part, path)
        outcome = "warning" if became.damage else "success"
        self._note(path.name, "; ".join([detail, *became.lines()]), outcome)
        yield Taken(path, new=True, remade=became.why)

    def _known(self, sha256: str) -> Path | None:
        before = replays.ingested(self._db, sha256)
        return self._folder / before if before and (self._folder / before).exists() else None

    def _part(self, name: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{name}.part"
        self._parts.add(part)
        return part

    def _free(self, name: str, sha256: str) -> Path:
        """A name that no file has: the same name with other content gets a part of its digest."""
        path = self._folder / name
        if not path.exists() and not path.with_name(name + OPEN).exists():
            return path
        stem, dot, endings = name.partition(".warc")
        return self._folder / f"{stem}-{sha256[:12]}{dot}{endings}"

    def _original(self, file: Path, name: str, sha256: str) -> Path:
        """Move `file` to where files are kept as they came, and note its digest, as no record
        inside vouches for its bytes.
        """
        folder = self._folder / ORIGINALS
        folder.mkdir(exist_ok=True)
        path = folder / _plain(name)
        if path.exists() and sha256_of(path) != sha256:
            path = path.with_name(f"{sha256[:12]}-{path.name}")
        put_in_place(file, path)
        said = f"{ORIGINALS}/{path.name}"
        self._note(said, integrity.DIGEST_LABEL + sha256, "success", integrity.DIGEST_NOTED)
        return path

    def _note(self, name: str, detail: str, outcome: str, kind: str = "ingestion") -> None:
        agent = f"luutru {__version__}"
        with transaction(self._db):
            at = datetime.now(UTC)
            evidence.note(self._db, at, kind, readable(name), outcome, readable(detail), agent)


def _safe(name: str) -> str:
    """`name` as a plain file name that ends as a WARC file does; all that is kept is compressed."""
    plain = _plain(Path(name).name.removesuffix(OPEN)).lstrip(".-")
    stem = _ENDING.split(plain)[0]
    return f"{stem[:_LONGEST_NAME] or 'imported'}.warc.gz"


def _plain(name: str) -> str:
    """`name` in letters that any disk and tool takes: dữ liệu becomes du-lieu."""
    return _UNSAFE.sub("-", fold(name))


def _copied(stream: BinaryIO, to: Path) -> str:
    """Write the stream to `to`; the SHA-256 of its bytes in hex digits."""
    sha256 = hashlib.sha256()
    with to.open("wb") as file:
        while block := stream.read(_BLOCK):
            sha256.update(block)
            file.write(block)
    return sha256.hexdigest()
