"""What will happen: the next runs of all portals, and what stands in their way."""

import heapq
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from crawler.errors import BadInput
from crawler.schedules.config import Config, Portal
from crawler.schedules.due import opened
from crawler.telling.secrets import filled
from crawler.words import tr


@dataclass(frozen=True, slots=True)
class Planned:
    """A run to come."""

    at: datetime
    """In the zone of the file."""
    portal: Portal


def next_runs(config: Config, now: datetime, most: int) -> list[Planned]:
    """The next `most` runs of all portals as the file plans them, the earliest first."""
    each = (_runs(config, portal, now) for portal in config.portals)
    return list(islice(heapq.merge(*each, key=lambda run: (run.at, run.portal.name)), most))


def _runs(config: Config, portal: Portal, now: datetime) -> Iterator[Planned]:
    at, last = now, now
    while True:
        at = portal.schedule.next(at, config.zone)
        starts = opened(portal, at)
        # While the window is shut, several become one.
        if starts > last:
            yield Planned(starts.astimezone(config.zone), portal)
        last = starts


def faults(config: Config) -> list[str]:
    """What the file can't be blamed for line by line, but what will not work."""
    found = []
    if not config.contact:
        found.append(tr("`contact` is missing: portals can't reach you"))
    folders = [config.archive.parent]
    if config.cluster:
        into = config.cluster.into
        folders.append(into if into.exists() else into.parent)
    found += [
        tr("{folder} can't be written", folder=folder)
        for folder in folders
        if not os.access(folder, os.W_OK | os.X_OK)
    ]
    for text in dict.fromkeys(_texts(config)):
        try:
            filled(text)
        except BadInput as error:
            found.append(str(error))
    return list(dict.fromkeys(found))


def _texts(record: Any) -> Iterator[str]:
    """All texts in the record and in those inside it."""
    if isinstance(record, str):
        yield record
    elif isinstance(record, tuple):
        for each in record:
            yield from _texts(each)
    elif is_dataclass(record):
        for each in fields(record):
            yield from _texts(getattr(record, each.name))
