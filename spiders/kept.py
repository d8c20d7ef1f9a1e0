"""Kept exchanges walked and read, without the archive: what a reading process does of a replay."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.statscollectors import DummyStatsCollector
from scrapy.utils.misc import load_object

from crawler.facts import Profile
from crawler.items import Link, Page, ReadPage
from crawler.replaying.answers import Answer, Unusable, answer, response
from crawler.replaying.drafts import Asked, Draft
from crawler.replaying.kept import Kept
from crawler.safety.decoding import DecodingMiddleware
from crawler.shapes import shaped
from crawler.urls import UNCLAIMED, link
from spiders.apart import unread, with_likeness
from spiders.news import NewsSpider
from spiders.walked import walked_as

ANY = "*"
"""The kind of a draft that would be the same, whatever the frontier takes its page for."""
_OK = 200


class KeptPages:
    """Makes drafts of one portal's exchanges (`crawler.apart.process.Drafting`)."""

    def __init__(self, profile: Profile, settings: Settings) -> None:
        self._profile = profile
        self._walker = NewsSpider(profile=profile)
        crawler = Crawler(NewsSpider, settings)
        # Nobody reads them; Scrapy would set those of a crawl when it starts.
        crawler.stats = DummyStatsCollector(crawler)
        self._decode = DecodingMiddleware(crawler).process_response
        self._read: Callable[[Page, Profile], ReadPage] = load_object(settings["READER"])

    def draft(self, asked: Asked) -> Draft:
        """What the exchange gives; what can't be read of it is told, and nothing is raised."""
        try:
            found = answer(asked.kept)
        except Unusable as error:
            return Draft(trouble=(str(error),))
        wanted = address(found.url, asked.kept, self._profile)
        draft = Draft(found.url, wanted, found.capture)
        if not asked.wanted or wanted is None or wanted.refused not in (None, UNCLAIMED):
            return draft
        page, trouble = self._page(asked, found, wanted)
        try:
            read = with_likeness(self._read(page, self._profile))
        except MemoryError:
            raise
        # A reader that fails on one page must not keep the others from being read.
        except Exception as error:
            return replace(draft, kind=asked.kind, trouble=(*trouble, f"{wanted.url}: {error}"))
        return replace(draft, kind=asked.kind, read=read, trouble=trouble)

    def _page(self, asked: Asked, found: Answer, wanted: Link) -> tuple[Page, tuple[str, ...]]:
        """The page after the walk, or the failure to have one; and what there is to tell of it."""
        try:
            page = self._walked(asked, found, wanted.url)
        except MemoryError:
            raise
        # A body that can't be decoded fails in a hundred ways; in a crawl Scrapy takes them all.
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            return _failed(wanted.url, asked, found, failure), (f"{wanted.url}: {failure}",)
        if cut := found.capture.truncated:
            failure = f"cut off ({cut})"
            return _failed(wanted.url, asked, found, failure), (f"{wanted.url}: {failure}",)
        return page, ()

    def _walked(self, asked: Asked, found: Answer, url: str) -> Page:
        meta: dict[str, Any] = {
            "url_id": 0,
            "kind": asked.kind,
            "captures": [found.capture],
            "form": asked.kept.form,
        }
        page = next(self._walker.parse(response(url, found.message, self._decode, meta)))
        if found.doubt:
            page = page.walked(page.kind, page.links, page.claim, (*page.left_out, found.doubt))
        return page

    def unread(self, kept: Kept, died_of: str) -> Draft:
        """The draft of a page that ends whatever process reads it: it is kept, and is a problem."""
        try:
            found = answer(kept)
        except Unusable as error:
            return Draft(trouble=(str(error),))
        wanted = address(found.url, kept, self._profile)
        url, captures = wanted.url if wanted else found.url, (found.capture,)
        read = unread(Page(url, kept.at, status=found.message.status, captures=captures), died_of)
        told = f"{url}: {read.problems[0].reason}"
        return Draft(found.url, wanted, found.capture, ANY, read, (told,))


def is_read_as(kind: str, draft: Draft, profile: Profile) -> bool:
    """Whether the draft is what a page gives that the frontier takes for `kind`."""
    if draft.kind in (kind, ANY):
        return True
    page = draft.read.page if draft.read else None
    if draft.kind is None or page is None or page.status != _OK or page.failure:
        return False
    return walked_as(kind, page.url, profile) == walked_as(draft.kind, page.url, profile)


def address(url: str, kept: Kept, profile: Profile) -> Link | None:
    """The address of a record in the frontier, but for the key of a POST."""
    made = link(url, url)
    if made is None or kept.form is None:
        return made and shaped(made, profile.addresses)
    return Link(made.url, "listing", kept.form, "", made.refused)


def _failed(url: str, asked: Asked, found: Answer, failure: str) -> Page:
    captures = (found.capture,)
    return Page(url, asked.kept.at, captures=captures, kind=asked.kind, failure=failure)
