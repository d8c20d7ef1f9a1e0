"""What to do next, in the order of risk: pages that are not kept and can still be had."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from crawler import profiles
from crawler.archive import gaps, replays

_COMMANDS = {
    gaps.PORTAL: "luutru crawl {portal}",
    gaps.WAYBACK: "luutru rescue {portal} --from wayback",
    gaps.COMMONCRAWL: "luutru rescue {portal} --from commoncrawl",
}
_ORDER = list(_COMMANDS)


@dataclass(slots=True)
class Step:
    """One command, and what it brings."""

    command: str
    portal: str
    place: str
    """portal, wayback or commoncrawl."""
    pages: int = 0
    """0 when nobody knows: the web archive was not asked to the end."""
    articles: int = 0
    urls: list[str] = field(default_factory=list)
    """In the order of risk."""
    silent_since: str | None = None
    """The day on which the portal did not answer, YYYY-MM-DD; None when it did or was not asked."""


def plan(db: sqlite3.Connection, portal: str | None = None) -> list[Step]:
    """The steps, that against the greatest risk first.

    What web archives list and nobody asked comes behind what they are known to have, and portals
    that did not answer come last.
    """
    names, silent = _names(db), gaps.silent(db)
    steps = list(_steps(gaps.at_risk(db, portal), names))
    known = {(step.portal, step.place) for step in steps}
    steps += [
        _step(row["portal"], row["source"], names)
        for row in gaps.unasked(db, portal)
        if (row["portal"], row["source"]) not in known
    ]
    for step in steps:
        step.silent_since = silent.get(step.portal) if step.place == gaps.PORTAL else None
    return sorted(steps, key=lambda step: (step.silent_since is not None, not step.pages))


def _names(db: sqlite3.Connection) -> dict[str, str]:
    """What each portal is called on the command line: one without a profile by its address."""
    known = profiles.slugs()
    return {slug: slug if slug in known else url for slug, url in replays.portals(db).items()}


def _steps(rows: list[gaps.Row], names: dict[str, str]) -> Iterator[Step]:
    # Sorting keeps the order of risk within a step.
    rows = sorted(rows, key=lambda row: (_ORDER.index(row["place"]), row["portal"]))
    for (place, portal), found in groupby(rows, key=lambda row: (row["place"], row["portal"])):
        step = _step(portal, place, names)
        for row in found:
            step.pages += 1
            step.articles += row["kind"] == "article"
            step.urls.append(row["url"])
        yield step


def _step(portal: str, place: str, names: dict[str, str]) -> Step:
    return Step(_COMMANDS[place].format(portal=names[portal]), portal, place)
