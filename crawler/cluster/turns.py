"""Whose turn is next: one portal at a time per server, the one that waited longest first.

Nothing here knows of machines or of time passing, so it can be simulated.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """What stands in the queue."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of its servers."""


P = TypeVar("P", bound=Waiting)


class Turns(Generic[P]):
    """The queue of portals, and the servers that are being asked."""

    def __init__(self, portals: Iterable[P]) -> None:
        self._queue = deque(portals)
        self._busy: set[str] = set()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._queue)

    def add(self, portal: P) -> None:
        """The portal waits behind all others."""
        self._queue.append(portal)

    def clear(self) -> list[P]:
        """No portal waits any more; those that did."""
        waiting = list(self._queue)
        self._queue.clear()
        return waiting

    def next(self, may_begin: Callable[[P], bool] = lambda _: True) -> P | None:
        """The first portal whose servers are free, which are its own until `end`; None if none."""
        for portal in self._queue:
            if self._busy.isdisjoint(portal.addresses) and may_begin(portal):
                self._queue.remove(portal)
                self._busy.update(portal.addresses)
                return portal
        return None

    def end(self, portal: P, *, again: bool) -> None:
        """The portal's turn has ended; with `again` it waits behind all others for the next one."""
        self._busy.difference_update(portal.addresses)
        if again:
            self.add(portal)

    def has_rival(self, portal: P) -> bool:
        """Whether another portal waits for one of the same servers."""
        return any(not set(portal.addresses).isdisjoint(each.addresses) for each in self._queue)
