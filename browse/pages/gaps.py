"""The map of gaps: where the pages are that anybody ever listed."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from browse import charts
from browse.charts import Chart
from browse.remembered import remembered
from browse.visit import Page, Visit
from browse.writing import short_period
from crawler.archive import browsing, gaps
from crawler.words import tr

Row = dict[str, Any]
_MOST_LOST = 200


def gaps_page(visit: Visit) -> Page:
    """The page `gaps?portal=SLUG`."""
    db, portal = visit.db, visit.asked.get("portal") or None
    # Seconds, where half a million addresses are listed.
    counts, lost = remembered(
        db,
        f"gaps {portal}",
        lambda: (gaps.counted(db, portal), gaps.lost(db, portal, _MOST_LOST)),
    )
    monthly = _counted(counts, "month")
    return Page(
        "gaps",
        {
            "portals": browsing.portals(db),
            "portal": portal,
            "places": _places(),
            "chart": _chart(monthly),
            "by_month": monthly,
            "by_category": _counted(counts, "category"),
            "lost": lost,
            "lost_total": sum(each[gaps.NOWHERE] for each in monthly.values()),
        },
    )


def _places() -> dict[str, str]:
    return {
        gaps.KEPT: tr("kept here"),
        gaps.WAYBACK: tr("in the Wayback Machine"),
        gaps.COMMONCRAWL: tr("in Common Crawl"),
        gaps.PORTAL: tr("not asked for so far"),
        gaps.NOWHERE: tr("nowhere"),
    }


def _counted(rows: Iterable[Row], name: str) -> dict[str | None, Counter[str]]:
    """Pages by place, for each value of `name`, in their order and None last."""
    found: dict[str | None, Counter[str]] = {}
    for row in rows:
        found.setdefault(row[name], Counter())[row["place"]] += row["pages"]
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0] or "")))


def _chart(monthly: dict[str | None, Counter[str]]) -> Chart | None:
    """Months as bars; years when there are too many months to tell apart."""
    if not monthly:
        return None
    years: dict[str, Counter[str]] = {}
    for month, counts in monthly.items():
        name = (month or "")[:4] if len(monthly) > 24 else short_period(month or "")
        years[name] = years.get(name, Counter()) + counts
    labels = _places()
    bars = [
        (name, {labels[place]: counts[place] for place in labels}) for name, counts in years.items()
    ]
    return charts.bars(bars, list(labels.values()))
