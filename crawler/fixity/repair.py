"""Putting a damaged WARC file right from a copy that is proven first."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import integrity
from crawler.capture.folder import OPEN, ORIGINALS, folder_of
from crawler.durability import put_in_place
from crawler.fixity.digests import sha256_of
from crawler.fixity.finding import Finding
from crawler.fixity.links import Part, check

_DAMAGED = ".damaged"
_BESIDE = ".repair"


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of one damaged or missing file."""

    file: str
    done: bool
    detail: str
    """One line: where the copy came from, or why it was not taken."""


def folder_of_copies(copy: Path) -> Path:
    """The folder of WARC files that `copy` means: it is one, or it is another archive."""
    return copy if copy.is_dir() else folder_of(copy)


def repair(
    db: sqlite3.Connection, folder: Path, copies: Path, findings: list[Finding]
) -> list[Repair]:
    """Replace each file in `folder` that `findings` name, when its copy in `copies` is right.

    A copy is right when all its records verify and all rows that point into the file agree with
    it. It is written beside, checked as written, and renamed; the damaged file stays as `.damaged`.
    """
    names = sorted({finding.file for finding in findings if finding.file})
    return [_repair(db, folder, copies, name) for name in names]


def _repair(db: sqlite3.Connection, folder: Path, copies: Path, name: str) -> Repair:
    if (folder / f"{name}{OPEN}").exists():
        return Repair(name, False, "not tried: the next crawl closes the file first")
    copy = copies / name
    if not copy.is_file():
        return Repair(name, False, f"{copies} has no copy")
    beside = folder / f"{name}{_BESIDE}"
    try:
        _write(copy, beside)
        wrong = _wrong(db, beside, name)
        if wrong:
            return Repair(name, False, f"the copy {copy} is not right either: {wrong}")
        kept = _swap(beside, folder / name)
    except OSError as error:
        return Repair(name, False, f"the copy {copy} can't be taken: {error.strerror}")
    finally:
        beside.unlink(missing_ok=True)
    return Repair(
        name, True, f"replaced by the copy {copy}" + (f"; kept as {kept}" if kept else "")
    )


def _write(copy: Path, beside: Path) -> None:
    beside.parent.mkdir(parents=True, exist_ok=True)
    with copy.open("rb") as source, beside.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _wrong(db: sqlite3.Connection, beside: Path, name: str) -> str:
    """The first thing that is wrong with the file `beside` as the records of `name`, or nothing."""
    rows = tuple(integrity.captures_in(db, name))
    size = beside.stat().st_size
    if not size:
        return "it is empty"
    noted = integrity.noted_digest(db, name)
    if noted not in (None, sha256_of(beside)):
        return "its SHA-256 is not the one noted at the file's first check"
    if name.startswith(f"{ORIGINALS}/"):
        return "" if noted else "no digest of it was ever noted"
    findings = check(Part(beside, name, 0, size, rows)).findings
    return str(findings[0]) if findings else ""


def _swap(beside: Path, damaged: Path) -> str | None:
    """Put `beside` in the place of `damaged`; returns the name that the damaged file has now."""
    kept = _free(damaged) if damaged.exists() else None
    if kept:
        damaged.rename(kept)
    put_in_place(beside, damaged)
    return kept.name if kept else None


def _free(damaged: Path) -> Path:
    """A name for the damaged file that no earlier one has."""
    number, name = 1, damaged.with_name(f"{damaged.name}{_DAMAGED}")
    while name.exists():
        number += 1
        name = damaged.with_name(f"{damaged.name}{_DAMAGED}-{number}")
    return name
