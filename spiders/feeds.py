"""Feeds and sitemaps: what a portal itself says that it has."""

from typing import Any

from lxml import etree
from scrapy.utils.gz import gunzip

from crawler.items import Link, Page
from crawler.urls import link

_MOST_BYTES = 64 * 1024 * 1024


def feed_links(page: Page) -> tuple[str, list[Link]]:
    """The kind (sitemap or feed) of an XML page and the links in it; none if it is not readable."""
    root = _parsed(page.body)
    if root is None:
        return "feed", []
    name = etree.QName(root).localname
    if name in ("sitemapindex", "urlset"):
        kind = "sitemap" if name == "sitemapindex" else "page"
        return "sitemap", _links(root, "//*[local-name()='loc']/text()", page.url, kind)
    where = (
        "//*[local-name()='item']/*[local-name()='link']/text()"
        " | //*[local-name()='entry']/*[local-name()='link']/@href"
    )
    return "feed", _links(root, where, page.url, "article")


def _parsed(body: bytes) -> Any:
    if body.startswith(b"\x1f\x8b"):
        body = gunzip(body, max_size=_MOST_BYTES)
    # Entities of a stranger's XML are never resolved: they can read files and grow without end.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        return etree.fromstring(body, parser=parser)
    except etree.XMLSyntaxError:
        return None


def _links(root: Any, where: str, base: str, kind: str) -> list[Link]:
    found = (link(str(href), base, kind) for href in root.xpath(where))
    return [made for made in found if made is not None]


def robots_sitemaps(page: Page) -> list[Link]:
    """The sitemaps that robots.txt names (RFC 9309 section 2.2.4 leaves them to sitemaps.org)."""
    lines = page.body.decode("utf-8", "replace").splitlines()
    named = (line.partition(":")[2] for line in lines if line.lower().startswith("sitemap:"))
    found = (link(address, page.url, "sitemap") for address in named)
    return [made for made in found if made is not None]
