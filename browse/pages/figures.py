"""The charts: what was published and read, how well it was read, how the crawls went."""

from collections import Counter
from typing import Any

from browse import charts
from browse.charts import Chart
from browse.visit import Page, Visit
from browse.writing import day, field_name, short_period
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
    names = _largest(yearly)
    return Page(
        "charts",
        {
            "portals": portals,
            "portal": portal,
            "years": years,
            "year": year,
            "per_year": _per_year(yearly, names),
            "per_month": _per_month(figures.by_month(db, year, portal), year, names),
            "read": _read(yearly),
            "visits": charts.readings(figures.visits(db, only)) if only else None,
            "coverage": _coverage(figures.fields_read(db, portal), named=not only),
            "health": _health(figures.answers(db, portal), named=not only),
        },
    )


def _largest(rows: list[Row]) -> list[str]:
    """The categories that have a colour of their own, the same in all charts of the page."""
    sizes = Counter[str]()
    for row in rows:
        if row["category"]:
            sizes[row["category"]] += row["articles"]
    return [name for name, _ in sizes.most_common(charts.MOST_SERIES - 1)]


def _by_category(rows: list[Row], names: list[str]) -> tuple[dict[str, Counter[str]], list[str]]:
    """Articles by period and category, those without a colour together; and all that there are."""
    others = tr("others")
    periods: dict[str, Counter[str]] = {}
    for row in rows:
        name = row["category"] if row["category"] in names else others
        periods.setdefault(row["period"], Counter())[name] += row["articles"]
    more = any(others in counts for counts in periods.values())
    return periods, [*names, *([others] if more else [])]


def _per_year(rows: list[Row], names: list[str]) -> Chart | None:
    periods, series = _by_category(rows, names)
    return charts.bars(charts.every_year(list(periods.items())), series) if rows else None


def _per_month(rows: list[Row], year: str, names: list[str]) -> Chart | None:
    if not rows:  # There may be no year, or none that is one.
        return None
    periods, series = _by_category(rows, names)
    months = [f"{year}-{month:02}" for month in range(1, 13)]
    counts = [(short_period(month), periods.get(month, Counter[str]())) for month in months]
    return charts.bars(counts, series)


def _read(rows: list[Row]) -> Chart | None:
    """The counters of the articles of a year, added up."""
    sums = Counter[str]()
    for row in rows:
        sums[row["period"]] += row["views"] or 0
    counts = [(name, {"": views}) for name, views in sums.items()]
    return charts.bars(charts.every_year(counts), [""]) if sums else None


def _coverage(rows: list[Row], *, named: bool) -> Chart | None:
    if not rows:
        return None
    shares = [(_crawl(row, named=named), [row[field] for field in FIELDS]) for row in rows]
    return charts.lines(shares, [field_name(field) for field in FIELDS], percent=True)


def _health(rows: list[Row], *, named: bool) -> Chart | None:
    if not rows:
        return None
    names = {
        "new": tr("content"),
        "unchanged": tr("unchanged (304)"),
        "moved": tr("redirects"),
        "refused": tr("not allowed or not there (4xx)"),
        "broken": tr("server errors (5xx)"),
    }
    counts = [
        (_crawl(row, named=named), {name: row[kind] for kind, name in names.items()})
        for row in rows
    ]
    return charts.bars(counts, list(names.values()))


def _crawl(row: Row, *, named: bool) -> str:
    """Number and day of a crawl; with the portal's name where there are several."""
    return f"{row['slug'] + ' ' if named else ''}{row['id']}: {day(row['started_at'])}"
