"""The charts: what was published and read, how well it was read, how the crawls went."""

from collections import Counter
from typing import Any

from browse import charts
from browse.charts import Chart
from browse.visit import Page, Visit
from browse.writing import day, short_period
from crawler.archive import browsing, figures
from crawler.archive.coverage import FIELDS
from crawler.words import tr

Row = dict[str, Any]


def figures_page(visit: Visit) -> Page:
    """The page `charts?portal=SLUG&year=YYYY`."""
    db, portal = visit.db, visit.asked.get("portal") or None
    portals = browsing.portals(db)
    yearly = figures.by_year(db, portal)
    years = sorted({row["period"] for row in yearly})
    year = visit.asked.get("year") or (years[-1] if years else "")
    only = portal or (portals[0]["slug"] if len(portals) == 1 else None)
    return Page(
        "charts",
        {
            "portals": portals,
            "portal": portal,
            "years": years,
            "year": year,
            "per_year": _by_category(yearly),
            "per_month": _by_category(figures.by_month(db, year, portal)),
            "read": _read(yearly),
            "visits": charts.readings(figures.visits(db, only)) if only else None,
            "coverage": _coverage(figures.fields_read(db, portal)),
            "health": _health(figures.answers(db, portal)),
        },
    )


def _by_category(rows: list[Row]) -> Chart | None:
    """Articles per period, by category: the largest by name, the rest together."""
    if not rows:
        return None
    sizes = Counter[str | None]()
    for row in rows:
        sizes[row["category"]] += row["articles"]
    named = [name for name, _ in sizes.most_common() if name][: charts.MOST_SERIES - 1]
    others = tr("others")
    periods: dict[str, Counter[str]] = {}
    for row in rows:
        name = row["category"] if row["category"] in named else others
        periods.setdefault(row["period"], Counter())[name] += row["articles"]
    series = [*named, *([others] if set(sizes) - set(named) else [])]
    return charts.bars([(short_period(name), counts) for name, counts in periods.items()], series)


def _read(rows: list[Row]) -> Chart | None:
    """The counters of the articles of a year, added up."""
    sums = Counter[str]()
    for row in rows:
        sums[row["period"]] += row["views"] or 0
    return (
        charts.bars([(name, {"": views}) for name, views in sums.items()], [""]) if sums else None
    )


def _coverage(rows: list[Row]) -> Chart | None:
    if not rows:
        return None
    shares = [(_crawl(row), [row[field] for field in FIELDS]) for row in rows]
    return charts.lines(shares, [tr(field) for field in FIELDS], percent=True)


def _health(rows: list[Row]) -> Chart | None:
    if not rows:
        return None
    names = {
        "new": tr("content"),
        "unchanged": tr("unchanged (304)"),
        "moved": tr("redirects"),
        "refused": tr("not allowed or not there (4xx)"),
        "broken": tr("server errors (5xx)"),
    }
    counts = [(_crawl(row), {name: row[kind] for kind, name in names.items()}) for row in rows]
    return charts.bars(counts, list(names.values()))


def _crawl(row: Row) -> str:
    return f"{row['slug']} {row['id']}, {day(row['started_at'])}"
