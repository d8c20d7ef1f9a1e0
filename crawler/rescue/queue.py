"""The frontier of a rescue as a Scrapy scheduler: questions to the index first, then captures."""

import asyncio
import math
import sqlite3
from datetime import UTC, datetime
from typing import Any, Self, cast

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from crawler.archive import listed
from crawler.archive.listed import FILE, Listed, Question
from crawler.rescue.run import RescueRun
from crawler.run import crawl_run
from crawler.urls import UNCLAIMED, link

_AT_LEAST = 0.05


class RescueQueue(BaseScheduler):
    """Hands out what the tables say is due, as long as the web archive may be asked."""

    def __init__(self, crawler: Crawler) -> None:
        self._run = cast("RescueRun", crawl_run(crawler))
        self._crawler = crawler
        self._spider = cast("Any", crawler.spider)
        self._limit = crawler.settings.getint("RESCUE_LIMIT")
        self._taken = 0
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
        if self._run.broken or self._run.rests.pause():
            return None
        try:
            return self._question() or self._capture()
        except sqlite3.Error as error:
            self._run.give_up(error)
            return None

    def close(self, reason: str) -> None:
        """Let the alarm go: nobody is there to be woken."""
        if self._alarm:
            self._alarm.cancel()

    def _question(self) -> Request | None:
        found = self._next_question()
        if found is None:
            return None
        self._run.asked.add(found.id)
        request: Request = self._spider.ask(found)
        return request

    def _capture(self) -> Request | None:
        found = self._next_capture()
        if found is None:
            return None
        self._run.under_way.add(found.id)
        self._taken += 1
        request: Request = self._spider.fetch(found)
        return request

    def _next_question(self) -> Question | None:
        run = self._run
        return listed.question(run.db, run.holder, datetime.now(UTC), run.asked)

    def _next_capture(self) -> Listed | None:
        """The next one that is wanted; files that no article wants are settled on the way."""
        run = self._run
        while not self._is_spent():
            found = listed.first(run.db, run.holder, datetime.now(UTC), run.under_way)
            if found is None or found.kind != FILE or self._is_claimed(found):
                return found
            if run.under_way:
                # A page that is just being read may claim it.
                return None
            run.refuse(found, "refused", UNCLAIMED)
        return None

    def _is_claimed(self, found: Listed) -> bool:
        made = link(found.url, found.url)
        return made is not None and self._run.is_wanted(made)

    def _is_spent(self) -> bool:
        """Whether the run has fetched as many captures as it may."""
        if not 0 <= self._limit <= self._taken:
            return False
        self._run.cut = f"the limit of {self._limit} captures is reached"
        return True

    def _wait(self) -> float | None:
        """Seconds until something may be asked for; None when the run asks for no more."""
        run = self._run
        pause = run.rests.pause()
        if math.isinf(pause):
            return None
        due = self._next_question() or self._next_capture()
        if due:
            return pause
        captures = None if self._is_spent() else run.under_way
        moment = listed.next_due(run.db, run.holder, run.asked, captures)
        if moment is None:
            return None
        seconds = (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()
        return max(seconds, pause, _AT_LEAST)

    def _wake_after(self, seconds: float) -> None:
        """Scrapy looks again every five seconds only."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        slot = self._crawler.engine._slot if self._crawler.engine else None
        if slot is not None:
            slot.nextcall.schedule()
