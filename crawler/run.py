"""The run of a Scrapy crawl: opens the archive, begins a run, ends it with a verdict."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

from scrapy import signals
from scrapy.crawler import Crawler

from crawler import __version__
from crawler.archive import frontier, runs
from crawler.archive.connection import open_archive, transaction
from crawler.profiles import Profile
from crawler.urls import link


class CrawlRun:
    """Scrapy extension. Other parts find it by `crawl_run(crawler)`."""

    def __init__(self, crawler: Crawler, profile: Profile) -> None:
        self.profile = profile
        self.db: sqlite3.Connection = open_archive(Path(crawler.settings["ARCHIVE"]), create=True)
        self.run = runs.begin(self.db, profile, "crawl", _identity(crawler), datetime.now(UTC))
        self.broken: sqlite3.Error | None = None
        """Why the archive could not be written; the crawl ends at the first such error."""
        self._crawler = crawler
        self._seed()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Begin the run of `crawler.spider`, which must have a `profile`."""
        run = cls(crawler, cast("Profile", crawler.spider.profile))  # type: ignore[union-attr]
        crawler.signals.connect(run._finish, signals.spider_closed)
        return run

    def _seed(self) -> None:
        start = self.profile.url
        seeds = [
            link(start, start, "home"),
            link("/robots.txt", start, "robots"),
            *(link(path, start, _kind(path)) for path in self.profile.start),
        ]
        with transaction(self.db):
            frontier.add(
                self.db, self.run.portal_id, [seed for seed in seeds if seed], datetime.now(UTC)
            )

    def give_up(self, error: sqlite3.Error) -> None:
        """End the crawl, since the archive can't be written; nothing saved before is harmed."""
        if self.broken is None:
            self.broken = error
            closing = self._crawler.engine.close_spider_async(reason="the archive can't be written")
            self._closing = asyncio.ensure_future(closing)

    def _finish(self, reason: str) -> None:
        try:
            runs.finish(self.db, self.run, reason, datetime.now(UTC))
        except sqlite3.Error as error:
            self.broken = self.broken or error
        finally:
            self.db.close()


def _kind(path: str) -> str:
    if "sitemap" in path:
        return "sitemap"
    return "feed" if "rss" in path or "feed" in path else "listing"


def _identity(crawler: Crawler) -> runs.Identity:
    return runs.Identity(
        software=f"luutru {__version__}",
        user_agent=crawler.settings["USER_AGENT"],
        robots_policy="obey" if crawler.settings.getbool("ROBOTSTXT_OBEY") else "ignore",
    )


def crawl_run(crawler: Crawler) -> CrawlRun:
    """The run that `crawler` is making."""
    run = crawler.get_extension(CrawlRun)
    if run is None:
        raise RuntimeError("the extension crawler.run.CrawlRun is not enabled")
    return run
