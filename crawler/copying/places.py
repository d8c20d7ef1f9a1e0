"""Where copies lie: a folder of this machine, or storage that fsspec knows (S3).

Nothing is written under its own name before all of it is there, so that whoever is killed half-way
leaves the file as it was before.
"""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from crawler.durability import put_in_place
from crawler.errors import CannotRun
from crawler.schedules.config import Copy
from crawler.telling.secrets import filled
from crawler.words import tr

PART = ".part"
_CHUNK = 4 << 20


class Place(Protocol):
    """Where a copy lies. Every method raises OSError when the place fails."""

    def sizes(self) -> dict[str, int]:
        """Bytes of each file, by path from the copy's own folder; none when there is no copy."""

    def read(self, path: str) -> Iterator[bytes]:
        """A file, piece by piece."""

    def upload(self, source: Path, path: str) -> None:
        """Write a file of this machine beside its place, as `path` + PART."""

    def write(self, path: str, text: bytes) -> None:
        """Write a small file in its place, all at once."""

    def settle(self, path: str) -> None:
        """Put what `upload` wrote in its place."""

    def drop(self, path: str) -> None:
        """Remove what `upload` wrote."""


def place_of(copy: Copy) -> Place:
    """The place that the configuration means; CannotRun when what reaches it is not installed."""
    return Storage(copy) if "://" in copy.to else Folder(Path(copy.to))


def sha256_in(place: Place, path: str) -> str:
    """SHA-256 of a file there in hex digits: it is read whole."""
    digest = hashlib.sha256()
    for chunk in place.read(path):
        digest.update(chunk)
    return digest.hexdigest()


class Folder:
    """A folder, such as that of a second disk."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sizes(self) -> dict[str, int]:
        """Each file below the folder."""
        files = (path for path in self._root.rglob("*") if path.is_file())
        return {path.relative_to(self._root).as_posix(): path.stat().st_size for path in files}

    def read(self, path: str) -> Iterator[bytes]:
        """The file in pieces of some megabytes."""
        with (self._root / path).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def upload(self, source: Path, path: str) -> None:
        """Copy the file beside its place."""
        target = self._root / (path + PART)
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as read, target.open("wb") as write:
            shutil.copyfileobj(read, write, _CHUNK)

    def write(self, path: str, text: bytes) -> None:
        """Beside its place first."""
        self._root.mkdir(parents=True, exist_ok=True)
        (self._root / (path + PART)).write_bytes(text)
        self.settle(path)

    def settle(self, path: str) -> None:
        """Rename it, once it is on the disk."""
        put_in_place(self._root / (path + PART), self._root / path)

    def drop(self, path: str) -> None:
        """Remove it, if it is there."""
        (self._root / (path + PART)).unlink(missing_ok=True)


class Storage:
    """Storage that fsspec reaches by an address such as s3://bucket/folder."""

    def __init__(self, copy: Copy) -> None:
        protocol, _, self._root = copy.to.partition("://")
        try:
            import fsspec

            self._files = fsspec.filesystem(protocol, **_options(copy))
        except ImportError as error:
            raise CannotRun(
                tr("{to} needs more: pip install 'luutru[s3]' ({why})", to=copy.to, why=error)
            ) from None

    def sizes(self) -> dict[str, int]:
        """Each object below the address."""
        try:
            found = self._files.find(self._root, detail=True)
        except FileNotFoundError:
            return {}
        start = len(self._root) + 1
        return {path[start:]: int(facts["size"]) for path, facts in found.items()}

    def read(self, path: str) -> Iterator[bytes]:
        """The object in pieces of some megabytes."""
        # Read once from start to end: what is kept for reading back and forth is of no use.
        with self._files.open(f"{self._root}/{path}", "rb", cache_type="none") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def upload(self, source: Path, path: str) -> None:
        """Put the file beside its place; large ones in several parts."""
        self._files.put_file(str(source), f"{self._root}/{path}{PART}")

    def write(self, path: str, text: bytes) -> None:
        """An object is there when all of it has come."""
        self._files.pipe_file(f"{self._root}/{path}", text)

    def settle(self, path: str) -> None:
        """Have the server rename it."""
        self._files.mv(f"{self._root}/{path}{PART}", f"{self._root}/{path}")

    def drop(self, path: str) -> None:
        """Remove it, if it is there."""
        if self._files.exists(f"{self._root}/{path}{PART}"):
            self._files.rm_file(f"{self._root}/{path}{PART}")


def _options(copy: Copy) -> dict[str, Any]:
    """What s3fs takes; what the file does not say, the environment does (AWS_ACCESS_KEY_ID ...)."""
    given = {
        "key": filled(copy.key),
        "secret": filled(copy.secret),
        "endpoint_url": copy.endpoint,
        "client_kwargs": {"region_name": copy.region} if copy.region else None,
    }
    chosen = {name: value for name, value in given.items() if value}
    # Another process may have written there since.
    return {**chosen, "use_listings_cache": False, "skip_instance_cache": True}
