"""Which portals the kept exchanges belong to: one task, and one run, for each."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from crawler import profiles
from crawler.archive import replays
from crawler.archive.connection import open_archive
from crawler.archive.replays import OwnRecord
from crawler.capture.exchange import Place
from crawler.capture.folder import path_of
from crawler.capture.moment import moment
from crawler.profiles import Profile
from crawler.replaying.kept import Holdings, Kept, Spot
from crawler.urls import hosts_of, in_scope


@dataclass(slots=True)
class Task:
    """The kept exchanges of one portal."""

    profile: Profile
    kind: str
    """Of the run: replay or import."""
    exchanges: list[Kept]
    trouble: list[str] = field(default_factory=list)
    """What could not be read, a line each; the run is incomplete when there is any."""
    seeds: bool = True
    """Whether the portal's start pages are due, should the archive not know them."""


def tasks_for(found: Holdings, portal: str, known: dict[str, str], kind: str) -> list[Task]:
    """A task for each portal in `found`; exchanges of other hosts are left out.

    `portal` is the slug of the only one, or empty; `known` has the archive's portals (slug to
    address). Damage belongs to the first task.
    """
    wanted = [named(portal, known)] if portal else _profiles(found.exchanges, known)
    tasks = [Task(profile, kind, _of(profile, found.exchanges)) for profile in wanted]
    tasks = [task for task in tasks if task.exchanges]
    for task in tasks[:1]:
        task.trouble += found.damage
    return tasks


def other_hosts(found: Holdings, tasks: Iterable[Task]) -> dict[str, int]:
    """The hosts of exchanges that no task has, and how many; those with most first."""
    hosts = Counter(host_of(kept.url) for kept in found.exchanges)
    hosts.subtract(host_of(kept.url) for task in tasks for kept in task.exchanges)
    return {host: count for host, count in hosts.most_common() if count > 0}


def own_tasks(db: sqlite3.Connection, folder: Path, portal: str) -> list[Task]:
    """A task for each portal of the archive: the records that its rows point at in `folder`."""
    known = replays.portals(db)
    wanted = [named(portal, known)] if portal else [named(slug, known) for slug in known]
    tasks = [
        Task(
            profile,
            "replay",
            [_own(folder, record) for record in replays.own_records(db, profile.slug)],
            seeds=False,
        )
        for profile in wanted
    ]
    return [task for task in tasks if task.exchanges]


def portals_in(db: Path) -> dict[str, str]:
    """The start address of each portal of an archive by its slug; none where no archive is."""
    if not db.exists():
        return {}
    with closing(open_archive(db)) as archive:
        return replays.portals(archive)


def named(slug: str, known: dict[str, str]) -> Profile:
    """The profile of a portal in the archive, or of one that luutru knows; else BadInput."""
    if slug in known and not (slug in profiles.slugs() and profiles.load(slug).url):
        return profiles.for_url(known[slug])
    return profiles.of_portal(slug)


def _profiles(exchanges: Iterable[Kept], known: dict[str, str]) -> list[Profile]:
    """The portals that are known, here or to the archive, and that of the first page."""
    # A portal is the same over http and https, with and without `www.`.
    roots: dict[str, str] = {}
    for root in dict.fromkeys(root_of(kept.url) for kept in exchanges):
        roots.setdefault(host_of(root), root)
    ours = {host_of(url): url for url in known.values()}
    found: dict[str, Profile] = {}
    for number, (host, root) in enumerate(roots.items()):
        profile = profiles.for_url(ours.get(host, root))
        if number == 0 or host in ours or profile.cms != profiles.GENERIC:
            found.setdefault(profile.slug, profile)
    return list(found.values())


def host_of(url: str) -> str:
    """The host by which a portal is known: with its port, without `www.`."""
    return next(iter(hosts_of(root_of(url))))


def root_of(url: str) -> str:
    """The address of the host that `url` is on, in lower case, without the scheme's own port."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host.removesuffix(':443' if parts.scheme == 'https' else ':80')}/"


def _of(profile: Profile, exchanges: Iterable[Kept]) -> list[Kept]:
    hosts = hosts_of(profile.url, *profile.hosts)

    @cache
    def is_own(root: str) -> bool:
        # As it is written in a URL: some write `huyện.vn`, some `xn--huyn-1q5a.vn`.
        return in_scope(f"http://{host_of(root)}/", hosts)

    return [kept for kept in exchanges if is_own(root_of(kept.url))]


def _own(folder: Path, record: OwnRecord) -> Kept:
    at = moment(record.captured_at)
    if at is None:
        raise ValueError(f"captures.captured_at is no time: {record.captured_at}")
    return Kept(
        url=record.url,
        at=at,
        spot=spot_in(folder, record.place),
        original=spot_in(folder, record.original) if record.original else None,
        same_payload=record.same_payload,
        url_id=record.url_id,
        source=record.source,
        run_started=record.run_started,
    )


def spot_in(folder: Path, place: Place) -> Spot:
    """The record at `place` of an archive's WARC folder, even if its file was left open."""
    return Spot(path_of(folder, place.file), place)
