"""Telling the alarms that wait: urgent ones at once, the others in one digest a day."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from crawler.alarms.kinds import KINDS
from crawler.alarms.message import Row, message
from crawler.archive import alarms
from crawler.errors import LuutruError
from crawler.telling.message import NotDelivered
from crawler.telling.sending import send

_PATIENT = [name for name, kind in KINDS.items() if not kind.urgent]
_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
DIGEST_HOUR = 7
"""The hour in Vietnam at which a new day of digests begins."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to tell, and how."""

    channel: str
    """A key of `crawler.telling.sending.CHANNELS`."""
    address: str
    """Mail address, URL or command; `${NAME}` is a secret."""

    @property
    def name(self) -> str:
        """What the archive knows it by, which many may read: addresses and webhooks are private."""
        return f"{self.channel} {sha256(self.address.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Told:
    """How it went with one target."""

    target: Target
    alarms: int
    """Alarms that it was told of."""
    problem: str | None = None
    """Why the rest waits."""


def tell(
    db: sqlite3.Connection, targets: Iterable[Target], archive: str, now: datetime | None = None
) -> list[Told]:
    """Tell each target what waits for it and is due; a failure is noted, and waits once more."""
    return [_tell(db, target, archive, now or datetime.now(UTC)) for target in targets]


def _tell(db: sqlite3.Connection, target: Target, archive: str, now: datetime) -> Told:
    rows = alarms.waiting(db, target.name)
    urgent = [row for row in rows if KINDS[row["kind"]].urgent]
    due = rows if is_due(alarms.last_told(db, target.name, _PATIENT), now) else urgent
    if not due:
        return Told(target, 0)
    ids = [row["id"] for row in due]
    if problem := _problem(target, due, archive):
        alarms.note_problem(db, target.name, ids, problem)
        return Told(target, 0, problem)
    alarms.note_told(db, target.name, ids, now)
    return Told(target, len(ids))


def _problem(target: Target, rows: list[Row], archive: str) -> str | None:
    try:
        send(target.channel, target.address, message(rows, archive))
    except (NotDelivered, LuutruError) as error:
        return str(error)
    return None


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether a digest may go out at `now`, when the last one did at `last`: once a day, which
    begins at DIGEST_HOUR, so that what thirty portals did in a night is one message.
    """
    return last is None or _day(last) < _day(now)


def _day(moment: datetime) -> object:
    return (moment.astimezone(_HERE) - timedelta(hours=DIGEST_HOUR)).date()
