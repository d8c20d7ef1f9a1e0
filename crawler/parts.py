"""The parts of Scrapy that ours take the place of, as settings of the spiders that crawl a portal.

They stand here and not among the project's settings because they need a spider that knows its
portal: `scrapy shell`, `scrapy fetch` and a Scrapy user's own spiders have none.
"""

from typing import Any

# What a spider with `hosts` asks through, with or without an archive.
ASKING: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.capture.wire.WireHandler",
        "https": "crawler.capture.wire.WireHandler",
        "file": None,
        "ftp": None,
        "s3": None,
        "data": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "crawler.safety.scope.ScopeMiddleware": 50,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "crawler.safety.decoding.DecodingMiddleware": 590,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "crawler.politeness.robots.RobotsMiddleware": 100,
        "crawler.politeness.watch.WatchMiddleware": 950,
    },
}

# The way of a page into the archive, for a spider with a `profile`.
ARCHIVING: dict[str, Any] = {
    **ASKING,
    "SCHEDULER": "crawler.frontier.Frontier",
    "EXTENSIONS": {
        "crawler.run.CrawlRun": 0,
        "crawler.progress.CrawlProgress": 500,
        "crawler.crawlog.CrawlLog": 600,
    },
    "ITEM_PIPELINES": {
        "pipelines.read.ReadPipeline": 100,
        "pipelines.files.FilePipeline": 200,
        "pipelines.save.SavePipeline": 900,
    },
    # A feed (`-O articles.jsonl`) gets what was read of a page, and not its bytes.
    "FEED_EXPORT_FIELDS": ["kind", "article", "documents", "file", "site_counts", "problems"],
}

# A page that Scrapy's own queue holds, for somebody who looks at it: no archive is touched.
LOOKING: dict[str, Any] = {
    "SCHEDULER": "scrapy.core.scheduler.Scheduler",
    "EXTENSIONS": {},
    "ITEM_PIPELINES": {},
}
