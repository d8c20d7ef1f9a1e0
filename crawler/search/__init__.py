"""Full-text search that knows Vietnamese, for the command line, the web and programs alike.

The index holds every text as written and folded (`crawler.archive.fulltext`). A word typed with
marks is looked up as written; a word typed without is found in every spelling, exact ones first.
"""

from crawler.search.dividing import facets, search_divided
from crawler.search.finding import matching, search
from crawler.search.found import Count, Facets, Filters, Hit, Other, Results, Sort, Span
from crawler.search.likeness import similar
from crawler.search.once import others
from crawler.search.sql import add_functions

__all__ = [
    "Count",
    "Facets",
    "Filters",
    "Hit",
    "Other",
    "Results",
    "Sort",
    "Span",
    "add_functions",
    "facets",
    "matching",
    "others",
    "search",
    "search_divided",
    "similar",
]
