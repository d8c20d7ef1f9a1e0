"""Which portals a command is for, and the words of `luutru crawl` for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from crawler import profiles, settings
from crawler.capture.folder import folder_of
from crawler.cluster import servers
from crawler.crawling import Target
from crawler.errors import BadInput
from crawler.politeness.window import Window
from crawler.profiles import Profile
from crawler.replaying.grouping import Group
from crawler.schedules import config as written
from crawler.schedules.command import crawl_words
from crawler.schedules.due import Due
from crawler.settings import ARCHIVE
from crawler.words import tr


@dataclass(eq=False, slots=True)
class Portal:
    """A portal of the command, and how far it has come."""

    slug: str
    """Its short name, and that of its folder."""
    words: Callable[[], Sequence[str]]
    """Of luutru for a turn that begins now, without what the command itself was given."""
    delay: float = 0.0
    """Seconds between two requests, as far as they are known beforehand."""
    window: str = ""
    """Hours in which it may be asked; empty is any."""
    budget: int | None = None
    """Requests in all; None is no limit."""
    hosts: tuple[str, ...] = ()
    """Those that it asks."""
    addresses: tuple[str, ...] = ()
    """Network addresses of these."""
    turns: int = 0
    tries: int = 0
    """Turns in a row that came to nothing."""
    pages: int = 0
    """Asked for in all its turns."""
    found: int = 0
    """Articles that were new or changed in them."""

    def may_begin(self) -> bool:
        """Whether its window is open."""
        return not self.window or not Window.parse(self.window).opens_in(datetime.now(UTC))

    @property
    def is_spent(self) -> bool:
        """Whether its budget is."""
        return self.budget is not None and self.pages >= self.budget


def named(names: Sequence[str]) -> list[Portal]:
    """The portals with these names or addresses; BadInput for what is none."""
    return [_of_target(Target.named(name)) for name in names]


def of_config(config: written.Config, *, at_any_time: bool) -> list[Portal]:
    """All portals of `luutru.toml`, each with what the file says of it, but for its window."""
    # Lines of many machines would not keep apart in one file.
    config = replace(config, logs=written.Logs())
    return [_of_config(config, portal, at_any_time) for portal in config.portals]


def of_run(config: written.Config, run: Due) -> Portal:
    """The portal of a scheduled run, whose server's name is looked up now."""
    (found,) = distinct([_of_config(config.own(run.portal), run.portal, run.wanted)])
    found.window = "" if run.wanted else found.window
    return found


def kept(folder: Path, jobs: int) -> list[Portal]:
    """The portals whose archives in `folder` keep pages, which are read again.

    `jobs` is how many processes read those of one portal. Raises BadInput when there is none.
    """
    found = [each for each in _archives(folder) if any(folder_of(each).glob("*.warc.gz*"))]
    if not found:
        raise BadInput(tr("no archive in {folder} keeps a page", folder=folder))
    return [_kept(archive, jobs) for archive in found]


def has_archives(folder: Path) -> bool:
    """Whether it is one that `kept` takes."""
    return bool(_archives(folder))


def _archives(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*/{ARCHIVE}"))


def of_files(groups: Sequence[Group], command: str, into: Path, jobs: int) -> list[Portal]:
    """A portal for each group of files, which `luutru replay` or `import` reads into an archive."""
    return [_of_group(group, command, into, jobs) for group in groups]


def _of_group(group: Group, command: str, into: Path, jobs: int) -> Portal:
    db = into / group.slug / ARCHIVE
    words = (command, *map(str, group.files), "--jobs", str(jobs), "--db", str(db))
    return Portal(group.slug, lambda: words)


def _kept(archive: Path, jobs: int) -> Portal:
    return Portal(archive.parent.name, lambda: ("replay", str(archive), "--jobs", str(jobs)))


def distinct(portals: Sequence[Portal]) -> list[Portal]:
    """Each portal once, with the addresses of its servers; BadInput if there is none."""
    found = list({portal.slug: portal for portal in portals}.values())
    if not found:
        raise BadInput(tr("name a portal or a URL, or all those of luutru.toml with --all"))
    addresses = servers.addresses([portal.hosts for portal in found])
    for portal, own in zip(found, addresses, strict=True):
        portal.addresses = own
    return found


def _of_target(target: Target) -> Portal:
    profile = profiles.load(target.portal) if target.portal else profiles.for_url(target.url)
    words = ("crawl", target.portal or target.url)
    return Portal(
        profile.slug, lambda: words, _delay(profile), profile.window, hosts=_hosts(profile)
    )


def _of_config(config: written.Config, portal: written.Portal, at_any_time: bool) -> Portal:
    profile = profiles.for_url(portal.url) if portal.url else profiles.load(portal.name)

    began: datetime | None = None

    def words() -> Sequence[str]:
        nonlocal began
        now = datetime.now(UTC)
        began = began or now
        left = _left(portal.deadline, began, now)
        run = Due(replace(portal, deadline=left), now, now, wanted=at_any_time)
        return crawl_words(config, run, now)

    delay = _delay(profile) if portal.delay is None else portal.delay
    return Portal(profile.slug, words, delay, portal.window, portal.budget or None, _hosts(profile))


def _left(deadline: timedelta | None, began: datetime, now: datetime) -> timedelta | None:
    """What is left of the longest time that all turns together may take."""
    return deadline and max(began + deadline - now, timedelta(seconds=1))


def _delay(profile: Profile) -> float:
    return settings.DOWNLOAD_DELAY if profile.delay is None else profile.delay


def _hosts(profile: Profile) -> tuple[str, ...]:
    return (urlsplit(profile.url).netloc.rpartition("@")[2], *profile.hosts)
