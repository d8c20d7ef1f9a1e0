"""Crawls that this machine does not make itself."""

from typing import Protocol

from crawler.archive.schedules import Crawled
from crawler.schedules.due import Due


class Elsewhere(Protocol):
    """Who makes them, each into the portal's own archive (`Config.own`)."""

    async def crawl(self, run: Due) -> Crawled:
        """Have the portal crawled, as soon as somebody can; `stopped` once `stop` was called."""

    def stop(self) -> None:
        """Let crawls finish their page and end."""
