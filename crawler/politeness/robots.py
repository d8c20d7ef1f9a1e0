"""robots.txt as RFC 9309 asks, from the very first request on.

Scrapy 2.19's own middleware lets requests that wait for robots.txt through as soon as it has
come, lets everything through when robots.txt answers 5xx, and does not act on Crawl-delay.
"""

import asyncio
from typing import cast

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler


class RobotsUnreachable(IgnoreRequest):
    """robots.txt gave no answer, so nothing may be asked now (RFC 9309, 2.3.1.4). Try later."""


class RobotsForbids(IgnoreRequest):
    """robots.txt forbids this URL. Leave it."""


class RobotsMiddleware(RobotsTxtMiddleware):
    """One task per host that all its requests wait for."""

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules of the request's host; raises RobotsUnreachable when it can't give them."""
        host = urlparse_cached(request).netloc
        tasks = cast("dict[str, asyncio.Task[RobotParser]]", self._parsers)
        if host not in tasks:
            tasks[host] = asyncio.ensure_future(self._rules(request))
        # One waiting request that is cancelled must not cancel the rules for the others.
        return await asyncio.shield(tasks[host])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules forbid."""
        if rp is not None and not rp.allowed(request.url, self._agent):
            raise RobotsForbids("robots.txt forbids it")

    @property
    def _agent(self) -> str:
        return self._robotstxt_useragent or self._default_useragent

    async def _rules(self, request: Request) -> RobotParser:
        url = urlparse_cached(request)
        ask = Request(
            f"{url.scheme}://{url.netloc}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        try:
            answer = await self.crawler.engine.download_async(ask)
        except Exception as error:
            raise RobotsUnreachable(f"robots.txt can't be reached: {error}") from error
        return self._parsed(answer, ask)

    def _parsed(self, answer: Response, ask: Request) -> RobotParser:
        if answer.status >= 500:
            raise RobotsUnreachable(f"robots.txt answers {answer.status}")
        body = answer.body if answer.status < 300 else b""
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body)
        self._slow_down(rules.crawl_delay(self._agent) or 0.0, ask)
        return rules

    def _slow_down(self, delay: float, ask: Request) -> None:
        throttle = self.crawler.get_extension(AutoThrottle)
        if throttle is not None:
            throttle.mindelay = max(throttle.mindelay, delay)
            throttle.maxdelay = max(throttle.maxdelay, delay)
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(ask.meta.get("download_slot", ""))
        if slot is not None:
            slot.delay = max(slot.delay, delay)
