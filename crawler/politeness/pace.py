"""When the next request may go out: silence, Retry-After, hours of the day.

A portal as a whole is told from its single pages in two steps. When several pages in a row fail
for the first time, nothing more is asked for; then somebody (`crawler.politeness.watch`) looks
whether robots.txt and the home page still answer. If they do, the pages alone are bad, and the
crawl goes on; if not, it looks again after growing pauses, and gives the portal up in the end.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.archive.forms import FORMS
from crawler.politeness.window import Window

_TOO_MANY = 429
_ERROR = 500
_UNAVAILABLE = 503
_LONGEST_BACK_OFF = 900.0
_WHILE_LOOKING = 0.5
_EARNED = 10.0
# Some 30 years; what is longer, in 400 digits or so, is none that a number can hold.
_LONGEST_WAIT = 10.0**9


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a crawl takes before it leaves a portal alone."""

    failures: int = 8
    """Pages in a row that fail (no answer, 5xx, block pages) until the home page is looked at."""
    pauses: tuple[float, ...] = (60, 300, 900)
    """Seconds to leave a silent portal alone, growing; then the run gives it up."""
    pauses_at_start: tuple[float, ...] = (5, 15)
    """The same for a portal that has not answered at all in this run."""
    back_off: float = 30
    """Seconds of rest after a 429 without Retry-After; they double with each in a row."""
    retry_after: float = 3600
    """The longest Retry-After that a run waits for, and all of them together; each page that
    comes earns some more."""
    crawl_delay: float = 300
    """The longest Crawl-delay that a run keeps to."""


class Pace:
    """The pace of one crawl; the frontier asks it before it hands out a URL."""

    def __init__(
        self,
        limits: Limits,
        window: Window | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.why: str | None = None
        """Why the crawl pauses or has given up, in the verdict's words; None when it goes on."""
        self.silent = False
        """Whether the portal as a whole does not answer: no failure is a single URL's then."""
        self.apart = 0.0
        """Seconds between two requests that robots.txt asks for (Crawl-delay)."""
        self.limits = limits
        self._window = window
        self._clock = clock
        self._until = 0.0
        self._told: str | None = None
        self._failures = self._new_failures = self._silences = self._refusals = 0
        self._bad: set[int] = set()
        self.failing: list[int] = []
        """The pages that failed in a row, by number."""
        self._has_answered = False
        self._patience = limits.retry_after

    def pause(self) -> float:
        """Seconds until the next request may go out: 0 is now, `math.inf` never in this run."""
        wait = max(_WHILE_LOOKING if self.silent else 0.0, self._until - self._clock())
        closed = self._window.opens_in(datetime.now(UTC)) if self._window else 0.0
        if closed > wait:
            self.why = FORMS["window"]
        else:
            self.why = self._told if wait else None
        return max(wait, closed)

    def keep_apart(self, seconds: float) -> None:
        """Never ask faster than that; of several hosts the slowest counts.

        A portal that wants to be asked once an hour does not want to be crawled.
        """
        self.apart = max(self.apart, seconds)
        if seconds > self.limits.crawl_delay:
            self.give_up(FORMS["too slow"].format(seconds=round(seconds)))

    def answered(self, status: int, header: str) -> bool:
        """Take note of an answer and its Retry-After; True when it asks for a rest."""
        if status < _ERROR and status != _TOO_MANY:
            self._has_answered = True
            self._patience = min(self.limits.retry_after, self._patience + _EARNED)
        asked = retry_after(status, header)
        if status == _TOO_MANY or (status == _UNAVAILABLE and asked is not None):
            self._rest_as_asked(asked)
            return True
        self._refusals = 0
        return False

    def succeeded(self) -> None:
        """A page has come as it should: the portal is well."""
        self._failures = self._new_failures = self._silences = 0
        self.failing.clear()

    def failed(self, url_id: int, reason: str, *, is_outage: bool = True) -> None:
        """A page has not come.

        `is_outage` says whether a server in trouble is a likely reason: it is then left alone for
        longer each time, even though its home page answers. Pages that fail again are no reason.
        """
        if self.silent:
            return
        self._failures += 1
        self._new_failures += is_outage and url_id not in self._bad
        self._bad.add(url_id)
        self.failing.append(url_id)
        if not self._has_answered or self._failures >= self.limits.failures:
            self.fall_silent(reason, is_outage=self._new_failures * 2 >= self._failures)

    def fall_silent(self, reason: str, *, is_outage: bool = True) -> None:
        """The portal as a whole does not answer; somebody must look whether it does again."""
        if not self.silent:
            self.silent = True
            self._silences += is_outage
            self._told = FORMS["silent"].format(reason=reason)

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before each look whether a silent portal answers; then it is given up.

        The first look is taken at once; with each silence in a row, one pause less is left out.
        """
        every = (0.0, *self.limits.pauses)[max(0, self._silences - 1) :]
        for seconds in every if self._has_answered else self.limits.pauses_at_start:
            self._rest(seconds)
            yield seconds
        self.give_up()

    def revived(self, *, told_apart: bool = False) -> None:
        """The portal answers again; `told_apart` if its bad pages are known and left alone."""
        self.silent = False
        self._silences = 0 if told_apart else self._silences
        self.failing.clear()
        self._until = 0.0
        self._failures = self._new_failures = self._refusals = 0
        self._has_answered = True

    def give_up(self, why: str | None = None) -> None:
        """Ask for nothing more in this run."""
        self._told = why or self._told
        self._until = math.inf

    def _rest_as_asked(self, asked: float | None) -> None:
        wait = min(self.limits.back_off * 2**self._refusals, _LONGEST_BACK_OFF)
        wait = wait if asked is None else asked
        self._refusals += 1
        why = FORMS["come again"].format(seconds=round(wait))
        # A server that limits us rests for seconds a page; hours for each are a single page's.
        if wait <= self._patience and self._refusals <= self.limits.failures:
            self._told = why
            self._patience -= wait
            self._rest(wait)
        elif self.silent:
            self.give_up(why)
        else:
            # A single page may say so, too: the home page tells.
            self.fall_silent(why)

    def _rest(self, seconds: float) -> None:
        self._until = max(self._until, self._clock() + seconds)


def retry_after(status: int, header: str) -> float | None:
    """The seconds that an answer asks to wait (RFC 9110, 10.2.3); None when it names none."""
    return seconds_of(header) if status in (_TOO_MANY, _UNAVAILABLE) else None


def seconds_of(header: str) -> float | None:
    """The seconds that a Retry-After header means; None if it is no such."""
    text = header.strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
