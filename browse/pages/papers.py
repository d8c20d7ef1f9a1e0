"""Official documents: decisions, plans, notices, by number, words, kind and year."""

from browse.paging import Paging
from browse.visit import Page, Visit
from crawler.archive import paperwork

_PER_PAGE = 30


def papers(visit: Visit) -> Page:
    """The page `documents?q=&kind=&year=`."""
    kinds, years = paperwork.choices(visit.db)
    asked = {
        "words": visit.asked.get("q") or None,
        "kind": visit.asked.get("kind") or None,
        "year": visit.asked.get("year") or None,
    }
    paging = Paging.of(visit, _PER_PAGE).with_total(paperwork.count_documents(visit.db, asked))
    found = paperwork.documents(visit.db, asked, paging.size, paging.offset)
    return Page(
        "documents",
        {"found": found, "paging": paging, "kinds": kinds, "years": years, "wanted": asked},
    )
