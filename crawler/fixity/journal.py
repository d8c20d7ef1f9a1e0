"""Writing checks and repairs into `events`, in PREMIS terms.

Event types and outcomes are those of the PREMIS 3.0 vocabularies
(https://id.loc.gov/vocabulary/preservation/eventType).
"""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from crawler import __version__
from crawler.archive import evidence, integrity, sources
from crawler.archive.connection import transaction
from crawler.fixity.checking import Report
from crawler.fixity.finding import Finding
from crawler.fixity.repair import Repair

_AGENT = f"luutru {__version__}"
# A whole file may be lost; its event names the first rows, the output of the command names all.
_MOST_LINES = 50


def note_check(db: sqlite3.Connection, archive: Path, report: Report, share: float) -> None:
    """One event for the archive, one for each file or table that something was found in, and one
    for each file that is sound at its first check, with its digest.
    """
    now = datetime.now(UTC)
    with transaction(db):
        outcome = "failure" if report.findings else "success"
        summary = _summary(report, share)
        evidence.note(db, now, "fixity check", archive.name, outcome, summary, _AGENT)
        for target in sorted({finding.target for finding in report.findings}):
            found = [finding for finding in report.findings if finding.target == target]
            evidence.note(db, now, "fixity check", target, "failure", _lines(found), _AGENT)
        # A merged archive has the files of its sources, where the digests are noted.
        if not sources.is_merged(db):
            _note_digests(db, now, report)


def last_check(db: sqlite3.Connection, archive: Path) -> datetime | None:
    """When the archive was last checked, in full or by a sample; None if never."""
    row = db.execute(
        "SELECT max(at) FROM events WHERE event_type = 'fixity check' AND object = ?",
        (archive.name,),
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row[0] else None


def _note_digests(db: sqlite3.Connection, now: datetime, report: Report) -> None:
    """The digest of each whole file that was checked for the first time and is sound."""
    unsound = {finding.target for finding in report.findings}
    for name in report.new_digests.keys() - unsound:
        detail = integrity.DIGEST_LABEL + report.new_digests[name]
        evidence.note(db, now, integrity.DIGEST_NOTED, name, "success", detail, _AGENT)


def note_repairs(db: sqlite3.Connection, repairs: Iterable[Repair]) -> None:
    """One event for each file that was to be replaced."""
    with transaction(db):
        for repair in repairs:
            outcome = "success" if repair.done else "failure"
            evidence.note(
                db,
                datetime.now(UTC),
                "modification",
                repair.file,
                outcome,
                repair.detail,
                _AGENT,
            )


def _summary(report: Report, share: float) -> str:
    sample = "" if share == 1 else f"; a random sample of {share * 100:g}%"
    return (
        f"{report.records} records in {report.files} files ({report.size} bytes), "
        f"{report.rows} captures, database and index; {len(report.findings)} findings{sample}"
    )


def _lines(found: list[Finding]) -> str:
    more = [f"and {len(found) - _MOST_LINES} more"] if len(found) > _MOST_LINES else []
    return "\n".join([*map(str, found[:_MOST_LINES]), *more])
