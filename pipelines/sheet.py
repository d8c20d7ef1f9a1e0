"""A page laid out for reading: where its heading, its text and the lines around them stand."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice, pairwise
from typing import Any

from crawler.items import LegalDocument, Page, SuspectLink
from crawler.profiles import Layout
from crawler.selectors import first_text, matches, text_of
from pipelines.bare import find_bare
from pipelines.blocks import Block, Walked, walk
from pipelines.claimed import claimed_titles, declared_titles
from pipelines.column import misnamed
from pipelines.content import find_container, is_list, prose_of
from pipelines.found import Found
from pipelines.head import head_end
from pipelines.heading import headings
from pipelines.legal.read import read_documents
from pipelines.lines import (
    COMMENTS_LABEL,
    RELATED_LABEL,
    is_foot_line,
    is_lead,
)
from pipelines.structured import Structured
from pipelines.unheaded import pictured

_ABOVE = 8
_BELOW = 14
_AFTERMATH = 5
_SOME_TEXT = 100
_TITLE = 25
"""How long a link is at least that is the title of an article."""
_ENOUGH_TEXT = 250
"""With less prose an article may be something else than text."""
"""How many lines above the heading and below the text are looked at for labels."""


class Sheet:
    """One page and the layout that fits it, if any. Nothing here changes the page's tree."""

    def __init__(
        self, page: Page, layout: Layout | None, suspects: tuple[SuspectLink, ...] = ()
    ) -> None:
        self.page = page
        self.layout = layout
        self.suspects = suspects
        self.url = page.url
        self.document = page.document
        self.tree: Any = page.document.tree

    @property
    def fetched_at(self) -> datetime:
        """When the page was fetched, aware."""
        return self.page.fetched_at

    @cached_property
    def structured(self) -> Structured:
        """The page's statements for machines."""
        return Structured(self.tree)

    @cached_property
    def documents(self) -> tuple[LegalDocument, ...]:
        """The official documents that the page shows."""
        lines = (block.text for block in self.page_lines.blocks)
        return read_documents(self.tree, lines, self.url, self.fetched_at)

    @cached_property
    def document_dates(self) -> frozenset[str]:
        """The days of issue and effect as printed: they are no article's date."""
        days = ("issued_on", "effective_on")
        return frozenset(r.raw for d in self.documents for r in d.readings if r.field in days)

    @cached_property
    def page_title(self) -> str:
        """The text of the first `<title>`."""
        title = next(self.tree.iter("title"), None)
        return text_of(title) if title is not None else ""

    @cached_property
    def container(self) -> Any | None:
        """The element that holds the article's text."""
        if self.fitted_body:
            return self.fitted_body[0]
        found = find_container(self.walked)
        if found is not None and prose_of(self.walked.within(found)) >= _ENOUGH_TEXT:
            return found
        return found if self.bare is None else self.bare

    @cached_property
    def bare(self) -> Any | None:
        """The box of an article that is hardly more than a file, pictures or a table."""
        return find_bare(self.walked, self.page_title)

    @cached_property
    def walked(self) -> Walked:
        """The lines of the article's surroundings: with a layout its own box, else the page."""
        lines = self.page_lines
        return lines if self._scope is self._body else lines.part(self._scope)

    @cached_property
    def page_lines(self) -> Walked:
        """The lines of the whole page."""
        lines = walk(self._body)
        if self.fitted_body:
            # The layout knows the article's box, whatever it is called.
            return lines
        columns = misnamed(lines, claimed_titles(self.structured, self.page_title))
        return walk(self._body, columns) if columns else lines

    @cached_property
    def inside(self) -> list[Block]:
        """The lines of the container."""
        return [] if self.container is None else self.walked.within(self.container)

    @cached_property
    def heading(self) -> Found[str] | None:
        """The title, from the layout, from what stands out above the text, or as declared."""
        return next(self.titles(), None)

    def titles(self) -> Iterator[Found[str]]:
        """Every text that may be the title, the likeliest first."""
        if self.fitted_title:
            _, text, selector = self.fitted_title
            yield Found(text, text, f"{self.rule(selector)}")
        if self._seen_heading:
            yield self._seen_heading[0]
            yield from (found for found, _ in islice(self._headings(), 1, None))
        yield from declared_titles(self.structured, self.page_title)

    @cached_property
    def heading_lines(self) -> list[Block]:
        """The lines that make up the title."""
        if self.fitted_title:
            element, text, _ = self.fitted_title
            # A title in a `span` is a line of the box around it.
            boxes = {element, *element.iterancestors()}
            return [
                b
                for b in self.walked.blocks
                if b.element is element or (b.text == text and b.element in boxes)
            ]
        return self._seen_heading[1] if self._seen_heading else []

    @cached_property
    def head(self) -> list[Block]:
        """The lines from the title to the text's first line; the title itself is not one.

        Without a title to be seen it begins with the text's own box, if that is not the whole page.
        """
        if self.heading_lines:
            first = self.heading_lines[-1].index + 1
        else:
            whole = self.container is None or self.container.tag in ("body", "html", "form")
            first = self.text_start if whole else self._first
        return self.walked.blocks[first : max(first, self.text_start)]

    def is_of_head(self, block: Block) -> bool:
        """Whether it is one of the head's lines; a head may have thousands, each of which asks."""
        return bool(self.head) and self.head[0].index <= block.index <= self.head[-1].index

    @cached_property
    def text_start(self) -> int:
        """Index of the first line that is text: titles, dates, leads may stand in the container."""
        start, behind = self._first, self._behind
        if self.heading_lines and start <= self.heading_lines[-1].index < behind:
            start = self.heading_lines[-1].index + 1
        title = self.heading.value if self.heading else ""
        start = head_end(self, start, behind, title)
        written = prose_of(self.walked.blocks[start:behind])
        # Where no text follows the lead, it is the text; captions are none.
        if written >= _ENOUGH_TEXT or (written and self.container is not self.bare):
            return start
        lead = next((b.index for b in self.inside if is_lead(b) and not b.linked), None)
        return lead if lead is not None else start if start < behind else self._first

    @cached_property
    def above(self) -> list[Block]:
        """Some lines before the title, nearest first."""
        first = self.heading_lines[0].index if self.heading_lines else self._first
        return self.walked.blocks[max(0, first - _ABOVE) : first][::-1]

    @cached_property
    def below(self) -> list[Block]:
        """The foot and some lines behind it, nearest first."""
        if not self.inside or self.text_end < self._behind:
            return self.foot
        return self.foot + self.walked.blocks[self._behind : self._behind + _BELOW]

    @cached_property
    def foot(self) -> list[Block]:
        """Lines at the container's end that are no text: views, date of posting, keywords."""
        first = max(self.text_start + 1, self.text_end - _BELOW)
        return [b for b in self.walked.blocks[first : self.text_end] if is_foot_line(b)]

    def adjoins(self, block: Block) -> bool:
        """Whether a line belongs to the text's foot, as those of a box named "footer-news" may."""
        before = self.walked.blocks[max(self.text_start, block.index - _BELOW) : block.index]
        if any(b.beside and b.linked for b in before):
            return False
        if block in self.foot:
            return True
        box = block.element.getparent() if block.is_paragraph else block.element
        behind = self.container.getnext() if self.container is not None else None
        return behind is not None and box is behind and box.tag not in ("aside", "footer", "nav")

    def rule(self, selector: str) -> str:
        """How a reading by the layout is described."""
        return f"layout {self.layout.name}: {selector}" if self.layout else selector

    @property
    def _first(self) -> int:
        return self.walked.spans.get(self.container, (0, 0))[0]

    @cached_property
    def text_end(self) -> int:
        """Index behind the text: of "Tin liên quan" in the container, else behind its last line.

        A label in the middle of a text ("Xem thêm") is no end: much text follows it. Readers'
        comments may be longer than the text.
        """
        text = self.walked.blocks[self.text_start : self._behind]
        text = text[: _end(text, COMMENTS_LABEL, lambda before, _: prose_of(before) >= _SOME_TEXT)]
        text = text[: _end(text, RELATED_LABEL, _is_aftermath)]
        return self.text_start + _listed_from(text) if text else self._behind

    @property
    def _behind(self) -> int:
        return self.walked.spans.get(self.container, (0, 0))[1]

    @cached_property
    def fitted_body(self) -> tuple[Any, str] | None:
        """The layout's text box and its selector: of several boxes the one with the most text."""
        largest = [
            (max(boxes, key=lambda box: len(text_of(box))), selector)
            for selector in (self.layout.body if self.layout else ())
            if (boxes := [element for element, _ in matches(self.document, (selector,))])
        ]
        with_text = (found for found in largest if text_of(found[0]))
        return next(with_text, largest[0] if largest else None)

    @cached_property
    def fitted_title(self) -> tuple[Any, str, str] | None:
        """The layout's title element, its text and its selector."""
        return first_text(self.document, self.layout.title) if self.layout else None

    @cached_property
    def _seen_heading(self) -> tuple[Found[str], list[Block]] | None:
        return next(self._headings(), None)

    def _headings(self) -> Iterator[tuple[Found[str], list[Block]]]:
        before = self.walked.blocks[: self._first]
        yield from headings(before, self.inside, self.structured, self.page_title, self.url)
        claims = claimed_titles(self.structured, self.page_title)
        yield from pictured(self.walked, self._first, claims)

    @cached_property
    def _scope(self) -> Any:
        if self.fitted_title and self.fitted_body:
            around = set(self.fitted_title[0].iterancestors())
            return next(e for e in self.fitted_body[0].iterancestors() if e in around)
        return self._body

    @cached_property
    def _body(self) -> Any:
        body = self.tree.find("body")
        return self.tree if body is None else body


def _end(
    text: list[Block], label: "re.Pattern[str]", ends: Callable[[list[Block], list[Block]], bool]
) -> int:
    """How many lines of `text` stand before the first label that ends it."""
    labels = (place for place, block in enumerate(text) if place and label.match(block.text))
    return next((place for place in labels if ends(text[:place], text[place:])), len(text))


def _listed_from(text: list[Block]) -> int:
    """How many lines stand before a list of other articles that ends the text without a label."""
    titles = [p for p, b in enumerate(text) if p and b.is_linked and b.linked >= _TITLE]
    # A text that goes on behind its links is no list: that has no longer item at its end.
    longest = max((later - title for title, later in pairwise(titles)), default=0)
    if not longest or len(text) - titles[-1] > longest:
        return len(text)
    before, behind = text[: titles[0]], text[titles[0] :]
    is_text = prose_of(before) >= max(_SOME_TEXT, prose_of(behind))
    return titles[0] if is_text and is_list(behind) else len(text)


def _is_aftermath(before: list[Block], behind: list[Block]) -> bool:
    """Whether hardly any text follows, or titles of other articles with their leads."""
    if prose_of(behind) * _AFTERMATH <= prose_of(before):
        return True
    return prose_of(before) >= _SOME_TEXT and is_list(behind)
