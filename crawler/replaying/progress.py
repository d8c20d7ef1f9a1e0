"""A replay's progress on a terminal: like a crawl's, but all that is to be read is known."""

from typing import cast

from crawler.progress import CrawlProgress
from crawler.replaying.run import ReplayRun
from crawler.run import crawl_run


class ReplayProgress(CrawlProgress):
    """Scrapy extension: pages read of those kept."""

    def _waiting(self) -> int:
        run = cast("ReplayRun", crawl_run(self._crawler))
        return max(len(run.task.exchanges) - self._pages, 0)
