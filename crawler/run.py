"""The run of a Scrapy crawl: opens the archive, begins a run, ends it with a verdict."""

import asyncio
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

from scrapy import signals
from scrapy.crawler import Crawler

from crawler import __version__
from crawler.archive import evidence, frontier, runs
from crawler.archive.connection import open_archive, transaction
from crawler.archive.presence import Patience
from crawler.archive.saving import save
from crawler.capture.exchange import Capture, Exchange
from crawler.capture.recovery import recover
from crawler.capture.warc import WarcWriter, folder_of, info_fields, unkept
from crawler.items import ReadPage
from crawler.profiles import Profile
from crawler.urls import link


class CrawlRun:
    """Scrapy extension. Other parts find it by `crawl_run(crawler)`."""

    def __init__(self, crawler: Crawler, profile: Profile) -> None:
        self.profile = profile
        self.db: sqlite3.Connection = open_archive(Path(crawler.settings["ARCHIVE"]), create=True)
        self.run = runs.begin(self.db, profile, "crawl", _identity(crawler), datetime.now(UTC))
        self.broken: sqlite3.Error | OSError | None = None
        """Why the archive could not be written; the crawl ends at the first such error."""
        self._crawler = crawler
        self._warc = self._opened_warc() if crawler.settings.getbool("WARC_ENABLED") else None
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

    def _opened_warc(self) -> WarcWriter:
        settings = self._crawler.settings
        folder = folder_of(Path(settings["ARCHIVE"]))
        who = _identity(self._crawler)
        with transaction(self.db):
            for mended in recover(folder, lambda name: evidence.last_known_end(self.db, name)):
                detail = f"left open; {mended.cut} bytes of a torn record cut off"
                evidence.note(
                    self.db,
                    datetime.now(UTC),
                    "modification",
                    mended.file,
                    "success",
                    detail,
                    who.software,
                )
        began = re.sub(r"\D", "", self.run.started_at)
        name = f"{began}-{self.profile.slug}-r{self.run.id}"
        fields = info_fields(who.software, who.user_agent, settings["CONTACT"], who.robots_policy)
        return WarcWriter(folder, name, fields, settings.getint("WARC_LARGEST"))

    def keep(
        self, url: str, exchange: Exchange, via: str | None, kept_as: int | None = None
    ) -> Capture | None:
        """Write the exchange to the WARC; when that fails, the crawl ends.

        `kept_as` is the capture that gave the validators of a conditional request.
        """
        if self._warc is None:
            return unkept(url, exchange)
        vouched = evidence.kept_copy(self.db, kept_as) if kept_as else None
        try:
            return self._warc.keep(
                url, exchange, via, lambda sha: evidence.original(self.db, sha), vouched
            )
        except OSError as error:
            self.give_up(error)
            raise

    def save(self, read: ReadPage) -> None:
        """Save what a page gave, in one transaction."""
        settings = self._crawler.settings
        runs_absent = settings.getint("MISSING_AFTER_RUNS")
        days_absent = settings.getfloat("MISSING_AFTER_DAYS")
        save(self.db, self.run, read, Patience(runs_absent, days_absent))

    def give_up(self, error: sqlite3.Error | OSError) -> None:
        """End the crawl, since the archive can't be written; nothing saved before is harmed."""
        if self.broken is None:
            self.broken = error
            closing = self._crawler.engine.close_spider_async(reason="the archive can't be written")
            self._closing = asyncio.ensure_future(closing)

    def _finish(self, reason: str) -> None:
        try:
            if self._warc:
                self._warc.close()
            runs.finish(self.db, self.run, reason, datetime.now(UTC))
        except (sqlite3.Error, OSError) as error:
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
