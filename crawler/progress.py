"""A crawl's progress on a terminal; quiet in a pipe."""

from time import monotonic
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.archive import frontier
from crawler.items import ReadPage
from crawler.run import crawl_run
from crawler.words import tr

_RECOUNT_SECONDS = 0.5
_SHARE = 50
"""Counting takes at most one part of that many of the time."""


class CrawlProgress:
    """Scrapy extension: pages done of those known, articles, problems, the page at work."""

    def __init__(self, crawler: Crawler) -> None:
        self._console = Console(stderr=True)
        if not crawler.settings.getbool("PROGRESS") or not self._console.is_terminal:
            raise NotConfigured
        self._crawler = crawler
        self._articles = self._pages = 0
        self._recount_at = 0.0
        self._display = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[articles]}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[url]}"),
            console=self._console,
            transient=True,
        )
        self._task = self._display.add_task("", total=None, articles="", url="")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Follow the signals of `crawler`."""
        progress = cls(crawler)
        crawler.signals.connect(progress._opened, signals.spider_opened)
        crawler.signals.connect(progress._saved, signals.item_scraped)
        crawler.signals.connect(progress._closed, signals.spider_closed)
        return progress

    def _opened(self) -> None:
        self._display.update(self._task, description=crawl_run(self._crawler).profile.name)
        self._display.start()

    def _saved(self, item: ReadPage) -> None:
        self._pages += 1
        self._articles += item.article is not None
        if monotonic() >= self._recount_at:
            self._recount()
        self._display.update(
            self._task,
            completed=self._pages,
            url=item.page.url[:60],
            articles=tr("{n} articles", n=self._articles),
        )

    def _recount(self) -> None:
        """How many are left changes with every page; a million rows are not counted for each."""
        began = monotonic()
        self._display.update(self._task, total=self._pages + self._waiting())
        self._recount_at = began + max(_RECOUNT_SECONDS, (monotonic() - began) * _SHARE)

    def _waiting(self) -> int:
        run = crawl_run(self._crawler)
        return frontier.left(run.db, run.run.portal_id, run.run.round_started)

    def _closed(self) -> None:
        self._display.stop()
