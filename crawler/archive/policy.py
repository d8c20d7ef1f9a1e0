"""When a URL is asked for again, and what comes first: pure functions over what a visit showed.

A page that brought something new is visited sooner, one that did not is left alone longer, within
bounds by kind: nothing is asked for without need, and nothing is forgotten (the idea of Cho and
Garcia-Molina, "Effective Page Refresh Policies for Web Crawlers", 2003, kept simple).
"""

from dataclasses import dataclass

NEVER = "9999-12-31T00:00:00Z"
"""`due_at` of what is refused for good."""

SLACK_DAYS = 0.25
"""What is due in that time is due already: tonight's run must not find last night's pages too
young because last night reached them late."""

YOUNG_DAYS = 14
"""Until that age an article is read by many, and its view count moves."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How a failure that may pass by itself is treated within a run."""

    times: int = 0
    """How often the URL is asked for once more."""
    delay: float = 30
    """Seconds before the first time; they double with each."""
    longest: float = 3600
    """Seconds that a server may ask to wait (Retry-After) for the URL to be tried again at all."""
    counted: bool = True
    """Whether this failure is the URL's: when the whole portal is silent, it is not."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a URL that has just been asked for."""

    kind: str
    state: str
    """What the visit made of it: done, gone, failed or refused."""
    deep: bool = False
    """Whether it is a further page of a listing."""
    age_days: float | None = None
    """Days since an article was published, or first seen; None when it is no article."""
    captured: bool = True
    """Whether it has ever answered with a page."""
    silent_days: float = 0.0
    """Days since it last answered as it should, or was found."""
    news: bool = False
    """Whether the visit brought something new."""
    rhythm: float | None = None
    """Days between its visits so far; None after the first."""

    @property
    def is_young(self) -> bool:
        """Whether it is an article whose view count still moves."""
        return self.age_days is not None and self.age_days < YOUNG_DAYS


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Days between two visits: at first, at least, at most."""

    first: float
    least: float
    most: float


_EVERY_RUN = 0.0
_ALWAYS = {"home", "robots", "feed", "sitemap"}
_YOUNG = _Rhythm(1, 1, 4)
_RHYTHMS = {
    "article": _Rhythm(30, 7, 180),
    "listing": _Rhythm(2, 1, 60),
    "file": _Rhythm(180, 90, 720),
    "redirect": _Rhythm(30, 7, 180),
}
_OTHER = _Rhythm(7, 1, 60)
_ROBOTS_MAY_CHANGE = 7.0


def rhythm(visit: Visit) -> float:
    """Days between the visits of a page that answers; 0 is every run."""
    if visit.kind in _ALWAYS or (visit.kind == "listing" and not visit.deep):
        return _EVERY_RUN
    bounds = _YOUNG if visit.is_young else _RHYTHMS.get(visit.kind, _OTHER)
    if not visit.rhythm:
        return bounds.first
    days = visit.rhythm / 2 if visit.news else visit.rhythm * 1.5
    return min(max(days, bounds.least), bounds.most)


def rest(visit: Visit) -> float:
    """Days until the next visit. The longer a page was silent, the longer it rests.

    What failed may be mended soon; what the portal itself calls gone seldom comes back.
    """
    if visit.state == "refused":
        return _ROBOTS_MAY_CHANGE
    if visit.state == "failed":
        return min(visit.silent_days / 4, 14)
    if visit.state == "gone":
        return min(max(visit.silent_days / 2, 1), 90)
    return rhythm(visit)


# Most valuable first: what tells of other pages, then what is not kept yet, then what may have
# changed.
_FIRST_TIME = {
    "robots": 100,
    "home": 90,
    "sitemap": 80,
    "feed": 80,
    "listing": 70,
    "article": 60,
    "page": 55,
    "file": 40,
}
_AGAIN = {**_FIRST_TIME, "listing": 65, "article": 30, "file": 10}
_AGAIN_OTHER = 20
_AGAIN_YOUNG = 50
_LEADS_ON = _AGAIN["listing"]

VALUES = tuple(
    sorted({*_FIRST_TIME.values(), *_AGAIN.values(), _AGAIN_OTHER, _AGAIN_YOUNG}, reverse=True)
)
"""Every value that a URL may have (column `priority`), the highest first."""


def value_at_first(kind: str) -> int:
    """The value of a URL of that kind that was never captured."""
    return _FIRST_TIME.get(kind, _FIRST_TIME["page"])


def value_again(visit: Visit) -> int:
    """The value of the next visit."""
    if visit.is_young and visit.state == "done":
        return _AGAIN_YOUNG
    return _AGAIN.get(visit.kind, _AGAIN_OTHER) if visit.state == "done" else _AGAIN_OTHER


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where URLs of one value stand in the frontier."""

    waits: bool
    """Whether they wait: never asked for, to be tried again, or woken; else they are settled, and
    stand there again when they are due."""
    value: int
    last_found_first: bool = False


class Order:
    """The order in which a run takes URLs from the shelves."""

    def __init__(self, mode: str) -> None:
        """`mode` is that of the run: incremental, full or closing."""
        self._all = _closing() if mode == "closing" else _by_value()
        self._again = [] if mode == "closing" else [s for s in self._all if not s.waits]
        self._turns = 0

    def shelves(self) -> list[Shelf]:
        """The shelves as they are to be looked through now.

        Every tenth time another shelf of what is due again comes first, in turn: a budget that is
        spent on the most valuable night after night must not starve the rest.
        """
        if self._turns % _FAIR or not self._again:
            return self._all
        return [self._again[self._turns // _FAIR % len(self._again)], *self._all]

    def turn(self) -> None:
        """Something was taken."""
        self._turns += 1

    def empty(self, shelf: Shelf) -> None:
        """Look at that shelf no more in this run: what is due again only becomes less."""
        self._all = [other for other in self._all if other != shelf]
        self._again = [other for other in self._again if other != shelf]


_FAIR = 10


def _by_value() -> list[Shelf]:
    every = [Shelf(waits, value) for waits in (True, False) for value in VALUES]
    return sorted(every, key=lambda shelf: (-shelf.value, not shelf.waits))


def _closing() -> list[Shelf]:
    """What is kept already comes after all that is not, except what leads on.

    A portal shows its oldest articles on its last listing pages: found last, they come first.
    """
    waiting = [Shelf(True, value, last_found_first=value < _LEADS_ON) for value in VALUES]
    again = [Shelf(False, value) for value in VALUES]
    leading = [shelf for shelf in again if shelf.value >= _LEADS_ON]
    return [*leading, *waiting, *again[len(leading) :]]
