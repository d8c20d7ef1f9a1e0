"""One thing to tell."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alarm:
    """A state that stands, or something that happened in a run."""

    kind: str
    """A key of `crawler.alarms.kinds.KINDS`."""
    topic: str = ""
    """What tells it from others of its kind and portal; the same state has the same words."""
    line: str = ""
    """What is told of this one: a reason, an address, a number."""
    portal_id: int | None = None
    """None: it concerns the archive as a whole."""
    run_id: int | None = None
    """The run that showed it."""
    since: str | None = None
    """Since when it is so, in UTC; None: since it is first noted."""
    happened: bool = False
    """Whether it happened once and is over, such as an edit; else it is a state that may end."""
