"""What stands now, for those who ask: the table `alarms` is written after scheduled runs only."""

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from crawler.alarms import states
from crawler.archive import alarms

Row = dict[str, Any]
_OF_NO_PORTAL = dict.fromkeys(("id", "portal", "portal_name", "portal_url", "resolved_at"))


def standing(db: sqlite3.Connection) -> list[Row]:
    """The alarms that are not over, as `crawler.archive.alarms.standing` gives them.

    Those of fixity are as the last checks and repairs left it, by hand too: "all is well" behind a
    check that found damage would be a lie. `id` is None of one that is not written down so far.
    """
    noted = alarms.standing(db)
    return [row for row in noted if row["kind"] != "fixity"] + list(_of_fixity(db, noted))


def _of_fixity(db: sqlite3.Connection, noted: list[Row]) -> Iterator[Row]:
    known = {row["topic"]: row for row in noted if row["kind"] == "fixity"}
    for alarm in states.fixity(db):
        yield known.get(alarm.topic) or {**_OF_NO_PORTAL, **asdict(alarm)}
