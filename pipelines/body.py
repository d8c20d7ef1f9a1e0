"""The article's text: from the box that holds it to paragraphs, captions and a byline."""

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from crawler.items import Image
from crawler.profiles import Layout
from crawler.selectors import compiled
from crawler.vietnamese import squeeze
from pipelines.beside import SILENT, is_beside, is_unseen
from pipelines.blocks import EYE, INLINE, is_drawn
from pipelines.captions import captioned
from pipelines.closing import take_byline
from pipelines.lines import RELATED_LABEL
from pipelines.paragraphs import Paragraph
from pipelines.planted.paragraphs import planted_in
from pipelines.pointers import pointers, thumbnails
from pipelines.prose import Prose, remove
from pipelines.sheet import Sheet

_MEANINGLESS = ("span", "font", "o:p", "nobr", "big", "tt", "st1:place")
_FORM_NAME = re.compile(r"\w-form(?![\w-])")
"""Class of a box to be filled in: "recruitment-form"."""
_CARD = 3


@dataclass(frozen=True, slots=True)
class Body:
    """What the container gave."""

    text: str
    """Paragraphs separated by one blank line; empty for an article that is only files."""
    html: str
    images: tuple[Image, ...]
    byline: str | None
    """The last line, when it is the author's name and not text."""
    rule: str


def read_body(sheet: Sheet) -> Body | None:
    """The text of the container without everything that is not the article."""
    if sheet.container is None:
        return _last_resort(sheet)
    whole = sum(len(line.text) for line in sheet.inside)
    prose = Prose(_cleaned(sheet.container, whole, sheet.layout))
    prose.take_out(planted_in(prose.paragraphs, sheet.url, sheet.suspects))
    head = _head(prose.paragraphs, sheet)
    prose.take_out(head)
    prose.take_out(_aftermath(prose.paragraphs, sheet), with_images=True)
    prose.take_out(_foot(prose.paragraphs, sheet))
    others = pointers(prose.paragraphs, prose.box)
    prose.take_out(others)
    prose.take_out(thumbnails(prose.paragraphs, [*head, *others]), with_images=True)
    images, captions = captioned(prose.paragraphs, sheet.url)
    prose.take_out(captions)
    byline = take_byline(prose)
    rule = (
        sheet.rule(sheet.fitted_body[1])
        if sheet.fitted_body
        else (f"most running text: {sheet.container.tag}")
    )
    return Body(prose.text(), prose.html(sheet.url), images, byline, rule)


def _last_resort(sheet: Sheet) -> Body | None:
    """trafilatura's text, for a page that calls itself an article and shows no running text."""
    # Imported here: it takes a quarter of a second and hardly any page comes this far.
    import trafilatura

    text = trafilatura.extract(sheet.page.document.text, include_comments=False)
    if not text:
        return None
    return Body("\n\n".join(text.splitlines()), "", (), None, "trafilatura")


def _cleaned(container: Any, whole: int, layout: Layout | None) -> Any:
    """A copy of the container, of `whole` characters, without unseen parts, related news, tools."""
    copy = deepcopy(container)
    copy.tail = None
    for selector in layout.drop if layout else ():
        for element in compiled(selector)(copy):
            if element is not copy:
                remove(element)
    _remove_foreign(copy, whole)
    _remove_forms(copy, whole)
    # Word's spans and the fonts of 2009 mean nothing here.
    etree.strip_tags(copy, *_MEANINGLESS)
    return copy


def _remove_foreign(element: Any, whole: int) -> None:
    for child in list(element):
        if (
            not isinstance(child.tag, str)
            or child.tag in SILENT
            or (
                (names := child.keys())
                and (is_unseen(child, names) or _is_small_beside(child, whole) or is_drawn(child))
            )
        ):
            remove(child)
        elif len(child):
            _remove_foreign(child, whole)


def _is_small_beside(element: Any, whole: int) -> bool:
    """A box named like related news or tools; a name on most of the text is no such name."""
    # `type="RelatedOneNews"`: VCCorp's editor sets other articles into the text.
    if not is_beside(element) and not (element.get("type") or "").startswith("Related"):
        return False
    if element.tag == "span" and (element.tail or "").strip():
        # A word of its line, such as the count of "2 phiếu bầu".
        return False
    if element.tag == "a" and _heads_card(element):
        # By the title of another article its lead is found.
        return False
    return _is_small(element, whole)


def _heads_card(link: Any) -> bool:
    """Whether its line stands over another one, in a box of hardly more."""
    for line in link.iterancestors():
        if line.tag not in INLINE:
            box = line.getparent()
            return box is not None and line.getnext() is not None and len(box) <= _CARD
    return False


def _is_small(element: Any, whole: int) -> bool:
    return 2 * len(squeeze("".join(element.itertext()))) < max(whole, 1)


def _remove_forms(container: Any, whole: int) -> None:
    """Takes out boxes that are named after the form in them, with what they say about it."""
    # Each box once, however many forms stand in it.
    for box in dict.fromkeys(form.getparent() for form in container.iter("form")):
        is_named = box is not None and _FORM_NAME.search(box.get("class") or "")
        if is_named and box is not container and _is_small(box, whole):
            remove(box)


def _head(paragraphs: list[Paragraph], sheet: Sheet) -> list[Paragraph]:
    """The title, date and lead that stand in the container before its text."""
    above = (b.text for b in sheet.inside if b.index < sheet.text_start)
    before = {squeeze(text.replace(EYE, "")) for text in above}
    taken = []
    for paragraph in paragraphs:
        lines = paragraph.text.split("\n") if paragraph.text else []
        # A row of a table is one line here; there each of its cells is.
        if not all(line in before or before.issuperset(line.split(" | ")) for line in lines):
            break
        if lines:
            taken.append(paragraph)
    return taken


def _aftermath(paragraphs: list[Paragraph], sheet: Sheet) -> list[Paragraph]:
    """Related news at the container's end, from their label on."""
    lines = {b.text for b in sheet.inside if b.index >= sheet.text_end}
    taken: list[Paragraph] = []
    for paragraph in reversed(paragraphs) if lines else ():
        if paragraph.text and not all(line in lines for line in paragraph.text.split("\n")):
            break
        taken.append(paragraph)
    told = [place for place, paragraph in enumerate(taken) if paragraph.text]
    # Pictures over the label are the article's last, those below it the others'.
    is_labelled = bool(told) and bool(RELATED_LABEL.match(taken[told[-1]].text))
    return taken[: told[-1] + 1] if is_labelled else taken


def _foot(paragraphs: list[Paragraph], sheet: Sheet) -> list[Paragraph]:
    lines = {line.text for line in sheet.foot}
    return [p for p in paragraphs if p.text in lines]
