"""The records that pages and truth are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

LAYOUTS = ("kimson", "vnportal", "sharepoint", "nukeviet", "table2009")

Views = Literal["label", "eye", "none"]
"""How a category shows view counts: in words, as an eye and a number, or not at all."""


@dataclass(frozen=True)
class Category:
    """One category of the portal and the texts its articles are made from."""

    index: int
    slug: str
    name: str
    parent: str
    """Slug of the category above, or an empty string."""
    layout: str
    weight: int
    """How many of each 15 articles fall to it."""
    views: Views
    path: str
    """Path of its listing, with the query where the layout needs one."""
    titles: tuple[str, ...]
    leads: tuple[str, ...]
    openings: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Headline:
    """What listings and sidebars show of an article; cheap to make."""

    k: int
    """The article's number; a larger one is newer."""
    category: Category
    path: str
    title: str
    lead: str | None
    at: datetime
    """Publication, local time."""
    event_on: date
    """The day the text tells about, never later than the publication."""
    commune: str
    has_time: bool
    date_text: str
    views: int
    edit: Literal["title", "body"] | None
    """What was changed by this day, or None."""


@dataclass(frozen=True)
class Block:
    """One block of a body."""

    kind: Literal["p", "list", "table", "figure"]
    text: str = ""
    """Text of a paragraph, caption of a figure."""
    link: str = ""
    """Address behind `label`, which is a part of `text`."""
    label: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    """Rows of a table, items of a list (one cell each)."""
    src: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file offered beside an article."""

    path: str
    filename: str
    media_type: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Planted:
    """A link that an intruder left."""

    href: str
    text: str
    """What it lures with, before any disguise."""
    markup: str
    inside_body: bool


@dataclass(frozen=True)
class Article:
    """A whole article as its page shows it on the portal's day."""

    head: Headline
    blocks: tuple[Block, ...]
    author: str | None
    source: str | None
    attachments: tuple[Attachment, ...]
    outbound: tuple[str, ...]
    """Addresses of innocent links out of the portal, in the text."""
    planted: tuple[Planted, ...]
    decomposed: bool
    """The page is sent in NFD."""


@dataclass(frozen=True)
class SiteCounts:
    """The portal's traffic box."""

    total_visits: int
    online_now: int
    today: int
