"""What a search finds, with the ways to narrow it."""

import re
from datetime import date
from http import HTTPStatus

from browse.paging import Paging
from browse.visit import Page, Visit
from crawler.archive import units
from crawler.errors import BadInput
from crawler.search import Filters, Sort, search_divided
from crawler.units import naming
from crawler.units.facts import gazetteer
from crawler.units.telling import facts_of
from crawler.words import tr

PER_PAGE = 20
SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest", "views")
_DAY = re.compile(r"\d{4}(-\d\d){0,2}")


def results(visit: Visit) -> Page:
    """The page `search`, or a choice of places; BadInput when a filter makes no sense."""
    try:
        query, filters, sort = asked_for(visit)
    except naming.Several as several:
        choices = [facts_of(each) for each in several.choices]
        name = visit.asked["unit"]
        return Page("choice", {"name": name, "choices": choices}, HTTPStatus.MULTIPLE_CHOICES)
    paging = Paging.of(visit, PER_PAGE)
    found, facets = search_divided(
        visit.db, query, filters, sort=sort, limit=paging.size, offset=paging.offset
    )
    return Page(
        "results",
        {
            "query": query,
            "filters": filters,
            "sort": sort,
            "sorts": _sorts(query),
            "found": found,
            "facets": facets,
            "year": _year(filters),
            "place": gazetteer().units[filters.unit] if filters.unit else None,
            "paging": paging.with_total(found.total),
            "follow": following(visit),
        },
    )


def _sorts(query: str) -> dict[str, str]:
    """The orders to choose from, and what they are called."""
    names = (tr("best first"), tr("newest first"), tr("oldest first"), tr("most read first"))
    sorts: dict[str, str] = dict(zip(SORTS, names, strict=True))
    return sorts if query else {name: sorts[name] for name in SORTS if name != "relevance"}


def asked_for(visit: Visit) -> tuple[str, Filters, Sort]:
    """Query, filters and order that the address asks for."""
    asked = visit.asked
    query = asked.get("q", "").strip()
    wanted = asked.get("sort") or ("relevance" if query else "newest")
    sort = next((name for name in SORTS if name == wanted), None)
    if sort is None:
        raise BadInput(tr("results can't be sorted by {sort}", sort=wanted))
    return query, filters_of(visit), sort


def filters_of(visit: Visit) -> Filters:
    """The filters that the address asks for."""
    asked = visit.asked
    return Filters(
        since=_day(asked.get("from"), ""),
        until=_day(asked.get("to"), "-12-31"),
        portal=asked.get("portal") or None,
        category=asked.get("category") or None,
        author=asked.get("author") or None,
        unit=_unit(visit, asked.get("unit", "").strip()),
    )


def _unit(visit: Visit, name: str) -> int | None:
    """The place that is asked for by its name or number."""
    return naming.one(name, units.having_portals(visit.db)).id if name else None


def following(visit: Visit) -> dict[str, str]:
    """What a feed or a download of these results is asked with."""
    names = ("q", "from", "to", "portal", "category", "author", "unit")
    return {name: visit.asked[name] for name in names if visit.asked.get(name)}


def _day(value: str | None, end: str) -> str | None:
    """A day, month or year as a day; `end` completes what ends a period (31 is a safe last day)."""
    if not value:
        return None
    if not _is_day(value):
        raise BadInput(tr("{value} is no date; write 2023-01-04, 2023-01 or 2023", value=value))
    return value + end[len(value) - 4 :] if len(value) < 10 else value


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value + "0000-01-01"[len(value) :])
    except ValueError:
        return False
    return bool(_DAY.fullmatch(value))


def _year(filters: Filters) -> str | None:
    """The year that the filters narrow to, when it is just one."""
    since, until = filters.since or "", filters.until or ""
    whole = since[:4] == until[:4] and since[4:] in ("", "-01-01") and until[4:] == "-12-31"
    return since[:4] if whole and since else None
