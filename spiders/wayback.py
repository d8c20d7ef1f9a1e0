"""The spider for web archives: it walks pages that the Wayback Machine kept as if they were live.

What it asks for stands in the tables `index_queries` and `listed_captures`; what comes is kept as a
WARC record of the original page, and read from that record as a replay would.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive.listed import Listed, Question
from crawler.capture.rescued import played_back
from crawler.items import Link, Page
from crawler.parts import ARCHIVING
from crawler.politeness.pace import seconds_of
from crawler.profiles import Profile
from crawler.replaying.answers import Answer, answer, response
from crawler.replaying.kept import Kept
from crawler.rescue.cdx import Listing, Unreadable, listing
from crawler.rescue.playback import Refused, played
from crawler.rescue.run import RescueRun
from crawler.rescue.services import (
    DATA_SLOT,
    EVERYTHING,
    INDEX_SLOT,
    WAYBACK,
    Service,
    asked_at,
)
from crawler.rescue.wishes import wishes
from crawler.urls import hosts_of, link
from spiders.news import NewsSpider, profile_of, reason_of

_OK = 200
_TOO_MANY = 429
_ERROR = 500
_DIFFERS = "its payload has the SHA-1 {sha1}, not the digest of the index"


class WaybackSpider(NewsSpider):
    """Rescues one portal: `scrapy crawl wayback -a portal=kimson`."""

    name = "wayback"
    source = WAYBACK
    refusals = frozenset({_TOO_MANY})
    """Statuses by which it asks to be left alone."""
    custom_settings = {  # noqa: RUF012 - Scrapy's name and type
        **ARCHIVING,
        "SCHEDULER": "crawler.rescue.queue.RescueQueue",
        "EXTENSIONS": {
            "crawler.rescue.run.RescueRun": 0,
            "crawler.rescue.progress.RescueProgress": 500,
        },
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.safety.scope.ScopeMiddleware": 50,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawler.rescue.decoding.IndexDecoding": 590,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        },
        # A web archive is asked by its interface for programs, on its own terms (RESCUE_*).
        "ROBOTSTXT_OBEY": False,
        "ROBOTS_REASON": "pages of web archives, asked for by their interfaces for programs",
    }

    def __init__(self, profile: Profile, service: Service, **kwargs: Any) -> None:
        # The portal's TLS may be broken; that of a web archive is not.
        super().__init__(profile=replace(profile, unverified_tls=False), **kwargs)
        self.service = service
        self.hosts = hosts_of(service.index, service.data)

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        portal: str = "",
        url: str = "",
        profile: Profile | None = None,
        **kwargs: Any,
    ) -> Self:
        """Take the profile that is given, or that of a portal or address."""
        service = Service.of(cls.source, crawler.settings)
        crawler.settings.set(
            "DOWNLOAD_SLOTS",
            {
                INDEX_SLOT: {"concurrency": 1, "delay": service.index_delay},
                DATA_SLOT: {"concurrency": 1, "delay": service.delay},
            },
            "spider",
        )
        profile = profile or profile_of(portal, url)
        return super(NewsSpider, cls).from_crawler(
            crawler, *args, profile=profile, service=service, **kwargs
        )

    def ask(self, question: Question) -> Request:
        """The request for an answer of the index."""
        return self._request(
            asked_at(question.address, question.cursor),
            INDEX_SLOT,
            question,
            self.indexed,
            {"Accept": "application/json"},
        )

    def fetch(self, listed: Listed) -> Request:
        """The request for a capture."""
        headers = {"Accept-Encoding": "identity", **self.part_of(listed)}
        return self._request(
            self.service.playback(listed), DATA_SLOT, listed, self.brought, headers
        )

    def part_of(self, listed: Listed) -> dict[str, str]:
        """Headers that ask for a part of a file; a Wayback Machine plays back one capture."""
        return {}

    def _request(
        self, url: str, slot: str, what: Question | Listed, callback: Any, headers: dict[str, str]
    ) -> Request:
        return Request(
            url,
            headers=headers,
            meta={"download_slot": slot, "what": what, "dont_redirect": True},
            callback=callback,
            errback=self.silent,
            dont_filter=True,
        )

    @property
    def _run(self) -> RescueRun:
        run = self.crawler.get_extension(RescueRun)
        if run is None:
            raise RuntimeError("the extension crawler.rescue.run.RescueRun is not enabled")
        return run

    def silent(self, failure: Failure) -> None:
        """No answer came."""
        request: Any = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure)
        self._run.forget(request.url)
        self._run.rests.failed(reason)
        self._run.later(request.meta["what"], reason)

    def indexed(self, answered: Response) -> None:
        """An answer of the index: what it lists is to be fetched."""
        question: Question = answered.meta["what"]
        self._run.heard(answered.url)
        if answered.status in self.refusals or answered.status >= _ERROR:
            self._put_off(answered, question, f"the index says HTTP {answered.status}")
            return
        try:
            self.take_in(answered, question)
        except Unreadable as error:
            self._run.later(question, str(error))

    def take_in(self, answered: Response, question: Question) -> None:
        """Note what is listed, and where to go on; raises Unreadable."""
        found = _found(answered)
        wanted = wishes(found.entries, self.profile, self.within)
        self._run.listed(question, wanted, self.onward(question, found))

    def onward(self, question: Question, found: Listing) -> str | None:
        """The cursor of the next answer, or None.

        An index that knows no resumption keys (pywb) cuts off without a word.
        """
        if question.cursor != EVERYTHING and found.lines >= self.service.lines and not found.resume:
            return EVERYTHING
        return found.resume

    def _put_off(self, answered: Response, what: Question | Listed, reason: str) -> None:
        given = (answered.headers.get(b"Retry-After") or b"").decode("latin-1")
        if answered.status in self.refusals:
            self._run.rests.refused(seconds_of(given))
        else:
            self._run.rests.failed(reason)
        self._run.later(what, reason)

    def brought(self, answered: Response) -> Iterator[Page]:
        """A capture, or what the web archive says in its place."""
        listed: Listed = answered.meta["what"]
        try:
            kept = self.kept(answered, listed)
        except Refused as error:
            if error.may_pass:
                self._put_off(answered, listed, str(error))
            else:
                self._run.rests.answered()
                self._run.refuse(listed, "failed", str(error))
            return
        if kept:
            yield self._page(kept, listed)

    def kept(self, answered: Response, listed: Listed) -> Kept | None:
        """The record of what came, written; None when it is asked for once more.

        Raises Refused when nothing of the portal came.
        """
        asked = answered.url
        found = played(self._run.heard(asked), listed)
        if not found.is_as_listed:
            differs = _DIFFERS.format(sha1=found.sha1)
            if listed.reason != differs:
                # It may have been cut on the way; the same twice is what they have.
                self._run.later(listed, differs)
                return None
        about = _about(listed, found.own)
        return self._run.written(
            listed,
            played_back(listed.url, listed.captured_at, found.head, found.payload, asked, about),
        )

    def _page(self, kept: Kept, listed: Listed) -> Page:
        wanted = link(kept.url, kept.url) or Link(kept.url, key=listed.key)
        url_id, kind = self._run.url_of(wanted, kept)
        meta: dict[str, Any] = {"url_id": url_id, "kind": kind, "captures": []}
        try:
            found = answer(kept)
            meta["captures"] = [found.capture]
            page = self._walked(wanted.url, found, meta)
        # A body that can't be decoded fails in a hundred ways; in a crawl Scrapy takes them all.
        except Exception as error:
            if not meta["captures"]:
                raise
            return _failed(wanted.url, kept, meta, f"{type(error).__name__}: {error}")
        if found.capture.truncated:
            return _failed(wanted.url, kept, meta, f"cut off ({found.capture.truncated})")
        return page

    def _walked(self, url: str, found: Answer, meta: dict[str, Any]) -> Page:
        decoding = self.crawler.get_downloader_middleware(HttpCompressionMiddleware)
        if decoding is None:
            raise RuntimeError("Scrapy's HttpCompressionMiddleware is not enabled")
        return next(self.parse(response(url, found.message, decoding.process_response, meta)))


def _found(answered: Response) -> Listing:
    """What the index lists; nothing, when it says so with an error's status as pywb does."""
    if answered.status == _OK:
        return listing(answered.body)
    told = answered.body[:500].decode("utf-8", "replace").strip()
    if answered.status in (400, 404) and _says_no_more(told):
        return Listing((), 0)
    raise Unreadable(f"the index says HTTP {answered.status}: {' '.join(told.split())[:120]}")


def _says_no_more(told: str) -> bool:
    """`No Captures found` and `Page 5 invalid: ... Last Page is 4` are answers, not failures."""
    try:
        message = str(json.loads(told).get("message") or json.loads(told).get("error"))
    except (ValueError, AttributeError):
        message = told
    return "No Captures found" in message or ("Page" in message and "invalid" in message)


def _about(listed: Listed, own: bytes) -> bytes:
    """The metadata of a record: what the index says, and the web archive's own headers."""
    facts = {
        "index-digest": listed.digest,
        "index-status": listed.status,
        "index-media-type": listed.media_type,
        "index-length": listed.size,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in facts.items() if value is not None)
    return lines.encode() + b"".join(b"answer-" + line for line in own.splitlines(keepends=True))


def _failed(url: str, kept: Kept, meta: dict[str, Any], failure: str) -> Page:
    captures = tuple(meta["captures"])
    return Page(
        url, kept.at, captures=captures, url_id=meta["url_id"], kind=meta["kind"], failure=failure
    )
