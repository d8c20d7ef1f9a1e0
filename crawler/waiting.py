"""A Scrapy scheduler whose queue is a table of the archive: what both frontiers have in common.

Nothing is taken out of the table when a request is handed out, so a kill loses nothing: a row is
settled in the same transaction that saves its page.
"""

import asyncio
import sqlite3
from typing import Any, Self, cast

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from crawler.run import CrawlRun, crawl_run


class TableQueue(BaseScheduler):
    """Hands out what its table says is due, and wakes Scrapy when more will be."""

    _run: CrawlRun

    def __init__(self, crawler: Crawler) -> None:
        self._run = crawl_run(crawler)
        self._crawler = crawler
        self._spider = cast("Any", crawler.spider)
        self._alarm: asyncio.TimerHandle | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A queue over the archive of the crawler's run."""
        return cls(crawler)

    def has_pending_requests(self) -> bool:
        """Whether anything is to be asked for in this run, now or after a pause."""
        try:
            wait = self._wait()
        except sqlite3.Error as error:
            self._run.give_up(error)
            return True
        if wait:
            self._wake_after(wait)
        return wait is not None

    def enqueue_request(self, request: Request) -> bool:
        """Refused: what is asked for stands in the archive."""
        return False

    def next_request(self) -> Request | None:
        """What may be asked for now, or None."""
        try:
            return self._next()
        except sqlite3.Error as error:
            self._run.give_up(error)
            return None

    def close(self, reason: str) -> None:
        """Let the alarm go: nobody is there to be woken."""
        if self._alarm:
            self._alarm.cancel()

    def _next(self) -> Request | None:
        """What may be asked for now, or None."""
        raise NotImplementedError

    def _wait(self) -> float | None:
        """Seconds until something may be asked for; None when the run asks for no more."""
        raise NotImplementedError

    def _wake_after(self, seconds: float) -> None:
        """Scrapy looks again every five seconds only."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        slot = self._crawler.engine._slot if self._crawler.engine else None
        if slot is not None:
            slot.nextcall.schedule()
