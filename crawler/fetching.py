"""Fetching a few pages as the crawl would, outside the archive: same manners, no frontier."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.crawling import settings
from crawler.facts import Profile
from crawler.items import Page
from crawler.parts import ASKING
from crawler.urls import hosts_of, in_scope

Lead = Callable[[Page], list[str]]
"""Which further addresses to ask for, once a page (or its failure) is there."""


class _Pages(Spider):
    name = "pages"
    custom_settings = ASKING

    def __init__(
        self, urls: list[str], found: dict[str, Page], lead: Lead, profile: Profile, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.urls = urls
        own = hosts_of(profile.url, *profile.hosts)
        # What is let pass for a portal is not for the hosts of others that were named with it.
        is_own = all(in_scope(url, own) for url in urls)
        self.profile = profile if is_own else replace(profile, unverified_tls=False)
        self.hosts = own | hosts_of(*urls)
        self.found = found
        self.lead = lead

    async def start(self) -> Any:
        for request in self.requests(self.urls):
            yield request

    def requests(self, urls: list[str]) -> Iterator[Request]:
        for url in urls:
            yield Request(
                url, callback=self.keep, errback=self.miss, cb_kwargs={"url": url}, dont_filter=True
            )

    def keep(self, response: Response, url: str) -> Iterator[Request]:
        content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        self.found[url] = Page(
            url=response.url,
            fetched_at=datetime.now(UTC),
            status=response.status,
            content_type=content_type,
            body=response.body,
            headers=response.headers.to_string().decode("latin-1"),
        )
        yield from self.requests(self.lead(self.found[url]))

    def miss(self, failure: Failure) -> Iterator[Request]:
        url = failure.request.cb_kwargs["url"]  # type: ignore[attr-defined]
        self.found[url] = Page(url=url, fetched_at=datetime.now(UTC), failure=str(failure.value))
        yield from self.requests(self.lead(self.found[url]))


def fetch(
    urls: list[str],
    profile: Profile,
    lead: Lead = lambda page: [],
    delay: float | None = None,
) -> dict[str, Page]:
    """The page of each of `urls`, or its failure; redirects are followed on the same terms.

    `profile` says which further hosts may be asked, whether cookies are sent back, and whether a
    broken certificate is let pass; `lead` names further addresses after each page; `delay` replaces
    the seconds between two.
    """
    found: dict[str, Page] = {}
    asked = settings(Path(), profile.delay if delay is None else delay)
    asked.set("COOKIES_ENABLED", profile.cookies)
    process = AsyncCrawlerProcess(asked)
    process.crawl(_Pages, urls=urls, found=found, lead=lead, profile=profile)
    process.start()
    return found
