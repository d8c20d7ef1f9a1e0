"""`luutru units`: a province, district or commune, what it was and what it became."""

from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from crawler.archive.connection import open_to_read
from crawler.archive.units import portals
from crawler.commands.options import console, db_option, json_option, print_json
from crawler.units import lineage, naming
from crawler.units.facts import Unit
from crawler.units.telling import facts_of
from crawler.words import tr

_WHOLE = 3
"""Units found of which all is told; of more only the name."""


@click.command(
    help=tr(
        "Provinces, districts and communes: what a place was, and what it became. NAME has marks "
        "or not, is old or new, with or without its kind; after a comma, where it lies; or a code."
    )
)
@click.argument("name", nargs=-1, required=True)
@db_option
@json_option
def units(name: tuple[str, ...], db: Path, as_json: bool) -> int:
    """Print the units called NAME; exit code 1 when there is none."""
    found = naming.find(" ".join(name))
    told = [{**facts_of(unit), "portals": _portals(db, unit)} for unit in found]
    if as_json:
        print_json(told)
        return 0 if found else 1
    out = console()
    briefly = len(naming.places(found)) > _WHOLE
    for unit, facts in zip(found, told, strict=True):
        _print(out, unit, facts, briefly=briefly)
    if not found:
        out.print(tr("no place is called {name!r}", name=" ".join(name)))
    return 0 if found else 1


def _portals(db: Path, unit: Unit) -> list[str]:
    """Portals of this archive, if there is one, that tell of the unit."""
    if not db.is_file():
        return []
    with closing(open_to_read(db)) as archive:
        return [row["slug"] for row in portals(archive, lineage.told_by(unit.id))]


def _print(out: Console, unit: Unit, facts: dict[str, Any], *, briefly: bool) -> None:
    if briefly:
        out.print(f"{unit.id:>10}  {naming.described(unit)}")
        return
    out.print(naming.described(unit), style="bold")
    lines = {
        tr("code {code}, number {number}", code=unit.code, number=unit.id): "",
        tr("made of"): _listed(facts["made_of"]),
        tr("became"): _listed(facts["became"]),
        tr("its communes became"): ", ".join(heir["name"] for heir in facts["heirs"]),
        tr("portals that tell of it"): ", ".join(facts["portals"]),
    }
    for label, said in lines.items():
        if said or not label[-1].isalpha():
            out.print(f"    {label}: {said}" if said else f"    {label}")


def _listed(changes: list[dict[str, Any]]) -> str:
    told = (
        tr("a part of {name}", name=c["name"]) if c["extent"] == "part" else c["name"]
        for c in changes
    )
    basis = sorted({f"{c['basis']}, {c['changed_on']}" for c in changes})
    return f"{', '.join(told)} ({'; '.join(basis)})" if changes else ""
