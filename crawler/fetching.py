"""Fetching a few pages as the crawl would, outside the archive: same manners, no frontier."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.crawling import settings
from crawler.items import Page
from crawler.urls import hosts_of


class _Pages(Spider):
    name = "pages"

    def __init__(self, urls: list[str], found: dict[str, Page], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.urls = urls
        self.hosts = hosts_of(*urls)
        self.found = found

    async def start(self) -> Any:
        for url in self.urls:
            yield Request(
                url, callback=self.keep, errback=self.miss, cb_kwargs={"url": url}, dont_filter=True
            )

    def keep(self, response: Response, url: str) -> Iterator[None]:
        content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        self.found[url] = Page(
            url=response.url,
            fetched_at=datetime.now(UTC),
            status=response.status,
            content_type=content_type,
            body=response.body,
        )
        yield from ()

    def miss(self, failure: Failure) -> Iterator[None]:
        url = failure.request.cb_kwargs["url"]  # type: ignore[attr-defined]
        self.found[url] = Page(url=url, fetched_at=datetime.now(UTC), failure=str(failure.value))
        yield from ()


def fetch(urls: list[str]) -> dict[str, Page]:
    """The page of each of `urls`, or its failure; redirects are followed on the same terms."""
    found: dict[str, Page] = {}
    plain = settings(Path())
    plain.update(
        {"SCHEDULER": "scrapy.core.scheduler.Scheduler", "EXTENSIONS": {}, "ITEM_PIPELINES": {}},
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(plain)
    process.crawl(_Pages, urls=urls, found=found)
    process.start()
    return found
