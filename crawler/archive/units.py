"""Tables `units` and `unit_changes`, and the unit that a portal hangs on.

An archive has the units of its portals' provinces, old and new, and no others: some 500 rows each.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.archive.connection import timestamp
from crawler.units import lineage
from crawler.units.facts import Unit
from crawler.units.portals import unit_of
from crawler.urls import key_of
from crawler.vietnamese import fold

if TYPE_CHECKING:
    from crawler.profiles import Profile

FIELD = "unit"
"""What stands in `problems.field` while it is not known which unit a portal is of."""


def hang(db: sqlite3.Connection, portal_id: int, profile: "Profile", now: datetime) -> None:
    """Say which unit the portal is of, or note that it is not known; call inside a transaction.

    What the title of its home page has told stays while the host name may mean it.
    """
    placed, home = unit_of(profile), key_of(profile.url)
    row = db.execute("SELECT unit_id FROM portals WHERE id = ?", (portal_id,)).fetchone()
    told = [unit for unit in placed.choices if row and unit.id == row["unit_id"]]
    unit = told[0] if told else placed.unit
    _hang(db, portal_id, unit)
    _note(db, portal_id, home, None if unit else placed.unclear, timestamp(now))


def settle(db: sqlite3.Connection, portal_id: int, home: str, unit: Unit, at: str) -> None:
    """Hang the portal on the unit, and close the problem of its home page (its key)."""
    _hang(db, portal_id, unit)
    _note(db, portal_id, home, None, at)


def _hang(db: sqlite3.Connection, portal_id: int, unit: Unit | None) -> None:
    if unit:
        take_up(db, lineage.family(lineage.province(unit.id).id))
    # Every change of a row is noted for merges: one that is none is not made.
    db.execute(
        "UPDATE portals SET unit_id = :unit WHERE id = :portal AND unit_id IS NOT :unit",
        {"unit": unit and unit.id, "portal": portal_id},
    )


def take_up(db: sqlite3.Connection, units: list[Unit]) -> None:
    """Have these units, and what became of them, in the archive as luutru knows them now."""
    numbers = json.dumps([unit.id for unit in units])
    rows = {_row(unit) for unit in units}
    # By number, so that a unit is there before those in it.
    db.executemany(_KEEP, sorted(rows - _stored(db, "units", "id", numbers)))
    changes = {astuple(change) for change in lineage.changes(units)}
    stored = _stored(db, "unit_changes", "old_id", numbers)
    db.executemany(
        "DELETE FROM unit_changes WHERE old_id = ? AND new_id = ?",
        [row[:2] for row in stored - changes],
    )
    db.executemany("INSERT INTO unit_changes VALUES (?, ?, ?, ?, ?)", sorted(changes - stored))


_KEEP = """
INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    code = excluded.code, level = excluded.level, kind = excluded.kind, name = excluded.name,
    folded = excluded.folded, parent_id = excluded.parent_id, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to, source = excluded.source
"""


def portals(db: sqlite3.Connection, units: Iterable[int]) -> list[sqlite3.Row]:
    """The portals of these units; `namesakes` is how many of them have the same name."""
    return db.execute(
        """SELECT p.id, p.slug, p.name, p.url, p.unit_id,
               count(*) OVER (PARTITION BY p.name) AS namesakes FROM portals p
           WHERE p.unit_id IN (SELECT value FROM json_each(?)) ORDER BY p.name""",
        (json.dumps(list(units)),),
    ).fetchall()


def having_portals(db: sqlite3.Connection) -> set[int]:
    """The units that have a portal here."""
    rows = db.execute("SELECT DISTINCT unit_id FROM portals WHERE unit_id IS NOT NULL")
    return {row[0] for row in rows}


def _row(unit: Unit) -> tuple[object, ...]:
    return (
        unit.id, unit.code, unit.level, unit.kind, unit.name, fold(unit.short).lower(),
        unit.parent_id, unit.valid_from, unit.valid_to, unit.source,
    )  # fmt: skip


def _stored(
    db: sqlite3.Connection, table: str, column: str, numbers: str
) -> set[tuple[object, ...]]:
    sql = f"SELECT * FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
    return {tuple(row) for row in db.execute(sql, (numbers,))}


def _note(db: sqlite3.Connection, portal_id: int, home: str, unclear: str | None, at: str) -> None:
    """Open the problem on the portal's home page, or close it; nowhere if that is not known."""
    of_home = "url_id = (SELECT id FROM urls WHERE portal_id = ? AND key = ?) AND field = ?"
    db.execute(
        f"""UPDATE problems SET resolved_at = ?
            WHERE {of_home} AND resolved_at IS NULL AND reason IS NOT ?""",
        (at, portal_id, home, FIELD, unclear),
    )
    if unclear:
        db.execute(
            """INSERT INTO problems (url_id, field, reason, seen_at)
               SELECT id, ?, ?, ? FROM urls WHERE portal_id = ? AND key = ?
               ON CONFLICT DO NOTHING""",
            (FIELD, unclear, at, portal_id, home),
        )
