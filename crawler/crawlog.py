"""A crawl's log as JSON lines: how it began and ended, each URL that did not come, each warning.

It holds no page and no secret: addresses, reasons, and the first line of what other parts warn of.
"""

import json
import logging
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.archive import reports
from crawler.archive.connection import open_archive, timestamp
from crawler.items import ReadPage
from crawler.rotation import Rotating
from crawler.run import crawl_run

_LONGEST = 500
"""Letters of a warning: an exception's text may hold the page that it is about."""


class CrawlLog:
    """Scrapy extension, for the setting LOG_JSON (a file)."""

    def __init__(self, crawler: Crawler) -> None:
        file = crawler.settings["LOG_JSON"]
        if not file:
            raise NotConfigured
        settings = crawler.settings
        self._file = Rotating(
            Path(file), settings.getint("LOG_JSON_SIZE"), settings.getint("LOG_JSON_KEEP")
        )
        self._crawler = crawler
        self._warnings = _Warnings(self)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Follow the signals of `crawler`; raises CannotRun when the file can't be written."""
        log = cls(crawler)
        crawler.signals.connect(log._opened, signals.spider_opened)
        crawler.signals.connect(log._saved, signals.item_scraped)
        crawler.signals.connect(log._closed, signals.spider_closed)
        return log

    def write(self, level: str, event: str, **facts: Any) -> None:
        """Add a line."""
        run = crawl_run(self._crawler)
        line = {
            "at": timestamp(datetime.now(UTC)),
            "level": level,
            "event": event,
            "portal": run.profile.slug,
            "run": run.run.id,
            **facts,
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _opened(self) -> None:
        logging.getLogger().addHandler(self._warnings)
        plan = crawl_run(self._crawler).plan
        self.write("info", "run begins", mode=plan.mode, budget=plan.budget)

    def _saved(self, item: ReadPage) -> None:
        run = crawl_run(self._crawler)
        row = run.db.execute(_CAME_TO, (item.page.url_id,)).fetchone()
        if row:
            self.write("warning", "url", **dict(row))

    def _closed(self) -> None:
        logging.getLogger().removeHandler(self._warnings)
        run = crawl_run(self._crawler)
        with closing(open_archive(run.archive)) as db:
            for row in db.execute(_NEVER_ASKED, (run.run.portal_id, run.run.started_at)):
                self.write("info", "url", **dict(row))
            ended = reports.run(db, run.run.id)
        level = {"complete": "info", "failed": "error"}.get(ended["verdict"], "warning")
        counts = {name: ended[name] for name in _COUNTS}
        reasons = (ended["verdict_reasons"] or "").splitlines()
        self.write(level, "run ends", verdict=ended["verdict"], reasons=reasons, **counts)
        self._file.close()


_COUNTS = ("pages", "articles_seen", "articles_new", "articles_changed", "left_over")
_FACTS = "SELECT url, kind, state, reason, last_status AS status, tries FROM urls"
# What waits with a reason has failed so far, and is tried again.
_CAME_TO = f"""{_FACTS} WHERE id = ?
    AND (state IN ('refused', 'failed', 'gone') OR state = 'waiting' AND reason IS NOT NULL)"""
_NEVER_ASKED = f"""{_FACTS} WHERE portal_id = ? AND state = 'refused' AND found_at >= ?
    AND last_fetched_at IS NULL ORDER BY id"""


class _Warnings(logging.Handler):
    """What other parts of the program warn of."""

    def __init__(self, log: CrawlLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Add the record's first line, and its exception's."""
        facts = {"logger": record.name, "message": _first_line(record.getMessage())}
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            facts["exception"] = _first_line(f"{type(error).__name__}: {error}")
        self._log.write(record.levelname.lower(), "log", **facts)


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:_LONGEST]
