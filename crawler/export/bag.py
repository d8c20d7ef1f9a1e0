"""BagIt 1.0 (RFC 8493): the archive, its WARC files and their history, each with two digests.

bagit-python 1.9 still writes bags of the draft 0.97 and moves the files it is given, so the few tag
files are written here; the tests have bagit-python check them.
"""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from crawler import __version__
from crawler.archive import holdings
from crawler.archive.connection import timestamp
from crawler.archive.descriptions import markdown
from crawler.capture.folder import folder_of
from crawler.errors import BadInput
from crawler.export import digests, premis
from crawler.export.building import built_beside
from crawler.export.digests import Fixity, Moved
from crawler.export.selection import Selection
from crawler.words import tr

_BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_README = "README.bag.md"


@dataclass(frozen=True, slots=True)
class Bagged:
    """What a bag holds."""

    files: int
    size: int
    """Bytes of the payload."""


def write(
    db: sqlite3.Connection, name: str, selection: Selection, out: Path, moved: Moved
) -> Bagged:
    """Make the folder `out` a bag of the archive called `name` and of `selection`.

    Raises BadInput when there is something at `out`, CannotRun when the disk is in the way.
    """
    if out.exists():
        raise BadInput(tr("{path} is there already; name another place with -o", path=out))
    with built_beside(out) as part:
        payload = _payload(db, name, selection, part / "data", moved)
        _document(db, name, payload, part)
        _seal(part, payload, datetime.now(UTC))
    return Bagged(len(payload), sum(each.size for each in payload.values()))


def _payload(
    db: sqlite3.Connection, name: str, selection: Selection, data: Path, moved: Moved
) -> dict[str, Fixity]:
    """Copy the archive and the WARC files under `data`; path in the bag to fixity, by path."""
    kept = folder_of(data / name)
    kept.mkdir(parents=True)
    holdings.copy(db, data / name)
    known = {f"data/{name}": digests.of(data / name)}
    folder = selection.whole[0].parent
    for source in (*selection.whole, *selection.originals):
        copy = kept / source.relative_to(folder)
        copy.parent.mkdir(exist_ok=True)
        with copy.open("xb") as target:
            known[copy.relative_to(data.parent).as_posix()] = digests.copied(source, target, moved)
        shutil.copystat(source, copy)
    return dict(sorted(known.items()))


def _document(db: sqlite3.Connection, name: str, payload: dict[str, Fixity], part: Path) -> None:
    """Write what explains the payload: a README, the tables, PREMIS."""
    words = {"archive": name, "warcs": folder_of(Path(name)).name, "version": __version__}
    readme = (files("crawler.export") / _README).read_text("utf-8")
    (part / "README.md").write_text(readme.format(**words), "utf-8")
    (part / "metadata").mkdir()
    (part / "metadata" / "tables.md").write_text(markdown(), "utf-8")
    premis.write(part, payload, holdings.events(db), part / "metadata" / "premis.xml")


def _seal(part: Path, payload: dict[str, Fixity], now: datetime) -> None:
    """Write the tag files that make a folder a bag (RFC 8493, 2.1 and 2.2)."""
    (part / "bagit.txt").write_text(_BAGIT, "utf-8")
    (part / "bag-info.txt").write_text(_info(payload, now), "utf-8")
    _manifests(part, "manifest", payload)
    tags = sorted(
        path for path in part.rglob("*") if path.is_file() and part / "data" not in path.parents
    )
    _manifests(
        part, "tagmanifest", {path.relative_to(part).as_posix(): digests.of(path) for path in tags}
    )


def _manifests(part: Path, kind: str, listed: dict[str, Fixity]) -> None:
    for algorithm in ("sha256", "sha512"):
        rows = (
            f"{getattr(known, algorithm)}  {_escaped(path)}\n" for path, known in listed.items()
        )
        (part / f"{kind}-{algorithm}.txt").write_text("".join(rows), "utf-8")


def _escaped(path: str) -> str:
    """RFC 8493, 2.1.3: only what would break a line of the manifest is percent-encoded."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _info(payload: dict[str, Fixity], now: datetime) -> str:
    size = sum(each.size for each in payload.values())
    fields = {
        "Bag-Software-Agent": f"luutru {__version__}",
        "Bagging-Date": timestamp(now)[:10],
        "Payload-Oxum": f"{size}.{len(payload)}",
        "External-Description": "An archive of Vietnamese district news portals: "
        "an SQLite database and the WARC files that it was read from. See README.md.",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())
