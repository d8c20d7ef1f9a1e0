"""Layouts for pages that fit none: where the general reader found each field, named by selectors.

A selector stays only if reading every sample page with it gives what the general reader gave: the
layout is proven on the pages at hand before anybody sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from crawler.facts import Layout, Profile
from crawler.items import Article, Page
from crawler.scouting.looking import Read, Seen
from crawler.scouting.places import (
    around_same_text,
    found_by,
    holder_of_both,
    holders,
    selectors_for,
)
from crawler.selectors import text_of
from crawler.vietnamese import squeeze

FIELDS = {
    "date": "published_on",
    "views": "view_count",
    "author": "author",
    "category": "category",
    "summary": "summary",
}
"""Key of a layout to the reading that it gives; title and body come first."""
_WORDS = {
    "title": "title|tieu|headline|header",
    "body": "content|body|noi-?dung|detail",
    "published_on": "date|ngay|time|publ|submitted",
    "view_count": "view|xem|hits|read|doc",
    "author": "author|tac-?gia|byline|writer",
    "category": "categ|chuyen-?muc|crumb",
    "summary": "summary|sapo|lead|home-?text|desc|trich|teaser",
}
"""What the class that says what a place is for is likely called."""
_COMPARED = (
    "title",
    "published_on",
    "published_at",
    "view_count",
    "author",
    "category",
    "summary",
    "images",
    "attachments",
)
_EDGE = 40
_BODIES, _TITLES, _OTHERS = 12, 10, 10
_PAIRS = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A layout that reads some of the sample pages as the general reader does."""

    layout: Layout
    pages: tuple[Page, ...]
    """The sample pages that it was proven on."""


def propose(articles: list[Seen], others: list[Seen], read: Read, name: str) -> list[Proposal]:
    """Layouts for `articles` that fit none; `others` are pages that no layout may fit.

    The second layout is called `NAME-2` and so on; pages that none reads right have none.
    """
    rest, found = list(articles), list[Proposal]()
    while rest:
        title = name if not found else f"{name}-{len(found) + 1}"
        proposal = _best(rest, others, read, title)
        # A layout that was proven on one page of many is a guess.
        if proposal and len(proposal.pages) == 1 < len(articles):
            proposal = None
        if proposal:
            found.append(proposal)
        read_by = set(map(id, proposal.pages)) if proposal else {id(rest[0].page)}
        rest = [seen for seen in rest if id(seen.page) not in read_by]
    return found


def _best(rest: list[Seen], others: list[Seen], read: Read, name: str) -> Proposal | None:
    """The layout for the first of `rest` that reads most of them right."""
    best: tuple[Layout, list[Seen]] | None = None
    for title, body in islice(_pairs(rest), _PAIRS):
        if any(found_by(seen.page.document.tree, body) for seen in others):
            continue
        layout = Layout(name=name, page=body, title=(title,), body=(body,))
        right = [seen for seen in rest if _same(seen, layout, read, ("title",))]
        if rest[0] in right and (best is None or len(right) > len(best[1])):
            best = layout, right
    if best is None:
        return None
    layout = _with_images(_completed(*best, read), best[1], read)
    agreeing = [seen for seen in best[1] if _same(seen, layout, read, _COMPARED)]
    if len(agreeing) < len(best[1]):
        return None
    return Proposal(layout, tuple(seen.page for seen in agreeing))


def _pairs(rest: list[Seen]) -> Iterator[tuple[str, str]]:
    """Selectors for title and body of the first page, those that serve most pages first."""
    bodies = list(islice(_body_selectors(rest[0]), _BODIES))
    titles = list(islice(_selectors(rest[0], "title", whole=True), _TITLES))
    served = {
        (title, body): sum(_has_title(seen, title) and _has_body(seen, body) for seen in rest)
        for body in bodies
        for title in titles
    }
    yield from sorted(filter(served.get, served), key=lambda pair: -served[pair])


def _completed(layout: Layout, pages: list[Seen], read: Read) -> Layout:
    """`layout` with a selector for each further field that has one."""
    for key, reading in FIELDS.items():
        if all(_raw(seen, reading) is None for seen in pages):
            continue
        first = next(seen for seen in pages if _raw(seen, reading) is not None)
        for selector in islice(_selectors(first, reading), _OTHERS):
            if _is_inside(selector, layout, pages):
                continue
            place: dict[str, Any] = {key: (selector,)}
            more = replace(layout, **place)
            if all(_reads_by(seen, more, read, reading) for seen in pages):
                layout = more
                break
    return layout


def _with_images(layout: Layout, pages: list[Seen], read: Read) -> Layout:
    """`layout` with a selector for the images outside the text, if pages have some."""
    unlike = (seen for seen in pages if not _same(seen, layout, read, ("images",)))
    first = next(unlike, None)
    for selector in _image_selectors(first) if first else ():
        more = replace(layout, image=(selector,))
        if all(_same(seen, more, read, ("images",)) for seen in pages):
            return more
    return layout


def _image_selectors(seen: Seen) -> Iterator[str]:
    article, page = seen.result.article, seen.page
    urls = {image.url for image in article.images} if article else set()
    for image in page.document.tree.iter("img"):
        if any(urljoin(page.url, value.strip()) in urls for value in image.values()):
            yield from selectors_for(image)


def _is_inside(selector: str, layout: Layout, pages: list[Seen]) -> bool:
    """Whether it finds something in the text: on another page that may be anything."""
    boxes = (b for seen in pages for b in found_by(seen.page.document.tree, layout.body[0]))
    return any(element is not box for box in boxes for element in found_by(box, selector))


def _reads_by(seen: Seen, layout: Layout, read: Read, reading: str) -> bool:
    """Whether the layout's own place gives the field, and the same as the general reader."""
    compared = ("published_on", "published_at") if reading == "published_on" else (reading,)
    return _same(seen, layout, read, ("title", *compared))


def _same(seen: Seen, layout: Layout, read: Read, fields: tuple[str, ...]) -> bool:
    """Whether `layout` gives the page's body and `fields` as they were read without it."""
    trial = Profile(slug="trial", name="trial", layouts=(layout,))
    got, was = read(seen.page, trial).article, seen.result.article
    if got is None or was is None or got.layout != layout.name:
        return False
    return _text(got) == _text(was) and all(getattr(got, f) == getattr(was, f) for f in fields)


def _text(article: Article) -> str:
    return squeeze(article.body or "")


def _raw(seen: Seen, reading: str) -> str | None:
    article = seen.result.article
    readings = article.readings if article else ()
    return next((r.raw for r in readings if r.field == reading), None)


def _selectors(seen: Seen, reading: str, *, whole: bool = False) -> Iterator[str]:
    """Selectors for the places where the field's raw text stands, if `whole` alone there."""
    raw = squeeze(_raw(seen, reading) or "")
    if not raw:
        return
    root = seen.page.document.tree.find("body")
    for element in holders(seen.page.document.tree if root is None else root, raw):
        if not whole or text_of(element) == raw:
            for box in around_same_text(element):
                yield from selectors_for(box, _WORDS[reading])


def _body_selectors(seen: Seen) -> Iterator[str]:
    edges = _edges(seen)
    if not edges:
        return
    box = holder_of_both(seen.page.document.tree, *edges)
    while box is not None and box.tag not in ("body", "html"):
        yield from selectors_for(box, _WORDS["body"])
        box = box.getparent()


def _edges(seen: Seen) -> tuple[str, str] | None:
    """How the body begins and ends: cells of a table row are joined by a bar that no page has."""
    article = seen.result.article
    lines = [line for line in (article.body or "").split("\n") if line] if article else []
    if not lines:
        return None
    return lines[0].split(" | ")[0][:_EDGE], lines[-1].split(" | ")[-1][-_EDGE:]


def _has_title(seen: Seen, selector: str) -> bool:
    article = seen.result.article
    texts = (text_of(element) for element in found_by(seen.page.document.tree, selector))
    return article is not None and next(filter(None, texts), None) == article.title


def _has_body(seen: Seen, selector: str) -> bool:
    edges = _edges(seen)
    boxes = map(text_of, found_by(seen.page.document.tree, selector))
    return bool(edges) and any(all(edge in box for edge in edges or ()) for box in boxes)
