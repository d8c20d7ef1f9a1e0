"""A page as it came, with the links that lead on: what a crawl and a replay do alike."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from scrapy.http import Response

from crawler.items import Link, Page
from crawler.politeness.pace import retry_after
from crawler.profiles import Profile
from crawler.safety.bounds import TooMuch, Undecodable
from crawler.shapes import fits
from crawler.urls import in_scope
from spiders.claims import claim_of
from spiders.feeds import MOST_ENTRIES
from spiders.pagers import PAGE_ADDRESS
from spiders.walk import MOST_LINKS, links_of

_WALKED_APART = frozenset({"robots", "file", "home", "listing"})

Posted = tuple[str | None, str]
"""The body of the POST that brought a page, or None, and the page that its form stood on."""


def walked(page: Page, posted: Posted, profile: Profile, within: frozenset[str]) -> Page:
    """`page` with its links; those within the hosts `within` are followed, each once."""
    try:
        kind, links = links_of(page, page.location, profile)
    except (TooMuch, Undecodable) as error:
        return replace(page, failure=str(error))
    most = MOST_ENTRIES if kind in ("feed", "sitemap") else MOST_LINKS
    many = (f"too many links: only {most} are followed",) if len(links) > most else ()
    claim = claim_of(page, kind, links, *posted)
    return page.walked(kind, tuple(_mine(links[:most], within)), claim, many)


def _mine(links: Iterable[Link], within: frozenset[str]) -> Iterator[Link]:
    seen = set()
    for link in links:
        if link.key not in seen and in_scope(link.url, within):
            seen.add(link.key)
            yield link


def page_of(response: Response, profile: Profile) -> Page:
    """The page as it came."""
    meta = response.meta
    captures = tuple(meta.get("captures", ()))
    return Page(
        url=response.url,
        fetched_at=captures[-1].captured_at if captures else datetime.now(UTC),
        status=response.status,
        content_type=_header(response, b"Content-Type"),
        body=response.body,
        captures=captures,
        url_id=meta.get("url_id", 0),
        kind=_kind(response, profile),
        location=_header(response, b"Location"),
        retry_after=retry_after(response.status, _header(response, b"Retry-After")),
    )


def _kind(response: Response, profile: Profile) -> str:
    """What the frontier takes the page for, but a listing is recognised anew at each visit.

    A further page is one by its address: page 2 of an article's comments is not the article.
    """
    if response.request is not None and response.request.method == "POST":
        return "listing"
    return _visited_as(response.meta.get("kind", "page"), response.url, profile)


def _visited_as(kind: str, url: str, profile: Profile) -> str:
    is_further = PAGE_ADDRESS.search(url) or fits(url, profile.addresses.further)
    return "page" if kind == "listing" and not is_further else kind


def walked_as(kind: str, url: str, profile: Profile) -> str:
    """As what a good answer from `url` is walked that the frontier takes for `kind`.

    Kinds of which this says the same make no difference to what a page gives.
    """
    visited = _visited_as(kind, url, profile)
    return visited if visited in _WALKED_APART else "page"


def posted_with(response: Response) -> Posted:
    """The body of the POST that brought the page, or None, and the page that its form stood on."""
    request = response.request
    if request is None or request.method != "POST":
        return response.meta.get("form"), ""
    return request.body.decode(), (request.headers.get(b"Referer") or b"").decode("latin-1")


def _header(response: Response, name: bytes) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
