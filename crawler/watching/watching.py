"""Going through the saved searches: find what is new, tell it, note that it was told."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.archive import facts, watches
from crawler.archive.watches import Watch
from crawler.errors import BadInput
from crawler.locking import alone
from crawler.search import matching
from crawler.telling.message import NotDelivered
from crawler.telling.sending import send
from crawler.watching.message import message
from crawler.watching.target import target_of
from crawler.words import tr

_AT_ONCE = 100
"""Articles in one message."""


@dataclass(frozen=True, slots=True)
class Told:
    """How it went with one saved search."""

    watch: Watch
    articles: int
    """Articles that were told of."""
    problem: str | None
    """Why the rest waits."""


def said(told: Told) -> str:
    """How it went with one saved search, in a line."""
    name = told.watch.query or tr("all")
    if told.problem:
        return tr("{name}: not delivered, will be tried again: {why}", name=name, why=told.problem)
    return tr("{name}: {n} new articles told", name=name, n=told.articles)


def run(db: sqlite3.Connection, archive: Path) -> list[Told]:
    """Go through all saved searches of the archive at the path `archive`."""
    # Two crawls that end together must not tell the same twice.
    with alone(archive.absolute().parent):
        return [_run(db, watch) for watch in watches.watches(db)]


def _run(db: sqlite3.Connection, watch: Watch) -> Told:
    now = datetime.now(UTC)
    watches.note_hits(db, watch.id, matching(db, watch.query, watch.filters), now)
    new = watches.waiting(db, watch.id)
    for start in range(0, len(new), _AT_ONCE):
        part = new[start : start + _AT_ONCE]
        told = list(facts.facts(db, part))
        if problem := _problem(watch, told):
            watches.note_problem(db, watch.id, problem)
            return Told(watch, start, problem)
        watches.note_told(db, watch.id, part, datetime.now(UTC))
    return Told(watch, len(new), None)


def _problem(watch: Watch, articles: list[dict[str, Any]]) -> str | None:
    """Tell of `articles`; why that was not possible, or None."""
    try:
        target = target_of(watch.channel, watch.target)
    except BadInput as error:
        # A crawl does not end for what an archive brings, unlike for a setting of this machine.
        return str(error)
    try:
        send(target, message(watch, articles))
    except NotDelivered as error:
        return str(error)
    return None
