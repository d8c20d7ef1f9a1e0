"""The frontier of a rescue as a Scrapy scheduler: questions to the index first, then captures."""

import math
from datetime import UTC, datetime

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.archive import listed, questions
from crawler.archive.listed import FILE, Listed, Question
from crawler.rescue.run import RescueRun
from crawler.urls import UNCLAIMED, link
from crawler.waiting import TableQueue

_AT_LEAST = 0.05


class RescueQueue(TableQueue):
    """Hands out what the tables say is due, as long as the web archive may be asked."""

    _run: RescueRun

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._limit = crawler.settings.getint("RESCUE_LIMIT")
        self._taken = 0

    def _next(self) -> Request | None:
        if self._run.broken or self._run.rests.pause():
            return None
        return self._question() or self._capture()

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
        return questions.first(run.db, run.holder, datetime.now(UTC), run.asked)

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
        reached = f"the limit of {self._limit} captures is reached"
        self._run.cut = reached if self._limit else "a forecast fetches nothing"
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
        moment = questions.next_due(run.db, run.holder, run.asked, captures)
        if moment is None:
            return None
        seconds = (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()
        return max(seconds, pause, _AT_LEAST)
