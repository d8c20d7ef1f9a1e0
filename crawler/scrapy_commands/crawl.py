"""`scrapy crawl`: what is in the way is one line and an exit code, as with `luutru`."""

import argparse
import sys
from typing import cast

from scrapy.commands import crawl
from scrapy.crawler import AsyncCrawlerProcess

from crawler import hangup
from crawler.errors import LuutruError


class Command(crawl.Command):
    """Scrapy's own lets asyncio print a traceback when a crawl can't begin."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl; the exit code is that of the LuutruError which kept the crawl from beginning."""
        if len(args) != 1:
            super().run(args, opts)
        hangup.taken_as_sigterm()
        process = cast("AsyncCrawlerProcess", self.crawler_process)
        crawling = process.crawl(self._create_crawler(args[0]), **opts.spargs)
        process.start()
        if not crawling.done():
            return
        try:
            crawling.result()
        except LuutruError as error:
            print(f"luutru: {error}", file=sys.stderr)
            self.exitcode = error.exit_code
