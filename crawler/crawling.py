"""Running the spider from Python, one portal after the other in one process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import Settings

from crawler import __version__, profiles
from crawler.archive.connection import open_archive
from crawler.crawls import Crawled, crawl_in_turn
from crawler.errors import BadInput
from crawler.safety.addresses import networks
from crawler.urls import is_address
from crawler.words import tr


@dataclass(frozen=True, slots=True)
class Target:
    """What to crawl: the slug of a portal or a start URL; the other one is empty."""

    portal: str = ""
    url: str = ""

    @classmethod
    def named(cls, text: str) -> "Target":
        """The target that a person means by `text`; BadInput when there is none."""
        if "://" not in text and "." not in text and ":" not in text:
            return cls(portal=profiles.of_portal(text).slug)
        url = text if "://" in text else f"https://{text}"
        if not is_address(url):
            raise BadInput(
                tr("{text} is no address with a host; write https://host/...", text=text)
            )
        return cls(url=url if urlsplit(url).path else f"{url}/")


def crawl_all(
    targets: list[Target],
    db: Path,
    *,
    delay: float | None = None,
    concurrency: int = 1,
    contact: str | None = None,
    verbose: bool = False,
    progress: bool = True,
    overrides: Mapping[str, Any] = {},
) -> Crawled:
    """Crawl `targets` into `db`, one after the other.

    `overrides` are settings by name (`crawler.settings`), such as CRAWL_MODE. An archive that
    can't be used raises BadInput or CannotRun before any portal is asked.
    """
    chosen = settings(db, delay, concurrency, contact, verbose, progress)
    chosen.update(overrides, priority="cmdline")
    # What is refused leaves no empty archive behind.
    networks(chosen.getlist("NETWORKS_ALLOWED"))
    open_archive(db, create=True).close()
    given = [{"portal": each.portal, "url": each.url} for each in targets]
    return crawl_in_turn(chosen, "news", given, db)


def settings(
    db: Path,
    delay: float | None = None,
    concurrency: int = 1,
    contact: str | None = None,
    verbose: bool = False,
    progress: bool = False,
) -> Settings:
    """The project's Scrapy settings with what the command line overrides."""
    made = Settings()
    made.setmodule("crawler.settings", priority="project")
    given: dict[str, Any] = {
        "ARCHIVE": str(db.absolute()),
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "LOG_LEVEL": "INFO" if verbose else "ERROR",
        "PROGRESS": progress and not verbose,
    }
    if delay is not None:
        given["DOWNLOAD_DELAY"] = delay
    if contact:
        given |= {"CONTACT": contact, "USER_AGENT": f"luutru/{__version__} (+{contact})"}
    made.update(given, priority="cmdline")
    return made
