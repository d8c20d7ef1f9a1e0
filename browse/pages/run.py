"""The report on one run, as `luutru report` tells it."""

from browse.visit import NotThere, Page, Visit
from crawler.archive import hiding, lists, reports
from crawler.reporting import text
from crawler.reporting.report import report_of
from crawler.words import tr

# Addresses of the portal's own pages; what intruders planted is shown, but leads nowhere.
_LINKED = ("url", "found_on", "example")


def run(visit: Visit) -> Page:
    """The page `run/ID`."""
    number = int(visit.words["id"])
    if not reports.has_run(visit.db, number):
        raise NotThere(tr("there is no run {id}", id=number))
    report = report_of(visit.db, number)
    hidden = hiding.addresses(visit.db)
    sections = [
        (listed, [row for row in listed.rows if hidden.isdisjoint(map(row.get, _LINKED))])
        for listed in report.sections
        if listed.count
    ]
    urls = {row["url"] for _, rows in sections for row in rows if "title" in row}
    return Page(
        "run",
        {
            "report": report,
            "sections": sections,
            "facts": text.facts(report),
            "caution": text.caution(report),
            "gaps": [text.gap_line(g.family, g.first, g.last) for g in report.gaps],
            "gaps_title": text.gaps_title(),
            "linked": _LINKED,
            "articles": lists.at_addresses(visit.db, urls),
        },
    )
