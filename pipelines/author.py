"""Who wrote the article: the layout's place, a label, a byline, or the page's metadata."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice, takewhile
from typing import Any

from crawler.selectors import label_of, matches, text_of
from pipelines.beside_date import beside_date
from pipelines.blocks import Block
from pipelines.byline import OFFICE, ONLY_LABEL, author_of, labelled, set_apart
from pipelines.declared import declared_authors
from pipelines.found import Found
from pipelines.lines import (
    AUTHOR_LABEL,
    AUTHOR_PAGE,
    COMMENTS_LABEL,
    RELATED_LABEL,
)
from pipelines.names import (
    is_full_name,
    is_no_name,
    is_person,
    names_in,
)
from pipelines.poster import posters
from pipelines.sheet import Sheet
from pipelines.signed import signed
from pipelines.today import is_menu

_AUTHOR_NAME = re.compile(
    r"author|by-?line|tacgia|tac-gia|user-?name(?!s)|writer|reporter|nguoi-?(?:dang|viet)|but-?danh|createdby"
    r"|(?<![a-z])sign(?![a-z]|[-_](?:in|up|out|on)(?![a-z]))|ky-?ten"
)
_ONLY_AUTHOR = re.compile(r"(?:(?:article|news|post|detail|box)[-_]?)?(?:author|tac-?gia)")
_USERS = re.compile(
    r"/(?:users?|members?)/[^/?#]|[?&;](?:action|do|mode)=(?:view)?profile\b|[?&;]showuser=\d"
    r"|\bmember(?:list)?\.php\?.*\bu=\d"
)
"""Where forums and Drupal tell about a user; in an article's head it is who wrote that."""
_POSTER = re.compile(r"người đăng\b")
"""Who put the article on the site; where "Tác giả" is told too, that is who wrote it."""
_EDITOR = re.compile(r"biên\s+tập")
"""Who edited the article: its author, if nobody else is told."""
_OTHER_HAND = re.compile(f"{_POSTER.pattern}|{_EDITOR.pattern}")
_PERSON_ICON = re.compile(r"(?:^|[\s_-])(?:user|person|account)(?![a-z])")
"""Class of what icon fonts draw as a person: "fa fa-user", "bi bi-person-fill"."""
_OTHERS = re.compile(
    r"comment|binh-?luan|feedback|y-?kien|(?<![a-z])(?:cmts?|relate\w*|sidebar)(?![a-z])|lien-?quan"
)
"""Whose words stand in a box of that name: readers', or other articles'."""
_FEW_BOXES = 3
_SEVERAL = 2
_OTHER_LABEL = re.compile(r"(?:số\s+)?(?:lượt|lần|nguồn|đã xem)", re.IGNORECASE)
_ASKER = re.compile(r"người\s+(?:gửi|đăng|viết)", re.IGNORECASE)
_ANSWER = re.compile(r"(?:nội dung\s+)?(?:câu\s+)?(?:trả lời|đáp)\s*(?::|$)", re.IGNORECASE)
_LONGEST_LINE = 160
_LONGEST_BOX = 100
"""Characters of a box that tells a name and what its bearer is."""
_ABOVE, _BELOW = 4, 6


def candidates(sheet: Sheet, byline: str | None) -> Iterator[Found[str]]:
    """The author's names as printed, the surest first; `byline` ended the text."""
    yield from _by_layout(sheet)
    told = _by_label(sheet)
    yield from (each for label, each in told if not _OTHER_HAND.match(label))
    if byline:
        yield Found(author_of(byline) or byline, byline, "byline: last line of the text")
    yield from (each for label, each in told if _POSTER.match(label))
    yield from _by_name(sheet)
    yield from _by_icon(sheet)
    yield from posters(sheet)
    yield from signed(sheet)
    yield from beside_date(sheet)
    yield from (each for label, each in told if _EDITOR.match(label))
    yield from declared_authors(sheet)


def _by_layout(sheet: Sheet) -> Iterator[Found[str]]:
    for element, selector in matches(sheet.document, sheet.layout.author if sheet.layout else ()):
        text = text_of(element)
        # The place may hold several labels: "Tác giả: ... Lượt xem: 29".
        if text and not _OTHER_LABEL.match(text) and (name := author_of(text)):
            yield Found(name, text, sheet.rule(selector))


def _by_label(sheet: Sheet) -> list[tuple[str, Found[str]]]:
    """The labels and the names behind them; who only posted the article comes last."""
    found = [
        (label, Found(name, block.text, f"label: {label}"))
        for block in chain(_near(sheet), _over_title(sheet))
        if not _is_foreign(sheet, block) and len(block.text) <= _LONGEST_LINE
        for name, label in filter(None, [_told(sheet, block)])
        if not (_ASKER.match(label) and _is_answered(sheet))
    ]
    return sorted(found, key=lambda told: bool(_POSTER.match(told[0])))


def _told(sheet: Sheet, block: Block) -> tuple[str, str] | None:
    """Name and label that a line tells."""
    return labelled(block.text) or _behind_label(sheet, block) or set_apart(block)


def _by_icon(sheet: Sheet) -> Iterator[Found[str]]:
    """A name behind the icon of a person, in a line of the head."""
    for block in sheet.head:
        for icon in block.element.iter("i", "em", "svg", "span"):
            if not (icon.text or "").strip() and _PERSON_ICON.search(icon.get("class") or ""):
                behind = icon.getnext()
                told = (icon.tail or "").strip() or (text_of(behind) if behind is not None else "")
                name = author_of(told)
                if name and names_in(name) and not is_no_name(name):
                    yield Found(name, block.text, "icon of a person")


def _is_answered(sheet: Sheet) -> bool:
    """Whether the text is a question with its answer; who sent the question wrote no article."""
    return any(_ANSWER.match(block.text) for block in chain(sheet.head, sheet.inside))


def _is_foreign(sheet: Sheet, block: Block) -> bool:
    """Whether it stands in a box of something else; Drupal's `footer` under the title is none, and
    no name behind a label in the very next line below the text, whatever its box is called.
    """
    if not block.beside or sheet.is_of_head(block):
        return False
    boxes = islice(chain([block.element], block.element.iterancestors()), _FEW_BOXES)
    if any(_OTHERS.search(label_of(box)) for box in boxes):
        return True
    if sheet.adjoins(block):
        return False
    return block.index != sheet.text_end or not AUTHOR_LABEL.match(block.text)


def _near(sheet: Sheet) -> Iterator[Block]:
    yield from sheet.head
    for block in sheet.below[:_BELOW]:
        if RELATED_LABEL.match(block.text) or COMMENTS_LABEL.match(block.text):
            return
        yield block


def _over_title(sheet: Sheet) -> Iterator[Block]:
    """The lines between a menu and the title: themes set author, day and views before it."""
    lines = takewhile(lambda line: not is_menu(line), sheet.above[:_ABOVE])
    return (line for line in lines if AUTHOR_LABEL.match(line.text))


def _behind_label(sheet: Sheet, block: Block) -> tuple[str, str] | None:
    blocks = sheet.walked.blocks
    if not ONLY_LABEL.match(block.text) or block.index + 1 >= len(blocks):
        return None
    name = blocks[block.index + 1].text
    return (author_of(name) or name, block.text.strip(" :").lower()) if names_in(name) else None


def _by_name(sheet: Sheet) -> Iterator[Found[str]]:
    """A line near the title or under the text whose element is called author and holds a name."""
    asked: set[Any] = set()
    for block in [*sheet.above[:4], *_near(sheet)]:
        if len(block.text) > _LONGEST_LINE:
            continue
        # A box around thousands of lines would be read for each of them.
        elements = [element for element in _around(block) if element not in asked]
        several = _several(block) if block.element not in asked else None
        asked.update([*elements, block.element])
        if name := several or _named(block, elements, sheet.is_of_head(block)):
            yield Found(name, block.text, "element named author")


def _several(block: Block) -> str | None:
    """The names of several authors, each of which leads to what else its bearer wrote."""
    if not block.linked:
        return None
    links = (a for a in block.element.iter("a") if AUTHOR_PAGE.search(a.get("href") or ""))
    # The portrait links there, too.
    names = list(dict.fromkeys(filter(None, map(text_of, links))))
    if len(names) < _SEVERAL or not all(map(is_person, names)):
        return None
    is_glued = "".join(names) in block.text
    return ", ".join(names) if is_glued else author_of(block.text)


def _named(block: Block, elements: Iterable[Any], in_head: bool) -> str | None:
    for element in elements:
        label = f"{label_of(element)} {element.get('data-role') or ''}"
        leads_to_profile = _is_profile(element, in_head)
        is_called = leads_to_profile or _AUTHOR_NAME.search(label)
        if not is_called or "comment" in label:
            continue
        # Behind a break in the box of its own stands what the author is.
        text = block.text if element is block.element else text_of(element)
        name = author_of(text)
        if not names_in(name or "") and _AUTHOR_NAME.search(label) and len(text) <= _LONGEST_BOX:
            # "Trần Thanh Huyền", "Nhà báo": what the author is stands behind the name, and before
            # a paper's name "Theo", which a person's whole name is none.
            if not (element.text or "").strip():
                text = next(filter(None, map(text_of, element)), text)
            elif is_full_name(behind := text.removeprefix("Theo ")):
                text = behind
            name = author_of(text)
        is_user = "username" in label and 1 < len(text) <= 40
        is_profile = leads_to_profile and not is_no_name(text) and 1 < len(text) <= 40
        is_office = bool(OFFICE.match(name or "")) and _ONLY_AUTHOR.fullmatch(label.strip())
        if name and (
            (names_in(name) and not is_no_name(name)) or is_user or is_profile or is_office
        ):
            return name
    return None


def _is_profile(element: Any, in_head: bool) -> bool:
    """Whether it links to what else its author wrote; an office may be the author, too."""
    if element.tag != "a":
        return False
    address = element.get("href") or ""
    return bool(AUTHOR_PAGE.search(address) or (in_head and _USERS.search(address)))


def _around(block: Block) -> list[Any]:
    inner = block.element.iter("a", "span", "b", "strong", "p", "em")
    return [*inner, block.element, *block.element.iterancestors("p", "div", "span")][:12]
