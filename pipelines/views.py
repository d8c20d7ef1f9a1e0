"""How often the article was read, as printed: 478 lượt xem, Lượt xem: 1.204, an eye and a number.

Absent gives nothing, a label without a readable number Unreadable, zero 0. Never the portal's
visits ("Lượt truy cập"), ratings, likes or comments.
"""

import re
from collections.abc import Iterator
from itertools import chain, islice, zip_longest

from crawler.selectors import matches, text_of
from crawler.vietnamese import whole_number
from pipelines.blocks import EYE, Block
from pipelines.clock import is_only_moment
from pipelines.found import Found, Unreadable
from pipelines.lines import RELATED_LABEL, VIEW_LABEL
from pipelines.sheet import Sheet

# "1,2K" and "3 nghìn" are rounded: no number to keep.
_DIGITS = (
    r"(\d{1,3}(?:[.,\u00a0 ]\d{3})+|\d+)"
    r"(?![\d/:]|[.,]\d|\s*(?:[kK]\b|nghìn|triệu))"
)
_NUMBER = rf"(?<![\d/.,:]){_DIGITS}"
_AFTER = re.compile(
    rf"(?:{VIEW_LABEL.pattern})(?:\s+(?:bài|tin|trang))?(?:\s+viết)?\s*[:\-–=|(\[]*\s*[(\[]?{_DIGITS}",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"{_NUMBER}\s*\(?\s*(?:người\s+)?(?:{VIEW_LABEL.pattern})", re.IGNORECASE)
# "1.204 lượt xem 5 bình luận", "1,2K lượt xem (3)": what stands behind counts something else.
_COUNTED = re.compile(r"(?:^|[\s(|•·])(?<!năm )\d[\d.,]*\s*(?:[kK]|nghìn|triệu)?\s*$")
_ONLY_NUMBER = re.compile(rf"\s*:?\s*{_DIGITS}\s*(?:lượt|lần)?\s*")
_VIEWS_NAME = re.compile(
    r"(?:[a-z]+[-_]){0,2}(?:views?|viewed|view[-_]?(?:count|num(?:ber)?|total)s?|pageviews?|hits"
    r"|(?:count|num|total|so)[-_]?views?|(?:so[-_]?)?luot[-_]?(?:xem|doc)|so[-_]?lan[-_]?(?:xem|doc))",
    re.IGNORECASE,
)
_TIMES = re.compile(rf"{_NUMBER}\s*lượt$", re.IGNORECASE)
_LONGEST_LINE = 160
_LONGEST_LABEL = 40
_HIGHEST = 2
"""How many boxes a label and its number may share."""
_LONGEST_LINK = 30
"""A line with more of it linked is another article's title, and the views are that one's."""


def candidates(sheet: Sheet) -> Iterator[Found[int] | Unreadable]:
    """Every number of views that may be meant, the surest first; labels without one come last."""
    yield from _numbers_first(_by_layout(sheet))
    yield from _numbers_first(_by_label(sheet))
    yield from _by_name(sheet)
    yield from _beside_date(sheet)


def _numbers_first(
    found: Iterator[Found[int] | Unreadable],
) -> Iterator[Found[int] | Unreadable]:
    unread = []
    for one in found:
        if isinstance(one, Found):
            yield one
        else:
            unread.append(one)
    yield from unread


def count_in(text: str) -> int | None:
    """The number that stands with a label for views in `text`."""
    behind = _AFTER.search(text)
    if behind and _is_labelled_before(text, behind):
        return whole_number(behind.group(1))
    before = _BEFORE.search(text)
    return whole_number(before.group(1)) if before else None


def _is_labelled_before(text: str, found: "re.Match[str]") -> bool:
    """Whether the label belongs to the number behind it; an icon always does."""
    is_sign = ":" in found.group() or not found.group()[0].isalpha()
    return is_sign or not _COUNTED.search(text[: found.start()])


def _by_layout(sheet: Sheet) -> Iterator[Found[int] | Unreadable]:
    for element, selector in matches(sheet.document, sheet.layout.views if sheet.layout else ()):
        text = text_of(element)
        number = count_in(text)
        if number is None:
            number = _alone(text)
        if number is not None:
            yield Found(number, text, sheet.rule(selector))
        elif text:
            yield Unreadable(text[:200], sheet.rule(selector))


def _by_label(sheet: Sheet) -> Iterator[Found[int] | Unreadable]:
    for block, following in _labelled(sheet):
        number = count_in(block.text)
        if number is None and following:
            number = _alone(following.text)
        if number is None:
            number = _above_label(sheet, block)
        label = _label(block)
        if number is not None:
            yield Found(number, block.text.replace(EYE, "").strip(), f"label: {label}")
        elif len(block.text) <= _LONGEST_LABEL and label != "eye icon":
            yield Unreadable(block.text, f"label: {label}")


def _above_label(sheet: Sheet, label: Block) -> int | None:
    """The number over a label, where a box of their own holds the two: "189", "VIEWS"."""
    above = sheet.walked.blocks[label.index - 1] if label.index else None
    if above is None or not VIEW_LABEL.fullmatch(label.text):
        return None
    both = (above.index, label.index + 1)
    boxes = islice(chain((label.element,), label.element.iterancestors()), _HIGHEST)
    return _alone(above.text) if any(sheet.walked.spans.get(b) == both for b in boxes) else None


def _by_name(sheet: Sheet) -> Iterator[Found[int]]:
    """A number alone in an element that is called views."""
    for block in _near(sheet):
        for element in (block.element, *block.element.iter("span", "b", "strong", "em", "i")):
            name = next(filter(_VIEWS_NAME.fullmatch, (element.get("class") or "").split()), None)
            number = _alone(text_of(element)) if name and not _is_item(block) else None
            if number is not None:
                yield Found(number, text_of(element), f"element named {name}")


def _beside_date(sheet: Sheet) -> Iterator[Found[int]]:
    """A number of times that ends the line of the date, behind an icon: "02/06/2024 1.345 lượt"."""
    for block in sheet.head:
        times = _TIMES.search(block.text) if is_only_moment(block.text) else None
        number = whole_number(times.group(1)) if times else None
        if times and number is not None:
            yield Found(number, times.group(), "times beside the date")


def _alone(text: str) -> int | None:
    found = _ONLY_NUMBER.fullmatch(text)
    return whole_number(found.group(1)) if found else None


def _near(sheet: Sheet) -> list[Block]:
    return sheet.heading_lines + sheet.head + sheet.above + _own(sheet.below)


def _labelled(sheet: Sheet) -> Iterator[tuple[Block, Block | None]]:
    """The lines with a label for views near the article, each with the line behind it."""
    blocks = sheet.walked.blocks
    for block in _near(sheet):
        text = block.text if len(block.text) <= _LONGEST_LINE and not _is_item(block) else ""
        if VIEW_LABEL.search(text):
            behind = block.index + 1
            yield block, blocks[behind] if behind < len(blocks) else None


def _own(below: list[Block]) -> list[Block]:
    """The lines under the text up to the first link list: behind it stand other articles."""
    own: list[Block] = []
    for block, following in zip_longest(below, below[1:]):
        is_head = RELATED_LABEL.match(block.text) or (block.is_heading and block.beside)
        if is_head or (_is_item(block) and following and _is_item(following)):
            break
        own.append(block)
    return own


def _is_item(block: Block) -> bool:
    return block.linked > _LONGEST_LINK


def _label(block: Block) -> str:
    found = VIEW_LABEL.search(block.text)
    text = found.group().lower() if found else ""
    return "eye icon" if text == EYE else text
