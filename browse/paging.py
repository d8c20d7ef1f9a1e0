"""Long lists in pages."""

from dataclasses import dataclass, replace

from browse.visit import NotThere, Visit
from crawler.words import tr

_FURTHEST = 500
"""Pages that can be turned to; who wants more takes the list away as CSV."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is shown."""

    page: int
    size: int
    total: int = 0

    @classmethod
    def of(cls, visit: Visit, size: int) -> "Paging":
        """The part that the address asks for by `page`, from 1."""
        return cls(min(visit.number("page"), _FURTHEST), size)

    def with_total(self, total: int) -> "Paging":
        """The same part of a list that has `total` lines; NotThere when it ends before."""
        part = replace(self, total=total)
        last = max(part.pages, 1)
        if part.page > last:
            raise NotThere(tr("the last page is {n}", n=last))
        return part

    @property
    def offset(self) -> int:
        """Lines before this part."""
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        """Number of the first line shown, from 1; 0 when there is none."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last line shown."""
        return min(self.offset + self.size, self.total)

    @property
    def pages(self) -> int:
        """How many pages can be turned to."""
        return min(-(-self.total // self.size), _FURTHEST)

    def around(self) -> list[int]:
        """The page numbers to offer, in order; 0 stands for a gap."""
        near = {1, self.pages, *range(self.page - 2, self.page + 3)}
        shown: list[int] = []
        for number in sorted(number for number in near if 1 <= number <= self.pages):
            if shown and number > shown[-1] + 1:
                shown.append(0)
            shown.append(number)
        return shown
