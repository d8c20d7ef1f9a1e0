"""Titles of pages without headings: bold lines, capitals, pictures, lines beside a date."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

from crawler.vietnamese import squeeze
from pipelines.blocks import Block, Walked
from pipelines.claimed import is_site
from pipelines.clock import is_only_moment
from pipelines.found import Found
from pipelines.legal.facts import LABELS, plain
from pipelines.lines import PIECES, RELATED_LABEL, added_to, is_lead

_WORD = re.compile(r"\w+")
LONGEST = 300
"""Characters of a title at most."""
PROSE = 80
"""Characters of running text with which a text begins."""
FEW_WORDS = 4
_PATH = re.compile(r"\w\s*[»›]\s*\w|^trang (?:chủ|nhất)\s*[>/|]\s*\w", re.IGNORECASE)
"""Between the names of sections: "Tin tức » Làng nghề", "Trang chủ > Tin tức"."""
_FIRST_LINES = 4
_NEAR_LINES = 12
_BESIDES_TITLES_DATE = 20
_BRACKETS = 4
_TITLE = 25
"""How long a link is at least that is the title of an article."""
_NOWHERE = re.compile(r"#|javascript:(?:\s|%20)*(?:void\s*\(?\s*0\s*\)?)?\s*;?", re.IGNORECASE)
_REACHED = re.compile(
    r"(?:địa chỉ|(?:số )?điện thoại|đt|sđt|e-?mail|hotline|giá|diện tích)\s*:", re.IGNORECASE
)
"""What a property of goods or of an office begins with."""
_POSTED_BY = re.compile(
    r"^(?:được )?(?:đăng|gửi|viết) bởi\b|^đăng (?:ngày|lúc)\b|^posted by\b"
    r"|^(?:tác giả|người (?:đăng|viết))\s*:",
    re.IGNORECASE,
)
_LOW_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
"""Bold lines in every browser; an `h1` is weighed as a heading only."""
_USUAL_SIZE = 3
"""HTML's `<font size>` of plain text."""


def capitals(inside: list[Block]) -> tuple[Found[str], list[Block]] | None:
    """The capital lines that a typed document begins with: its title, often over two lines."""
    lines: list[Block] = []
    for block in inside[:_FIRST_LINES]:
        if not block.text.isupper() or len(block.text) > LONGEST:
            break
        lines.append(block)
    text = squeeze(" ".join(line.text for line in lines))
    if len(_WORD.findall(text)) < 3:
        return None
    return Found(text, text, "first lines in capitals"), lines


def bold(before: list[Block], inside: list[Block]) -> tuple[Found[str], list[Block]] | None:
    """The largest bold line above the text: tables of 2009 have no headings.

    Among equals the one with the date under it; a bold lead stands behind the date.
    """
    near = _near(before, inside)
    # Behind the first prose it is a heading of the text's own.
    last = [] if any(map(_is_prose, near[-2:-1])) else near[-1:]
    lines = [
        (_size(block), is_only_moment(following.text), -block.index, block)
        for block, following in pairwise([*near, *last])
        if _may_head(block) and not is_lead(block) and _stands_out(block)
    ]
    if not lines:
        return None
    block = first_of(max(lines, key=lambda line: line[:3])[3], before)
    return Found(_undated(block), block.text, "bold line above the text"), [block]


def _undated(line: Block) -> str:
    """The line without the date that stands behind its own element."""
    return line.text.removesuffix(added_to(line)).rstrip(" -–|(")


def _may_head(line: Block) -> bool:
    if line.beside or line.text.endswith(".") or (line.is_linked and not leads_nowhere(line)):
        return False
    return is_title_like(line) and not _is_label(line.text)


def leads_nowhere(line: Block) -> bool:
    """Whether the line begins with a link to `#`, or to an idle script, which stays where it is;
    the link may stand around a heading.
    """
    link = line.element.find(".//a")
    link = next(line.element.iterancestors("a"), None) if link is None else link
    if link is None or not _NOWHERE.fullmatch(link.get("href") or ""):
        return False
    text = squeeze("".join(islice(link.itertext(), PIECES)))
    return bool(text) and line.text.startswith(text)


def is_path(text: str) -> bool:
    """Whether a line leads through the site's sections to the article."""
    return bool(_PATH.search(text))


def _is_label(text: str) -> bool:
    """A site's name, a path, the head of a list, an author, a property: what no text is about."""
    if is_site(text) or plain(text) in LABELS:
        return True
    if _REACHED.match(text):
        return True
    return any(label.search(text) for label in (RELATED_LABEL, _PATH, _POSTED_BY))


def _near(before: list[Block], inside: list[Block]) -> list[Block]:
    """The lines around the beginning of the text box, down to its first prose."""
    prose = (place for place, block in enumerate(inside) if _is_prose(block))
    return [*before[-_NEAR_LINES:], *inside[: min(max(2, next(prose, 2)), _NEAR_LINES)]]


def _is_prose(line: Block) -> bool:
    """Whether the text begins with it; a bold line without a full stop may be a long title."""
    return line.prose >= PROSE and not (_may_head(line) and _stands_out(line))


def is_title_like(block: Block) -> bool:
    """Whether a line may be a title by its length and place."""
    return (
        8 <= len(block.text) <= LONGEST
        and len(_WORD.findall(block.text)) >= 2
        and not (block.beside and block.element.tag != "h1")
    )


def first_of(title: Block, blocks: list[Block]) -> Block:
    """The first line of the title's words: date and lead may stand under that."""
    return next((b for b in blocks if b.text == title.text and not b.is_linked), title)


def dated(before: list[Block], inside: list[Block]) -> Iterator[tuple[Found[str], list[Block]]]:
    """The line that a date ends, in an element of its own, or the one over or under the date's
    line, where a style sheet makes it large.
    """
    near = _near(before, inside)
    for place, line in [*enumerate(near)][::-1]:
        # Under a link to another article it tells who wrote that, and when.
        if place and near[place - 1].is_linked and near[place - 1].linked >= _TITLE:
            continue
        date = added_to(line) if _may_head(line) else ""
        title = _undated(line)
        if date and is_only_moment(date, _BRACKETS) and len(_WORD.findall(title)) >= FEW_WORDS:
            yield Found(title, line.text, "line that its date ends"), [line]
            return
    for pairs in (pairwise(near), pairwise(near[::-1])):
        lines = [
            line
            for line, date in pairs
            if is_only_moment(date.text, _BESIDES_TITLES_DATE)
            and _may_head(line)
            and not is_only_moment(line.text)
            and len(_WORD.findall(line.text)) >= FEW_WORDS
        ]
        if lines:
            line = max(lines, key=lambda block: block.index)
            yield Found(line.text, line.text, "line beside the date"), [line]
            return


def pictured(
    walked: Walked, first: int, claims: list[str]
) -> Iterator[tuple[Found[str], list[Block]]]:
    """The picture above the line `first` that is told in the words of the title, and shows them."""
    for box, (start, _) in walked.spans.items():
        for picture in box.iterchildren("img") if 0 < start <= first else ():
            text = squeeze(picture.get("alt") or "")
            if text in claims and len(_WORD.findall(text)) >= FEW_WORDS:
                line = Block(start - 1, text, box, 0, False, 0)
                yield Found(text, text, "picture above the text"), [line]


def _stands_out(block: Block) -> bool:
    # A short one may head a section.
    is_low = block.element.tag in _LOW_HEADINGS and len(_WORD.findall(block.text)) >= FEW_WORDS
    text = _undated(block) if block.text.endswith(")") else block.text
    return is_low or any(
        squeeze("".join(element.itertext())) == text
        for element in block.element.iter("b", "strong", "font", "span")
        if element.tag in ("b", "strong")
        or _font_size(element) > _USUAL_SIZE
        or "bold" in (element.get("style") or "")
    )


def _size(block: Block) -> int:
    return max((_font_size(element) for element in block.element.iter("font")), default=0)


def _font_size(element: Any) -> int:
    size = (element.get("size") or "").strip()
    if not size.lstrip("+").isdecimal():
        return 0
    return int(size) + _USUAL_SIZE if size.startswith("+") else int(size)
