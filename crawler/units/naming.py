"""Finding units by what people write: a name with or without marks and kind, or a code.

`xã Bình Minh`, `binh minh`, `Bình Minh, Kim Sơn, Ninh Bình` (what follows a comma is where it
lies), `376`, `14623`. Apostrophes and hyphens don't count, and hoà is hòa.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from functools import cache

from crawler.errors import BadInput
from crawler.units import lineage
from crawler.units.facts import LEVELS, Unit, gazetteer
from crawler.vietnamese import fold, squeeze, tone_placements
from crawler.words import tr

_SHORTER = {"tp": "thành phố", "tx": "thị xã", "tt": "thị trấn", "q": "quận", "h": "huyện"}
_SHORTER |= {"p": "phường", "x": "xã", "t": "tỉnh", "dk": "đặc khu"}
_CALLED = {"hcm": "hồ chí minh", "tphcm": "thành phố hồ chí minh"}
_KINDS = {fold(kind): kind for kinds in LEVELS.values() for kind in kinds}
_MOST = 8
"""Choices that one line names."""


class Several(BadInput):
    """A name that several places have; show the person the choices."""

    def __init__(self, name: str, choices: list[Unit]) -> None:
        super().__init__(_asked_back(name, choices))
        self.choices = choices
        """Those of today first."""


def find(text: str) -> list[Unit]:
    """All units that `text` may mean, those of today first; none if nobody knows it."""
    own, *around = [part.strip() for part in squeeze(text).split(",")]
    found = by_code(own) or _named(own)
    for place in filter(None, around):
        found = _lying_in({unit.id for unit in _named(place)}, found)
    return sorted(found, key=lambda unit: (unit.valid_to is not None, -unit.id))


def one(text: str, among: Collection[int] | None = None) -> Unit:
    """The unit that `text` means; of one place before and after, the later.

    `among`: units whose portals there are; of several places, the one that they tell of is meant.
    Raises BadInput when there is none, and Several when there are more.
    """
    found = find(text)
    if not found:
        raise BadInput(tr("no place is called {name!r}; `luutru units` finds them", name=text))
    choices = places(found)
    if len(choices) > 1 and among:
        told = [unit for unit in choices if lineage.told_by(unit.id) & set(among)]
        choices = told or choices
    if len(choices) > 1:
        raise Several(text, choices)
    return choices[0]


def described(unit: Unit) -> str:
    """Name, where it lay and when: `Xã Bình Minh (Tỉnh Ninh Bình, from 2025-07-01)`."""
    where = ", ".join(each.name for each in lineage.above(unit.id))
    since = unit.valid_from and tr("from {day}", day=unit.valid_from)
    until = unit.valid_to and tr("until {day}", day=unit.valid_to)
    days = " ".join(filter(None, (since, until)))
    inside = ", ".join(filter(None, (where, days)))
    return f"{unit.name} ({inside})" if inside else unit.name


def _asked_back(text: str, units: list[Unit]) -> str:
    choices = [f"{unit.id} {described(unit)}" for unit in units[:_MOST]]
    more = tr(" and {n} more", n=len(units) - _MOST) if len(units) > _MOST else ""
    return tr(
        "{name!r} may be {choices}{more}; add where it lies after a comma, or write its number",
        name=text,
        choices="; ".join(choices),
        more=more,
    )


def places(found: list[Unit]) -> list[Unit]:
    """The units without those that another of them was made of."""
    numbers = {unit.id for unit in found}
    earlier = {old for n in numbers for old in lineage.before(n) if old != n}
    return [unit for unit in found if unit.id not in earlier]


def _lying_in(outer: set[int], units: list[Unit]) -> list[Unit]:
    """The units that lie or lay in one of these; else those whose provinces became one of these."""
    past = {unit.id: {each.id for n in lineage.before(unit.id) for each in lineage.above(n)}
            for unit in units}  # fmt: skip
    near = [unit for unit in units if outer & past[unit.id]]
    return near or [
        unit for unit in units if any(outer & lineage.after(each) for each in past[unit.id])
    ]


def by_code(text: str) -> list[Unit]:
    """The units with this code (there may be one before and one after), or with this number."""
    if not text.isascii() or not text.isdigit():
        return []
    units = gazetteer().units
    if int(text) in units:
        return [units[int(text)]]
    return [unit for unit in units.values() if unit.code == text]


def _named(text: str) -> list[Unit]:
    words = " ".join(_CALLED.get(word, word) for word in _marked(text).split()).split()
    kind, name = _divided(fold(" ".join(words)))
    found = [
        unit for unit in _written(words[-len(name.split()) :]) if kind in ("", fold(unit.kind))
    ]
    # A name may begin like a kind: the commune of Xã Tắc.
    return found + [unit for unit in _written(words) if kind and unit not in found]


def _written(words: list[str]) -> list[Unit]:
    """Units of that name without its kind; marks count where there are some."""
    name = " ".join(words)
    found = _by_name()[fold(name)]
    if fold(name) == name:
        return found
    spellings = tone_placements(name)
    return [unit for unit in found if _marked(unit.short) in spellings]


def _divided(plain: str) -> tuple[str, str]:
    """Folded kind (may be empty) and name."""
    for kind in _KINDS:
        if plain.startswith(f"{kind} "):
            return kind, plain[len(kind) + 1 :]
    first, _, rest = plain.partition(" ")
    return (fold(_SHORTER[first]), rest) if rest and first in _SHORTER else ("", plain)


@cache
def _by_name() -> defaultdict[str, list[Unit]]:
    names: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in gazetteer().units.values():
        names[fold(_marked(unit.short))].append(unit)
    return names


def _marked(text: str) -> str:
    """Small letters and digits with single spaces: `TP. Hồ Chí Minh` is `tp hồ chí minh`."""
    return re.sub(
        r"\b0+(?=\d)", "", " ".join(re.sub(r"[^\w]+", " ", squeeze(text).lower()).split())
    )
