"""What is done after each crawl: check a sample, tell, report, copy, and say that all is well.

Nothing here can undo a crawl: what fails becomes an alarm of its own, and the rest goes on.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from crawler.alarms.alarm import Alarm
from crawler.alarms.judging import judge_archive, judge_kind, judge_run
from crawler.alarms.telling import tell
from crawler.archive import alarms, reports
from crawler.archive.connection import open_archive
from crawler.copying.all_places import copy_to, last_of_database
from crawler.copying.copying import Copied
from crawler.durability import put_in_place
from crawler.errors import LuutruError
from crawler.fixity import checking, journal
from crawler.locking import alone
from crawler.reporting.metrics import write_metrics
from crawler.reporting.page import page
from crawler.reporting.report import report_of
from crawler.schedules.config import Config, Copy
from crawler.telling.message import NotDelivered
from crawler.telling.ping import ping
from crawler.watching import watching
from crawler.words import speaking, tr

_LARGE = 256 << 20
_FRESH = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Step:
    """How one thing went that was to be done."""

    name: str
    told: str | None = None
    """What people want to know of it; None: nothing."""
    problem: str | None = None
    """Why it could not be done."""


def after(config: Config, runs: Sequence[int], trouble: LuutruError | None = None) -> list[Step]:
    """Do what the file says after crawls that ended with these runs, or with that trouble."""
    with closing(open_archive(config.archive)) as db:
        steps = list(_own(db, config, runs))
        copies = [_copied_to(db, config, each) for each in config.copies]
        with alone(config.archive.parent):
            for run in runs:
                judge_run(db, run, config, datetime.now(UTC))
            judge_kind(db, "after", _undone(steps), config, datetime.now(UTC))
            judge_kind(db, "broken", _broken(trouble), config, datetime.now(UTC))
            judge_kind(db, "copies", _copied(copies), config, datetime.now(UTC))
            steps += _judged_and_told(db, config)
        steps += _measured(db, config)
        verdicts = {reports.run(db, run)["verdict"] for run in runs}
    # A run that was stopped says nothing: neither that all is well, nor that it is not.
    if trouble or "failed" in verdicts:
        return [*steps, *_pinged(config, well=False)]
    return [*steps, *(_pinged(config, well=True) if verdicts - {"stopped"} else ())]


def watch_over(
    config: Config, others: Iterable[Config] = (), trouble: LuutruError | None = None
) -> list[Step]:
    """What needs no crawl: judge the archive and its disk, tell what waits, ping if all is well.

    In a cluster `others` are of the portals' own archives, and `trouble` is the cluster's own.
    """
    steps: list[Step] = []
    standing: set[str] = set()
    for own in chain(others, [config]):
        with closing(open_archive(own.archive)) as db, alone(own.archive.parent):
            if own is config and config.cluster:
                judge_kind(db, "broken", _broken(trouble), config, datetime.now(UTC))
            steps += _judged_and_told(db, own)
            steps += _measured(db, own)
            standing |= {row["kind"] for row in alarms.standing(db)}
    well = not standing & {"failed", "broken", "silent", "fixity", "disk"}
    return [*steps, *_pinged(config, well=well)]


def _own(db: sqlite3.Connection, config: Config, runs: Sequence[int]) -> Iterator[Step]:
    """What the file asks for beside alarms."""
    if config.after.verify:
        yield _try("verify", lambda: _sampled(db, config))
    if config.after.watches:
        yield _try("watch", lambda: _watched(db, config.archive))
    if folder := config.after.reports:
        yield _try("report", lambda: _reported(db, config, folder, runs))


def _try(name: str, do: Callable[[], str | None]) -> Step:
    try:
        return Step(name, do())
    except (LuutruError, NotDelivered, sqlite3.Error, OSError) as error:
        return Step(name, problem=" ".join(str(error).split()))


def is_due_again(size: int, last: datetime | None, now: datetime) -> bool:
    """Whether a database of `size` bytes is to be checked, or copied, after a run again.

    Both read all of it: more than half a minute for each GB. Where many portals are crawled in a
    night, once is enough for a large one.
    """
    is_fresh = last is not None and timedelta() <= now - last < _FRESH
    return size < _LARGE or not is_fresh


def _sampled(db: sqlite3.Connection, config: Config) -> str | None:
    share, size = config.after.verify, config.archive.stat().st_size
    if not is_due_again(size, journal.last_check(db, config.archive), datetime.now(UTC)):
        return None
    report = checking.survey(db, config.archive, share, lambda _: None)
    journal.note_check(db, config.archive, report, share)
    return tr("{n} findings", n=len(report.findings)) if report.findings else None


def _copied_to(db: sqlite3.Connection, config: Config, to: Copy) -> Copied:
    """WARC files are copied after each run: the database can be made anew from them."""
    last = last_of_database(db, config.archive, to)
    with_database = is_due_again(config.archive.stat().st_size, last, datetime.now(UTC))
    return copy_to(db, config, to, config.after.verify, with_database=with_database)


def _watched(db: sqlite3.Connection, archive: Path) -> str | None:
    """Saved searches; one that could not be told waits, and `luutru watch list` says why."""
    told = [each for each in watching.run(db, archive) if each.articles or each.problem]
    return "\n".join(map(watching.said, told)) or None


def _reported(db: sqlite3.Connection, config: Config, folder: Path, runs: Sequence[int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for report in (report_of(db, run) for run in runs):
        run = report.run
        target = folder / f"{run['started_at'][:10]}-{run['portal']}-r{run['id']}.html"
        part = target.with_suffix(".part")
        with speaking(config.language):
            part.write_text(page(report), "utf-8")
        put_in_place(part, target)


def _undone(steps: Sequence[Step]) -> list[Alarm]:
    return [
        Alarm("after", each.name, f"{each.name}: {each.problem}") for each in steps if each.problem
    ]


def _copied(copies: Sequence[Copied]) -> list[Alarm]:
    return [
        Alarm(
            "copies",
            f"{copied.name}: {path}",
            f"{copied.name}: {f'{path}: ' if path else ''}{what}",
        )
        for copied in copies
        for path, what in copied.problems.items()
    ]


def _broken(trouble: LuutruError | None) -> list[Alarm]:
    return [Alarm("broken", line=str(trouble))] if trouble else []


def _judged_and_told(db: sqlite3.Connection, config: Config) -> Iterator[Step]:
    judge_archive(db, config, datetime.now(UTC))
    for told in tell(db, config, datetime.now(UTC)):
        if told.alarms or told.problem:
            said = tr("{n} alarms told", n=told.alarms) if told.alarms else None
            yield Step(f"notify {told.target.name}", said, told.problem)


def _measured(db: sqlite3.Connection, config: Config) -> list[Step]:
    target = config.metrics
    # In a cluster there are many such files, and no two may have the same labels.
    name = config.archive.parent.name if config.cluster else ""
    if not target:
        return []
    return [_try("metrics", lambda: write_metrics(db, config.archive, target, name))]


def _pinged(config: Config, *, well: bool) -> list[Step]:
    url = config.heartbeat.url
    return [_try("heartbeat", lambda: ping(url, well=well))] if url else []
