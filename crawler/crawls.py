"""Scrapy's crawls in this process, one after the other, and how they ended."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.archive.connection import explained
from crawler.errors import CannotRun, LuutruError
from crawler.run import CrawlRun, crawl_run
from crawler.words import tr


@dataclass(slots=True)
class Crawled:
    """What came of some crawls."""

    runs: list[int]
    """Ids of the runs that ended with a verdict."""
    trouble: LuutruError | None = None
    """Why the first of the others could not run, or had to give up."""


_Crawl = tuple[Crawler, "asyncio.Task[None]"]


def crawl_in_turn(
    chosen: Settings, spider: str, given: Sequence[Mapping[str, Any]], db: Path
) -> Crawled:
    """Run `spider` once with each of the arguments `given`, into `db`.

    After one that somebody stopped, or that found the archive broken, none begins.
    """
    process = AsyncCrawlerProcess(chosen)
    crawls: list[_Crawl] = []
    _next(process, spider, given, crawls)
    process.start()
    crawled = Crawled([])
    for each in crawls:
        try:
            crawled.runs.append(_run(*each, db).run.id)
        except LuutruError as error:
            crawled.trouble = crawled.trouble or error
    return crawled


def _next(
    process: AsyncCrawlerProcess,
    spider: str,
    given: Sequence[Mapping[str, Any]],
    crawls: list[_Crawl],
) -> None:
    if not given:
        return
    crawler = process.create_crawler(spider)
    task = process.crawl(crawler, **given[0])
    crawls.append((crawler, task))

    def go_on(done: "asyncio.Task[None]") -> None:
        if _goes_on(crawler, done):
            _next(process, spider, given[1:], crawls)

    task.add_done_callback(go_on)


def _goes_on(crawler: Crawler, done: "asyncio.Task[None]") -> bool:
    """Whether another may begin: not if the operator wants to end, or something is broken."""
    if done.cancelled():
        return False
    if error := done.exception():
        # A portal that is being crawled already is no reason to leave the others alone.
        return isinstance(error, LuutruError)
    run = crawl_run(crawler)
    return not (run.broken or run.stopped)


def _run(crawler: Crawler, task: "asyncio.Task[None]", db: Path) -> CrawlRun:
    """The run that `task` made.

    Raises CannotRun when it was ended before its time or could not write, and whatever it raised.
    """
    if not task.done() or task.cancelled():
        raise CannotRun(tr("stopped; run the same command again to go on"))
    task.result()
    run = crawl_run(crawler)
    if run.broken:
        raise explained(run.broken, db)
    return run
