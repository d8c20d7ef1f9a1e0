"""Judging an archive: what stands, what has happened, and who is to be told of it."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from crawler.alarms import places, states
from crawler.alarms.alarm import Alarm
from crawler.archive import alarms
from crawler.reporting.disk import Disk, disk_of
from crawler.schedules.config import Config, Portal

_EVERYWHERE = ("fixity", "disk")


def judge_run(db: sqlite3.Connection, run_id: int, config: Config, now: datetime) -> None:
    """Write down what a finished run says of its portal, and end what stands no more."""
    run = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    judged: alarms.Scope = {(run["portal_id"], kind) for kind in states.judged(run)}
    alarms.note(db, states.of_run(db, run), judged, _Listeners(db, config), now)


def judge_archive(db: sqlite3.Connection, config: Config, now: datetime) -> None:
    """Write down what stands with the archive, its disk, and portals that nothing is heard of."""
    expected = {portal.slug: _deadline(portal, config) for portal in config.portals}
    found = [
        *states.fixity(db),
        *(places.full(_disk(db, config, now), config.limits.disk) if config.limits.disk else ()),
        *states.silent(db, expected, now),
    ]
    portals = [row["id"] for row in db.execute("SELECT id FROM portals")]
    judged: alarms.Scope = {(None, kind) for kind in _EVERYWHERE}
    judged |= {(portal, "silent") for portal in portals}
    alarms.note(db, found, judged, _Listeners(db, config), now)


def _disk(db: sqlite3.Connection, config: Config, now: datetime) -> Disk:
    """That of the archives: in a cluster their folder may be on another one than the file's own."""
    disk = disk_of(db, config.archive, now)
    if config.cluster is None or not config.cluster.into.is_dir():
        return disk
    usage = shutil.disk_usage(config.cluster.into)
    return replace(disk, free=usage.free, total=usage.total)


def judge_kind(
    db: sqlite3.Connection, kind: str, found: Iterable[Alarm], config: Config, now: datetime
) -> None:
    """Write down the alarms of one kind that concern the archive as a whole: these, and no more."""
    alarms.note(db, found, {(None, kind)}, _Listeners(db, config), now)


def _deadline(portal: Portal, config: Config) -> states.Deadline:
    return lambda heard: portal.schedule.next(heard, config.zone) + config.limits.silent


class _Listeners:
    """Who is told of an alarm: names of targets."""

    def __init__(self, db: sqlite3.Connection, config: Config) -> None:
        slugs = {row["id"]: row["slug"] for row in db.execute("SELECT id, slug FROM portals")}
        by_slug = {portal.slug: portal for portal in config.portals}
        self._portals = {id_: by_slug.get(slug) for id_, slug in slugs.items()}
        self._config = config

    def __call__(self, alarm: Alarm) -> Iterator[str]:
        portal = self._portals.get(alarm.portal_id) if alarm.portal_id else None
        targets = self._config.targets(portal) if portal else self._config.notify
        return (target.name for target in targets if alarm.kind in target.alarms)
