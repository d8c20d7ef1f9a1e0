"""Scrapy settings: who we are, how slowly we go, what we refuse, and why."""

import os

from crawler import __version__

BOT_NAME = "luutru"
SPIDER_MODULES = ["spiders"]
# `scrapy crawl` that says in one line what is in the way.
COMMANDS_MODULE = "crawler.scrapy_commands"

# --- The archive, an absolute or relative path; `luutru --db` and `-s ARCHIVE=` set it.
ARCHIVE = "archive.db"

# --- Who we are. A portal's staff must be able to tell us to stop. Who keeps the archive (a name)
# stands in its WARC files beside the contact.
OPERATOR = ""
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
# Why it is not obeyed, in the operator's words; kept in the archive and in the WARC files.
ROBOTS_REASON = ""
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# No more is taken out of the frontier than is asked for at once.
CONCURRENT_REQUESTS = CONCURRENT_REQUESTS_PER_DOMAIN
DOWNLOAD_DELAY = 1.0
# Jitter would go below a Crawl-delay half of the time.
DOWNLOAD_DELAY_JITTER = 0
# After an answer that took long the crawl rests that many times as long (Heritrix's delayFactor),
# but no longer than that; with DOWNLOAD_DELAY 0 only robots.txt is heeded.
DELAY_FACTOR = 3.0
LONGEST_DELAY = 30.0
# When so many pages in a row fail (no answer, 5xx, block pages) and the home page does not answer
# either, the portal is left alone for so many seconds each time, until the run gives it up.
SILENT_AFTER = 8
PAUSES = [60, 300, 900]
PAUSES_AT_START = [5, 15]
# Seconds of rest after a 429 that names none; they double with each in a row.
BACK_OFF = 30.0
LONGEST_RETRY_AFTER = 3600.0
# A Crawl-delay of more seconds ends the run: a thousand pages would take days.
LONGEST_CRAWL_DELAY = 300.0
# Hours in which the portal may be asked, such as 22:00-06:00; empty leaves it to the profile,
# any is all day.
CRAWL_WINDOW = ""
# Files, a line each, in which the crawl notes how many seconds apart it asks: whoever asks the same
# server next keeps that distance from its last request.
PACE_FILES = os.environ.get("LUUTRU_PACE_FILES", "").splitlines()
# An answer may take that many seconds, and longer only as long as it comes at the slowest rate
# (bytes a second): a large file over a bad line comes through, a drip does not.
DOWNLOAD_TIMEOUT = 60.0
SLOWEST_RATE = 32 * 1024
# A failure that may pass is tried again that often in the same run, after that many seconds, which
# double each time. The frontier does so: Scrapy's retries would be forgotten by a kill.
RETRY_TIMES = 2
RETRY_DELAY = 30.0

# --- What we refuse. 64 MiB holds any page and document of a district; a few archives are larger.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
# Real heads have 2 KB and 20 lines; the largest that are no mistake hold a few long cookies.
HEAD_MOST_BYTES = 256 * 1024
HEAD_MOST_LINES = 1000
# Pages are packed 5 to 30 times, blanks a thousand times: what unpacks to more than this many times
# its size is a bomb, unless it stays below RATIO_FREE. Nobody packs a page more often than twice.
RATIO_MOST = 100
RATIO_FREE = 4 * 1024 * 1024
CODINGS_MOST = 2
# Addresses of this machine and of private networks are never connected to, unless the start page
# is at one by its number. Networks named here (10.1.0.0/16) count as public: an intranet's.
NETWORKS_ALLOWED: list[str] = []
# Scrapy's own resolver knows IPv4 only: a portal that has nothing else would have no address.
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"
# A proxy would be asked for names and addresses that nobody here could check.
HTTPPROXY_ENABLED = False
# Seconds that this machine's clock may be behind the portal's last crawl.
CLOCK_TOLERANCE = 3600.0
# Both sides of every exchange are kept in WARC files beside the archive.
WARC_ENABLED = True
WARC_LARGEST = 1024**3
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
MISSING_AFTER_DAYS = 14.0

# --- What a run asks for: what is due (incremental), everything (full), or what was never captured
# before anything else (closing). No more requests than the budget (0 is no limit), and none after
# the deadline (ISO 8601; empty is none).
CRAWL_MODE = "incremental"
CRAWL_BUDGET = 0
CRAWL_DEADLINE = ""

# --- The way of a page; the parts that it leads through stand in crawler/parts.py.
READER = "pipelines.read.read"
WALKER = "spiders.walk.links_of"
EXPLAINER = "pipelines.explain.explain"
DRAFTER = "spiders.kept.KeptPages"
ARRIVED_DRAFTER = "spiders.apart.ArrivedPages"
# How many processes read the pages of a crawl, with the one that fetches and saves; 1 is none
# beside it, 0 adds one where the crawl does not wait between its requests.
CRAWL_JOBS = 0
# How many processes read the pages of a replay or import, beside the one that saves; 1 is none,
# 0 is one for each core, up to four, if there are pages enough.
REPLAY_JOBS = 0
# A page is one item; Scrapy starts this many tasks for each response.
CONCURRENT_ITEMS = 1

# Scrapy would read the spider's source at each page, and fail when it is updated in mid-crawl.
WARN_ON_GENERATOR_RETURN_VALUE = False
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "INFO"
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

# --- Web archives that pages are rescued from (`luutru rescue`): where they are asked, and how
# slowly. The Wayback Machine answers 24 questions a minute to its index (EDGI's client `wayback`
# 0.5.1, June 2026; 60 before), and more captures than we ask for.
WAYBACK_INDEX = os.environ.get("LUUTRU_WAYBACK_INDEX", "https://web.archive.org/cdx/search/cdx")
WAYBACK_DATA = os.environ.get("LUUTRU_WAYBACK_DATA", "https://web.archive.org/web")
COMMONCRAWL_INDEX = os.environ.get(
    "LUUTRU_COMMONCRAWL_INDEX", "https://index.commoncrawl.org/collinfo.json"
)
COMMONCRAWL_DATA = os.environ.get("LUUTRU_COMMONCRAWL_DATA", "https://data.commoncrawl.org")
# Where the Wayback Machine is asked to keep a page (`--save-page-now`, never by itself), and how
# many seconds apart: it takes few a minute from strangers.
WAYBACK_SAVE = os.environ.get("LUUTRU_WAYBACK_SAVE", "https://web.archive.org/save")
SAVE_DELAY = 15.0
RESCUE_INDEX_DELAY = 2.5
RESCUE_DELAY = 1.0
# Captures that one answer of the Wayback Machine's index is asked to list.
RESCUE_LINES = 5000
# A capture that can't be had is asked for that often again, after that many seconds, which double.
RESCUE_TIMES = 4
RESCUE_RETRY_DELAY = 60.0
# Seconds of rest after a 429 that names none; they double with each in a row.
RESCUE_BACK_OFF = 60.0
# A web archive that does not answer is left alone for so many seconds each time; then the run ends.
RESCUE_PAUSES = [60, 600, 3600]
# Captures that a run fetches at most; below 0 is no limit.
RESCUE_LIMIT = -1
# A file for JSON lines; empty writes none. At so many bytes it is put aside, and so many are kept.
LOG_JSON = ""
LOG_JSON_SIZE = 10 * 1024 * 1024
LOG_JSON_KEEP = 10
