"""Articles that belong together: of a portal, a year or month, a category, an author."""

import re
from typing import Any

from browse import charts
from browse.paging import Paging
from browse.visit import NotThere, Page, Visit
from browse.writing import period
from crawler.archive import browsing, figures, reports, units
from crawler.periods import days_of
from crawler.search import Filters, search_divided
from crawler.units import lineage
from crawler.units.facts import gazetteer
from crawler.units.telling import facts_of
from crawler.words import tr

_PER_PAGE = 30
_RUNS = 12
_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")


def portal(visit: Visit) -> Page:
    """The page `portal/SLUG`: its articles, crawls, traffic and open problems."""
    slug = visit.words["slug"]
    found = reports.portal(visit.db, slug)
    if found is None:
        raise NotThere(tr("the archive has no portal {slug}", slug=slug))
    return _group(
        visit,
        Filters(portal=slug),
        {"portal": slug},
        found["name"],
        tr("Portal"),
        portal=found,
        runs=reports.runs(visit.db, found["id"], _RUNS),
        problems=reports.problems(visit.db, found["id"]),
        place=gazetteer().units.get(found["unit_id"]),
        visits=charts.readings(figures.visits(visit.db, slug)),
    )


def date(visit: Visit) -> Page:
    """The page `date/YYYY` or `date/YYYY-MM`."""
    wanted = visit.words["period"]
    if not _PERIOD.fullmatch(wanted):
        raise NotThere(tr("{value} is no year and no month", value=wanted))
    first, last = days_of(wanted)
    return _group(
        visit,
        Filters(since=first, until=last),
        {"from": first, "to": last},
        period(wanted),
        tr("Year") if len(wanted) == 4 else tr("Month"),
        year=wanted[:4] if len(wanted) > 4 else "",
        months={
            row["month"]: row["articles"]
            for row in sorted(browsing.months(visit.db), key=lambda row: str(row["month"]))
            if len(wanted) == 4 and row["month"].startswith(wanted)
        },
    )


def category(visit: Visit) -> Page:
    """The page `category?name=NAME`."""
    name = _name(visit)
    return _group(visit, Filters(category=name), {"category": name}, name, tr("Category"))


def author(visit: Visit) -> Page:
    """The page `author?name=NAME`."""
    name = _name(visit)
    return _group(visit, Filters(author=name), {"author": name}, name, tr("Author"))


def unit(visit: Visit) -> Page:
    """The page `unit/NUMBER`: what a place was and became, and what its portals wrote."""
    number = int(visit.words["id"])
    known = gazetteer().units.get(number)
    if known is None:
        raise NotThere(tr("there is no place {number}", number=number))
    return _group(
        visit,
        Filters(unit=number),
        {"unit": str(number)},
        known.name,
        tr("Place"),
        unit=facts_of(known),
        telling=units.portals(visit.db, lineage.told_by(number)),
    )


def _name(visit: Visit) -> str:
    name = visit.asked.get("name", "").strip()
    if not name:
        raise NotThere(tr("there is no such page"))
    return name


def _group(
    visit: Visit,
    filters: Filters,
    follow: dict[str, str],
    title: str,
    what: str,
    **more: Any,
) -> Page:
    paging = Paging.of(visit, _PER_PAGE)
    found, counts = search_divided(
        visit.db, "", filters, sort="newest", limit=paging.size, offset=paging.offset
    )
    facts = {
        "title": title,
        "what": what,
        "follow": follow,
        "found": found,
        "paging": paging.with_total(found.total),
        "facets": counts,
        "years": _years(counts.years),
        **more,
    }
    return Page("group", facts)


def _years(counts: Any) -> charts.Chart | None:
    """Articles per year; None when there are too few to be worth a chart."""
    rows = [(count.value, {"": count.articles}) for count in counts]
    return charts.bars(charts.every_year(rows), [""]) if len(rows) > 2 else None
