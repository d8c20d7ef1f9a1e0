"""The frontier as a Scrapy scheduler: its queue is the archive's table `urls`.

Nothing is taken out of the table when a request is handed out, so a kill loses nothing: the URL
leaves the state `waiting` in the same transaction that saves its page.
"""

from collections import deque
from datetime import UTC, datetime
from typing import Any, Self, cast

from scrapy import Request, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from crawler.archive import frontier
from crawler.archive.frontier import Due
from crawler.items import ReadPage
from crawler.run import crawl_run

_BATCH = 64


class Frontier(BaseScheduler):
    """Hands out due URLs in batches; a URL whose page could not be saved is not asked again."""

    def __init__(self, crawler: Crawler) -> None:
        self._run = crawl_run(crawler)
        self._spider = cast("Any", crawler.spider)
        self._again: deque[Request] = deque()
        self._batch: deque[Due] = deque()
        self._handed_out: set[int] = set()
        crawler.signals.connect(self._saved, signals.item_scraped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A frontier over the archive of the crawler's run."""
        return cls(crawler)

    def has_pending_requests(self) -> bool:
        """Whether anything is due that is not already under way."""
        return bool(self._again or self._batch or self._refill())

    def enqueue_request(self, request: Request) -> bool:
        """Take back a request that is to be made again (Scrapy's retries)."""
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """The most valuable URL that is due, or None."""
        if self._again:
            return self._again.popleft()
        if not self._batch and not self._refill():
            return None
        return self._request(self._batch.popleft())

    def _refill(self) -> bool:
        run = self._run.run
        waiting = frontier.due(
            self._run.db, run.portal_id, datetime.now(UTC), self._handed_out, _BATCH
        )
        self._batch.extend(waiting)
        self._handed_out.update(due.url_id for due in waiting)
        return bool(waiting)

    def _saved(self, item: ReadPage) -> None:
        self._handed_out.discard(item.page.url_id)

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
            callback=self._spider.parse,
            errback=self._spider.no_answer,
        )


def _validators(due: Due) -> dict[str, str | bytes]:
    """What makes the request conditional (RFC 9110, 13.1), sent back byte for byte."""
    given = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
    return {name: value.encode("latin-1") for name, value in given.items() if value}
