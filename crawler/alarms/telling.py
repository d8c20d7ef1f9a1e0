"""Telling the alarms that wait: urgent ones at once, the others in one digest a day."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.alarms.message import Row, message
from crawler.archive import alarms
from crawler.errors import LuutruError
from crawler.schedules.config import Config
from crawler.telling.message import NotDelivered
from crawler.telling.sending import send
from crawler.telling.target import Target
from crawler.words import speaking


@dataclass(frozen=True, slots=True)
class Told:
    """How it went with one target."""

    target: Target
    alarms: int
    """Alarms that it was told of."""
    problem: str | None = None
    """Why the rest waits."""


def tell(db: sqlite3.Connection, config: Config, now: datetime) -> list[Told]:
    """Tell each target what waits for it and is due; what fails is noted, and waits once more."""
    return [_tell(db, config, target, now) for target in config.notify]


def _tell(db: sqlite3.Connection, config: Config, target: Target, now: datetime) -> Told:
    rows = alarms.waiting(db, target.name)
    last = alarms.last_told(db, target.name, set(target.alarms) - set(target.urgent))
    if not is_due(last, now, config):
        rows = [row for row in rows if row["kind"] in target.urgent]
    if not rows:
        return Told(target, 0)
    ids = [row["id"] for row in rows]
    with speaking(target.language or config.language):
        problem = _problem(target, rows, config)
    if problem:
        alarms.note_problem(db, target.name, ids, problem)
        return Told(target, 0, problem)
    alarms.note_told(db, target.name, ids, now)
    return Told(target, len(ids))


def _problem(target: Target, rows: list[Row], config: Config) -> str | None:
    try:
        send(target, message(rows, str(config.archive), config.zone))
    except (NotDelivered, LuutruError) as error:
        return str(error)
    return None


def is_due(last: datetime | None, now: datetime, config: Config) -> bool:
    """Whether a digest may go out at `now`, when the last one did at `last`: once a day, which
    begins at the hour of digests, so that what thirty portals did in a night is one message.
    """
    return last is None or _day(last, config) < _day(now, config)


def _day(moment: datetime, config: Config) -> date:
    begins = timedelta(hours=config.digest.hour, minutes=config.digest.minute)
    return (moment.astimezone(config.zone) - begins).date()
