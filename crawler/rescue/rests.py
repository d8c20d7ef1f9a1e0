"""When a web archive may be asked: it says 429, or it falls silent, and is left alone for a while.

The Wayback Machine closes its door for an hour, then for two, to who goes on after a 429
(https://github.com/edgi-govdata-archiving/wayback/issues/137), so the rests are long.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manners:
    """How long a web archive is left alone."""

    back_off: float = 60
    """Seconds after a 429 that names none; they double with each in a row."""
    longest: float = 3600
    """The longest rest that a run waits for."""
    refusals: int = 12
    """So many 429 in a row end the run."""
    failures: int = 5
    """So many answers that do not come in a row are no single capture's fault."""
    pauses: tuple[float, ...] = (60, 600, 3600)
    """Seconds to leave a silent web archive alone, growing; then the run ends."""


class Rests:
    """The pauses of one run."""

    def __init__(self, manners: Manners, clock: Callable[[], float] = time.monotonic) -> None:
        self.why: str | None = None
        """Why nothing more is asked in this run; None while it goes on."""
        self._manners = manners
        self._clock = clock
        self._until = 0.0
        self._refusals = self._failures = self._pauses = 0

    @property
    def silent(self) -> bool:
        """Whether the web archive as a whole does not answer."""
        return self._failures >= self._manners.failures

    @property
    def refusing(self) -> bool:
        """Whether it asked to be left alone and has answered nothing since."""
        return self._refusals > 0

    def pause(self) -> float:
        """Seconds until the next request may go out; `math.inf` is never in this run."""
        return math.inf if self.why else max(0.0, self._until - self._clock())

    def answered(self) -> None:
        """It answers as it should."""
        self._refusals = self._failures = self._pauses = 0

    def refused(self, asked: float | None) -> None:
        """It asks to be left alone, for that many seconds if it says so."""
        wait = self._manners.back_off * 2 ** min(self._refusals, 16) if asked is None else asked
        self._refusals += 1
        if asked is not None and asked > self._manners.longest:
            self.why = f"the web archive asks to come again in {asked:.0f} seconds"
        elif self._refusals > self._manners.refusals:
            self.why = "the web archive keeps saying that there are too many requests"
        else:
            self._rest(min(wait, self._manners.longest))

    def failed(self, reason: str) -> None:
        """No answer, or an error of its own; several in a row are followed by a pause."""
        self._failures += 1
        if not self.silent:
            return
        if self._pauses >= len(self._manners.pauses):
            self.why = f"the web archive does not answer: {reason}"
            return
        self._rest(self._manners.pauses[self._pauses])
        self._pauses += 1

    def _rest(self, seconds: float) -> None:
        self._until = max(self._until, self._clock() + seconds)
