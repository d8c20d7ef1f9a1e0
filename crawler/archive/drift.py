"""Alarms of drift at the end of a crawl: evidence out of the archive, findings into `problems`.

An alarm is one row on the portal's home page, kept up to date while it lasts. While it is open, the
crawls since are no part of what is usual; who closes it says that the new state is right, and what
is usual begins anew.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from crawler.archive import coverage, rhythm
from crawler.archive.connection import timestamp
from crawler.archive.coverage import ROUND, Before, Round
from crawler.drift import certificate, fields, home
from crawler.drift.certificate import Shown
from crawler.drift.fields import Of, Past, Tonight
from crawler.drift.finding import Finding
from crawler.drift.share import Share

_NEW_LAYOUT = timedelta(days=30)
"""A layout that came up so recently is still new."""


@dataclass(frozen=True, slots=True)
class _Spell:
    """What the alarms on one thing were so far."""

    opened: str = "9999"
    """When the open one was first seen; far away when none is open."""
    closed: str = ""
    """When the last one was closed."""


_NONE = _Spell()


def watch(
    db: sqlite3.Connection, portal_id: int, run_id: int, began: str, home_key: str, now: datetime
) -> None:
    """Judge the crawl that began at `began` and ends with this run; call inside a transaction."""
    crawl = Round(run_id, portal_id, began)
    shares, details = coverage.measure(db, crawl)
    page = _home(db, portal_id, home_key)
    if page is None:
        return
    spells, past, swept = _spells(db, page), coverage.past(db, crawl), _swept(db, crawl)
    found = fields.judge(Tonight(shares, details), _usual(past, spells))
    if swept:
        found += _new_layouts(shares, past, swept, now)
    found += rhythm.judge(db, crawl, now, swept=bool(swept))
    found += _certificates(db, portal_id, spells, now, strange=_is_strange(db, page))
    _keep(db, page, found, now)


def _home(db: sqlite3.Connection, portal_id: int, key: str) -> int | None:
    row = db.execute("SELECT id FROM urls WHERE portal_id = ? AND key = ?", (portal_id, key))
    found = row.fetchone()
    return int(found["id"]) if found else None


def _spells(db: sqlite3.Connection, page: int) -> dict[str, _Spell]:
    """By what an alarm or notice is about."""
    rows = db.execute(
        """SELECT field, ifnull(max(CASE WHEN resolved_at IS NULL THEN seen_at END), '9999')
               AS opened, ifnull(max(resolved_at), '') AS closed
           FROM problems WHERE url_id = ? AND field LIKE 'drift%' GROUP BY field""",
        (page,),
    )
    return {row["field"].partition(": ")[2]: _Spell(row["opened"], row["closed"]) for row in rows}


def _usual(past: Mapping[Of, list[Before]], spells: Mapping[str, _Spell]) -> dict[Of, Past]:
    """The past of each share as far as it counts: since the last alarm, and before an open one."""
    found = {}
    for of, befores in past.items():
        spell = spells.get(fields.about(of), _NONE)
        counted = [b for b in befores if spell.closed <= b.ended < spell.opened]
        since = counted[0].ended[:10] if counted else ""
        found[of] = Past(since, [b.share for b in counted], trusted=not spell.closed)
    return found


def _swept(db: sqlite3.Connection, crawl: Round) -> str | None:
    """When an earlier crawl first saw all there was: only then is something new news."""
    found = db.execute(
        f"""SELECT min(finished_at) FROM runs WHERE portal_id = :portal AND kind = 'crawl'
            AND id NOT IN ({ROUND}) AND verdict IN ('complete', 'incomplete')
            AND ifnull(left_over, 0) = 0""",
        crawl.values,
    )
    return found.fetchone()[0]  # type: ignore[no-any-return]


def _new_layouts(
    shares: Mapping[Of, Share], past: Mapping[Of, list[Before]], swept: str, now: datetime
) -> list[Finding]:
    name = coverage.FIELDS[0]
    pages = {layout: share.pages for (layout, field), share in shares.items() if field == name}
    first = {layout: found[0].ended for (layout, field), found in past.items() if field == name}
    young = max(swept, timestamp(now - _NEW_LAYOUT))
    return fields.new_layouts(
        pages, {layout for layout in first if first[layout] > young}, {*first}
    )


def _is_strange(db: sqlite3.Connection, page: int) -> bool:
    """Whether the home page itself shows signs of a new owner."""
    found = db.execute(
        "SELECT 1 FROM problems WHERE url_id = ? AND field = ? AND resolved_at IS NULL",
        (page, home.FIELD),
    )
    return found.fetchone() is not None


def _certificates(
    db: sqlite3.Connection,
    portal_id: int,
    spells: Mapping[str, _Spell],
    now: datetime,
    *,
    strange: bool,
) -> list[Finding]:
    rows = db.execute(
        "SELECT * FROM certificates WHERE portal_id = ? ORDER BY host, last_seen_at, first_seen_at",
        (portal_id,),
    )
    found = []
    for host, group in groupby(rows, lambda row: row["host"]):
        shown = list(group)
        accepted = spells.get(certificate.about(host), _NONE).closed
        if accepted >= shown[-1]["first_seen_at"]:
            shown = shown[-1:]
        found += certificate.judge([_shown(row) for row in shown], now, strange=strange)
    return found


def _shown(row: sqlite3.Row) -> Shown:
    return Shown(
        row["host"],
        row["sha256"],
        row["subject"],
        row["issuer"],
        datetime.fromisoformat(row["not_after"]),
        bool(row["verified"]),
        row["error"],
    )


def _keep(db: sqlite3.Connection, page: int, found: list[Finding], now: datetime) -> None:
    """Open, update or close one row for each finding; what was not judged is left as it is."""
    moment = timestamp(now)
    for finding in found:
        row = db.execute(
            """SELECT id, seen_at FROM problems
               WHERE url_id = ? AND field = ? AND resolved_at IS NULL""",
            (page, finding.tag),
        ).fetchone()
        if finding.reason is None:
            if row:
                db.execute("UPDATE problems SET resolved_at = ? WHERE id = ?", (moment, row["id"]))
        elif row:
            reason = f"{finding.reason}; so since {row['seen_at'][:10]}"
            db.execute("UPDATE problems SET reason = ? WHERE id = ?", (reason, row["id"]))
        else:
            db.execute(
                "INSERT INTO problems (url_id, field, reason, seen_at) VALUES (?, ?, ?, ?)",
                (page, finding.tag, finding.reason, moment),
            )
