"""The spider for kept pages: walks records of WARC files as `news` walks a live portal."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

from crawler.errors import BadInput
from crawler.items import Link, Page
from crawler.replaying.answers import Answer, Unusable, answer, response
from crawler.replaying.kept import Kept
from crawler.replaying.replay import tasks_of
from crawler.replaying.run import ReplayRun
from crawler.replaying.tasks import Task
from crawler.shapes import shaped
from crawler.urls import UNCLAIMED, is_print_view, link
from spiders.news import NewsSpider
from spiders.pagers import key_of_post


class ReplaySpider(NewsSpider):
    """Reads kept pages again: `scrapy crawl replay -a files=a.warc.gz,b.wacz`."""

    name = "replay"
    # No part that could make a request is there.
    custom_settings = {  # noqa: RUF012 - Scrapy's name and type
        "SCHEDULER": "crawler.replaying.run.NoRequests",
        "EXTENSIONS": {
            "crawler.replaying.run.ReplayRun": 0,
            "crawler.replaying.progress.ReplayProgress": 500,
        },
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawler.safety.decoding.DecodingMiddleware": 590,
        },
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https", "file", "ftp", "s3", "data")),
        "ROBOTSTXT_OBEY": False,
    }

    def __init__(self, task: Task, **kwargs: Any) -> None:
        super().__init__(profile=task.profile, **kwargs)
        self.task = task
        self._saved = asyncio.Event()
        self._later: list[Kept] = []
        self._is_last = False
        self._forms: dict[tuple[str, bytes], str] = {}

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        task: Task | None = None,
        files: str = "",
        portal: str = "",
        **kwargs: Any,
    ) -> Self:
        """Take the task that `luutru replay` gives, or the files that a Scrapy user names."""
        spider = super(NewsSpider, cls).from_crawler(
            crawler, *args, task=task or _task(crawler, files, portal), **kwargs
        )
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider._settled, signal)
        return spider

    async def start(self) -> AsyncIterator[Page]:
        """Every kept page in its order; the next one is made when the last one is saved.

        A file that no article has claimed so far comes last: its article may be younger. So does
        the view for printers, which counts only where nobody kept the page itself.
        """
        for exchanges in (self.task.exchanges, self._later):
            # A copy: what is unclaimed the second time is set aside once more, for good.
            self._is_last = exchanges is self._later
            for kept in tuple(exchanges):
                for page in self._pages(kept):
                    self._saved.clear()
                    yield page
                    await self._saved.wait()

    def _settled(self) -> None:
        self._saved.set()

    @property
    def _run(self) -> ReplayRun:
        run = self.crawler.get_extension(ReplayRun)
        if run is None:
            raise RuntimeError("the extension crawler.replaying.run.ReplayRun is not enabled")
        return run

    def _pages(self, kept: Kept) -> Iterator[Page]:
        try:
            kept = self._run.completed(kept)
            found = answer(kept)
        except Unusable as error:
            self._run.trouble(str(error))
            return
        wanted = self._link(found.url, kept)
        if wanted and wanted.refused == UNCLAIMED and self._run.claims(wanted):
            wanted = replace(wanted, refused=None)
        if wanted is None or wanted.refused not in (None, UNCLAIMED):
            return
        if wanted.refused or self._is_spare(found.url, wanted):
            self._later.append(kept)
        else:
            self._run.of(kept)
            yield self._page(kept, found, wanted)

    def _is_spare(self, url: str, wanted: Link) -> bool:
        """Whether it is a view for printers, of a page that is kept or may still come."""
        if not is_print_view(url):
            return False
        return not self._is_last or self._run.has(wanted)

    def _link(self, url: str, kept: Kept) -> Link | None:
        made = link(url, url)
        if made is None or kept.form is None:
            return made and shaped(made, self.profile.addresses)
        known = self._forms.get((made.url, _digest(kept.form)))
        key = known or key_of_post(made.url, kept.form)
        return Link(made.url, "listing", kept.form, key, made.refused)

    def _page(self, kept: Kept, found: Answer, wanted: Link) -> Page:
        url_id, kind = self._run.url_of(wanted, kept)
        capture = self._run.linked(found.capture, kept)
        meta = {"url_id": url_id, "kind": kind, "captures": [capture], "form": kept.form}
        try:
            page = self._walked(wanted.url, found, meta)
        # A body that can't be decoded fails in a hundred ways; in a crawl Scrapy takes them all.
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            self._run.trouble(f"{wanted.url}: {failure}")
            return _failed(wanted.url, kept, meta, failure)
        if capture.truncated:
            return _failed(wanted.url, kept, meta, f"cut off ({capture.truncated})")
        return page

    def _walked(self, url: str, found: Answer, meta: dict[str, Any]) -> Page:
        decoding = self.crawler.get_downloader_middleware(HttpCompressionMiddleware)
        if decoding is None:
            raise RuntimeError("Scrapy's HttpCompressionMiddleware is not enabled")
        answered = response(url, found.message, decoding.process_response, meta)
        page = next(self.parse(answered))
        if found.doubt:
            page = page.walked(page.kind, page.links, page.claim, (*page.left_out, found.doubt))
        posted = (each for each in page.links if each.form is not None)
        self._forms.update({(each.url, _digest(each.form or "")): each.key for each in posted})
        return page


def _failed(url: str, kept: Kept, meta: dict[str, Any], failure: str) -> Page:
    captures = tuple(meta["captures"])
    return Page(
        url, kept.at, captures=captures, url_id=meta["url_id"], kind=meta["kind"], failure=failure
    )


def _digest(form: str) -> bytes:
    """View states are long, and a portal has many."""
    return hashlib.sha256(form.encode()).digest()


def _task(crawler: Crawler, files: str, portal: str) -> Task:
    paths = [Path(name) for name in files.split(",") if name]
    if not paths:
        raise BadInput("name the files to read (-a files=a.warc.gz,b.wacz)")
    tasks = tasks_of(paths, Path(crawler.settings["ARCHIVE"]), portal, "replay").tasks
    if len(tasks) != 1:
        slugs = ", ".join(task.profile.slug for task in tasks) or "none"
        raise BadInput(f"name one portal (-a portal=...); the files have pages of: {slugs}")
    return tasks[0]
