"""What a kept exchange gives before the archive has had its word: answered, walked and read.

Making it needs neither database nor other exchanges, so that any process can do it. What depends on
them (who wants a file, which kind of page the frontier takes it for) is guessed when it is asked
for, and looked up when its turn to be saved has come: a wrong guess costs a second reading.
"""

from dataclasses import dataclass

from crawler.capture.exchange import Capture
from crawler.items import Link, ReadPage
from crawler.replaying.kept import Kept


@dataclass(frozen=True, slots=True)
class Asked:
    """A kept exchange to be read, and what is thought of it."""

    kept: Kept
    kind: str = ""
    """What the frontier takes its page for."""
    wanted: bool = False
    """Whether the page is to be walked and read, not only looked at."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What became of it."""

    url: str = ""
    """WARC-Target-URI."""
    link: Link | None = None
    """The page's address in the frontier; a POST's key is only known from the page before."""
    capture: Capture | None = None
    kind: str | None = None
    """As what it was walked and read; None when it was not wanted."""
    read: ReadPage | None = None
    """The page, yet without the archive's number of its URL."""
    trouble: tuple[str, ...] = ()
    """What could not be read, for the run's verdict."""
    died_of: str = ""
    """How the process ended that tried to read it, twice; else empty."""
