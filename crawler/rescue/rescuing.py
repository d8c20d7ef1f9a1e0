"""Running a rescue from Python, and saying how long the rest of it takes."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler import profiles
from crawler.archive import listed, questions, reports
from crawler.archive.connection import open_archive
from crawler.archive.listed import Holder
from crawler.crawling import Target, settings
from crawler.crawls import crawl_in_turn
from crawler.profiles import Profile
from crawler.replaying.tasks import named, portals_in
from crawler.rescue.services import Service


@dataclass(frozen=True, slots=True)
class Rescued:
    """How a rescue stands when a run of it has ended."""

    run_id: int
    states: dict[str, int]
    """Listed captures by state: waiting, done, refused, failed."""
    questions: int
    """Questions to the index that are not answered."""
    seconds: float
    """What the rest takes at least, at the pace that the settings allow."""
    lost: list[dict[str, str]]
    """What the web archive lists and could not deliver: url, captured_at, reason."""


def profile_for(name: str, db: Path) -> Profile:
    """The profile of the portal that a person means by a short name or address; else BadInput."""
    if "://" not in name and "." not in name and ":" not in name:
        return named(name, portals_in(db))
    return profiles.for_url(Target.named(name).url)


def rescue(
    profile: Profile,
    source: str,
    db: Path,
    overrides: Mapping[str, Any],
    *,
    contact: str | None = None,
    verbose: bool = False,
    progress: bool = True,
) -> Rescued:
    """Rescue a portal from a web archive into `db`, as far as `overrides` (settings) allow.

    Raises CannotRun when the archive can't be written, or somebody stops it.
    """
    chosen = settings(db, contact=contact, verbose=verbose, progress=progress)
    chosen.update(overrides, priority="cmdline")
    crawled = crawl_in_turn(chosen, source, [{"profile": profile}], db)
    if crawled.trouble:
        raise crawled.trouble
    run_id = crawled.runs[0]
    with closing(open_archive(db)) as archive:
        holder = Holder(reports.run(archive, run_id)["portal_id"], source)
        return _standing(archive, run_id, holder, Service.of(source, chosen))


def _standing(db: sqlite3.Connection, run_id: int, holder: Holder, service: Service) -> Rescued:
    states = listed.counts(db, holder)
    left = questions.left(db, holder)
    seconds = left * service.index_delay + states.get("waiting", 0) * service.delay
    lost = [dict(row) for row in listed.lost(db, holder)]
    return Rescued(run_id, states, left, seconds, lost)
