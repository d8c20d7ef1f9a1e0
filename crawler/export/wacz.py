"""WACZ 1.1.1: WARC files with index and page list in one ZIP (https://specs.webrecorder.net).

The WARC files are stored as they are, so that a reader in a browser fetches single records by
HTTP Range; index and page list are small and deflated, but for what is gzip already.
"""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler import __version__
from crawler.archive.connection import timestamp
from crawler.export import cdxj, digests, pages
from crawler.export.building import built_beside
from crawler.export.digests import Moved
from crawler.export.selection import Selection

_MADE_AS = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """What a WACZ holds."""

    warcs: int
    records: int
    """Lines of the index."""
    articles: int
    digest: str
    """`sha256:` and hex of datapackage.json, which has the digests of everything else."""


@dataclass(slots=True)
class _Zip:
    """A ZIP being written, and what datapackage.json says of its members."""

    file: zipfile.ZipFile
    moved: Moved
    resources: list[dict[str, str | int]] = field(default_factory=list)

    def add(self, source: Path, path: str, method: int) -> None:
        # One date for all: two exports of the same files differ in nothing but `created`.
        entry = zipfile.ZipInfo(path, _MADE_AS)
        entry.compress_type = method
        entry.file_size = source.stat().st_size
        with self.file.open(entry, "w") as member:
            known = digests.copied(source, member, self.moved)
        self.resources.append(
            {
                "name": source.name,
                "path": path,
                "hash": f"sha256:{known.sha256}",
                "bytes": known.size,
            }
        )


def write(
    selection: Selection, articles: Iterable[sqlite3.Row], out: Path, title: str, moved: Moved
) -> Packed:
    """Pack `selection` into the file `out`, with `articles` (of `holdings.pages`) as its pages.

    Whatever was at `out` is replaced when the new file is whole. Raises CannotRun (disk, folder).
    """
    with (
        built_beside(out) as part,
        TemporaryDirectory(prefix=f"{out.name}.", dir=out.parent) as spare,
        zipfile.ZipFile(part, "x") as file,
    ):
        package = _Zip(file, moved)
        for warc in selection.whole:
            package.add(warc, f"archive/{warc.name}", zipfile.ZIP_STORED)
        records = _add_index(package, selection, Path(spare))
        count = _add_pages(package, articles, Path(spare))
        digest = _describe(package, title)
    return Packed(len(selection.whole), records, count, digest)


def _add_index(package: _Zip, selection: Selection, spare: Path) -> int:
    data, index = spare / "index.cdx.gz", spare / "index.idx"
    entries = (entry for warc in selection.whole for entry in cdxj.lines(warc))
    count = cdxj.write_compressed(entries, data, index)
    package.add(data, f"indexes/{data.name}", zipfile.ZIP_STORED)
    package.add(index, f"indexes/{index.name}", zipfile.ZIP_DEFLATED)
    return count


def _add_pages(package: _Zip, rows: Iterable[sqlite3.Row], spare: Path) -> int:
    listing = spare / "pages.jsonl"
    count = pages.write(rows, listing)
    package.add(listing, f"pages/{listing.name}", zipfile.ZIP_DEFLATED)
    return count


def _describe(package: _Zip, title: str) -> str:
    """Write datapackage.json and its digest; the digest."""
    described = json.dumps(
        {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": title,
            "created": timestamp(datetime.now(UTC)),
            "software": f"luutru {__version__}",
            "resources": package.resources,
        },
        ensure_ascii=False,
        indent=2,
    ).encode()
    digest = f"sha256:{hashlib.sha256(described).hexdigest()}"
    sealed = json.dumps({"path": "datapackage.json", "hash": digest}, indent=2)
    package.file.writestr(zipfile.ZipInfo("datapackage.json", _MADE_AS), described)
    package.file.writestr(zipfile.ZipInfo("datapackage-digest.json", _MADE_AS), sealed)
    return digest
