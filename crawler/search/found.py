"""What a search takes and gives: filters in, hits, counts and facets out."""

from dataclasses import dataclass
from typing import Literal

Sort = Literal["relevance", "newest", "oldest", "views"]

Span = tuple[int, int]
"""Start and end of a stretch of text, in characters."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; None does not narrow."""

    since: str | None = None
    """First publication date, YYYY-MM-DD."""
    until: str | None = None
    """Last publication date, YYYY-MM-DD."""
    portal: str | None = None
    """Slug."""
    category: str | None = None
    author: str | None = None
    """The author as the article has it; `author:` in a query looks for words of it."""
    unit: int | None = None
    """Number of a province, district or commune: portals that tell of it (`told_by`)."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another article that is the same text."""

    id: int
    portal: str
    """Slug."""
    portal_name: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found."""

    id: int
    url: str
    title: str | None
    published_on: str | None
    author: str | None
    category: str | None
    portal: str
    """Slug."""
    view_count: int | None
    snippet: str
    """A part of the body in its original spelling, or its beginning; of the attachments' text when
    that has more of the words."""
    marks: tuple[Span, ...]
    """Where the hits stand in `snippet`."""
    title_marks: tuple[Span, ...]
    cut_before: bool = False
    """Whether the text goes on before the snippet."""
    cut_after: bool = False
    """Whether it goes on behind it."""
    others: tuple[Other, ...] = ()
    """The same text elsewhere; these are no hits of their own."""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found."""

    total: int
    """Articles found on all pages, the same text once; when `more` is set, they are more."""
    hits: tuple[Hit, ...]
    suggestion: str | None = None
    """Another query that finds something; only when no article has every word of this one."""
    strict: int = 0
    """How many of them have every word. When not all do, the others have most of the words."""
    more: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """One value of a facet."""

    value: str
    """What the filter of the same name takes; a year is four digits."""
    label: str
    """What people read."""
    articles: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How the articles found divide; the 20 largest of each, and all years, newest first."""

    years: tuple[Count, ...]
    categories: tuple[Count, ...]
    portals: tuple[Count, ...]
    authors: tuple[Count, ...]
    every: int = 1
    """An n-th of the articles found was looked at: above 1 the counts are estimates."""
