"""Requests that the frontier does not hand out: robots.txt, and a look at a silent portal."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import load_object

from crawler.archive import frontier
from crawler.archive.connection import transaction
from crawler.items import Page, ReadPage
from crawler.profiles import Profile
from crawler.run import CrawlRun
from crawler.urls import link

_FIRST = 1000


class Asker:
    """Asks, and saves the answer as any other; outside a crawl nothing is saved."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @property
    def run(self) -> CrawlRun | None:
        """The run that the crawler makes, if any."""
        return self._crawler.get_extension(CrawlRun)

    async def ask(self, url: str, kind: str, **meta: Any) -> tuple[Response, ReadPage | None]:
        """The answer, and what was read and saved of it; raises what the downloader raises."""
        given = {"dont_redirect": True, "kind": kind, "url_id": self._url_id(url, kind), **meta}
        try:
            return await self._asked(url, given)
        finally:
            if run := self.run:
                run.room.leave(given["url_id"])

    async def _asked(self, url: str, given: dict[str, Any]) -> tuple[Response, ReadPage | None]:
        request = Request(url, priority=_FIRST, meta=given, callback=NO_CALLBACK)
        try:
            answer = await self._crawler.engine.download_async(request)
        except Exception as error:
            if "captures" in request.meta or not isinstance(error, IgnoreRequest):
                self._save(_failed(request, error))
            raise
        return answer, self._save(self._read(answer)) if self.run else None

    def _url_id(self, url: str, kind: str) -> int:
        run, known = self.run, link(url, url, kind)
        if run is None or known is None:
            return 0
        with transaction(run.db):
            frontier.add(run.db, run.run.portal_id, [known], datetime.now(UTC))
        return frontier.find(run.db, run.run.portal_id, known.key)

    def _read(self, answer: Response) -> ReadPage:
        spider: Any = self._crawler.spider
        reader: Callable[[Page, Profile], ReadPage] = load_object(self._crawler.settings["READER"])
        return reader(next(spider.parse(answer)), spider.profile)

    def _save(self, read: ReadPage) -> ReadPage:
        run = self.run
        if run is not None and read.page.url_id:
            try:
                run.save(read)
            except (sqlite3.Error, OSError) as error:
                run.give_up(error)
        return read


def _failed(request: Request, error: Exception) -> ReadPage:
    page = Page(
        request.url,
        datetime.now(UTC),
        captures=tuple(request.meta.get("captures", ())),
        url_id=request.meta["url_id"],
        kind=request.meta["kind"],
        failure=first_line(error),
        may_pass=True,
    )
    return ReadPage(page, page.kind)


def first_line(error: BaseException) -> str:
    """What went wrong, on one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
