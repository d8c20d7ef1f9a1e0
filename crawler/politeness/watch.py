"""Watches how the portal answers: sets the delay, and looks after it when it falls silent."""

import asyncio
import math
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, NotConfigured
from scrapy.http import Response

from crawler.items import ReadPage
from crawler.politeness.asking import Asker, first_line
from crawler.politeness.noting import PaceNote
from crawler.politeness.robots import RobotsForbids
from crawler.run import CrawlRun, crawl_run

_FORBIDDEN = 403
_TOO_MANY = 429


class WatchMiddleware:
    """The downloader middleware next to the network: it sees every answer and every silence."""

    def __init__(self, crawler: Crawler) -> None:
        if crawler.get_extension(CrawlRun) is None:
            raise NotConfigured
        self._crawler = crawler
        self._asker = Asker(crawler)
        self._run = crawl_run(crawler)
        self._pace = self._run.pace
        self._home = self._run.profile.url
        settings = crawler.settings
        self._obey = settings.getbool("ROBOTSTXT_OBEY")
        self._least = settings.getfloat("DOWNLOAD_DELAY")
        self._factor = settings.getfloat("DELAY_FACTOR") if self._least else 0.0
        self._longest = settings.getfloat("LONGEST_DELAY")
        self._note = PaceNote(settings.getlist("PACE_FILES"))
        self._slow = 0.0
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Follow the signals of `crawler`."""
        watch = cls(crawler)
        crawler.signals.connect(watch._read, signals.item_scraped)
        crawler.signals.connect(watch._closed, signals.spider_closed)
        return watch

    def process_request(self, request: Request) -> None:
        """All hosts of a portal share one slot, since they mostly share one server."""
        name = self._run.profile.slug
        request.meta["download_slot"] = name
        delay = max(self._least, self._slow, self._pace.apart)
        try:
            self._note.note(delay)
        except OSError as error:
            self._run.give_up(error)
        if slot := self._crawler.engine.downloader.slots.get(name):
            slot.delay = delay

    def process_response(self, request: Request, response: Response) -> Response:
        """Take note of an answer."""
        given = (response.headers.get(b"Retry-After") or b"").decode("latin-1")
        rests = self._pace.answered(response.status, given)
        # A portal that answers slowly is asked more slowly: the model is Heritrix's delayFactor.
        self._slow = min(self._factor * _seconds(request), self._longest)
        if response.status >= 500 and not rests and self._is_vital(request):
            self._pace.fall_silent(f"robots.txt answers {response.status}")
        self._look_after()
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Take note that no answer came; what we refuse ourselves says nothing of the portal."""
        if isinstance(exception, IgnoreRequest | DownloadCancelledError):
            return
        if self._is_vital(request):
            self._pace.fall_silent(first_line(exception))
        elif not request.meta.get("is_robots"):
            self._pace.failed(request.meta.get("url_id", 0), first_line(exception))
        self._look_after()

    def _is_vital(self, request: Request) -> bool:
        """Whether it asks for the rules without which nothing may be asked for."""
        mine = request.url.startswith(self._home[: self._home.find("/", 8)])
        return bool(self._obey and request.meta.get("is_robots") and mine)

    def _read(self, item: ReadPage) -> None:
        page = item.page
        if page.failure or page.kind == "robots":
            return
        if page.status == _TOO_MANY or page.retry_after is not None:
            return
        if item.kind == "blocked":
            self._pace.failed(page.url_id, item.problems[0].reason)
        elif page.status is not None and page.status >= 500:
            self._pace.failed(page.url_id, f"HTTP {page.status}")
        elif page.status == _FORBIDDEN:
            # So answers a server that does not want us, or only this page: it is in no trouble.
            self._pace.failed(page.url_id, f"HTTP {page.status}", is_outage=False)
        else:
            self._pace.succeeded()
        self._look_after()

    def _look_after(self) -> None:
        if self._pace.silent and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(self._look())
            self._looking.add_done_callback(self._looked)

    async def _look(self) -> None:
        """Ask for robots.txt and the home page alone until the portal answers again."""
        for _ in self._pace.pauses():
            await asyncio.sleep(self._pace.pause())
            if await self._answers():
                self._pace.revived(told_apart=self._run.set_aside(self._pace.failing))
                return
            if math.isinf(self._pace.pause()):
                return

    async def _answers(self) -> bool:
        try:
            if self._obey:
                # The robots middleware answers it: robots.txt is asked for anew and kept.
                look = {"kind": "robots", "is_look": True, "dont_redirect": True}
                await self._crawler.engine.download_async(Request(self._home, meta=look))
            answer, read = await self._asker.ask(self._home, "home")
        except Exception as error:
            return isinstance(error, RobotsForbids)
        refused = answer.status >= 500 or answer.status in (_FORBIDDEN, _TOO_MANY)
        return not refused and (read is None or read.kind != "blocked")

    def _looked(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            # A mistake of ours must not leave the crawl waiting for nobody.
            self._pace.give_up(first_line(error))

    def _closed(self) -> None:
        if self._looking:
            self._looking.cancel()


def _seconds(request: Request) -> float:
    """How long the answer took, from the request to its last byte."""
    captures: list[Any] = request.meta.get("captures", [])
    measured = captures[-1].fetch_ms if captures else None
    if measured is not None:
        return float(measured) / 1000
    return float(request.meta.get("download_latency", 0.0))
