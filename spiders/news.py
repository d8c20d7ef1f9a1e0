"""The spider for live portals: listings in every pagination style, feeds, sitemaps, articles."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler import profiles
from crawler.errors import BadInput, CannotRun
from crawler.items import Page, ReadPage
from crawler.parts import ARCHIVING, LOOKING
from crawler.politeness.robots import RobotsForbids, RobotsUnreachable
from crawler.safety.bounds import OutOfScope
from crawler.urls import hosts_of
from spiders.apart import Apart, jobs_for, may_be_read
from spiders.walked import page_of, posted_with, walked

_MAY_PASS = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    RobotsUnreachable,
)

_REFUSED = (RobotsForbids, OutOfScope)


class NewsSpider(Spider):
    """Walks one portal: `scrapy crawl news -a portal=kimson`, or `-a url=https://...`."""

    name = "news"
    custom_settings = ARCHIVING

    def __init__(self, profile: profiles.Profile, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.profile = profile
        self.hosts = self.within = hosts_of(profile.url, *profile.hosts)
        """Hosts that may be asked, and those whose links are followed."""
        self._apart: Apart | None = None

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        portal: str = "",
        url: str = "",
        profile: profiles.Profile | None = None,
        **kwargs: Any,
    ) -> Self:
        """Choose the profile, if none is given; its `delay` replaces the default one."""
        profile = profile or profile_of(portal, url)
        if profile.cookies:
            crawler.settings.set("COOKIES_ENABLED", True, "spider")
        if profile.delay is not None:
            crawler.settings.set("DOWNLOAD_DELAY", profile.delay, "spider")
        spider = super().from_crawler(crawler, *args, profile=profile, **kwargs)
        if jobs := jobs_for(crawler.settings):
            spider._apart = Apart(jobs, profile, crawler.settings)
            crawler.signals.connect(spider._apart.start, signals.spider_opened)
            crawler.signals.connect(spider._apart.close, signals.spider_closed)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Archive pages, but for one that `scrapy parse` or `scrapy fetch` asks for to look at it.

        They put a `start` of theirs in place of the spider's.
        """
        super().update_settings(settings)
        if cls.start.__module__.startswith("scrapy.commands."):
            settings.update(LOOKING, "spider")

    async def start(self) -> Any:
        """Nothing: the frontier holds the start pages too."""
        for page in tuple[Page, ...]():
            yield page

    def parse(self, response: Response) -> Iterator[Page]:
        """The page as it came, with the links that lead on."""
        page = page_of(response, self.profile)
        yield walked(page, posted_with(response), self.profile, self.within)

    async def arrived(self, response: Response) -> AsyncIterator[Page | ReadPage]:
        """What `parse` gives, read already when pages are read apart."""
        page = page_of(response, self.profile)
        posted = posted_with(response)
        if self._apart and may_be_read(page):
            try:
                yield await self._apart.read(page, posted)
                return
            except CannotRun as error:
                await self._give_up_readers(error)
        yield walked(page, posted, self.profile, self.within)

    async def _give_up_readers(self, error: CannotRun) -> None:
        """Each page that waited for one comes here; the first ends those that are still there."""
        apart, self._apart = self._apart, None
        if apart:
            self.logger.warning("%s: pages are read where they are saved", error)
            await apart.close()

    def no_answer(self, failure: Failure) -> Iterator[Page]:
        """The page that did not come, with the reason."""
        request: Any = failure.request  # type: ignore[attr-defined]
        yield Page(
            url=request.url,
            fetched_at=datetime.now(UTC),
            captures=tuple(request.meta.get("captures", ())),
            url_id=request.meta["url_id"],
            kind="refused" if isinstance(failure.value, _REFUSED) else request.meta["kind"],
            failure=reason_of(failure),
            may_pass=isinstance(failure.value, _MAY_PASS),
        )


def profile_of(portal: str, url: str) -> profiles.Profile:
    """The profile of a portal by its short name, or that which fits an address; else BadInput."""
    if portal:
        return profiles.of_portal(portal)
    if url:
        return profiles.for_url(url)
    raise BadInput("name a portal (-a portal=kimson) or an address (-a url=https://...)")


def reason_of(failure: Failure) -> str:
    """Why no answer came, in one line."""
    error = failure.value
    if isinstance(error, IgnoreRequest | DownloadTimeoutError):
        return str(error)
    text = str(error).strip() or type(error).__name__
    return f"{type(error).__name__}: {text.splitlines()[0]}"
