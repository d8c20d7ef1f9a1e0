"""Running the spider from Python, one portal after the other in one process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler import __version__, profiles
from crawler.archive.connection import explained, open_archive
from crawler.errors import BadInput, CannotRun, LuutruError
from crawler.run import crawl_run
from crawler.safety.addresses import networks
from crawler.urls import is_address
from crawler.words import tr


@dataclass(frozen=True, slots=True)
class Target:
    """What to crawl: the slug of a portal or a start URL; the other one is empty."""

    portal: str = ""
    url: str = ""

    @classmethod
    def named(cls, text: str) -> "Target":
        """The target that a person means by `text`; BadInput when there is none."""
        if "://" not in text and "." not in text and ":" not in text:
            if not profiles.load(text).url:
                raise BadInput(
                    tr("{text} is a CMS, not a portal; name a portal or a URL", text=text)
                )
            return cls(portal=text)
        url = text if "://" in text else f"https://{text}"
        if not is_address(url):
            raise BadInput(
                tr("{text} is no address with a host; write https://host/...", text=text)
            )
        return cls(url=url if urlsplit(url).path else f"{url}/")


@dataclass(slots=True)
class Crawled:
    """What came of crawling some portals."""

    runs: list[int]
    """Ids of the runs that ended with a verdict."""
    trouble: LuutruError | None = None
    """Why the first of the others could not run, or had to give up."""


def crawl_all(
    targets: list[Target],
    db: Path,
    *,
    delay: float | None = None,
    concurrency: int = 1,
    contact: str | None = None,
    verbose: bool = False,
    progress: bool = True,
    overrides: Mapping[str, Any] = {},
) -> Crawled:
    """Crawl `targets` into `db`, one after the other.

    `overrides` are settings by name (`crawler.settings`), such as CRAWL_MODE. An archive that
    can't be used raises BadInput or CannotRun before any portal is asked.
    """
    chosen = settings(db, delay, concurrency, contact, verbose, progress)
    chosen.update(overrides, priority="cmdline")
    # What is refused leaves no empty archive behind.
    networks(chosen.getlist("NETWORKS_ALLOWED"))
    open_archive(db, create=True).close()
    process = AsyncCrawlerProcess(chosen)
    crawls: list[_Crawl] = []
    _next(process, targets, crawls)
    process.start()
    return _ended(crawls, db)


_Crawl = tuple[Crawler, "asyncio.Task[None]"]


def _next(process: AsyncCrawlerProcess, targets: list[Target], crawls: list[_Crawl]) -> None:
    if targets:
        crawler = process.create_crawler("news")
        task = process.crawl(crawler, portal=targets[0].portal, url=targets[0].url)
        crawls.append((crawler, task))
        task.add_done_callback(lambda done: _after(done, process, targets[1:], crawls))


def _after(
    done: "asyncio.Task[None]",
    process: AsyncCrawlerProcess,
    rest: list[Target],
    crawls: list[_Crawl],
) -> None:
    """Go on with the next portal, unless the operator wants to end or something is broken."""
    if done.cancelled():
        return
    if error := done.exception():
        # A portal that is being crawled already is no reason to leave the others alone.
        goes_on = isinstance(error, LuutruError)
    else:
        run = crawl_run(crawls[-1][0])
        goes_on = not (run.broken or run.stopped)
    if goes_on:
        _next(process, rest, crawls)


def _ended(crawls: list[_Crawl], db: Path) -> Crawled:
    crawled = Crawled([])
    for crawler, task in crawls:
        if not task.done():
            raise CannotRun(tr("stopped; run the same command again to go on"))
        error = task.exception()
        if isinstance(error, LuutruError):
            crawled.trouble = crawled.trouble or error
            continue
        task.result()
        run = crawl_run(crawler)
        if run.broken:
            crawled.trouble = crawled.trouble or explained(run.broken, db)
        else:
            crawled.runs.append(run.run.id)
    return crawled


def settings(
    db: Path,
    delay: float | None = None,
    concurrency: int = 1,
    contact: str | None = None,
    verbose: bool = False,
    progress: bool = False,
) -> Settings:
    """The project's Scrapy settings with what the command line overrides."""
    made = Settings()
    made.setmodule("crawler.settings", priority="project")
    given: dict[str, Any] = {
        "ARCHIVE": str(db.absolute()),
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "LOG_LEVEL": "INFO" if verbose else "ERROR",
        "PROGRESS": progress and not verbose,
    }
    if delay is not None:
        given["DOWNLOAD_DELAY"] = delay
    if contact:
        given |= {"CONTACT": contact, "USER_AGENT": f"luutru/{__version__} (+{contact})"}
    made.update(given, priority="cmdline")
    return made
