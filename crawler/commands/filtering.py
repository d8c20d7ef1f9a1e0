"""From the options that narrow a search to its filters: a place is found by its name.

What knows places and profiles is loaded when one is asked for: it takes longer to load than a
search takes.
"""

import sqlite3

from crawler.errors import BadInput
from crawler.search import Filters
from crawler.words import tr


def filters_of(
    db: sqlite3.Connection,
    *,
    since: str | None,
    until: str | None,
    portal: str | None,
    category: str | None,
    author: str | None,
    unit: str | None,
) -> Filters:
    """The filters that `search_options` mean in this archive.

    Raises BadInput for a portal that neither the archive nor a profile knows, for a place that
    nobody knows, for a name of several, and where no portal is of any place.
    """
    if portal is not None:
        _check(db, portal)
    number = None if unit is None else _number(db, unit)
    return Filters(since, until, portal, category, author, number)


def _check(db: sqlite3.Connection, portal: str) -> None:
    from crawler import profiles
    from crawler.archive.holdings import portal_id

    # A watch may wait for a portal's first crawl.
    if profiles.source_of(portal) is None:
        portal_id(db, portal)


def _number(db: sqlite3.Connection, name: str) -> int:
    from crawler.archive import units
    from crawler.units import naming

    here = units.having_portals(db)
    if not here:
        raise BadInput(
            tr(
                "no portal of this archive is known to be of a place; crawl or replay it once "
                "more, or say `unit` in its profile (docs/units.md)"
            )
        )
    return naming.one(name, here).id


def place_of(db: sqlite3.Connection, filters: Filters) -> str | None:
    """The place that is meant, and the portals here that tell of it; None if no place is."""
    if filters.unit is None:
        return None
    from crawler.archive import units
    from crawler.units import lineage, naming
    from crawler.units.facts import gazetteer

    slugs = [row["slug"] for row in units.portals(db, lineage.told_by(filters.unit))]
    told = ", ".join(slugs) or tr("no portal here tells of it")
    return f"{naming.described(gazetteer().units[filters.unit])}: {told}"
