"""The last step: everything that a page gave is saved in one transaction."""

import sqlite3
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.items import ReadPage
from crawler.run import crawl_run


class SavePipeline:
    """Saves each read page into the archive of the run."""

    def __init__(self, crawler: Crawler) -> None:
        self._run = crawl_run(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A pipeline for the run of `crawler`."""
        return cls(crawler)

    def process_item(self, item: ReadPage) -> ReadPage:
        """Save `item`; if the archive can't be written, the crawl ends and the URL still waits."""
        try:
            self._run.save(item)
        except (sqlite3.OperationalError, OSError) as error:
            self._run.give_up(error)
            raise DropItem(f"not saved: {error}") from error
        return item
