"""Feeds and sitemaps: what a portal itself says that it has."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from crawler.items import Link, Page
from crawler.politeness.rules import rules_in
from crawler.safety.decoding import unzipped
from crawler.urls import link
from crawler.vietnamese import nfc
from spiders.wording import title_like

MOST_ENTRIES = 50_000
"""Entries of a sitemap or feed that are followed, and below its bytes: as sitemaps.org allows."""
_MOST_BYTES = 50 * 1024 * 1024
_MOST_TAGS = 12 * MOST_ENTRIES
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_LAST_CHANGED = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?:Z|[+-]\d\d:?\d\d)?"
)


def feed_links(page: Page) -> tuple[str, list[Link]]:
    """The kind (sitemap or feed) of an XML page and the links in it; none if it is not readable.

    Raises TooMuch for what unpacks without end, and Undecodable for what can't be unpacked.
    """
    root = _parsed(page.body)
    if root is None:
        return "feed", []
    name = etree.QName(root).localname
    if name in ("sitemapindex", "urlset"):
        kind = "sitemap" if name == "sitemapindex" else "page"
        return "sitemap", list(_entries(root, page.url, kind))
    where = (
        # Anywhere below: HTML in a title that nobody escaped takes in what follows.
        "//*[local-name()='item']//*[local-name()='link']/text()"
        " | //*[local-name()='entry']//*[local-name()='link']/@href"
    )
    return "feed", _links(root, where, page.url, "article")


def _parsed(body: bytes) -> Any:
    body = unzipped(body, _MOST_BYTES)[:_MOST_BYTES]
    if body.count(b"<") > _MOST_TAGS:
        body = b"<".join(body.split(b"<", _MOST_TAGS)[:_MOST_TAGS])
    # Entities of a stranger's XML are never resolved: they can read files and grow without end.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        return etree.fromstring(body, parser=parser)
    except etree.XMLSyntaxError:
        return None


def _links(root: Any, where: str, base: str, kind: str) -> list[Link]:
    found = root.xpath(where)[: MOST_ENTRIES + 1]
    links = ((link(str(href), base, kind), href.getparent().getparent()) for href in found)
    return [
        # Titles are HTML in most feeds, and escaped twice.
        replace(made, words=title_like(nfc(unescape(entry.findtext("{*}title") or ""))))
        for made, entry in links
        if made is not None
    ]


def _entries(root: Any, base: str, kind: str) -> Iterator[Link]:
    for loc in root.xpath("//*[local-name()='loc']")[: MOST_ENTRIES + 1]:
        made = link("".join(loc.itertext()), base, kind)
        if made:
            yield replace(made, modified=_moment(_last_changed(loc)))


def _last_changed(loc: Any) -> str:
    """What stands beside an address; an entry has four elements, a broken sitemap ten thousands."""
    beside = chain(islice(loc.itersiblings(), 6), islice(loc.itersiblings(preceding=True), 6))
    found = (each for each in beside if str(each.tag).rpartition("}")[2] == "lastmod")
    last = next(found, None)
    return "" if last is None else "".join(map(str, last.itertext())).strip()


def _moment(text: str) -> datetime | None:
    """A moment in the W3C's profile of ISO 8601, as sitemaps.org asks for; a day is its begin."""
    found = _LAST_CHANGED.fullmatch(text)
    try:
        moment = datetime.fromisoformat(found[0]) if found else None
        return moment and moment.replace(tzinfo=moment.tzinfo or _VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def robots_sitemaps(page: Page) -> list[Link]:
    """The sitemaps that robots.txt names (RFC 9309 section 2.2.4 leaves them to sitemaps.org)."""
    lines = rules_in(page.status, page.body).decode("utf-8", "replace").splitlines()
    named = (line.partition(":")[2] for line in lines if line.lower().startswith("sitemap:"))
    found = (link(address, page.url, "sitemap") for address in named)
    return [made for made in found if made is not None]
