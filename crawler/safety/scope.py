"""The last guard of the downloader: no request leaves the portal, whoever has made it.

Links are limited to the portal's hosts where they are found. What passes here comes from further
away too: an archive of an earlier version, robots.txt that redirects, a Scrapy user's own spider.
"""

from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.safety.bounds import OutOfScope
from crawler.urls import in_scope


class ScopeMiddleware:
    """Refuses what is no http(s) address on the spider's hosts (`spider.hosts`)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._longest = crawler.settings.getint("URLLENGTH_LIMIT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """How Scrapy makes it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let `request` pass, or raise OutOfScope."""
        spider: Any = self._crawler.spider
        reason = refusal(request.url, spider.hosts, self._longest)
        if reason:
            raise OutOfScope(reason)


def refusal(url: str, hosts: frozenset[str], longest: int) -> str | None:
    """Why `url` is not asked for by a crawl of `hosts`, or None."""
    if len(url) > longest:
        return f"its address has more than {longest} characters"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return f"neither http nor https: {parts.scheme}"
    if not in_scope(url, hosts):
        return f"{parts.netloc} is none of the portal's hosts"
    return None
