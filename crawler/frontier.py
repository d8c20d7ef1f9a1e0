"""The frontier of a crawl as a Scrapy scheduler: its queue is the archive's table `urls`."""

import math
from dataclasses import replace
from datetime import UTC, datetime

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive import frontier
from crawler.archive.connection import timestamp
from crawler.archive.forms import FORMS
from crawler.archive.frontier import Due
from crawler.archive.policy import Order
from crawler.items import Page, ReadPage
from crawler.waiting import TableQueue


class Frontier(TableQueue):
    """Hands out the most valuable URL that is due, as long as pace, budget and deadline allow."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._order = Order(self._run.plan.mode)
        self._under_way: set[int] = set()
        self._unsent: set[int] = set()
        self._sent = 0
        # What was asked for and is not saved would be asked for again after a kill, and nobody
        # knows yet whether it has failed: readers must not fall far behind.
        concurrency = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._most = concurrency + max(2, concurrency // 2)
        for handler, signal in (
            (self._reached, signals.request_reached_downloader),
            (self._saved, signals.item_scraped),
            (self._not_read, signals.item_error),
            (self._not_walked, signals.spider_error),
        ):
            crawler.signals.connect(handler, signal)

    def _next(self) -> Request | None:
        """The most valuable URL that may be asked for now, or None."""
        is_full = len(self._under_way) >= self._most
        waits = is_full or self._run.broken or self._is_cut() or self._pause()
        due = None if waits else self._due()
        if due is None:
            return None
        self._under_way.add(due.url_id)
        self._unsent.add(due.url_id)
        return self._request(due)

    def _due(self) -> Due | None:
        url_id = self._first()
        self._order.turn()
        return None if url_id is None else frontier.due(self._run.db, url_id)

    def _first(self) -> int | None:
        db, run = self._run.db, self._run.run
        now = timestamp(datetime.now(UTC))
        for shelf in self._order.shelves():
            until = now if shelf.waits else run.round_started
            url_id = frontier.first(db, run.portal_id, shelf, until, self._under_way)
            if url_id is not None:
                return url_id
            if not shelf.waits and not self._under_way:
                self._order.empty(shelf)
        return None

    def _wait(self) -> float | None:
        """Seconds until the next URL may be asked for; None when the run asks for no more."""
        if self._is_cut():
            return None
        wait = self._pause()
        if not wait and self._first() is None:
            retry = frontier.next_retry(self._run.db, self._run.run.portal_id, self._under_way)
            if retry is None:
                return None
            wait = max(_seconds_to(datetime.fromisoformat(retry)), 0.05)
        deadline = self._run.plan.deadline
        if wait and (math.isinf(wait) or (deadline and wait > _seconds_to(deadline))):
            self._run.cut = self._run.pace.why if math.isinf(wait) else FORMS["deadline"]
            return None
        return wait

    def _pause(self) -> float:
        return self._run.pace.pause()

    def _is_cut(self) -> bool:
        """Whether the budget is spent or the time is up."""
        plan = self._run.plan
        if plan.budget is not None and self._sent + len(self._unsent) >= plan.budget:
            self._run.cut = FORMS["budget"].format(n=plan.budget)
        elif plan.deadline and _seconds_to(plan.deadline) <= 0:
            self._run.cut = FORMS["deadline"]
        else:
            return False
        return True

    def _reached(self, request: Request) -> None:
        self._sent += 1
        self._unsent.discard(request.meta.get("url_id", 0))

    def _saved(self, item: ReadPage) -> None:
        self._under_way.discard(item.page.url_id)
        self._run.room.leave(item.page.url_id)
        self._unsent.discard(item.page.url_id)

    def _not_read(self, item: Page | ReadPage, failure: Failure) -> None:
        self._settle(item.page if isinstance(item, ReadPage) else item, failure)

    def _not_walked(self, failure: Failure, response: Response) -> None:
        meta = response.meta
        page = Page(
            response.url,
            datetime.now(UTC),
            captures=tuple(meta.get("captures", ())),
            url_id=meta["url_id"],
            kind=meta["kind"],
        )
        self._settle(page, failure)

    def _settle(self, page: Page, failure: Failure) -> None:
        """Our own mistake with one page is told at its URL, and the crawl goes on."""
        error = failure.value
        told = f"not read: {type(error).__name__}: {error}".splitlines()[0]
        failed = ReadPage(replace(page, status=None, links=(), failure=told), page.kind)
        self._run.save(failed)
        self._saved(failed)

    def _request(self, due: Due) -> Request:
        headers = _validators(due) | ({"Referer": due.referer} if due.referer else {})
        if due.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return Request(
            due.url,
            method="GET" if due.form is None else "POST",
            body=due.form or "",
            headers=headers,
            meta={
                "url_id": due.url_id,
                "kind": due.kind,
                "kept_as": due.kept_as,
                "dont_redirect": True,
            },
            callback=self._spider.arrived,
            errback=self._spider.no_answer,
        )


def _seconds_to(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()


def _validators(due: Due) -> dict[str, str | bytes]:
    """What makes the request conditional (RFC 9110, 13.1), sent back byte for byte."""
    given = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
    return {name: value.encode("latin-1") for name, value in given.items() if value}
