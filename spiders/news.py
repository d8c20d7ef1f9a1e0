"""The spider for live portals: listings in every pagination style, feeds, sitemaps, articles."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import profiles
from crawler.errors import BadInput
from crawler.items import Link, Page
from crawler.politeness.pace import retry_after
from crawler.politeness.robots import RobotsForbids, RobotsUnreachable
from crawler.safety.bounds import OutOfScope, TooMuch, Undecodable
from crawler.shapes import fits
from crawler.urls import hosts_of, in_scope
from spiders.claims import claim_of
from spiders.feeds import MOST_ENTRIES
from spiders.pagers import PAGE_ADDRESS
from spiders.walk import MOST_LINKS, links_of

_MAY_PASS = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    RobotsUnreachable,
)

_WALKED_APART = frozenset({"robots", "file", "home", "listing"})

_REFUSED = (RobotsForbids, OutOfScope)


class NewsSpider(Spider):
    """Walks one portal: `scrapy crawl news -a portal=kimson`, or `-a url=https://...`."""

    name = "news"

    def __init__(self, profile: profiles.Profile, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.profile = profile
        self.hosts = self.within = hosts_of(profile.url, *profile.hosts)
        """Hosts that may be asked, and those whose links are followed."""

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        portal: str = "",
        url: str = "",
        profile: profiles.Profile | None = None,
        **kwargs: Any,
    ) -> Self:
        """Choose the profile, if none is given; its `delay` replaces the default one."""
        profile = profile or profile_of(portal, url)
        if profile.cookies:
            crawler.settings.set("COOKIES_ENABLED", True, "spider")
        if profile.delay is not None:
            crawler.settings.set("DOWNLOAD_DELAY", profile.delay, "spider")
        return super().from_crawler(crawler, *args, profile=profile, **kwargs)

    async def start(self) -> Any:
        """Nothing: the frontier holds the start pages too."""
        for page in tuple[Page, ...]():
            yield page

    def parse(self, response: Response) -> Iterator[Page]:
        """The page as it came, with the links that lead on."""
        page = _page(response, self.profile)
        try:
            kind, links = links_of(page, _header(response, b"Location"), self.profile)
        except (TooMuch, Undecodable) as error:
            yield replace(page, failure=str(error))
            return
        most = MOST_ENTRIES if kind in ("feed", "sitemap") else MOST_LINKS
        many = (f"too many links: only {most} are followed",) if len(links) > most else ()
        claim = claim_of(page, kind, links, *_posted(response))
        yield page.walked(kind, tuple(self._mine(links[:most])), claim, many)

    def no_answer(self, failure: Failure) -> Iterator[Page]:
        """The page that did not come, with the reason."""
        request: Any = failure.request  # type: ignore[attr-defined]
        yield Page(
            url=request.url,
            fetched_at=datetime.now(UTC),
            captures=tuple(request.meta.get("captures", ())),
            url_id=request.meta["url_id"],
            kind="refused" if isinstance(failure.value, _REFUSED) else request.meta["kind"],
            failure=reason_of(failure),
            may_pass=isinstance(failure.value, _MAY_PASS),
        )

    def _mine(self, links: list[Link]) -> Iterator[Link]:
        seen = set()
        for link in links:
            if link.key not in seen and in_scope(link.url, self.within):
                seen.add(link.key)
                yield link


def profile_of(portal: str, url: str) -> profiles.Profile:
    """The profile of a portal by its short name, or that which fits an address; else BadInput."""
    if portal:
        profile = profiles.load(portal)
        if profile.url:
            return profile
        raise BadInput(f"{portal!r} is a CMS, not a portal; name a portal or a URL")
    if url:
        return profiles.for_url(url)
    raise BadInput("name a portal (-a portal=kimson) or an address (-a url=https://...)")


def _page(response: Response, profile: profiles.Profile) -> Page:
    meta = response.meta
    captures = tuple(meta.get("captures", ()))
    return Page(
        url=response.url,
        fetched_at=captures[-1].captured_at if captures else datetime.now(UTC),
        status=response.status,
        content_type=_header(response, b"Content-Type"),
        body=response.body,
        captures=captures,
        url_id=meta["url_id"],
        kind=_kind(response, profile),
        location=_header(response, b"Location"),
        retry_after=retry_after(response.status, _header(response, b"Retry-After")),
    )


def _kind(response: Response, profile: profiles.Profile) -> str:
    """What the frontier takes the page for, but a listing is recognised anew at each visit.

    A further page is one by its address: page 2 of an article's comments is not the article.
    """
    if response.request is not None and response.request.method == "POST":
        return "listing"
    return _visited_as(response.meta["kind"], response.url, profile)


def _visited_as(kind: str, url: str, profile: profiles.Profile) -> str:
    is_further = PAGE_ADDRESS.search(url) or fits(url, profile.addresses.further)
    return "page" if kind == "listing" and not is_further else kind


def walked_as(kind: str, url: str, profile: profiles.Profile) -> str:
    """As what a good answer from `url` is walked that the frontier takes for `kind`.

    Kinds of which this says the same make no difference to what a page gives.
    """
    visited = _visited_as(kind, url, profile)
    return visited if visited in _WALKED_APART else "page"


def _posted(response: Response) -> tuple[str | None, str]:
    """The body of the POST that brought the page, or None, and the page that its form stood on."""
    request = response.request
    if request is None or request.method != "POST":
        return response.meta.get("form"), ""
    return request.body.decode(), (request.headers.get(b"Referer") or b"").decode("latin-1")


def _header(response: Response, name: bytes) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def reason_of(failure: Failure) -> str:
    """Why no answer came, in one line."""
    error = failure.value
    if isinstance(error, IgnoreRequest | DownloadTimeoutError):
        return str(error)
    text = str(error).strip() or type(error).__name__
    return f"{type(error).__name__}: {text.splitlines()[0]}"
