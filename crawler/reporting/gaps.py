"""Running numbers in the addresses of articles, and which of them were never seen.

A gap is no proof: numbers are given to drafts and to what is no article. It tells where to look.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

_NUMBER = re.compile(
    r"[?&](?P<name>\w*id)=(?P<query>\d{1,9})(?=&|$)"
    r"|[-/](?P<path>\d{1,9})(?P<end>(?:\.\w{2,5})?/?)(?=\?|$)",
    re.IGNORECASE,
)
_FEWEST = 20
"""Numbers that a family must have before its gaps mean anything."""
_DENSE = 0.5
"""Share of the numbers between the first and the last that must be known: else other things than
articles are counted as well."""
_SHORTEST = 3
"""One article that was never published is no gap."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers between two articles that no page ever named."""

    family: str
    """Where the number stands, such as `-N.html` or `?ItemID=N`."""
    first: int
    last: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.last - self.first + 1


def gaps(urls: Iterable[str]) -> Iterator[Gap]:
    """The gaps in the running numbers of `urls`, by family; none where numbers are sparse."""
    families: dict[str, set[int]] = defaultdict(set)
    for url in urls:
        if found := _NUMBER.search(url.partition("://")[2]):
            families[_family(found)].add(int(found["query"] or found["path"]))
    for family, numbers in sorted(families.items()):
        if len(numbers) >= _FEWEST and len(numbers) >= _DENSE * (max(numbers) - min(numbers) + 1):
            yield from _between(family, sorted(numbers))


def _family(found: "re.Match[str]") -> str:
    return f"?{found['name']}=N" if found["name"] else f"-N{found['end'].rstrip('/')}"


def _between(family: str, numbers: list[int]) -> Iterator[Gap]:
    for before, after in pairwise(numbers):
        if after - before > _SHORTEST:
            yield Gap(family, before + 1, after - 1)
