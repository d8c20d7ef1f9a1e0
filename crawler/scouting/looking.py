"""One page as a crawl would take it: its kind, what was read from it, what it lists."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from scrapy.utils.misc import load_object

from crawler import settings
from crawler.facts import Profile
from crawler.items import Link, Page, ReadPage
from crawler.selectors import matches

FEEDS = frozenset({"feed", "sitemap"})
"""Kinds of pages that only name others."""

Read = Callable[[Page, Profile], ReadPage]


def reader() -> Read:
    """The project's reader (setting READER), which the engine does not import."""
    read: Read = load_object(settings.READER)
    return read


@dataclass(frozen=True)
class Seen:
    """A page that was looked at."""

    page: Page
    result: ReadPage
    links: tuple[Link, ...]
    profile: Profile
    name: str = ""
    """The file of a saved page; empty for a fetched one."""

    @property
    def kind(self) -> str:
        """home, article, listing, other, feed, sitemap, not_found, blocked, login, poll, failed."""
        if self.page.failure or self.page.status != 200:
            return "failed"
        return self.page.kind if self.page.kind == "home" else self.result.kind

    @property
    def is_feed(self) -> bool:
        """Whether it is a feed or a sitemap."""
        return self.kind in FEEDS

    @property
    def why(self) -> str:
        """Why it gave no page; empty when it did."""
        return self.page.failure or ("" if self.page.status == 200 else f"HTTP {self.page.status}")

    @cached_property
    def path(self) -> str:
        """What people tell it by: its file, or its address without the host."""
        if self.name:
            return self.name
        parts = urlsplit(self.page.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    @cached_property
    def listed(self) -> dict[str, int]:
        """Each listing rule that finds something on the page, with how many items."""
        found: dict[str, int] = {}
        for _, rule in matches(self.page.document, self.profile.listing):
            found[rule] = found.get(rule, 0) + 1
        return found

    @property
    def items(self) -> list[Link]:
        """What a listing rule took for articles."""
        return [link for link in self.links if link.kind == "article"]

    @property
    def further(self) -> list[Link]:
        """Links to further pages of the list, by address or by POST."""
        return [link for link in self.links if link.kind == "listing" and not link.refused]

    @property
    def layout(self) -> str:
        """The layout that read the article; generic when none fits, empty when it is none."""
        return (self.result.article.layout or "") if self.result.article else ""


def look(page: Page, profile: Profile, read: Read, name: str = "") -> Seen:
    """`page` walked and read with `profile`, as a crawl does it."""
    if page.failure or page.status != 200:
        return Seen(page, ReadPage(page, page.kind), (), profile, name)
    links_of = load_object(settings.WALKER)
    kind, links = links_of(page, "", profile)
    result = read(page.walked(kind, tuple(links)), profile)
    return Seen(page, result, tuple(links), profile, name)
