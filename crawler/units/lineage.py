"""A place through time: what a unit was made of, what became of it, and who wrote about it.

Communes were divided and merged, so walks go back only or forward only: a walk in both directions
would soon be everywhere.
"""

from collections.abc import Callable, Iterable, Iterator

from crawler.units.facts import Change, Unit, gazetteer


def before(unit: int) -> set[int]:
    """The units that it was made of, at any time, with itself."""
    facts = gazetteer()
    return _walk([unit], lambda at: (change.old_id for change in facts.origin[at]))


def after(unit: int) -> set[int]:
    """The units that it became, at any time, with itself."""
    facts = gazetteer()
    return _walk([unit], lambda at: (change.new_id for change in facts.becoming[at]))


def inside(unit: int) -> set[int]:
    """All units in it, with itself."""
    facts = gazetteer()
    return _walk([unit], lambda at: facts.inside[at])


def told_by(unit: int) -> set[int]:
    """The units whose portals tell of it.

    Itself, what it was made of and what it became; the units in it; and the districts that it, or
    what it was made of, lay in. Not the province of a commune or district: it tells of all others.
    """
    # Back from what it was made of, but not forward again: that would be its neighbours of today.
    past = {each for old in before(unit) for part in inside(old) for each in before(part)}
    future = {each for part in inside(unit) for each in after(part)}
    around = {outer for old in before(unit) for outer in above(old)}
    return past | future | {outer.id for outer in around if outer.level == "district"}


def heirs(district: int) -> list[Unit]:
    """The communes of today that what was in a district became, wholly or in part."""
    facts = gazetteer()
    found = {n for part in inside(district) for n in after(part)}
    return [facts.units[n] for n in sorted(found) if facts.units[n].valid_to is None]


def province(unit: int) -> Unit:
    """The province that it lies in today, or that its province became."""
    facts = gazetteer()
    at = facts.units[unit]
    while at.parent_id is not None:
        at = facts.units[at.parent_id]
    return facts.units[max(after(at.id))]


def family(province_id: int) -> list[Unit]:
    """All units, old and new, of a province of today, in the order of their numbers."""
    facts = gazetteer()
    return [facts.units[n] for n in sorted({u for p in before(province_id) for u in inside(p)})]


def changes(units: Iterable[Unit]) -> list[Change]:
    """What became of these units."""
    facts = gazetteer()
    return [change for unit in units for change in facts.becoming[unit.id]]


def above(unit: int) -> Iterator[Unit]:
    """The units that it began in, the nearest first."""
    facts = gazetteer()
    at = facts.units[unit].parent_id
    while at is not None:
        yield facts.units[at]
        at = facts.units[at].parent_id


def _walk(start: Iterable[int], onward: Callable[[int], Iterable[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(onward(at))
    return found
