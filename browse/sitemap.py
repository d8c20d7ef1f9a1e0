"""Which address shows which page: a pattern of what stands behind `/DATABASE/-/`, and its view."""

from collections.abc import Callable

from browse.pages.article import article, changes
from browse.pages.figures import figures_page
from browse.pages.gaps import gaps_page
from browse.pages.groups import author, category, date, portal, unit
from browse.pages.home import home
from browse.pages.lists import browse, changed, helping, planted, vanished
from browse.pages.papers import papers
from browse.pages.results import results
from browse.pages.run import run
from browse.pages.runs import runs
from browse.visit import Page, Visit

PAGES: tuple[tuple[str, Callable[[Visit], Page]], ...] = (
    (r"", home),
    (r"search", results),
    (r"article/(?P<id>\d{1,15})", article),
    (r"article/(?P<id>\d{1,15})/changes", changes),
    (r"browse", browse),
    (r"portal/(?P<slug>[\w.-]+)", portal),
    (r"date/(?P<period>[\d-]+)", date),
    (r"category", category),
    (r"author", author),
    (r"unit/(?P<id>\d{6,10})", unit),
    (r"run/(?P<id>\d{1,15})", run),
    (r"runs", runs),
    (r"changed", changed),
    (r"vanished", vanished),
    (r"planted", planted),
    (r"documents", papers),
    (r"charts", figures_page),
    (r"gaps", gaps_page),
    (r"help", helping),
)
