"""Pages of a live crawl, walked and read in a process apart while the crawl itself goes on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from scrapy.settings import BaseSettings, Settings
from scrapy.utils.misc import load_object

from crawler.apart.arrivals import Arrivals
from crawler.apart.process import Outfit
from crawler.apart.reader import Died, cores
from crawler.items import Page, Problem, ReadPage
from crawler.media import HTML, media_type_of
from crawler.profiles import Profile
from crawler.urls import hosts_of
from spiders.walked import Posted, walked

_log = logging.getLogger(__name__)


def jobs_for(settings: BaseSettings) -> int:
    """How many processes read pages beside the one that crawls.

    A crawl that waits between its requests has time enough to read, so by itself only one that
    does not gets a reader, where there is a second processor for it.
    """
    if wanted := settings.getint("CRAWL_JOBS"):
        return wanted - 1
    return 1 if settings.getfloat("DOWNLOAD_DELAY") == 0 and cores() > 1 else 0


def may_be_read(page: Page) -> bool:
    """Whether the page is worth the way to another process: files are not."""
    return page.kind != "file" and media_type_of(page.body) in (None, HTML)


def with_likeness(read: ReadPage) -> ReadPage:
    """`read` with what saving would decode and parse the page for once more, in its own process."""
    if read.kind == "article" or "document" not in read.page.__dict__:
        return read
    return replace(read, likeness=read.page.document.likeness)


def unread(page: Page, how: str) -> ReadPage:
    """The page that ends whatever process reads it: it is kept, and is a problem."""
    why = f"it can't be read: the process that tried to has ended ({how})"
    return ReadPage(page, "blocked", problems=(Problem(why),))


@dataclass(frozen=True, slots=True)
class Arrived:
    """A page to be walked and read."""

    page: Page
    posted: Posted


class ArrivedPages:
    """Walks and reads the pages of one portal (`crawler.apart.process.Drafting`)."""

    def __init__(self, profile: Profile, settings: Settings) -> None:
        self._profile = profile
        self._within = hosts_of(profile.url, *profile.hosts)
        self._read: Callable[[Page, Profile], ReadPage] = load_object(settings["READER"])

    def draft(self, asked: Arrived) -> ReadPage | str:
        """The page as it was read, without what the crawl has of it; or why it can't be read."""
        try:
            page = walked(asked.page, asked.posted, self._profile, self._within)
            read = self._read(page, self._profile)
        except MemoryError:
            raise
        # A reader that fails on one page must not keep the others from being read.
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
        return replace(with_likeness(read), page=replace(read.page, body=b"", captures=()))


class Apart:
    """The readers of a crawl."""

    def __init__(self, jobs: int, profile: Profile, settings: BaseSettings) -> None:
        outfit = Outfit(profile, settings.copy_to_dict(), "ARRIVED_DRAFTER")
        self._arrivals = Arrivals(jobs, outfit)

    async def read(self, page: Page, posted: Posted) -> ReadPage:
        """The page, walked and read; one that can't be read is a failure, never an error.

        Raises CannotRun when no process can be started.
        """
        found: ReadPage | Died | str = await self._arrivals.draft(Arrived(page, posted))
        if isinstance(found, Died):
            _log.error("%s: no process could read it (%s)", page.url, found.how)
            return unread(page, found.how)
        if isinstance(found, str):
            _log.error("%s: not read: %s", page.url, found)
            return ReadPage(replace(page, status=None, failure=f"not read: {found}"), page.kind)
        return replace(found, page=replace(found.page, body=page.body, captures=page.captures))

    def start(self) -> None:
        """Start the processes, beside the crawl's own start."""
        self._arrivals.start()

    async def close(self) -> None:
        """End the processes."""
        await self._arrivals.close()
