"""Which WARC files belong together: all that have pages of one portal are read into one archive."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler import profiles
from crawler.errors import BadInput
from crawler.replaying.kept import ANSWERS
from crawler.replaying.records import WholeGzip, records
from crawler.replaying.remaking import is_other_warc
from crawler.replaying.sources import sources
from crawler.replaying.tasks import host_of, root_of
from crawler.urls import is_address
from crawler.words import tr


@dataclass(frozen=True, slots=True)
class Group:
    """Files that share no portal with any others."""

    slug: str
    """Short name of the portal that most of the first file's pages are of."""
    files: tuple[Path, ...]
    """Absolute, sorted."""


def groups(paths: Iterable[Path]) -> list[Group]:
    """The WARC files in `paths` and in folders among them, in groups; each file is read through.

    Raises BadInput for what is no WARC file, or would have to be made one first, and for a file
    without any page.
    """
    wrong: list[str] = []
    found = sources([path.absolute() for path in paths], "", wrong.append)
    if wrong:
        raise BadInput(wrong[0])
    files = sorted({source.path for source in found})
    for source in found:
        if source.form != "warc" or is_other_warc(source.path):
            raise BadInput(_not_spread(source.path))
    return _grouped({path: _portals(path) for path in files})


def _not_spread(path: Path) -> str:
    return tr("--cluster spreads WARC files; import {path} on one machine", path=path)


def _portals(path: Path) -> list[str]:
    """Short names of the portals with pages in the file: first the one with most, then those that
    luutru has profiles of. Others are but what pages of a portal embed.
    """
    try:
        roots = Counter(
            root_of(record.url)
            for record in records(path, lambda _: None)
            if record.kind in ANSWERS
            and record.url.lower().startswith(("http:", "https:"))
            and is_address(record.url)
        )
    except WholeGzip:
        raise BadInput(_not_spread(path)) from None
    hosts: dict[str, int] = {}
    for root, number in roots.items():
        hosts[host_of(root)] = hosts.get(host_of(root), 0) + number
    if not hosts:
        raise BadInput(tr("there is no page in {path}", path=path))
    most_first = sorted(hosts, key=lambda host: -hosts[host])
    first, *rest = (profiles.for_url(f"http://{host}/") for host in most_first)
    return [first.slug, *(each.slug for each in rest if each.cms != profiles.GENERIC)]


def _grouped(portals: dict[Path, Sequence[str]]) -> list[Group]:
    """The files joined wherever they share a portal."""
    found: list[tuple[set[str], list[Path]]] = []
    for path, slugs in portals.items():
        own, files = set(slugs), [path]
        for group in [each for each in found if not own.isdisjoint(each[0])]:
            found.remove(group)
            own |= group[0]
            files = [*group[1], *files]
        found.append((own, files))
    made = (Group(portals[min(files)][0], tuple(sorted(files))) for _, files in found)
    return sorted(made, key=lambda group: group.files)
