"""What is handed to a worker, and what it hands back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.settings import ARCHIVE

CRAWL, REPLAY = "job.json", "replay.json"
"""Names of the notes of crawls and of replays."""


@dataclass(frozen=True, slots=True)
class Job:
    """One turn of one portal: crawl it until it is done, or until the turn is over.

    Or its kept pages are read again: that asks no server, and is done in one turn.
    """

    slug: str
    words: tuple[str, ...]
    """Of `luutru crawl` or `luutru replay`, without `--json`."""
    folder: Path
    """The folder of all portals, by the same absolute path on every machine."""
    addresses: tuple[str, ...]
    """Of the portal's servers, sorted: nobody else may ask them meanwhile."""
    command: str
    """Which command it belongs to; with another one, tries are counted anew."""
    number: int
    """Of this turn among the portal's in this command, from 1."""
    delay: float
    """Seconds between two requests, as far as they are known beforehand."""
    turn: float | None = None
    """Seconds after which the turn ends; None is when the portal is done."""
    memory: int = 0
    """Bytes that the crawl may take; 0 is no limit."""
    environment: tuple[tuple[str, str], ...] = ()
    note: str = CRAWL
    """Name of the file in which the worker notes how far it is."""

    @property
    def own(self) -> Path:
        """The portal's own folder."""
        return self.folder / self.slug

    @property
    def archive(self) -> Path:
        """The portal's own archive."""
        return self.own / ARCHIVE


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended."""

    state: str
    """`ended`: it came to a verdict; `broken`: it did not; `held`: another crawl of the
    same server went on; `poisoned`: it was not begun, since it broke off so often."""
    worker: str
    """Process and machine that had the turn."""
    reason: str = ""
    """Why it is not `ended`."""
    run: dict[str, Any] = field(default_factory=dict)
    """The row of the run, as `luutru crawl --json` prints it."""
    turn_is_over: bool = False
    """Whether the crawl was told to stop, since its turn was over."""
    articles: int = 0
    """In the portal's archive by now."""
