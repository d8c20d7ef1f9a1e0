"""Copying to a place as `luutru.toml` says, with an event in the archive on how it went.

An archive that can't be written, such as one on a disc, is copied without.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from crawler import __version__
from crawler.archive import evidence
from crawler.archive.connection import is_writable, transaction
from crawler.copying.copying import Copied, copy
from crawler.errors import LuutruError
from crawler.schedules.config import Config, Copy

_EVENT = "replication"
"""A term of https://id.loc.gov/vocabulary/preservation/eventType."""


def copy_to(
    db: sqlite3.Connection, config: Config, to: Copy, check: float, *, with_database: bool = True
) -> Copied:
    """Bring a copy up to date, and check a share (0 to 1) of it; raises nothing for a place that
    can't be reached: the problem is in what is returned, under an empty path.
    """
    own = config.path if config.path != config.archive else None
    try:
        done = copy(
            db,
            config.archive,
            to,
            check=check,
            reports=config.after.reports,
            config=own,
            with_database=with_database,
        )
    except (LuutruError, OSError) as error:
        done = Copied(to.name, problems={"": " ".join(str(error).split())})
    if is_writable(config.archive):
        _note(db, done)
        if with_database and not done.problems:
            _event(db, config.archive.name, "success", done.name)
    return done


def last_of_database(db: sqlite3.Connection, archive: Path, to: Copy) -> datetime | None:
    """When the database was last copied to that place, and all else with it; None if never."""
    row = db.execute(
        "SELECT max(at) FROM events WHERE event_type = ? AND object = ? AND detail = ?",
        (_EVENT, archive.name, to.name),
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row[0] else None


def _note(db: sqlite3.Connection, done: Copied) -> None:
    detail = f"{done.files} files, {done.written} written ({done.size} bytes), {done.checked} read"
    lines = [f"{path}: {what}".removeprefix(": ") for path, what in done.problems.items()]
    outcome = "failure" if done.problems else "success"
    _event(db, done.name, outcome, "\n".join([detail, *lines]))


def _event(db: sqlite3.Connection, name: str, outcome: str, detail: str) -> None:
    with transaction(db):
        agent = f"luutru {__version__}"
        evidence.note(db, datetime.now(UTC), _EVENT, name, outcome, detail, agent)
