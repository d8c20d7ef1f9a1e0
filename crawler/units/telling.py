"""All that is known of a unit, as JSON and pages have it."""

from collections.abc import Iterable
from typing import Any

from crawler.units import lineage
from crawler.units.facts import Change, Unit, gazetteer


def facts_of(unit: Unit) -> dict[str, Any]:
    """A unit, where it lay, what it was made of and what it became."""
    return {
        "id": unit.id,
        "code": unit.code,
        "level": unit.level,
        "kind": unit.kind,
        "name": unit.name,
        "within": [_brief(each) for each in lineage.above(unit.id)],
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "source": unit.source,
        "made_of": _told(gazetteer().origin[unit.id], old=True),
        "became": _told(gazetteer().becoming[unit.id], old=False),
        "heirs": [_brief(u) for u in lineage.heirs(unit.id)] if unit.level == "district" else [],
    }


def _brief(unit: Unit) -> dict[str, Any]:
    return {"id": unit.id, "name": unit.name}


def _told(changes: Iterable[Change], *, old: bool) -> list[dict[str, Any]]:
    known = gazetteer().units
    return [
        {
            **_brief(known[change.old_id if old else change.new_id]),
            "extent": change.extent,
            "changed_on": change.changed_on,
            "basis": change.basis,
        }
        for change in changes
    ]
