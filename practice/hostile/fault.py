"""What a fault is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from practice.hostile.visit import Visit

Answer = Callable[["Visit"], Awaitable[None]]
Place = Literal["page", "tree", "sitemap", "feed", "file", "image", "everywhere"]
"""Where a fault stands: an address in the listings, a folder with all that is below, an entry of
the sitemap index, a feed, a file or image of an article, or on all pages."""
Readable = Literal["must", "may", "never"]


@dataclass(frozen=True, slots=True)
class End:
    """One way in which an address may rightly end. All three are patterns, case ignored."""

    state: str
    reason: str = ""
    """Searched in the reason of the URL; empty asks for none."""
    problem: str = ""
    """Searched in the problems noted for the URL; empty asks for none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way of behaving badly."""

    kind: str
    group: str
    """The module it stands in: what part of an answer it spoils."""
    seen: str
    """What a visitor would see, in one line."""
    answer: Answer
    ends: tuple[End, ...]
    place: Place = "page"
    article: Readable = "never"
    """Whether its address shows an article that has to be read, may be, or is none at all."""
    neighbours: int = 0
    """How many good articles are linked from here and from nowhere else."""
    inside: bool = False
    """Whether those stand in the folder itself, under addresses that change."""
    most: int = 8
    """More requests than this to its addresses are too many for one crawl."""
    stopped: str = ""
    """For what never ends: searched in the reason of some address that was not asked for."""
    ending: str = ".html"


FAULTS: dict[str, Fault] = {}

DONE = End("done")
LATE = End("failed|refused|blocked", r"time|slow|too long|no answer|late")
CUT = End("failed", r"connection|lost|clos|reset|disconnect|cut|incomplete|partial|end|data ?loss")
GARBLED = End(
    "failed|refused",
    r"http|header|pars|malformed|broken|protocol|status|invalid|line|garb|response|not.*understood"
    r"|connection|time|length|chunk",
)
TOO_LARGE = End(
    "failed|refused",
    r"large|big|size|long|limit|bytes|bound|ratio|bomb|MiB|expand|inflat|unpack|more than",
)
BLOCKED = End("failed|refused|blocked", r"block|captcha|firewall|waf|challenge|maintenance|403|503")
GONE = End("gone", r".")
MOVED = End("done|failed|refused|gone", r"redirect|HTTP 30\d|location|led|leads|moved|outside|host")
TRAP = (
    r"trap|repeat|grow|same|session|calendar|endless|too many|loop|cop(?:y|ies)|duplicat|variant"
    r"|limit|parameter|nothing new|deep|long|login|print|pop|mail|already|identical|enough|budget"
)


def fault(
    *ends: End, kind: str = "", seen: str = "", **facts: Any
) -> Callable[[Answer], Answer]:  # facts are those of Fault, checked by it
    """Put the answer that follows on the list.

    Its kind is its name and what is seen is its description, unless others are given.
    """

    def enlist(answer: Answer) -> Answer:
        name: str = kind or answer.__name__.replace("_", "-")
        if name in FAULTS:
            raise ValueError(f"two faults are called {name}")
        group = answer.__module__.rpartition(".")[2]
        shown = seen or (answer.__doc__ or "").strip().rstrip(".")
        FAULTS[name] = Fault(name, group, shown, answer, ends, **facts)
        return answer

    return enlist
