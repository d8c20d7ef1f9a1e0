"""Room for large answers: one at a time is taken in, however many requests are under way.

An answer may be as large as DOWNLOAD_MAXSIZE, and takes that several times over until it is read
and saved. Ten at once would need gigabytes; the others stay on the wire meanwhile.
"""

from collections.abc import Callable

Enter = Callable[[Callable[[], None]], bool]
"""How an answer asks for room; see `Room.enter`."""
LARGE = 1024 * 1024
"""Bytes from which on an answer needs room; hardly any page is so long."""
LONGEST_WAIT = 900.0
"""Seconds that an answer waits for room at most; it is asked for again later."""


def no_limit(_come: Callable[[], None]) -> bool:
    """Room for all: outside a crawl, where a few pages are fetched."""
    return True


class Room:
    """Room for one large answer; those who wait for it are called in turn."""

    def __init__(self) -> None:
        self._holder: int | None = None
        self._waiting: dict[int, Callable[[], None]] = {}

    def enter(self, who: int, come: Callable[[], None]) -> bool:
        """Whether there is room for `who`, a number of its own; if not, `come` is called later."""
        if self._holder in (None, who):
            self._holder = who
            return True
        self._waiting[who] = come
        return False

    def leave(self, who: int) -> None:
        """`who` needs no room any more, or waits for none; the next one may come."""
        self._waiting.pop(who, None)
        if who != self._holder:
            return
        self._holder = next(iter(self._waiting), None)
        if self._holder is not None:
            self._waiting.pop(self._holder)()
