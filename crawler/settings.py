"""Scrapy settings: who we are, how slowly we go, what we refuse, and why."""

import os

from crawler import __version__

BOT_NAME = "luutru"
SPIDER_MODULES = ["spiders"]

# --- The archive, an absolute or relative path; `luutru --db` and `-s ARCHIVE=` set it.
ARCHIVE = "archive.db"

# --- Who we are. A portal's staff must be able to tell us to stop.
CONTACT = os.environ.get("LUUTRU_CONTACT", "https://github.com/luutru/luutru")
USER_AGENT = f"luutru/{__version__} (+{CONTACT})"
ROBOTSTXT_USER_AGENT = "luutru"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    # Every tool that will ever read the WARC files knows gzip; what comes otherwise is kept too.
    "Accept-Encoding": "gzip, deflate",
}

# --- How slowly we go. Many portals share one small server.
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
# Jitter would go below a Crawl-delay half of the time.
RANDOMIZE_DOWNLOAD_DELAY = False
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = DOWNLOAD_DELAY
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
DOWNLOAD_TIMEOUT = 60
RETRY_TIMES = 2

# --- What we refuse. 64 MiB holds any page and document of a district; a few archives are larger.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# Both sides of every exchange are kept in WARC files beside the archive.
WARC_ENABLED = True
WARC_LARGEST = 1024**3
DOWNLOAD_HANDLERS = {
    "http": "crawler.capture.wire.WireHandler",
    "https": "crawler.capture.wire.WireHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
# Liferay shows what the session opened before, and `/en` turns later pages English.
COOKIES_ENABLED = False
# A redirect is an exchange of its own: kept, and followed through the frontier if in scope.
METAREFRESH_ENABLED = False
HTTPERROR_ALLOW_ALL = True
URLLENGTH_LIMIT = 2083

# --- When an absent article is called missing: crawls in a row, and days since it was last seen.
MISSING_AFTER_RUNS = 3
MISSING_AFTER_DAYS = 14

# --- The way of a page.
SCHEDULER = "crawler.frontier.Frontier"
EXTENSIONS = {"crawler.run.CrawlRun": 0, "crawler.progress.CrawlProgress": 500}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.politeness.robots.RobotsMiddleware": 100,
}
ITEM_PIPELINES = {
    "pipelines.read.ReadPipeline": 100,
    "pipelines.files.FilePipeline": 200,
    "pipelines.save.SavePipeline": 900,
}
READER = "pipelines.read.read"
# A page is one item; Scrapy starts this many tasks for each response.
CONCURRENT_ITEMS = 1

LOG_LEVEL = "INFO"
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
