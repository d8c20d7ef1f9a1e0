"""The run of a Scrapy crawl: opens the archive, begins a run, ends it with a verdict."""

import asyncio
import errno
import os
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, cast

from scrapy import signals
from scrapy.crawler import Crawler

from crawler import __version__
from crawler.archive import certificates, evidence, frontier, runs, units
from crawler.archive.aside import Failing
from crawler.archive.connection import explained, open_archive, transaction
from crawler.archive.policy import Retries
from crawler.archive.presence import Patience
from crawler.archive.saving import save
from crawler.capture.exchange import Capture, Exchange
from crawler.capture.folder import folder_of
from crawler.capture.recovery import recover
from crawler.capture.warc import WarcWriter, info_fields, unkept
from crawler.clock import must_not_be_behind
from crawler.errors import BadInput
from crawler.items import ReadPage
from crawler.locking import Lock
from crawler.politeness.pace import Limits, Pace
from crawler.politeness.window import Window
from crawler.profiles import Profile
from crawler.safety.addresses import networks
from crawler.safety.certificates import Shown
from crawler.safety.room import Room
from crawler.urls import link
from crawler.words import tr


class CrawlRun:
    """Scrapy extension. Other parts find it by `crawl_run(crawler)`."""

    broken: sqlite3.Error | OSError | None = None
    """Why the archive could not be written; the crawl ends at the first such error."""
    stopped = False
    """Whether the operator ended it before its time."""
    cut: str | None = None
    """Why nothing more is asked for, though URLs are left: budget, deadline, silent portal."""

    def __init__(self, crawler: Crawler, profile: Profile) -> None:
        self.profile = profile
        # Scrapy would only log what is wrong with it, page by page.
        networks(crawler.settings.getlist("NETWORKS_ALLOWED"))
        self.archive = Path(crawler.settings["ARCHIVE"])
        self.db: sqlite3.Connection = open_archive(self.archive, create=True)
        self.pace = _pace(crawler, profile)
        self.room = Room()
        self._failing = Failing(self.pace.limits.pauses)
        self.plan = _plan(crawler)
        self._crawler = crawler
        self._file = self.archive.stat()
        tolerance = crawler.settings.getfloat("CLOCK_TOLERANCE")
        must_not_be_behind(self.db, profile.slug, datetime.now(UTC), tolerance)
        self._lock = Lock(folder_of(self.archive), profile.slug)
        self.run = runs.begin(
            self.db, profile, "crawl", _identity(crawler), datetime.now(UTC), self.plan
        )
        self._note_policy()
        self._warc = self._opened_warc() if crawler.settings.getbool("WARC_ENABLED") else None
        self._seed()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Begin the run of `crawler.spider`, which must have a `profile`.

        Raises CannotRun when the portal is being crawled or the archive can't be written.
        """
        try:
            run = cls(crawler, cast("Profile", crawler.spider.profile))  # type: ignore[union-attr]
        except (sqlite3.Error, OSError) as error:
            raise explained(error, Path(crawler.settings["ARCHIVE"])) from None
        crawler.signals.connect(run._finish, signals.spider_closed)
        return run

    def _seed(self) -> None:
        start = self.profile.url
        seeds = [
            link(start, start, "home"),
            link("/robots.txt", start, "robots"),
            *(link(path, start, _kind(path)) for path in self.profile.start),
        ]
        with transaction(self.db):
            frontier.seed(
                self.db,
                self.run.portal_id,
                [seed for seed in seeds if seed],
                datetime.now(UTC),
                self.run.round_started,
            )
            units.hang(self.db, self.run.portal_id, self.profile, datetime.now(UTC))

    def _note_policy(self) -> None:
        """An override of robots.txt or of TLS is written down with its reason."""
        who = _identity(self._crawler)
        overrides = []
        if self.profile.unverified_tls:
            why = "the profile says unverified_tls = true"
            overrides.append(f"certificates are not verified: {why}")
        if who.robots_policy == "ignore":
            why = who.robots_reason or "no reason given"
            overrides.append(f"robots.txt is not obeyed: {why}")
        with transaction(self.db):
            for said in overrides:
                evidence.note(
                    self.db,
                    datetime.now(UTC),
                    "policy assignment",
                    self.profile.slug,
                    "success",
                    said,
                    who.software,
                )

    def _opened_warc(self) -> WarcWriter:
        settings = self._crawler.settings
        folder = folder_of(Path(settings["ARCHIVE"]))
        who = _identity(self._crawler)
        with transaction(self.db):
            for mended in recover(folder, lambda name: evidence.last_known_end(self.db, name)):
                now = datetime.now(UTC)
                lost = evidence.give_up_records(self.db, mended.file, mended.size, now)
                detail = f"left open; {mended.cut} bytes of a torn record cut off"
                detail += f"; {lost} records that rows pointed at are not there" if lost else ""
                evidence.note(
                    self.db,
                    now,
                    "modification",
                    mended.file,
                    "success",
                    detail,
                    who.software,
                )
        began = re.sub(r"\D", "", self.run.started_at)
        name = f"{began}-{self.profile.slug}-r{self.run.id}"
        robots = f"ignore ({who.robots_reason})" if who.robots_reason else who.robots_policy
        operator = ", ".join(filter(None, (settings["OPERATOR"], settings["CONTACT"])))
        fields = info_fields(who.software, who.user_agent, operator, robots)
        return WarcWriter(folder, name, fields, settings.getint("WARC_LARGEST"))

    def keep(
        self, url: str, exchange: Exchange, via: str | None, kept_as: int | None = None
    ) -> Capture | None:
        """Write the exchange to the WARC; when that fails, the crawl ends.

        `kept_as` is the capture that gave the validators of a conditional request.
        """
        if self._warc is None:
            return unkept(url, exchange)
        vouched = evidence.kept_copy(self.db, kept_as) if kept_as else None
        try:
            return self._warc.keep(
                url, exchange, via, lambda sha: evidence.original(self.db, sha), vouched
            )
        except OSError as error:
            self.give_up(error)
            raise

    def save(self, read: ReadPage) -> None:
        """Save what a page gave, in one transaction.

        Raises sqlite3.Error or OSError when the archive can't be written, or is gone.
        """
        self._must_be_there()
        settings = self._crawler.settings
        patience = Patience(
            settings.getint("MISSING_AFTER_RUNS"), settings.getfloat("MISSING_AFTER_DAYS")
        )
        retries = Retries(
            settings.getint("RETRY_TIMES"),
            settings.getfloat("RETRY_DELAY"),
            settings.getfloat("LONGEST_RETRY_AFTER"),
            counted=not self.pace.silent,
        )
        save(self.db, self.run, read, patience, retries)

    def _must_be_there(self) -> None:
        """Raise what keeps the archive from being written, if anything does."""
        if self.broken:
            raise self.broken
        # SQLite goes on writing into a file that was removed, for nobody.
        if not os.path.samestat(self.archive.stat(), self._file):
            raise FileNotFoundError(errno.ENOENT, "another file is in its place", str(self.archive))

    def set_aside(self, url_ids: list[int]) -> bool:
        """Ask later for what is like these pages, which fail; False if nothing is."""
        try:
            return self._failing.set_aside(self.db, self.run.portal_id, url_ids, datetime.now(UTC))
        except (sqlite3.Error, OSError) as error:
            self.give_up(error)
            return False

    def note_certificate(self, shown: Shown) -> None:
        """Write down a certificate that a host of the portal showed."""
        try:
            with transaction(self.db):
                certificates.keep(self.db, self.run.portal_id, shown, datetime.now(UTC))
        except (sqlite3.Error, OSError) as error:
            self.give_up(error)

    def give_up(self, error: sqlite3.Error | OSError) -> None:
        """End the crawl, since the archive can't be written; nothing saved before is harmed."""
        if self.broken is None:
            self.broken = error
            closing = self._crawler.engine.close_spider_async(reason="the archive can't be written")
            self._closing = asyncio.ensure_future(closing)

    def _finish(self, reason: str) -> None:
        self.stopped = reason == "shutdown"
        for step in (self._close_warc, lambda: self._conclude(reason), self._lock.release):
            try:
                step()
            except (sqlite3.Error, OSError) as error:
                self.broken = self.broken or error
        self.db.close()

    def _close_warc(self) -> None:
        if self._warc:
            self._warc.close()

    def _conclude(self, reason: str) -> None:
        runs.finish(self.db, self.run, reason, datetime.now(UTC), self.cut)


def _kind(path: str) -> str:
    if "sitemap" in path:
        return "sitemap"
    return "feed" if "rss" in path or "feed" in path else "listing"


def _pace(crawler: Crawler, profile: Profile) -> Pace:
    settings = crawler.settings
    limits = Limits(
        failures=settings.getint("SILENT_AFTER"),
        pauses=tuple(map(float, settings.getlist("PAUSES"))),
        pauses_at_start=tuple(map(float, settings.getlist("PAUSES_AT_START"))),
        back_off=settings.getfloat("BACK_OFF"),
        retry_after=settings.getfloat("LONGEST_RETRY_AFTER"),
        crawl_delay=settings.getfloat("LONGEST_CRAWL_DELAY"),
    )
    window = settings["CRAWL_WINDOW"] or profile.window
    try:
        return Pace(limits, Window.parse(window) if window not in ("", "any") else None)
    except ValueError as error:
        raise BadInput(f"CRAWL_WINDOW: {error}") from None


def _plan(crawler: Crawler) -> runs.Plan:
    mode, deadline = crawler.settings["CRAWL_MODE"], crawler.settings["CRAWL_DEADLINE"]
    if mode not in runs.MODES:
        raise BadInput(
            tr("CRAWL_MODE: {mode!r} is none of {modes}", mode=mode, modes=", ".join(runs.MODES))
        )
    return runs.Plan(mode, crawler.settings.getint("CRAWL_BUDGET") or None, _moment(deadline))


def _moment(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written).astimezone(UTC) if written else None
    except ValueError:
        raise BadInput(
            tr("CRAWL_DEADLINE: {text!r} is no time; write 2026-12-31T06:00:00Z", text=written)
        ) from None


def _identity(crawler: Crawler) -> runs.Identity:
    return runs.Identity(
        software=f"luutru {__version__}",
        user_agent=crawler.settings["USER_AGENT"],
        robots_policy="obey" if crawler.settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        robots_reason=crawler.settings["ROBOTS_REASON"] or None,
    )


def crawl_run(crawler: Crawler) -> CrawlRun:
    """The run that `crawler` is making."""
    run = crawler.get_extension(CrawlRun)
    if run is None:
        raise RuntimeError("the extension crawler.run.CrawlRun is not enabled")
    return run
