"""What the portal offers to machines: robots.txt, sitemaps and the feed."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from html import escape

from practice.model import Headline
from practice.portal import Portal

SITEMAP_SIZE = 1_000
_FEED_SIZE = 30
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


def robots(base: str, crawl_delay: float) -> str:
    """The rules for crawlers; the delay is in seconds."""
    return (
        f"User-agent: *\nCrawl-delay: {crawl_delay:g}\nDisallow: /admin/\nDisallow: /tim-kiem\n"
        f"\nSitemap: {base}/sitemap.xml\n"
    )


def sitemap_index(portal: Portal, base: str) -> str:
    """The list of sitemap parts."""
    parts = "".join(
        f"<sitemap><loc>{base}/sitemap-{part}.xml</loc></sitemap>\n"
        for part in range(1, portal.everything.pages(SITEMAP_SIZE) + 1)
    )
    return f"{_XML}<sitemapindex {_SITEMAP}>\n{parts}</sitemapindex>\n"


def sitemap(portal: Portal, base: str, part: int) -> str | None:
    """One part with the articles that are there, or None when there is no such part."""
    numbers = portal.everything.page(part, SITEMAP_SIZE)
    if not numbers:
        return None
    urls = "".join(_sitemap_url(portal, base, k) for k in numbers)
    return f"{_XML}<urlset {_SITEMAP}>\n{urls}</urlset>\n"


def _sitemap_url(portal: Portal, base: str, k: int) -> str:
    head = portal.headline(k)
    changed = portal.edited_on(k) or head.at.date()
    return f"<url><loc>{escape(base + head.path)}</loc><lastmod>{changed}</lastmod></url>\n"


def feed(portal: Portal, base: str) -> str:
    """The newest articles as RSS; titles are escaped twice, as this family of portals does."""
    heads = [portal.headline(k) for k in portal.everything.slice(0, _FEED_SIZE)]
    items = "".join(_item(head, base) for head in heads)
    return (
        f'{_XML}<rss version="2.0"><channel><title>{escape(portal.name)}</title>'
        f"<link>{base}/</link><description>{escape(portal.name)}</description>\n"
        f"{items}</channel></rss>\n"
    )


def _item(head: Headline, base: str) -> str:
    mark = "&" if "?" in head.path else "?"
    link = escape(f"{base}{head.path}{mark}utm_source=rss")
    return (
        f"<item><title>{_twice(head.title)}</title><link>{link}</link>"
        f"<description>{_twice(head.lead or '')}</description>"
        f"<pubDate>{format_datetime(_feed_time(head))}</pubDate></item>\n"
    )


def _twice(text: str) -> str:
    return escape(escape(text).encode("ascii", "xmlcharrefreplace").decode())


def _feed_time(head: Headline) -> datetime:
    """Midnight where the page shows no time: the feed must not know more than the page."""
    return head.at if head.has_time else head.at.replace(hour=0, minute=0)
