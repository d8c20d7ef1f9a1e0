"""robots.txt as RFC 9309 asks, from the very first request on, each asked for once and archived.

Scrapy 2.19's own middleware lets requests that wait for robots.txt through as soon as it has
come, lets everything through when robots.txt answers 5xx, and does not act on Crawl-delay.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from crawler.politeness.asking import Asker, first_line
from crawler.politeness.rules import rules_in
from crawler.safety.bounds import OF_THE_HOST
from crawler.urls import in_scope, link

_MOST_REDIRECTS = 5
_STALE_AFTER = 24 * 3600
_TOO_MANY = 429


class RobotsUnreachable(IgnoreRequest):
    """robots.txt gave no answer, so nothing may be asked now (RFC 9309, 2.3.1.4). Try later."""


class RobotsForbids(IgnoreRequest):
    """robots.txt forbids this URL. Leave it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host's robots.txt says, and the answer that said it."""

    parser: RobotParser
    answer: Response


class RobotsMiddleware:
    """One task per host that all its requests wait for; what fails is asked again later."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asker = Asker(crawler)
        self._obey = crawler.settings.getbool("ROBOTSTXT_OBEY")
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._failure_lasts = crawler.settings.getfloat("RETRY_DELAY")
        self._asked: dict[str, tuple[float, asyncio.Task[Rules]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """How Scrapy makes it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Wait for the rules of the request's host and refuse what they forbid.

        A request for robots.txt itself gets the answer that has come.
        """
        if request.meta.get("is_robots"):
            return None
        try:
            rules = await self._rules(request)
        except RobotsUnreachable:
            if self._obey or request.meta.get("kind") == "robots":
                raise
            return None
        if request.meta.get("kind") == "robots":
            return rules.answer.replace(request=request)
        if self._obey and not rules.parser.allowed(request.url, self._agent):
            raise RobotsForbids("robots.txt forbids it")
        return None

    async def _rules(self, request: Request) -> Rules:
        url = urlsplit(request.url)
        host = f"{url.scheme}://{url.netloc}/"
        at, task = self._asked.get(host, (0.0, None))
        if task is None or self._is_stale(at, task) or request.meta.get("is_look"):
            task = asyncio.ensure_future(self._ask(host))
            self._asked[host] = (monotonic(), task)
        # One waiting request that is cancelled must not cancel the rules for the others.
        return await asyncio.shield(task)

    def _is_stale(self, at: float, task: "asyncio.Task[Rules]") -> bool:
        """Whether to ask again: robots.txt failed, or is older than a day (RFC 9309, 2.4)."""
        if not task.done():
            return False
        failed = task.cancelled() or task.exception() is not None
        return monotonic() - at > (self._failure_lasts if failed else _STALE_AFTER)

    async def _ask(self, host: str) -> Rules:
        url = urljoin(host, "/robots.txt")
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._answer(url)
            target = self._target(answer)
            if target is None:
                break
            url = target
        rules = rules_in(answer.status, answer.body)
        parser = ProtegoRobotParser.from_crawler(self._crawler, rules)
        if run := self._asker.run:
            run.pace.keep_apart(parser.crawl_delay(self._agent) or 0.0)
        return Rules(parser, answer)

    async def _answer(self, url: str) -> Response:
        try:
            answer, _ = await self._asker.ask(url, "robots", is_robots=True)
        except OF_THE_HOST:
            raise
        except Exception as error:
            raise RobotsUnreachable(f"robots.txt can't be reached: {first_line(error)}") from error
        if answer.status >= 500 or answer.status == _TOO_MANY:
            raise RobotsUnreachable(f"robots.txt answers {answer.status}")
        return answer

    def _target(self, answer: Response) -> str | None:
        """Where a redirect leads (RFC 9309, 2.3.1.2), unless it leaves the portal."""
        if not 300 <= answer.status < 400:
            return None
        location = (answer.headers.get(b"Location") or b"").decode("latin-1")
        found = link(location, answer.url, "robots")
        if found is None:
            return None
        run = self._asker.run
        same = urlsplit(found.url).netloc == urlsplit(answer.url).netloc
        return found.url if same or (run and in_scope(found.url, run.run.hosts)) else None
