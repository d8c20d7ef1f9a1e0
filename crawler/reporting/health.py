"""How the portals are: what `luutru status`, the site and Prometheus are told of each."""

import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from crawler.archive import reports
from crawler.archive.verdict import FAILED

Row = dict[str, Any]


def portals(db: sqlite3.Connection) -> list[Row]:
    """The rows of `reports.portals`, each with more.

    `last_success_at` is when the last crawl that came through ended, `failures` how many URLs fail
    now by kind of reason; the last run has its `seconds` and `received` bytes.
    """
    found = reports.portals(db)
    for portal in found:
        slug = portal["slug"]
        portal["last_success_at"] = db.execute(_LAST_SUCCESS, (slug,)).fetchone()[0]
        portal["failures"] = _failures(db, slug)
        if run := portal["last_run"]:
            sizes = db.execute("SELECT ifnull(sum(size), 0) FROM captures WHERE run_id = ?",
                               (run["id"],))  # fmt: skip
            run |= {"seconds": _seconds(run), "received": sizes.fetchone()[0]}
    return found


_LAST_SUCCESS = """SELECT max(r.finished_at) FROM runs r JOIN portals p ON p.id = r.portal_id
WHERE p.slug = ? AND r.kind = 'crawl' AND r.verdict IN ('complete', 'incomplete')"""


def _failures(db: sqlite3.Connection, slug: str) -> dict[str, int]:
    """A reason's details come after a colon: `HTTP 503: asks to come again in 60 seconds`."""
    rows = db.execute(
        f"""SELECT ifnull(reason, 'no reason known') AS reason, count(*) AS n FROM urls
            WHERE portal_id = (SELECT id FROM portals WHERE slug = ?) AND {FAILED}
            GROUP BY reason""",
        (slug,),
    )
    counts = Counter[str]()
    for row in rows:
        counts[row["reason"].partition(":")[0]] += row["n"]
    return dict(counts.most_common())


def _seconds(run: Row) -> int | None:
    if run["finished_at"] is None:
        return None
    began, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
    return (ended - began) // timedelta(seconds=1)


def calendar(db: sqlite3.Connection, days: int, now: datetime) -> tuple[list[str], list[Row]]:
    """The last days (YYYY-MM-DD, in UTC), and each portal's crawls on them.

    A row has `slug`, `name`, and `days`: by day its crawls, each with `id` and `verdict`.
    """
    dates = [f"{now - timedelta(days=n):%Y-%m-%d}" for n in range(days - 1, -1, -1)]
    rows = db.execute(
        """SELECT p.slug, p.name, r.id, r.verdict, substr(r.started_at, 1, 10) AS day
           FROM portals p LEFT JOIN runs r ON r.portal_id = p.id AND r.kind = 'crawl'
               AND r.started_at >= ? ORDER BY p.slug, r.id""",
        (dates[0],),
    )
    found: dict[str, Row] = {}
    for row in rows:
        portal = found.setdefault(
            row["slug"], {"slug": row["slug"], "name": row["name"], "days": {}}
        )
        if row["id"]:
            portal["days"].setdefault(row["day"], []).append(
                {"id": row["id"], "verdict": row["verdict"]}
            )
    return dates, list(found.values())
