"""The spider for kept pages: walks records of WARC files as `news` walks a live portal."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.apart.process import Outfit
from crawler.errors import BadInput, CannotRun
from crawler.items import Link, Page, ReadPage
from crawler.parts import ARCHIVING
from crawler.replaying.drafts import Asked, Draft
from crawler.replaying.kept import Kept
from crawler.replaying.readers import Readers, jobs_for
from crawler.replaying.replay import tasks_of
from crawler.replaying.run import ReplayRun
from crawler.replaying.tasks import Task
from crawler.urls import UNCLAIMED, is_print_view
from spiders.kept import KeptPages, address, is_read_as
from spiders.news import NewsSpider
from spiders.pagers import key_of_post

_MOMENT = 0.05


class ReplaySpider(NewsSpider):
    """Reads kept pages again: `scrapy crawl replay -a files=a.warc.gz,b.wacz`."""

    name = "replay"
    # No part that could make a request is there.
    custom_settings = {  # noqa: RUF012 - Scrapy's name and type
        **ARCHIVING,
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
        self._readers: Readers | None = None
        self._own: KeptPages

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
        crawler.signals.connect(spider._end, signals.spider_closed)
        spider._own = KeptPages(spider.profile, crawler.settings)
        return spider

    async def start(self) -> AsyncIterator[ReadPage]:
        """Every kept page in its order; the next one is handed out when the last one is saved.

        A file that no article has claimed so far comes last: its article may be younger. So does
        the view for printers, which counts only where nobody kept the page itself.
        """
        for exchanges in (self.task.exchanges, self._later):
            # A copy: what is unclaimed the second time is set aside once more, for good.
            self._is_last = exchanges is self._later
            async for read in self._reads(tuple(exchanges)):
                self._saved.clear()
                yield read
                await self._saved.wait()

    async def _reads(self, exchanges: tuple[Kept, ...]) -> AsyncIterator[ReadPage]:
        """The pages that are to be saved. Scrapy only logs what goes wrong here: the run tells."""
        try:
            async with aclosing(self._drafts(exchanges)) as drafts:
                async for kept, draft in drafts:
                    if self._run.broken:
                        return
                    if read := self._admitted(kept, draft):
                        yield read
        except CannotRun as error:
            self._run.trouble(str(error))
        except (sqlite3.Error, OSError) as error:
            self._run.give_up(error)
        except Exception as error:
            self._run.trouble(f"broken off: {type(error).__name__}: {error}")
            raise

    def _drafts(self, exchanges: tuple[Kept, ...]) -> AsyncGenerator[tuple[Kept, Draft], None]:
        jobs = jobs_for(self.crawler.settings.getint("REPLAY_JOBS"), len(self.task.exchanges))
        if jobs == 1:
            return self._here(exchanges)
        if self._readers is None:
            settings = self.crawler.settings.copy_to_dict()
            self._readers = Readers(jobs, Outfit(self.profile, settings, "DRAFTER"))
        return self._readers.drafts(exchanges, self._asked)

    async def _here(self, exchanges: tuple[Kept, ...]) -> AsyncGenerator[tuple[Kept, Draft], None]:
        for kept in exchanges:
            asked = self._asked(kept)
            yield asked.kept, self._own.draft(asked)

    async def _end(self) -> None:
        if self._readers:
            await self._readers.close()

    def _settled(self) -> None:
        self._saved.set()
        asyncio.get_running_loop().call_later(_MOMENT, self._let_close)

    def _let_close(self) -> None:
        """Let Scrapy end when it was told to while a page was saved.

        Scrapy 2.19 waits for the end of items that `start` gave, and is not told when it comes
        (`Scraper.start_itemproc_async`): Ctrl-C would hang.
        """
        scraper = self.crawler.engine.scraper
        if scraper.slot and scraper.slot.closing and not scraper.slot.closing.called:
            scraper._check_if_closing()

    @property
    def _run(self) -> ReplayRun:
        run = self.crawler.get_extension(ReplayRun)
        if run is None:
            raise RuntimeError("the extension crawler.replaying.run.ReplayRun is not enabled")
        return run

    def _asked(self, kept: Kept) -> Asked:
        """What is thought of the page now: with several readers, a few pages before its turn."""
        kept = self._run.completed(kept)
        wanted = self._wanted(kept.url, address(kept.url, kept, self.profile), kept)
        if wanted is None:
            return Asked(kept)
        return Asked(kept, self._run.kind_of(wanted, kept), wanted.refused is None)

    def _admitted(self, kept: Kept, draft: Draft) -> ReadPage | None:
        """The page of `kept` as it is saved; None when it is not, or not yet."""
        completed = self._run.completed(kept)
        if completed is not kept:
            kept, draft = completed, self._own.draft(Asked(completed))
        if draft.died_of:
            draft = self._own.unread(kept, draft.died_of)
        wanted = self._wanted(draft.url, draft.link, kept)
        if wanted is None:
            self._tell(draft)
            return None
        if wanted.refused:
            self._later.append(kept)
            return None
        self._run.of(kept)
        url_id, kind = self._run.url_of(wanted, kept)
        if not is_read_as(kind, draft, self.profile):
            draft = self._own.draft(Asked(kept, kind, wanted=True))
        self._tell(draft)
        if draft.read is None or draft.capture is None:
            return None
        self._note_forms(draft.read.page)
        page = draft.read.page.kept_as(url_id, self._run.linked(draft.capture, kept))
        return replace(draft.read, page=page)

    def _tell(self, draft: Draft) -> None:
        for line in draft.trouble:
            self._run.trouble(line)

    def _wanted(self, url: str, found: Link | None, kept: Kept) -> Link | None:
        """The page's address in the frontier; `refused` when its turn may come later."""
        if found is None or found.refused not in (None, UNCLAIMED):
            return None
        wanted = self._keyed(found, kept)
        claimed = wanted.refused is None or self._run.claims(wanted)
        later = not claimed or self._is_spare(url, wanted)
        return replace(wanted, refused=UNCLAIMED if later else None)

    def _is_spare(self, url: str, wanted: Link) -> bool:
        """Whether it is a view for printers, of a page that is kept or may still come."""
        if not is_print_view(url):
            return False
        return not self._is_last or self._run.has(wanted)

    def _keyed(self, wanted: Link, kept: Kept) -> Link:
        """`wanted` with the key of its POST, as the page told it that holds the form."""
        if kept.form is None:
            return wanted
        known = self._forms.get((wanted.url, _digest(kept.form)))
        return replace(wanted, key=known or key_of_post(wanted.url, kept.form))

    def _note_forms(self, page: Page) -> None:
        posted = (each for each in page.links if each.form is not None)
        self._forms.update({(each.url, _digest(each.form or "")): each.key for each in posted})


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
