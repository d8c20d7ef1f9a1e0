"""The run of a replay: a crawl's run that reads kept records and can ask nobody for anything."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from scrapy import Request, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler import __version__
from crawler.archive import decisions, replays
from crawler.archive.again import save_again
from crawler.archive.batch import Batch
from crawler.archive.connection import open_archive
from crawler.archive.runs import Identity
from crawler.capture.exchange import Capture
from crawler.capture.folder import folder_of
from crawler.errors import CannotRun
from crawler.fixity.digests import hexadecimal
from crawler.items import Link, Page, ReadPage
from crawler.profiles import Profile
from crawler.replaying.answers import holds
from crawler.replaying.kept import Kept, Reference, Spot, reference
from crawler.replaying.records import Damaged, WholeGzip, record_at
from crawler.replaying.tasks import Task, spot_in
from crawler.run import CrawlRun


class NoRequests(BaseScheduler):
    """The scheduler of a replay: nothing is ever due, and no request is taken."""

    def has_pending_requests(self) -> bool:
        """Never."""
        return False

    def enqueue_request(self, request: Request) -> bool:
        """Refused: Scrapy drops it."""
        return False

    def next_request(self) -> None:
        """Nothing."""


class ReplayRun(CrawlRun):
    """Scrapy extension in the place of `CrawlRun`; its spider has a `task`."""

    def __init__(self, crawler: Crawler, profile: Profile) -> None:
        self.profile = profile
        self.db: sqlite3.Connection = open_archive(Path(crawler.settings["ARCHIVE"]), create=True)
        self.task: Task = cast("Any", crawler.spider).task
        self._crawler = crawler
        self._folder = folder_of(Path(crawler.settings["ARCHIVE"]))
        self._warc = None
        self._batch = Batch(self.db)
        who = Identity(f"luutru {__version__}", "", "")
        self.run = replays.begin(self.db, profile, self.task.kind, who, datetime.now(UTC))
        if self.task.seeds and replays.is_new(self.db, self.run):
            self._seed()
        crawler.signals.connect(self._failed, signals.item_error)

    def of(self, kept: Kept) -> None:
        """Save what follows as the run did that kept `kept`: it decides what one reading is."""
        self.run = replace(self.run, started_at=kept.run_started, round_started=kept.run_started)

    def url_of(self, link: Link, kept: Kept) -> tuple[int, str]:
        """Id and kind of a record's URL; one that no page mentions becomes known by its record."""
        if kept.url_id:
            return kept.url_id, replays.kind_of(self.db, kept.url_id)
        return replays.url_of(self.db, self.run, link, kept.at)

    def kind_of(self, link: Link, kept: Kept) -> str:
        """The kind of a record's URL as far as it is known now."""
        if kept.url_id:
            return replays.kind_of(self.db, kept.url_id)
        return replays.kind_now(self.db, self.run, link)

    def claims(self, link: Link) -> bool:
        """Whether the archive wants the file at `link`: an article shows or offers it."""
        return replays.is_wanted(self.db, self.run, link)

    def has(self, link: Link) -> bool:
        """Whether a capture of the page at `link` is kept."""
        return replays.is_kept(self.db, self.run, link)

    def completed(self, kept: Kept) -> Kept:
        """`kept` with the place of its original, if the archive has it from an earlier day."""
        if kept.refers_to is None or kept.original is not None:
            return kept
        found = self._original(kept.refers_to)
        return replace(kept, original=found) if found else kept

    def _original(self, wanted: Reference) -> Spot | None:
        """Where the archive has it: by address and date, by SHA-256, or among what it has of the
        address. wget's `--warc-dedup` names neither date nor SHA-256.
        """
        place = replays.original_of(self.db, self.run, wanted.url, wanted.at)
        place = place or replays.with_payload(self.db, _sha256(wanted))
        if place:
            return spot_in(self._folder, place)
        places = replays.responses_of(self.db, self.run, wanted.url)
        spots = (spot_in(self._folder, each) for each in places)
        return next((spot for spot in spots if holds(spot, wanted)), None)

    def linked(self, capture: Capture, kept: Kept) -> Capture:
        """`capture` with the row of its original, when it is a revisit."""
        if kept.original is None:
            return capture
        return replace(capture, refers_to=replays.at_place(self.db, kept.original.place))

    def save(self, read: ReadPage) -> None:
        """Save the page, whatever the archive knows of it already."""
        with self._batch.page():
            save_again(self.db, self.run, read)
            self._refer(read.page)

    def _refer(self, page: Page) -> None:
        """Have each 304 that was taken in before what it vouches for refer to that."""
        for capture_id, place in replays.unlinked(self.db, page.url_id, page.fetched_at):
            spot = spot_in(self._folder, place)
            try:
                original = self._original(reference(record_at(spot.path, place.offset)))
            except (Damaged, WholeGzip, OSError):
                # `luutru verify` tells what is the matter with the file.
                continue
            if original:
                replays.refer(self.db, capture_id, original.place)

    def trouble(self, what: str) -> None:
        """Remember what can't be read; the replay goes on."""
        self.task.trouble.append(what)

    def _failed(self, item: ReadPage, failure: Failure) -> None:
        self.trouble(f"{item.page.url}: {failure.value}")

    def _obey(self) -> None:
        """Hide what was hidden when the records were kept."""
        try:
            decisions.obey(self.db, self._folder, f"luutru {__version__}")
        except CannotRun as error:
            self.trouble(str(error))

    def _finish(self, reason: str) -> None:
        now = datetime.now(UTC)
        self.stopped = reason == "shutdown"
        try:
            self._batch.commit()
            self._obey()
            if reason != "finished":
                replays.conclude(self.db, self.run, "stopped", [f"stopped: {reason}"], now)
            else:
                verdict = "incomplete" if self.task.trouble else "complete"
                replays.conclude(self.db, self.run, verdict, self.task.trouble, now)
        except sqlite3.Error as error:
            self.broken = self.broken or error
        finally:
            self.db.close()


def _sha256(wanted: Reference) -> str:
    """The hex digits of its SHA-256, or empty."""
    name, digits = hexadecimal(wanted.digest) or ("", "")
    return digits if name == "sha256" else ""
