"""The run of a rescue: a crawl's run whose pages come out of a web archive."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from scrapy.crawler import Crawler

from crawler import __version__
from crawler.archive import listed, questions, replays, rescues
from crawler.archive.again import save_again
from crawler.archive.connection import open_archive, transaction
from crawler.archive.listed import Holder, Listed, Question, Wish
from crawler.archive.policy import Retries
from crawler.archive.runs import Identity
from crawler.capture.exchange import Capture, Exchange, Place
from crawler.capture.folder import folder_of, path_of
from crawler.capture.message import Message, parsed
from crawler.capture.moment import moment
from crawler.capture.record import Record
from crawler.items import Link, ReadPage
from crawler.locking import Lock
from crawler.profiles import Profile
from crawler.replaying.kept import Kept, Spot
from crawler.rescue.rests import Manners, Rests
from crawler.rescue.services import Service
from crawler.run import CrawlRun
from crawler.safety.addresses import networks
from crawler.safety.certificates import Shown
from crawler.safety.room import Room

_HOUR = "%Y-%m-%dT%H:00:00Z"


class RescueRun(CrawlRun):
    """Scrapy extension in the place of `CrawlRun`; its spider has a `service`."""

    def __init__(self, crawler: Crawler, profile: Profile) -> None:
        settings = crawler.settings
        networks(settings.getlist("NETWORKS_ALLOWED"))
        self.profile = profile
        self.service: Service = cast("Any", crawler.spider).service
        self.archive = Path(settings["ARCHIVE"])
        self.db: sqlite3.Connection = open_archive(self.archive, create=True)
        self.room = Room()
        self.rests = Rests(_manners(crawler))
        self.under_way: set[int] = set()
        """Ids of listed captures that were asked for and are not settled."""
        self.asked: set[int] = set()
        """Ids of questions that were asked and are not answered."""
        self._retries = Retries(
            settings.getint("RESCUE_TIMES"), settings.getfloat("RESCUE_RETRY_DELAY"), 24 * 3600
        )
        self._crawler = crawler
        self._heard: dict[str, Exchange] = {}
        self._brought: dict[Place, Listed] = {}
        self._file = self.archive.stat()
        self._lock = Lock(folder_of(self.archive), profile.slug)
        who = Identity(f"luutru {__version__}", settings["USER_AGENT"], "", None)
        self.run = rescues.begin(self.db, profile, who, datetime.now(UTC))
        self.holder = Holder(self.run.portal_id, self.service.source)
        self._warc = self._opened_warc()
        if replays.is_new(self.db, self.run):
            self._seed()
        self._ask()

    def _ask(self) -> None:
        """Go on with the rescue that was left, or look whether there is more."""
        now = datetime.now(UTC)
        own = self.service.questions(self.run.hosts)
        if questions.is_idle(self.db, self.holder):
            questions.reopen(self.db, self.holder, own, now)
        with transaction(self.db):
            questions.ask(self.db, self.holder, own, now)

    def keep(
        self, url: str, exchange: Exchange, via: str | None, kept_as: int | None = None
    ) -> Capture | None:
        """An answer of a web archive is no capture yet: it waits for who can tell (`heard`)."""
        self._heard[url] = exchange
        return None

    def heard(self, url: str) -> Message:
        """The answer that came from `url`, byte for byte."""
        message = parsed(self._heard.pop(url).received)
        if message is None:
            raise ValueError(f"no answer from {url}")
        return message

    def forget(self, url: str) -> None:
        """Let go of an answer that broke off."""
        self._heard.pop(url, None)

    def note_certificate(self, shown: Shown) -> None:
        """A web archive's certificate is none of the portal's."""

    def listed(
        self,
        asked: Question,
        wishes: list[Wish],
        cursor: str | None,
        more: tuple[str, ...] = (),
    ) -> None:
        """Note an answer of the index; `more` are questions that it leads to, from page 0 on."""
        now = datetime.now(UTC)
        with transaction(self.db):
            questions.ask(self.db, self.holder, more, now, "0")
            questions.answered(self.db, self.holder, asked, wishes, cursor, now)
        self.asked.discard(asked.id)
        self.rests.answered()

    def written(self, wanted: Listed, records: list[Record] | list[Record | bytes]) -> Kept:
        """Keep the records of a capture; what is read and saved is what lies in the file.

        Raises OSError when they can't be written; the run ends then.
        """
        if self._warc is None:
            raise RuntimeError("a rescue needs WARC_ENABLED")
        try:
            place = self._warc.append(records)
        except OSError as error:
            self.give_up(error)
            raise
        self.rests.answered()
        self._brought[place] = wanted
        at = moment(wanted.captured_at)
        if at is None:
            raise ValueError(f"listed_captures.captured_at is no time: {wanted.captured_at}")
        return Kept(
            wanted.url,
            at,
            Spot(path_of(folder_of(self.archive), place.file), place),
            source=self.service.source,
        )

    def url_of(self, link: Link, kept: Kept) -> tuple[int, str]:
        """Id and kind of a capture's URL; one that no page mentions becomes known by it."""
        return replays.url_of(self.db, self.run, link, kept.at)

    def is_wanted(self, link: Link) -> bool:
        """Whether an article shows or offers the file at `link`."""
        return replays.is_wanted(self.db, self.run, link)

    def save(self, read: ReadPage) -> None:
        """Save the page, older or younger than what is known of it, and settle its capture."""
        self._must_be_there()
        place = read.page.captures[-1].place
        if place is None:
            raise ValueError("a rescued capture has a record")
        wanted = self._brought[place]
        # One reading of the portal's traffic box in an hour of the past is enough.
        hour = read.page.fetched_at.strftime(_HOUR)
        run = replace(self.run, started_at=hour, round_started=hour)
        with transaction(self.db):
            save_again(self.db, run, read)
            listed.settle(self.db, wanted.id, "done", wanted.reason, (place.file, place.offset))
        self._brought.pop(place)
        self.under_way.discard(wanted.id)

    def refuse(self, wanted: Listed, state: str, reason: str) -> None:
        """A capture is not wanted (refused), or can't be had (failed)."""
        with transaction(self.db):
            listed.settle(self.db, wanted.id, state, reason)
        self.under_way.discard(wanted.id)

    def later(self, what: Question | Listed, reason: str) -> None:
        """Ask for it once more after a while, unless it was asked for often enough."""
        is_its_own = not (self.rests.silent or self.rests.refusing)
        retries = replace(self._retries, counted=is_its_own)
        with transaction(self.db):
            listed.postpone(self.db, what, reason, datetime.now(UTC), retries)
        (self.asked if isinstance(what, Question) else self.under_way).discard(what.id)

    def _conclude(self, reason: str) -> None:
        cut = self.rests.why or self.cut
        rescues.finish(self.db, self.run, self.holder, reason, cut, datetime.now(UTC))


def _manners(crawler: Crawler) -> Manners:
    settings = crawler.settings
    return Manners(
        back_off=settings.getfloat("RESCUE_BACK_OFF"),
        longest=settings.getfloat("LONGEST_RETRY_AFTER"),
        pauses=tuple(map(float, settings.getlist("RESCUE_PAUSES"))),
    )
