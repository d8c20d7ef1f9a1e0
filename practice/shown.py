"""Articles as templates see them: addresses, dates and counts in the form they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from practice.model import Article, Block, Category, Headline
from practice.spelling import dotted

_UTM = "utm_source=web&utm_medium=box"


@dataclass(frozen=True)
class Shown:
    """A headline in a list, a sidebar or on its own page."""

    k: int
    path: str
    title: str
    lead: str | None
    category: Category
    at: datetime
    on: str
    """The date of publication, 04/01/2023."""
    date_text: str
    views: str | None
    """The count with dots, or None in a category that shows none."""
    print_path: str
    url: str
    iso: str
    """The date for machines, without a time where the page shows none."""


@dataclass(frozen=True)
class ShownBlock:
    """A block whose text is cut around its link."""

    kind: str
    text: str
    link: str
    label: str
    before: str
    after: str
    rows: tuple[tuple[str, ...], ...]
    src: str


def headline(head: Headline, base: str = "", path: str = "") -> Shown:
    """A headline for templates; `base` is the portal's root without the last slash."""
    return Shown(
        k=head.k,
        path=path or head.path,
        title=head.title,
        lead=head.lead,
        category=head.category,
        at=head.at,
        on=f"{head.at:%d/%m/%Y}",
        date_text=head.date_text,
        views=None if head.category.views == "none" else dotted(head.views),
        print_path=print_path(head),
        url=base + head.path,
        iso=head.at.isoformat() if head.has_time else head.at.date().isoformat(),
    )


def block(source: Block) -> ShownBlock:
    """A body block for templates."""
    before, _, after = source.text.partition(source.label) if source.label else ("", "", "")
    return ShownBlock(
        source.kind, source.text, source.link, source.label, before, after, source.rows, source.src
    )


def disguised(heads: Iterable[Headline]) -> list[Shown]:
    """Headlines whose links are written in all the ways that name the same page."""
    return [headline(head, path=_variant(head.path, i)) for i, head in enumerate(heads)]


def print_path(head: Headline) -> str:
    """Where the print view of an article is linked."""
    return (
        f"/print{head.path}" if head.category.layout == "nukeviet" else _with(head.path, "print=1")
    )


def _with(path: str, parameters: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{parameters}"


def _variant(path: str, which: int) -> str:
    bare, mark, query = path.partition("?")
    rest = mark + query
    return (
        _with(path, _UTM),
        bare.upper() + rest,
        bare.rstrip("/") + "/" + rest,
        f"{path}#noi-dung",
        f"{bare};jsessionid=0A1B2C3D4E5F{which:02}{rest}",
        _with(path, "print=1"),
        _with(path, "fbclid=IwAR0practice"),
    )[which % 7]


def linked_data(article: Article, site_name: str, url: str, iso: str) -> dict[str, object]:
    """The JSON-LD of an article."""
    facts: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.head.title,
        "datePublished": iso,
        "mainEntityOfPage": url,
        "publisher": {"@type": "Organization", "name": site_name},
    }
    if article.author:
        facts["author"] = {"@type": "Person", "name": article.author}
    return facts
