"""What stands after a run, or happened in it, read from the archive."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from crawler.alarms.alarm import Alarm
from crawler.archive.connection import timestamp
from crawler.drift import home
from crawler.drift.finding import ALARM, NOTICE
from crawler.reporting.reasons import form_of

_OF_VERDICT = {"failed", "incomplete"}
_OF_PORTAL = {*_OF_VERDICT, "taken_over", "drift", "planted", "vanished", "missing"}


def judged(run: sqlite3.Row) -> set[str]:
    """The kinds that a finished run judges for its portal: a stopped one has no true verdict."""
    return _OF_PORTAL - _OF_VERDICT if run["verdict"] == "stopped" else _OF_PORTAL


def of_run(db: sqlite3.Connection, run: sqlite3.Row) -> Iterator[Alarm]:
    """What stands for the portal of a finished run (a row of `runs`), and what happened in it."""
    for find in (_verdict, _drift, _planted, _absent, _edited):
        yield from find(db, run)


def left_by(db: sqlite3.Connection, runs: list[sqlite3.Row]) -> Iterator[Alarm]:
    """The states of their portals that finished crawls left, each the last of its portal."""
    drifted = {row["portal_id"] for row in db.execute(_DRIFTED, (home.FIELD,))}
    for run in runs:
        yield from _verdict(db, run)
        yield from _drift(db, run) if run["portal_id"] in drifted else ()


# Asked once: an archive has hundreds of portals with ten thousands of addresses each.
_DRIFTED = """
SELECT DISTINCT u.portal_id FROM problems p CROSS JOIN urls u ON u.id = p.url_id
WHERE p.resolved_at IS NULL AND (p.field LIKE 'drift%' OR p.field = ?)
"""


def _verdict(_db: sqlite3.Connection, run: sqlite3.Row) -> Iterator[Alarm]:
    """One alarm for each form of reason: their numbers differ every night."""
    reasons = (run["verdict_reasons"] or "").splitlines()
    if run["verdict"] == "failed":
        yield Alarm("failed", "", "\n".join(reasons), run["portal_id"], run["id"])
    if run["verdict"] == "incomplete":
        by_form = defaultdict(list)
        for reason in reasons:
            by_form[form_of(reason)].append(reason)
        for form, lines in by_form.items():
            yield Alarm("incomplete", form, "\n".join(lines), run["portal_id"], run["id"])


def _drift(db: sqlite3.Connection, run: sqlite3.Row) -> Iterator[Alarm]:
    rows = db.execute(
        """SELECT p.field, p.reason, p.seen_at FROM problems p JOIN urls u ON u.id = p.url_id
           WHERE u.portal_id = ? AND p.resolved_at IS NULL
               AND (p.field LIKE 'drift%' OR p.field = ?) ORDER BY p.id""",
        (run["portal_id"], home.FIELD),
    )
    for field, reason, since in rows:
        kind = "taken_over" if field == home.FIELD else "drift"
        topic = "" if field == home.FIELD else field.removeprefix(NOTICE).removeprefix(ALARM)
        yield Alarm(kind, topic, reason, run["portal_id"], run["id"], since)


def _planted(db: sqlite3.Connection, run: sqlite3.Row) -> Iterator[Alarm]:
    """By host: an intruder changes pages daily, but has few hosts."""
    rows = db.execute(
        """SELECT s.href, u.url, s.first_seen_at FROM suspect_links s JOIN urls u ON u.id = s.url_id
           WHERE u.portal_id = ? AND s.last_seen_at >= (
               SELECT max(captured_at) FROM captures WHERE url_id = u.id AND status <> 304)
           ORDER BY s.score DESC, s.id""",
        (run["portal_id"],),
    )
    by_host = defaultdict(list)
    for href, page, since in rows:
        by_host[_host(href)].append((page, since))
    for host, found in by_host.items():
        line = f"{host}: {len({page for page, _ in found})} × {found[0][0]}"
        since = min(since for _, since in found)
        yield Alarm("planted", host, line, run["portal_id"], run["id"], since)


def _host(href: str) -> str:
    try:
        return urlsplit(href).hostname or href
    except ValueError:
        return href


def _absent(db: sqlite3.Connection, run: sqlite3.Row) -> Iterator[Alarm]:
    rows = db.execute(
        """SELECT title, url, absent_since, status FROM articles
           WHERE portal_id = ? AND absent_since IS NOT NULL AND hidden_at IS NULL ORDER BY id""",
        (run["portal_id"],),
    )
    for title, url, since, status in rows:
        kind = "missing" if status == "missing" else "vanished"
        yield Alarm(kind, url, _article(title, url), run["portal_id"], run["id"], since)


def _edited(db: sqlite3.Connection, run: sqlite3.Row) -> Iterator[Alarm]:
    """In all runs of the crawl that this run ended, stopped ones, too."""
    rows = db.execute(
        """SELECT v.id, a.title, a.url, v.seen_at FROM versions v
           JOIN articles a ON a.id = v.article_id JOIN captures c ON c.id = v.capture_id
           JOIN versions b ON b.id = (SELECT max(id) FROM versions
               WHERE article_id = v.article_id AND id < v.id)
           WHERE c.run_id IN (SELECT id FROM runs WHERE portal_id = ? AND round_started_at IS ?)
               AND v.published_on IS b.published_on AND a.hidden_at IS NULL
           ORDER BY v.id""",
        (run["portal_id"], run["round_started_at"]),
    )
    for version, title, url, seen in rows:
        yield Alarm(
            "edited",
            f"version {version}",
            _article(title, url),
            run["portal_id"],
            run["id"],
            seen,
            happened=True,
        )


def _article(title: str | None, url: str) -> str:
    return f"{title}  {url}" if title else url


def fixity(db: sqlite3.Connection) -> Iterator[Alarm]:
    """Files and tables that checks found unsound, since the last check of everything, unrepaired.

    A sample that finds nothing says nothing of what it did not look at.
    """
    for target, detail, since in db.execute(_UNSOUND):
        yield Alarm("fixity", target, detail.partition("\n")[0], since=since)


# The event of a whole check tells how many findings; those of what was found come after it.
_UNSOUND = """
SELECT object, detail, min(at) FROM events e
WHERE event_type = 'fixity check' AND outcome = 'failure' AND detail NOT LIKE '% findings%'
    AND id > ifnull((SELECT max(id) FROM events WHERE event_type = 'fixity check'
        AND detail LIKE '% findings'), 0)
    AND NOT EXISTS (SELECT 1 FROM events WHERE event_type = 'modification'
        AND outcome = 'success' AND object = e.object AND id > e.id)
GROUP BY object ORDER BY min(id)
"""


Deadline = Callable[[datetime], datetime]
"""When a portal is heard of again at the latest, if its last good run ended then."""


def silent(
    db: sqlite3.Connection, expected: Mapping[str, Deadline], now: datetime
) -> Iterator[Alarm]:
    """Portals (by short name) that no crawl came through of in time, from their first run on."""
    for portal_id, slug, first, last in db.execute(_HEARD):
        heard = last or first
        if slug not in expected:
            continue
        latest = expected[slug](datetime.fromisoformat(heard))
        if latest < now:
            line = f"{heard} … {timestamp(latest)}"
            yield Alarm("silent", "", line, portal_id, since=heard)


_HEARD = """
SELECT p.id, p.slug, min(r.started_at),
    max(iif(r.verdict IN ('complete', 'incomplete'), r.finished_at, NULL))
FROM portals p JOIN runs r ON r.portal_id = p.id WHERE r.kind = 'crawl' GROUP BY p.id
"""
