"""A rescue's progress on a terminal: captures fetched of those that are listed."""

from typing import cast

from crawler.archive import listed
from crawler.progress import CrawlProgress
from crawler.rescue.run import RescueRun
from crawler.run import crawl_run


class RescueProgress(CrawlProgress):
    """Scrapy extension: captures done of those that wait."""

    def _waiting(self) -> int:
        run = cast("RescueRun", crawl_run(self._crawler))
        return listed.counts(run.db, run.holder).get("waiting", 0)
