"""What changed, what vanished, what intruders planted, and the ways into the archive."""

from browse.paging import Paging
from browse.visit import Page, Visit
from crawler.archive import browsing, lists, units
from crawler.units.facts import gazetteer

PER_PAGE = 50
_AUTHORS = 40


def changed(visit: Visit) -> Page:
    """The page `changed`."""
    paging = Paging.of(visit, PER_PAGE).with_total(lists.count_changed(visit.db))
    found = lists.changed(visit.db, paging.size, paging.offset)
    return Page("changed", {"found": found, "paging": paging})


def vanished(visit: Visit) -> Page:
    """The page `vanished`."""
    paging = Paging.of(visit, PER_PAGE).with_total(lists.count_vanished(visit.db))
    found = lists.vanished(visit.db, paging.size, paging.offset)
    return Page("vanished", {"found": found, "paging": paging})


def planted(visit: Visit) -> Page:
    """The page `planted`."""
    count = browsing.count_planted(visit.db)
    paging = Paging.of(visit, PER_PAGE).with_total(count["links"])
    found = browsing.planted(visit.db, paging.size, paging.offset)
    return Page("planted", {"found": found, "paging": paging, "count": count})


def browse(visit: Visit) -> Page:
    """The page `browse`: portals, months, categories, authors."""
    years: dict[str, dict[str, int]] = {}
    for row in browsing.months(visit.db):
        years.setdefault(row["month"][:4], {})[row["month"]] = row["articles"]
    return Page(
        "browse",
        {
            "portals": browsing.portals(visit.db),
            "years": years,
            "categories": browsing.categories(visit.db),
            "authors": browsing.authors(visit.db, _AUTHORS),
            "places": [gazetteer().units[n] for n in sorted(units.having_portals(visit.db))],
        },
    )


def helping(visit: Visit) -> Page:
    """The page `help`: how to search, follow, take away, cite."""
    return Page("help")
