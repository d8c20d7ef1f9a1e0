"""Running the spider from Python, one portal after the other in one process."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler import __version__, profiles
from crawler.archive.connection import explained, open_archive
from crawler.errors import BadInput
from crawler.run import crawl_run
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
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(
                tr("{text} is no address with a host; write https://host/...", text=text)
            )
        return cls(url=url if parts.path else f"{url}/")


def crawl_all(
    targets: list[Target],
    db: Path,
    *,
    delay: float | None = None,
    concurrency: int = 1,
    contact: str | None = None,
    verbose: bool = False,
    progress: bool = True,
) -> list[int]:
    """Crawl `targets` into `db` one after the other and return the ids of their runs.

    An archive that can't be used raises BadInput or CannotRun before any portal is asked.
    """
    open_archive(db, create=True).close()
    process = AsyncCrawlerProcess(settings(db, delay, concurrency, contact, verbose, progress))
    started: list[tuple[Crawler, asyncio.Task[None]]] = []
    _next(process, targets, started)
    process.start()
    return [_run_id(crawler, task, db) for crawler, task in started]


_Started = list[tuple[Crawler, "asyncio.Task[None]"]]


def _next(process: AsyncCrawlerProcess, targets: list[Target], started: _Started) -> None:
    if targets:
        crawler = process.create_crawler("news")
        task = process.crawl(crawler, portal=targets[0].portal, url=targets[0].url)
        started.append((crawler, task))
        task.add_done_callback(lambda done: _after(done, process, targets[1:], started))


def _after(
    done: "asyncio.Task[None]", process: AsyncCrawlerProcess, rest: list[Target], started: _Started
) -> None:
    if not done.cancelled() and done.exception() is None:
        _next(process, rest, started)


def _run_id(crawler: Crawler, task: "asyncio.Task[None]", db: Path) -> int:
    task.result()
    run = crawl_run(crawler)
    if run.broken:
        raise explained(run.broken, db)
    return run.run.id


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
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(concurrency),
        "LOG_LEVEL": "INFO" if verbose else "ERROR",
        "PROGRESS": progress and not verbose,
    }
    if delay is not None:
        given |= {"DOWNLOAD_DELAY": delay, "AUTOTHROTTLE_START_DELAY": delay}
    if contact:
        given |= {"CONTACT": contact, "USER_AGENT": f"luutru/{__version__} (+{contact})"}
    made.update(given, priority="cmdline")
    return made
