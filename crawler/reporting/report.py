"""Gathering a run's report from the rows of the archive."""

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.archive import reports
from crawler.errors import BadInput
from crawler.reporting.gaps import Gap, gaps
from crawler.reporting.sections import SECTIONS, Section
from crawler.words import tr

Row = dict[str, Any]

MOST_ROWS = 1000
"""Rows of a section that a report holds; it always says how many there are."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A section with what it found."""

    section: Section
    count: int
    """How many there are, shown or not."""
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told about one run."""

    run: Row
    """Its row of `runs`, with `portal` (slug) and `portal_name`."""
    seconds: int | None
    """How long it took; None while it is under way."""
    is_latest: bool
    """Whether it is the portal's last run; if not, what became of URLs is told as it is now."""
    captures: int
    """Exchanges kept."""
    received: int
    """Bytes of their payloads."""
    kept: int
    """Bytes of their records in the WARC files."""
    urls: dict[str, int]
    """URLs of the portal by state."""
    sections: list[Listed]
    gaps: list[Gap]

    def data(self) -> Row:
        """The report as JSON has it."""
        listed = {
            found.section.key: {"count": found.count, "rows": found.rows} for found in self.sections
        }
        reasons = (self.run["verdict_reasons"] or "").splitlines()
        numbers = {
            name: getattr(self, name)
            for name in ("seconds", "is_latest", "captures", "received", "kept", "urls")
        }
        run = {**self.run, "verdict_reasons": reasons}
        return {"run": run, **numbers, **listed, "gaps": [asdict(gap) for gap in self.gaps]}


def run_meant(db: sqlite3.Connection, wanted: str) -> int:
    """The run that a person means by its number, by a portal (its last), or by nothing (the last).

    BadInput when there is none.
    """
    if wanted.isdecimal():
        row = db.execute("SELECT id FROM runs WHERE id = ?", (int(wanted),)).fetchone()
    else:
        row = db.execute(
            """SELECT max(r.id) AS id FROM runs r JOIN portals p ON p.id = r.portal_id
               WHERE :slug IN ('', p.slug)""",
            {"slug": wanted},
        ).fetchone()
    if row is None or row["id"] is None:
        raise BadInput(_no_run(db, wanted))
    return int(row["id"])


def _no_run(db: sqlite3.Connection, wanted: str) -> str:
    slugs = [row["slug"] for row in db.execute("SELECT slug FROM portals ORDER BY slug")]
    known = ", ".join(slugs) or tr("(none)")
    if wanted:
        return tr("there is no run {wanted}; portals: {known}", wanted=wanted, known=known)
    return tr("The archive is empty; `luutru crawl PORTAL` fills it.")


def report_of(db: sqlite3.Connection, run_id: int) -> Report:
    """The report on a run that exists."""
    run = reports.run(db, run_id)
    values = {
        "run": run_id,
        "portal": run["portal_id"],
        "began": run["started_at"],
        "ended": run["finished_at"] or "9999",
    }
    captures, received, kept = db.execute(_KEPT, values).fetchone()
    urls = db.execute(
        "SELECT state, count(*) FROM urls WHERE portal_id = :portal GROUP BY state", values
    )
    return Report(
        run,
        _seconds(run),
        _is_latest(db, run),
        captures,
        received,
        kept,
        dict(map(tuple, urls)),
        [_listed(db, section, values) for section in SECTIONS],
        _gaps(db, run["portal_id"]),
    )


_KEPT = """SELECT count(*), ifnull(sum(size), 0), ifnull(sum(warc_length), 0) FROM captures
WHERE run_id = :run"""


def _listed(db: sqlite3.Connection, section: Section, values: Row) -> Listed:
    what = f"ifnull(sum({section.weight}), 0)" if section.weight else "count(*)"
    count = db.execute(f"SELECT {what} FROM ({section.sql})", values).fetchone()[0]
    rows = db.execute(f"SELECT * FROM ({section.sql}) LIMIT {MOST_ROWS}", values)
    return Listed(section, count, [dict(row) for row in rows])


def _seconds(run: Row) -> int | None:
    if run["finished_at"] is None:
        return None
    began, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
    return (ended - began) // timedelta(seconds=1)


def _is_latest(db: sqlite3.Connection, run: Row) -> bool:
    last = db.execute("SELECT max(id) FROM runs WHERE portal_id = ?", (run["portal_id"],))
    return bool(last.fetchone()[0] == run["id"])


def _gaps(db: sqlite3.Connection, portal_id: int) -> list[Gap]:
    """Over every address that the portal ever named: one that failed or is gone is no gap."""
    rows = db.execute(
        "SELECT url FROM urls WHERE portal_id = ? AND kind NOT IN ('file', 'listing')", (portal_id,)
    )
    return list(gaps(row["url"] for row in rows))
