"""A simulation of many machines: the real queue of turns, on a clock that is only counted."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, count

from crawler.cluster.turns import Turns

_PORTALS, _PAGES = 700, 15_000_000
_DELAY, _ANSWER = 1.0, 0.3
"""Seconds between two requests, and from a request to the end of its answer, which fits into it."""
_TURN, _CORES, _THREADS = 600.0, 2, 40
_SPREAD = 1.0
"""Of the normal distribution whose exponential the sizes of portals follow."""


@dataclass(eq=False)
class _Portal:
    addresses: tuple[str, ...]
    left: float


def simulate(page_cpu: float, start_cpu: float) -> None:
    """Print how long a first crawl of 700 portals would take."""
    print("A SIMULATION, not a measurement. Measured: the processor time of a page "
          f"({1000 * page_cpu:.1f} ms) and of a start ({start_cpu:.2f} s).")  # fmt: skip
    print(f"Assumed: {_PORTALS} portals, {_PAGES:,} pages, sizes lognormal (sigma {_SPREAD}); "
          f"{_DELAY} s between two requests, answers in {_ANSWER} s; machines of {_CORES} "
          f"cores and {_THREADS} threads; turns of {_TURN / 60:.0f} minutes.")  # fmt: skip
    print(
        "machines  servers    days  until 90 % of pages  pages/s at first  processors busy  limit"
    )
    for machines in (1, 5, 20):
        for servers in (700, 150, 63):
            print(_line(machines, servers, page_cpu, start_cpu), flush=True)


def _line(machines: int, servers: int, page_cpu: float, start_cpu: float) -> str:
    chance = random.Random(1)
    sizes = [chance.lognormvariate(0, _SPREAD) for _ in range(_PORTALS)]
    pages = [_PAGES * size / sum(sizes) for size in sizes]
    made = [_Portal((str(n % servers),), size) for n, size in enumerate(pages)]
    threads = machines * _THREADS
    at_most = min(threads, servers)
    # As many crawls as there are share the cores; each waits for its delay or for its core.
    apart = max(_DELAY, at_most / machines * page_cpu / _CORES)
    ends = _ends(made, threads, apart, start_cpu)
    total, most = ends[-1][0], next(at for at, done in ends if done >= 0.9 * _PAGES)
    longest = max(sum(p for n, p in enumerate(pages) if n % servers == s) for s in range(servers))
    limit = "one server's own pages" if total < 1.1 * longest * _DELAY else "threads"
    limit = "processors" if apart > _DELAY else limit
    busy = _PAGES * page_cpu / total / (machines * _CORES)
    return (f"{machines:8}  {servers:7}  {total / 86400:6.1f}  {most / 86400:19.1f}  "
            f"{at_most / apart:16.0f}  {busy:15.1%}  {limit}")  # fmt: skip


def _ends(
    portals: list[_Portal], threads: int, apart: float, start: float
) -> list[tuple[float, float]]:
    """Times, and how many pages had come by then."""
    turns, number = Turns(portals), count()
    running: list[tuple[float, int, _Portal]] = []
    came: list[tuple[float, float]] = []
    now = 0.0
    while turns or running:
        while len(running) < threads and (portal := turns.next()):
            limited = turns.has_rival(portal) or len(turns) >= threads
            pages = min(portal.left, _TURN / apart) if limited else portal.left
            # A turn begins with a rest, and with the start of a process.
            began = now + start + _DELAY
            came += _pages(began, pages, apart)
            portal.left -= pages
            heapq.heappush(running, (began + pages * apart, next(number), portal))
        now, _, portal = heapq.heappop(running)
        turns.end(portal, again=portal.left > 0)
    came.sort()
    sums = accumulate(pages for _, pages in came)
    return [(at, done) for (at, _), done in zip(came, sums, strict=True)]


def _pages(began: float, pages: float, apart: float) -> Iterator[tuple[float, float]]:
    """The pages of a turn, some at a time: when those have come, and how many."""
    while pages > 0:
        some = min(pages, _TURN / apart)
        began += some * apart
        pages -= some
        yield began, some
