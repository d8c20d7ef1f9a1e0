"""Files: what their bytes are, and the text of documents."""

import hashlib
from dataclasses import replace
from typing import Any, Self

from scrapy import signals

from crawler.items import File, Page, Problem, ReadPage
from crawler.media import HTML, media_type_of
from crawler.profiles import Profile
from pipelines.documents import Unreadable
from pipelines.extraction import READABLE, Extractor
from pipelines.read import read

# What a page that came instead of a file may say of itself; anything else is just no file.
_TELLING = frozenset({"not_found", "blocked", "login"})


class FilePipeline:
    """The Scrapy step that reads files; pages pass through."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self._extractor = Extractor()

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        """A step whose helper process ends with the spider."""
        step = cls(crawler)
        crawler.signals.connect(step._extractor.close, signals.spider_closed)
        return step

    async def process_item(self, item: ReadPage) -> ReadPage:
        """`item` with what its file is."""
        page = item.page
        if item.kind != "file" or page.status != 200:
            return item
        media_type = media_type_of(page.body)
        if media_type == HTML:
            return instead(page, self.crawler.spider.profile)
        text, problems = await self._text(page.body, media_type)
        file = File(media_type, hashlib.sha256(page.body).hexdigest(), text)
        return replace(item, file=file, problems=(*item.problems, *problems))

    async def _text(
        self, body: bytes, media_type: str | None
    ) -> tuple[str | None, tuple[Problem, ...]]:
        if media_type not in READABLE:
            return None, ()
        try:
            text, left_out = await self._extractor.text(body, media_type)
        except Unreadable as why:
            return None, (Problem(f"no text of {media_type}: {why}", "text"),)
        if not text:
            return None, (Problem("a document without text; scanned pages?", "text"),)
        return text, (Problem(left_out, "text"),) if left_out else ()


def instead(page: Page, profile: Profile) -> ReadPage:
    """What `page`, which is HTML, means where a file should be."""
    content_type = page.content_type if HTML in page.content_type.lower() else HTML
    told = read(replace(page, kind="page", content_type=content_type), profile)
    problem = Problem("a web page came instead of the file")
    kind = told.kind if told.kind in _TELLING else "no_file"
    return ReadPage(page, kind, problems=(*told.problems, problem), suspects=told.suspects)
