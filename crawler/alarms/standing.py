"""What stands now, for those who ask: the table `alarms` is written by those who judge, as
`luutru.toml` says.
"""

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

    Those of fixity are as the last checks and repairs left it, and those of portals as their last
    crawls did, by hand too: "all is well" behind a crawl that failed would be a lie. `id` is None
    of one that is not written down so far.
    """
    noted = alarms.standing(db)
    others = [row for row in noted if row["kind"] != "fixity"]
    return others + list(_of_fixity(db, noted)) + list(_of_crawls(db))


def _of_fixity(db: sqlite3.Connection, noted: list[Row]) -> Iterator[Row]:
    known = {row["topic"]: row for row in noted if row["kind"] == "fixity"}
    for alarm in states.fixity(db):
        yield known.get(alarm.topic) or {**_OF_NO_PORTAL, **asdict(alarm)}


def _of_crawls(db: sqlite3.Connection) -> Iterator[Row]:
    """What the last crawl of each portal showed, unless that was noted when it was judged."""
    runs = {run["id"]: run for run in db.execute(_LAST_CRAWLS)}
    for alarm in states.left_by(db, list(runs.values())):
        key = (alarm.portal_id, alarm.kind, alarm.topic, alarm.run_id)
        if alarm.run_id and not db.execute(_IS_NOTED, key).fetchone():
            run = runs[alarm.run_id]
            portal = {"portal": run["slug"], "portal_name": run["name"], "portal_url": run["url"]}
            since = alarm.since or run["finished_at"]
            yield {**_OF_NO_PORTAL, **asdict(alarm), **portal, "since": since}


_LAST_CRAWLS = """
SELECT r.*, p.slug, p.name, p.url FROM portals p JOIN runs r ON r.id = (
    SELECT id FROM runs WHERE portal_id = p.id AND kind = 'crawl' AND finished_at IS NOT NULL
    ORDER BY id DESC LIMIT 1)
WHERE p.status = 'live' ORDER BY r.id
"""
_IS_NOTED = """
SELECT 1 FROM alarms WHERE portal_id = ? AND kind = ? AND topic = ?
    AND (resolved_at IS NULL OR run_id >= ?)
"""
