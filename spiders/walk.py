"""Which links of a page lead on, by what kind of answer it is."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from crawler import traps
from crawler.facts import Addresses
from crawler.forwarding import forwards
from crawler.items import Link, Page
from crawler.media import HTML, media_type_of
from crawler.profiles import Profile
from crawler.selectors import fitting, matches, xpath
from crawler.shapes import all_shaped, fits, shaped
from crawler.urls import base_for, link
from spiders.feeds import feed_links, robots_sitemaps
from spiders.pagers import PAGE_ADDRESS, posts, timeline
from spiders.wording import worded

_LINKS = xpath(
    "//a/@href | //area/@href | //iframe/@src | //frame/@src"
    " | //link[@rel='next' or @rel='alternate']/@href"
)
_CANONICAL = xpath("/descendant::link[@rel='canonical']/@href")
MOST_LINKS = 10_000
"""Links of a page that are followed; the fullest real pages have some hundreds."""
_ITEM_HREFS = xpath("descendant::a[@href][position() <= 8]/@href")
_FEED_HINTS = ("rss", "feed", "atom")


def links_of(page: Page, location: str, profile: Profile) -> tuple[str, list[Link]]:
    """The page's kind as far as walking goes, and its links, cleaned but not yet limited to hosts.

    `location` is the Location header of a redirect. Kinds are those of `Page.kind`.
    """
    kind, links = _links_of(page, location, profile)
    return kind, all_shaped(links, profile.addresses)


def _links_of(page: Page, location: str, profile: Profile) -> tuple[str, list[Link]]:
    if page.status == 304:
        return page.kind, []
    if page.status is not None and 300 <= page.status < 400:
        return "redirect", _made([link(location, page.url, page.kind)] if location.strip() else [])
    if page.status != 200:
        return page.kind, []
    if page.kind == "robots":
        return "robots", robots_sitemaps(page)
    if page.kind == "file" or media_type_of(page.body) not in (None, HTML):
        return "file", []
    if _is_xml(page):
        return feed_links(page)
    if not _is_html(page):
        return "file", []
    return _html_links(page, profile)


def _is_html(page: Page) -> bool:
    media = page.content_type.partition(";")[0].strip().lower()
    return media in ("", "text/html", "application/xhtml+xml") or _opens_with(page, b"<html")


def _is_xml(page: Page) -> bool:
    return (
        _opens_with(page, b"<?xml", b"<rss", b"<feed", b"<urlset", b"<sitemapindex", b"\x1f\x8b")
        and b"<html" not in page.body[:1000].lower()
    )


def _opens_with(page: Page, *starts: bytes) -> bool:
    return page.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(starts)


def _html_links(page: Page, profile: Profile) -> tuple[str, list[Link]]:
    tree = page.document.tree
    base = _base(tree, page.url)
    hrefs = [*forwards(tree), *_LINKS(tree)[: MOST_LINKS + 1]]
    posted = posts(tree, base, hrefs)
    said = worded(tree)
    listed = _listed(page, base, profile, said)
    kind = page.kind if page.kind in ("home", "listing") else "page"
    is_list = bool(listed or posted or fits(page.url, profile.addresses.listing))
    if is_list and fitting(page.document, profile.layouts) is None:
        kind = "listing"
    plain = _made(_plain(href, base_for(href, base), said.get(href)) for href in hrefs)
    return kind, [
        *_canonical(tree, base),
        *posted,
        *timeline(tree, page.url),
        *_leading_on([*listed, *plain], page.url),
    ]


def _canonical(tree: Any, base: str) -> list[Link]:
    """The address that the page calls its own, unless that is the home page: then it is a slip."""
    named = (link(href, base) for href in _CANONICAL(tree)[:1])
    return [
        replace(made, canonical=True)
        for made in named
        if made and not made.refused and len(urlsplit(made.url).path + urlsplit(made.url).query) > 1
    ]


def _leading_on(links: list[Link], on: str) -> Iterator[Link]:
    """`links`, refused where they lead to the same page; behind a mistyped one what it means."""
    for found in links:
        reason = found.refused or traps.rearranged(found.url, on)
        yield replace(found, refused=reason) if reason != found.refused else found
        if reason and (address := traps.meant(found.url)):
            yield from _made([link(address, on, found.kind)])


def _base(tree: Any, url: str) -> str:
    given = next((each.get("href") for each in tree.iter("base")), None)
    found = link(given, url) if given else None
    return found.url if found else url


def _listed(page: Page, base: str, profile: Profile, said: dict[str, str]) -> list[Link]:
    items = (item for item, _ in matches(page.document, profile.listing))
    found = (_item_link(item, base, profile.addresses, said) for item in items)
    return _made(found)


def _item_link(item: Any, base: str, addresses: Addresses, said: dict[str, str]) -> Link | None:
    """The link of an item that has an article's address, else its first: a badge may lead on."""
    hrefs = [item.get("href"), *_ITEM_HREFS(item)]
    links = _made(_worded(link(h, base, "article"), said.get(h)) for h in filter(None, hrefs))
    shapely = (found for found in links if fits(shaped(found, addresses).url, addresses.article))
    return next(shapely, links[0] if links else None)


@lru_cache(maxsize=4_000)
def _plain(href: str, base: str, words: str | None) -> Link | None:
    if PAGE_ADDRESS.search(href):
        return link(href, base, "listing")
    found = link(href, base)
    if found and any(hint in found.url.rsplit("/", 1)[-1].lower() for hint in _FEED_HINTS):
        return link(href, base, "feed")
    return _worded(found, words)


def _worded(found: Link | None, words: str | None) -> Link | None:
    return replace(found, words=words) if found and words else found


def _made(links: Iterable[Link | None]) -> list[Link]:
    return [made for made in links if made is not None]
