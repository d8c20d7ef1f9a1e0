"""The links to other articles that an editor, or the site's program, set into the text."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

from pipelines.lines import AUTHOR_PAGE, RELATED_LABEL
from pipelines.names import is_signature, names_in
from pipelines.paragraphs import Paragraph

_POINTER = re.compile(r"^\s*(?:>>|»|>|(?:đọc|xem) (?:thêm|tiếp)\b|(?:tin )?liên quan\s*:)", re.I)
_FOLLOW = re.compile(
    r"^\W*(?:mời |quý |bạn |độc giả |hãy )*theo dõi\b.{2,60}\b(?:google news|zalo)\W*$", re.I
)
_BUTTON = re.compile(r"(?:tải (?:xuống|về|ảnh)|download)\W*$", re.IGNORECASE)
"""All that a link says which saves a picture or a page; files are the article's."""
_ADVERTISED = re.compile(r"\W*(?:quảng cáo|advertisement)\W*$", re.IGNORECASE)
"""What stands over an advertisement, which a script shows."""
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar)\b|/documents/", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:nội dung(?: chính| bài viết)?|mục lục)\W*", re.IGNORECASE)
_FEW_LINES = 2
_TITLE_LENGTH = 20
_LONGEST_LEAD = 200
_LONGEST_LABEL = 40
_ENDS = (".", "!", "?", "…", ":")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_ITEM_TAGS = _HEADINGS | {"li"}
_WIDGET_TAGS = _ITEM_TAGS | {"div", "blockquote", "section"}


def pointers(paragraphs: list[Paragraph], box: Any) -> list[Paragraph]:
    """Links to other articles: lines with ">>", and lists of links behind a label or at the end."""
    taken = [p for p in paragraphs if p.text and _is_pointer(p)]
    for paragraph in reversed(paragraphs):
        if not paragraph.text or paragraph in taken:
            continue
        if not (
            _is_link_line(paragraph)
            or RELATED_LABEL.match(paragraph.text)
            or _heads_nothing(paragraph)
        ):
            break
        taken.append(paragraph)
    taken += _widgets(paragraphs, box)
    taken += _contents(paragraphs)
    labelled = False
    for upper, lower in pairwise([p for p in paragraphs if p.text]):
        if _is_item(upper) and _is_item(lower):
            taken += [upper, lower]
        is_label = bool(RELATED_LABEL.match(upper.text))
        labelled = (labelled or is_label) and (_is_link_line(lower) or lower in taken)
        if labelled:
            taken += [upper, lower] if is_label else [lower]
    return taken


def thumbnails(paragraphs: list[Paragraph], others: list[Paragraph]) -> list[Paragraph]:
    """The pictures that lead where the links to `others` do, and are those articles'."""
    addresses = {address for pointer in others for address in pointer.hrefs}
    return [
        p
        for p in paragraphs
        if addresses and p.images and p.hrefs and not p.text and addresses.issuperset(p.hrefs)
    ]


def _contents(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """The table of contents: lines that lead to places in the page, with its own title."""
    taken: list[Paragraph] = []
    for upper, lower in pairwise([p for p in paragraphs if p.text]):
        if lower.hrefs and lower.hrefs[0][:1] == "#" and _leads_down(lower):
            taken += [upper, lower] if _CONTENTS.fullmatch(upper.text) else [lower]
    return taken if len(taken) > _FEW_LINES else []


def _leads_down(paragraph: Paragraph) -> bool:
    return paragraph.is_linked and all(p.startswith("#") and p != "#" for p in paragraph.hrefs)


def _heads_nothing(last: Paragraph) -> bool:
    """Whether the last line is a heading: tags or sections were linked below it."""
    if last.block.tag not in _HEADINGS or len(last.text) > _LONGEST_LABEL:
        return False
    is_name = names_in(last.text) or is_signature(last.text)
    return not is_name and not last.text.endswith(_ENDS)


def _widgets(paragraphs: list[Paragraph], box: Any) -> list[Paragraph]:
    """Titles of other articles in boxes that no editor types, with their leads: the text itself is
    in `p`.
    """
    written = [p for p in paragraphs if p.text and not p.is_linked]
    if 2 * sum(p.block.tag == "p" for p in written) < len(written):
        return []
    taken: list[Paragraph] = []
    texts = [p for p in paragraphs if p.text]
    for place, title in enumerate(texts):
        if _is_link_line(title) and len(title.text) > _TITLE_LENGTH:
            lead = _lead_of(place, texts, box)
            taken += [title, *lead] if lead or title.block.tag in _WIDGET_TAGS else []
    return taken


def _lead_of(place: int, texts: list[Paragraph], box: Any) -> list[Paragraph]:
    """The line under the title of another article, where a box in the text holds just the two."""
    lead = next(iter(texts[place + 1 : place + 2]), None)
    if lead is None or len(lead.text) > _LONGEST_LEAD:
        return []
    own = set(_boxes(texts[place]))
    shared = next((e for e in lead.block.iterancestors() if e in own), box)
    # By its neighbours, as all text of a large box, asked for each link, takes minutes.
    neighbours = (*texts[max(0, place - 1) : place], *texts[place + 2 : place + 3])
    alone = shared is not box and not any(shared in _boxes(each) for each in neighbours)
    return [lead] if alone else []


def _boxes(paragraph: Paragraph) -> Iterator[Any]:
    """The paragraph's own element and those around it, from within."""
    return chain([paragraph.block], paragraph.block.iterancestors())


def _is_item(paragraph: Paragraph) -> bool:
    """One of several titles of other articles that an editor set into the text as a list."""
    box = paragraph.block
    return (
        _is_link_line(paragraph)
        and len(paragraph.text) > _TITLE_LENGTH
        and (box.tag in _ITEM_TAGS or next(box.iterancestors("li"), None) is not None)
    )


def _is_pointer(paragraph: Paragraph) -> bool:
    if _ADVERTISED.match(paragraph.text):
        return True
    if paragraph.linked and _FOLLOW.match(paragraph.text):
        return True
    if paragraph.is_linked and _BUTTON.match(paragraph.text) and not has_file(paragraph):
        return True
    # "Xem thêm:" stands before its link.
    linked = paragraph.linked * 2 >= len(paragraph.text)
    return linked and bool(_POINTER.match(paragraph.text)) and not has_file(paragraph)


def _is_link_line(paragraph: Paragraph) -> bool:
    """Links to other articles: an author's name may be one, too, and files are the article's."""
    if not paragraph.is_linked or has_file(paragraph):
        return False
    is_author = any(map(AUTHOR_PAGE.search, paragraph.hrefs)) or "uthor" in (
        paragraph.block.get("class") or ""
    )
    return not is_author or not names_in(paragraph.text)


def has_file(paragraph: Paragraph) -> bool:
    """Whether it links a file, which is the article's own."""
    return any(map(_FILE.search, paragraph.hrefs))
