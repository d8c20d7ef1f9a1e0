"""The first page: the search box, what is new, read, changed and gone, and the portals."""

from browse.visit import Page, Visit
from crawler.archive import browsing, lists

_SHORT = 6
_PORTALS = 30
"""So many portals the page names: the largest, where there are more."""


def home(visit: Visit) -> Page:
    """The page `home`."""
    db = visit.db
    portals = browsing.portals(db)
    largest = sorted(portals, key=lambda portal: -portal["articles"])
    return Page(
        "home",
        {
            "totals": browsing.totals(db),
            "newest": lists.newest(db, _SHORT),
            "most_read": lists.most_read(db, _SHORT),
            "changed": lists.changed(db, _SHORT),
            "vanished": lists.vanished(db, _SHORT),
            "portals": portals if len(portals) <= _PORTALS else largest[:_PORTALS],
        },
    )
