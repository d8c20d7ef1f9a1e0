"""Finds an article's heading on a page that fits no layout.

The heading people see is preferred over `<title>`, which names the portal on many pages or
repeats a share dialog's; `<title>` and Open Graph only help to tell headings apart.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any
from urllib.parse import urlsplit

from crawler.vietnamese import fold, squeeze
from pipelines.blocks import INLINE, Block
from pipelines.clock import is_only_moment
from pipelines.found import Found
from pipelines.legal.facts import LABELS, plain
from pipelines.lines import RELATED_LABEL, added_to, is_dated, is_lead, is_whole
from pipelines.prose import join
from pipelines.structured import Structured

_WORD = re.compile(r"\w+")
_SITE_NAME = re.compile(r"\s+[|–—»:-]\s+")
_TITLE_NAME = re.compile(r"title|headline|tieude|tieu-de", re.IGNORECASE)
_OWN_TITLE_NAME = re.compile(
    r"(?:article|news|post|entry|detail|main|content|bai-?viet|tin|node)[-_]?(?:title|header|tieu-?de)"
    r"|title[-_]?(?:article|news|post|detail|tin)|headline"
    r"|tieu-?de[-_]?(?:tin|bai|ct|chi-?tiet)|lbl(?:tieu-?de|title)",
    re.IGNORECASE,
)
_SECTION_NAME = re.compile(
    r"chuyen-?muc|danh-?muc|categor(?:y|ies)|cat[-_]?name|section[-_]?(?:name|title)", re.IGNORECASE
)
_SITE = re.compile(
    r"(?:cổng|trang)\s+(?:thông tin|tin|ttđt|tttt|chủ|web)|website|home$|untitled|portal",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"(?:ubnd|(?:ủy|uỷ) ban(?: nhân dân)?|hđnd|huyện|thành phố|thị xã|thị trấn|xã|phường|tỉnh|báo"
    r"|sở (?:y tế|tài chính|nội vụ|tư pháp|xây dựng|du lịch|ngoại vụ|công thương|giao thông vận tải"
    r"|(?:thông tin|giáo dục|khoa học|nông nghiệp|tài nguyên|kế hoạch|lao động|văn hóa|văn hoá)"
    r"(?:,? (?:và|-) [^\W\d_]+(?: [^\W\d_]+){0,1})?))(?!\w)",
    re.IGNORECASE,
)
_JOINING = frozenset({
    "huyện", "tỉnh", "thành", "phố", "thị", "xã", "phường", "quận", "trấn", "nhân", "dân", "ban",
    "và", "tp", "nông", "thôn",
})  # fmt: skip
_LONGEST = 300
_LEVEL = {"h1": 0.5, "h2": 0.3, "h3": 0.2, "h4": 0.1}
_FAR = 10
_LEAST_SCORE = 0.5
_FEW_WORDS = 4
_DATED = 0.3
"""What the date in the next line adds."""
_DATED_ABOVE = 0.2
"""What the date in the line before adds: there the page's clock may stand, too."""
_PROSE = 80
_FIRST_LINES, _MOST_LINES = 4, 60
_NEAR_LINES = 12
_BESIDES_TITLES_DATE = 20
_USUAL_SIZE = 3
"""HTML's `<font size>` of plain text."""


def headings(
    before: list[Block], inside: list[Block], structured: Structured, page_title: str, url: str
) -> Iterator[tuple[Found[str], list[Block]]]:
    """Every line that may be the heading, with its blocks, the likeliest first.

    They stand before the text or among the lines that it begins with.
    """
    claims = [_words(claim) for claim in claimed_titles(structured, page_title)]
    scored = _scored(before + _top(inside), claims, url)
    capitals = _capitals(inside)
    # A breadcrumb repeats <title> too; a typed document's own capitals are what people read.
    is_headed = bool(scored) and scored[0][0] >= _LEAST_SCORE and scored[0][1].is_heading
    if capitals and not is_headed:
        yield capitals
    for score, block in scored:
        if score >= _LEAST_SCORE:
            first = _first(block, before + inside)
            title = block.text.removesuffix(added_to(block)).rstrip()
            yield Found(title, block.text, f"heading: {_where(block)}", score), [first]
    if bold := _bold(before, inside):
        yield bold
    yield from _dated(before, inside)


def _scored(blocks: list[Block], claims: list[set[str]], url: str) -> list[tuple[float, Block]]:
    """The blocks that may be a title, with their scores, the highest first."""
    following = [*blocks[1:], None]
    sections = {
        block
        for block, below, date in zip(blocks, blocks[1:], blocks[2:], strict=False)
        if _is_section(block, below, date)
    }
    preceding = [None, *blocks]
    scored = [
        (_score(block, (before, behind), claims, distance), block)
        for before, block, behind, distance in zip(
            preceding, blocks, following, _distances(blocks), strict=False
        )
        if _may_be_title(block, url) and block not in sections
    ]
    return sorted(scored, key=lambda entry: -entry[0])


def _distances(blocks: list[Block]) -> list[int]:
    """How many lines stand behind each before the text; a document's properties don't count."""
    labels = [plain(block.text) in LABELS for block in blocks]
    parting = [not (label or value) for label, value in zip(labels, [False, *labels], strict=False)]
    return [0, *accumulate(reversed(parting))][: len(blocks)][::-1]


def _is_section(block: Block, below: Block, date: Block) -> bool:
    """Capitals above a heading that has the date under it: `<title>` may name the section, too."""
    return (
        block.is_heading
        and block.element.tag != "h1"
        and below.is_heading
        and block.text.isupper()
        and not below.text.isupper()
        and not is_lead(below)
        and is_only_moment(date.text)
    )


def _top(inside: list[Block]) -> list[Block]:
    """The lines of the text box down to its first prose: a whole column may be the box."""
    prose = (place for place, block in enumerate(inside) if block.prose >= _PROSE)
    return inside[: max(_FIRST_LINES, next(prose, _MOST_LINES))]


def declared_titles(structured: Structured, page_title: str) -> Iterator[Found[str]]:
    """The titles that the page tells to machines, without the site's name."""
    for name in ("og:title", "title", "dc.title"):
        if (named := structured.meta(name)) and not _SITE.match(named[0]):
            yield Found(named[0], named[0], f"meta: {name}")
    if page_title and not _SITE.match(page_title):
        yield Found(_SITE_NAME.split(page_title)[0], page_title, "title element")


def likeness(text: str, claim: str) -> float:
    """How far the words of `text` and `claim` agree, 0 to 1, marks and case left aside."""
    return _shared(_words(text), _words(claim))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(text).lower()))


def _shared(mine: set[str], other: set[str]) -> float:
    return len(mine & other) / max(len(mine), len(other)) if mine and other else 0.0


def claimed_titles(structured: Structured, page_title: str) -> list[str]:
    """What the page states as its title, with and without the site's name; never that alone."""
    named = structured.meta("og:title", "title")
    claims = [named[0]] if named else []
    if page_title:
        claims += [page_title, _SITE_NAME.split(page_title)[0], page_title.rpartition(": ")[0]]
    return [claim for claim in claims if claim and not is_site(claim)]


def _may_be_title(block: Block, url: str) -> bool:
    return (
        8 <= len(block.text) <= _LONGEST
        and len(_WORD.findall(block.text)) >= 2
        and not (block.beside and block.element.tag != "h1")
        and (not block.is_linked or _links_to(block, url))
    )


def _links_to(block: Block, url: str) -> bool:
    """Whether it is a heading that links to the page it stands on."""
    link = block.element.find(".//a") if block.is_heading else None
    address = join(url, link.get("href", "")) if link is not None else None
    return bool(url) and address is not None and _path(address) == _path(url) != ""


def _path(address: str) -> str:
    return urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl().strip("/")


def _score(
    block: Block,
    beside: tuple[Block | None, Block | None],
    claims: list[set[str]],
    distance: int,
) -> float:
    # Half of the words must agree: folding those of every short line would be waste.
    most = 2 * len(_WORD.findall(block.text))
    claims = [claim for claim in claims if len(claim) <= most]
    words = _words(block.text) if claims else set()
    alike = max((_shared(words, claim) for claim in claims), default=0.0)
    if len(words) < _FEW_WORDS:
        # On many pages `<title>` names the section, and so does a line above the title.
        alike *= len(words) / _FEW_WORDS
    level = _LEVEL.get(block.element.tag, 0.0)
    names = _names(block.element)
    named = _named_title(names) or (0.0 if level else _named_inside(block))
    if alike < 0.5 and not level and not named:
        return 0.0
    if block.element.tag != "h1" and _SECTION_NAME.search(names):
        return 0.0
    above, behind = beside
    dated = _DATED if behind and is_dated(behind.text) else 0.0
    near = 0.1 / (1 + distance) - min(0.5, 0.02 * max(0, distance - _FAR))
    score = (alike if alike >= 0.5 else 0.0) + level + named + near + dated
    if score < _LEAST_SCORE and not dated and above and is_only_moment(above.text):
        return score + _DATED_ABOVE
    return score


def _named_inside(block: Block) -> float:
    """What the name of an inline element tells that holds the line: WebForms names `span`s."""
    inner = next(iter(block.element), None)
    while inner is not None and inner.tag in INLINE:
        if (named := _named_title(_names(inner))) and is_whole(inner, block.text):
            return named
        inner = next(iter(inner), None)
    return 0.0


@lru_cache(maxsize=5_000)
def _named_title(names: str) -> float:
    if _OWN_TITLE_NAME.search(names):
        return 0.5
    if "title" in names.lower().split():
        return 0.3
    return 0.2 if _TITLE_NAME.search(names) else 0.0


def is_site(text: str) -> bool:
    """Whether it is the name of a site or its owner, which no article has for its title."""
    if _SITE.match(text):
        return True
    owner = _OWNER.match(text)
    # "UBND huyện Kim Sơn", and not "UBND huyện họp phiên tháng 5".
    rest = re.findall(r"[^\W\d_]+", text[owner.end() :]) if owner else ["no name"]
    return all(word[0].isupper() or word.lower() in _JOINING for word in rest)


def _names(element: Any) -> str:
    return " ".join(
        filter(
            None,
            (
                element.get("class"),
                element.get("id"),
                element.get("itemprop"),
                element.get("data-role"),
            ),
        )
    )


def _where(block: Block) -> str:
    name = (block.element.get("class") or "").split()
    return f"{block.element.tag}.{name[0]}" if name else str(block.element.tag)


def _capitals(inside: list[Block]) -> tuple[Found[str], list[Block]] | None:
    """The capital lines that a typed document begins with: its title, often over two lines."""
    lines: list[Block] = []
    for block in inside[:_FIRST_LINES]:
        if not block.text.isupper() or len(block.text) > _LONGEST:
            break
        lines.append(block)
    text = squeeze(" ".join(line.text for line in lines))
    if len(_WORD.findall(text)) < 3:
        return None
    return Found(text, text, "first lines in capitals"), lines


def _bold(before: list[Block], inside: list[Block]) -> tuple[Found[str], list[Block]] | None:
    """The largest bold line above the text: tables of 2009 have no headings.

    Among equals the one with the date under it; a bold lead stands behind the date.
    """
    near = _near(before, inside)
    lines = [
        (_size(block), is_only_moment(following.text), -block.index, block)
        for block, following in pairwise(near)
        if _may_be_title(block, "")
        and not (block.beside or block.text.endswith(".") or is_lead(block))
        and not _is_label(block.text)
        and _stands_out(block)
    ]
    if not lines:
        return None
    block = _first(max(lines, key=lambda line: line[:3])[3], before)
    return Found(block.text, block.text, "bold line above the text"), [block]


def _is_label(text: str) -> bool:
    """A site's name, the head of a list, a document's property: what no text is about."""
    return is_site(text) or plain(text) in LABELS or bool(RELATED_LABEL.match(text))


def _near(before: list[Block], inside: list[Block]) -> list[Block]:
    """The lines around the beginning of the text box, down to its first prose."""
    prose = (place for place, block in enumerate(inside) if block.prose >= _PROSE)
    return [*before[-_NEAR_LINES:], *inside[: min(max(2, next(prose, 2)), _NEAR_LINES)]]


def _first(title: Block, blocks: list[Block]) -> Block:
    """The first line of the title's words: date and lead may stand under that."""
    return next((b for b in blocks if b.text == title.text and not b.is_linked), title)


def _dated(before: list[Block], inside: list[Block]) -> Iterator[tuple[Found[str], list[Block]]]:
    """The line over the date above the text, else under it, where a style sheet makes it large."""
    near = _near(before, inside)
    for pairs in (pairwise(near), pairwise(near[::-1])):
        lines = [
            line
            for line, date in pairs
            if is_only_moment(date.text, _BESIDES_TITLES_DATE)
            and _may_be_title(line, "")
            and not (line.beside or line.text.endswith(".") or is_only_moment(line.text))
            and not _is_label(line.text)
            and len(_WORD.findall(line.text)) >= _FEW_WORDS
        ]
        if lines:
            line = max(lines, key=lambda block: block.index)
            yield Found(line.text, line.text, "line beside the date"), [line]
            return


def _stands_out(block: Block) -> bool:
    return any(
        squeeze("".join(element.itertext())) == block.text
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
