"""The facts: units and changes, as they stand in the two files beside this module."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cache
from importlib.resources import files

LEVELS = {
    "province": ("tỉnh", "thành phố"),
    "district": ("quận", "huyện", "thị xã", "thành phố"),
    "commune": ("xã", "phường", "thị trấn", "đặc khu"),
}
"""The three levels, and the kinds of unit on each. Districts ended with June 2025."""
_DIGITS = (2, 3, 5)
_LEVEL = 100_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, district or commune, from one reorganisation to the next."""

    id: int
    """The same in every archive: year and month of its beginning (`2507`; none before July 2025),
    its level (1, 2 or 3), and its code in five digits."""
    kind: str
    """`xã`, `huyện`, `thị trấn` and so on."""
    short: str
    """Its name without the kind: `Phát Diệm`; for numbered wards the number."""
    parent_id: int | None
    """The district or province that it began in."""
    valid_from: str | None
    """First day, YYYY-MM-DD; None for all that was there before July 2025."""
    valid_to: str | None
    """Last day; None for what is there still."""
    source: str
    """The package that tells it."""

    @property
    def name(self) -> str:
        """Its name with its kind: `Thị trấn Phát Diệm`."""
        return f"{self.kind.capitalize()} {self.short}"

    @property
    def level(self) -> str:
        """`province`, `district` or `commune`."""
        return tuple(LEVELS)[self._number - 1]

    @property
    def code(self) -> str:
        """Its code at the National Statistics Office: two, three or five digits."""
        return f"{self.id % _LEVEL:0{_DIGITS[self._number - 1]}}"

    @property
    def _number(self) -> int:
        return self.id // _LEVEL % 10


@dataclass(frozen=True, slots=True)
class Change:
    """That one unit became another, or a part of it did."""

    old_id: int
    new_id: int
    changed_on: str
    """The first day of the new unit, YYYY-MM-DD."""
    extent: str
    """`whole`, or `part` where the old unit was divided between several."""
    basis: str
    """The resolution, such as `1674/NQ-UBTVQH15`."""


def identity(code: str, since: str | None) -> int:
    """The number of the unit with that code that began on that day."""
    period = int(since[2:4] + since[5:7]) if since else 0
    return period * 10 * _LEVEL + (_DIGITS.index(len(code)) + 1) * _LEVEL + int(code)


class Gazetteer:
    """All units by number, and the changes that lead to and from each."""

    def __init__(self, units: Iterable[Unit], changes: Iterable[Change]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.becoming: dict[int, list[Change]] = defaultdict(list)
        """What a unit became."""
        self.origin: dict[int, list[Change]] = defaultdict(list)
        """What it was made of."""
        self.inside: dict[int, list[int]] = defaultdict(list)
        """The units that began in it."""
        for unit in self.units.values():
            if unit.parent_id is not None:
                self.inside[unit.parent_id].append(unit.id)
        for change in changes:
            self.becoming[change.old_id].append(change)
            self.origin[change.new_id].append(change)


@cache
def gazetteer() -> Gazetteer:
    """The units of the whole country."""
    return Gazetteer(map(_unit, _rows("units.tsv")), map(_change, _rows("changes.tsv")))


@cache
def provinces() -> frozenset[str]:
    """The names of all provinces, of before July 2025 and since, without their kind."""
    units = gazetteer().units.values()
    return frozenset(unit.short for unit in units if unit.level == "province")


def _rows(name: str) -> list[list[str]]:
    text = (files("crawler") / "units" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()]


def _unit(row: list[str]) -> Unit:
    number, kind, short, parent, since, until, source = row
    return Unit(
        int(number), kind, short, int(parent) if parent else None, since or None, until or None,
        source,
    )  # fmt: skip


def _change(row: list[str]) -> Change:
    old, new, changed_on, extent, basis = row
    return Change(int(old), int(new), changed_on, extent, basis)


def lines(records: Iterable[Unit | Change]) -> str:
    """What `gazetteer` reads, from the same records."""
    written = (["" if value is None else str(value) for value in astuple(r)] for r in records)
    return "".join("\t".join(row) + "\n" for row in sorted(written, key=lambda r: (len(r[0]), r)))
