"""Finds an article's heading on a page that fits no layout.

The heading people see is preferred over `<title>`, which names the portal on many pages or
repeats a share dialog's; `<title>` and Open Graph only help to tell headings apart.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from urllib.parse import urlsplit

from crawler.vietnamese import fold
from pipelines import unheaded
from pipelines.badges import without_badges
from pipelines.blocks import Block
from pipelines.claimed import claimed_titles
from pipelines.clock import is_only_moment
from pipelines.found import Found
from pipelines.legal.facts import LABELS, plain
from pipelines.lines import added_to, is_dated, is_lead
from pipelines.named import named_around, named_inside, named_title, names_of
from pipelines.prose import join
from pipelines.sections import is_section, sections
from pipelines.structured import Structured
from pipelines.subtitle import subtitles
from pipelines.unheaded import (
    FEW_WORDS,
    PROSE,
    first_of,
    is_path,
    is_title_like,
    leads_nowhere,
)

_WORD = re.compile(r"\w+")
_SECTION_NAME = re.compile(
    r"chuyen-?muc|danh-?muc|categor(?:y|ies)|cat[-_]?name|section[-_]?(?:name|title)", re.IGNORECASE
)
_LEVEL = {"h1": 0.5, "h2": 0.3, "h3": 0.2, "h4": 0.1}
# SMF and vBulletin: "Chủ đề: Hỏi về nghề nuôi ong (Đọc 1204 lần)".
_TOPIC = re.compile(r"(?:chủ đề|topic|thread)\s*:\s+\S.{8}", re.IGNORECASE)
_FORUM = re.compile(
    r"^(?:chủ đề|topic|thread)\s*:\s+(?=\S)"
    r"|\s*\((?:đọc|xem|read) [\d.,]+ (?:lần|lượt|times)\)$",
    re.IGNORECASE,
)
_FAR = 10
_SURELY_NAMED = 0.3
_LEAST_SCORE = _ALIKE = 0.5
_DATED = 0.3
"""What the date or the author in the next line adds."""
_DATED_ABOVE = 0.2
"""What the date in the line before adds: there the page's clock may stand, too."""
_OVER_TEXT = 0.2
"""What it adds to a second heading of some words that the text begins right under it."""
_BYLINE = re.compile(r"(?:tác giả|người\s+(?:đăng|viết)|đăng\s+bởi)\s*:\s*\w", re.IGNORECASE)
_FEW_LINES = 5
"""How far apart the lines of one heading may stand."""
_FIRST_LINES, _MOST_LINES = 4, 60


def headings(
    before: list[Block], inside: list[Block], structured: Structured, page_title: str, url: str
) -> Iterator[tuple[Found[str], list[Block]]]:
    """Every line that may be the heading, with its blocks, the likeliest first.

    They stand before the text or among the lines that it begins with.
    """
    claims = [_words(claim) for claim in claimed_titles(structured, page_title)]
    blocks = before + _top(inside)
    pairs = subtitles(blocks)
    named = [*claims, _words(page_title)] if pairs else claims
    added = {line for title, line in pairs if not _is_claimed(title, line, named)}
    scored = _scored(blocks, added, claims, url)
    capitals = unheaded.capitals(inside)
    # A breadcrumb repeats <title> too; a typed document's own capitals are what people read.
    is_headed = bool(scored) and scored[0][1].is_heading
    if capitals and not is_headed and not _heads_title(capitals[1], inside):
        yield capitals
    for score, block in scored:
        lines = _broken(block, before + inside, claims)
        title = " ".join(line.text for line in lines).removesuffix(added_to(block)).rstrip()
        title = without_badges(title, block)
        lines = lines if len(lines) > 1 else [first_of(block, before + inside)]
        yield Found(_FORUM.sub("", title), title, f"heading: {_where(block)}", score), lines
    if bold := unheaded.bold(before, inside):
        yield bold
    yield from unheaded.dated(before, inside)
    for block in before:
        if _TOPIC.match(block.text) and not block.beside:
            title = _FORUM.sub("", block.text)
            yield Found(title, block.text, "line called topic"), [block]


def _broken(title: Block, blocks: list[Block], claims: list[set[str]]) -> list[Block]:
    """The lines of a heading that is set over several, unless one is what the page claims."""
    near = blocks[max(0, title.index - _FEW_LINES) : title.index + _FEW_LINES]
    lines = [b for b in near if b.element is title.element] if title.is_heading else [title]
    if len(lines) == 1:
        return lines
    if any(line.text.endswith(".") or is_dated(line.text) for line in lines):
        return lines[:1]
    words = _words(" ".join(line.text for line in lines))
    likest = max((_shared(words, claim) for claim in claims), default=0.0)
    alone = max((_shared(_words(title.text), claim) for claim in claims), default=0.0)
    return lines if likest >= alone else [title]


def _scored(
    blocks: list[Block], added: set[Block], claims: list[set[str]], url: str
) -> list[tuple[float, Block]]:
    """The blocks that may well be the title, with their scores, the highest first; those of `added`
    stand under one.
    """
    following = [*blocks[1:], None]
    if added:
        # What dates a subtitle dates the title.
        following = [
            below if line in added else line
            for line, below in zip(following, [*following[1:], None], strict=True)
        ]
    named = sections(blocks)
    preceding = [None, *blocks]
    scored = [
        (_score(block, (before, behind), claims, distance), block)
        for before, block, behind, distance in zip(
            preceding, blocks, following, _distances(blocks), strict=False
        )
        if block not in named and block not in added and _may_be_title(block, url)
    ]
    likely = (told for told in scored if told[0] >= _LEAST_SCORE and not _is_other(told[1], blocks))
    return sorted(likely, key=lambda entry: -entry[0])


def _is_claimed(title: Block, line: Block, claims: list[set[str]]) -> bool:
    """Whether the page is called as the line below, or its whole name stands in the one above."""
    words, above = _words(line.text), _words(title.text)
    return any(_shared(words, claim) >= _ALIKE or claim <= above for claim in claims)


def _is_other(line: Block, blocks: list[Block]) -> bool:
    """Whether it is a plain line of the path to the article, a lead that ends in a full stop, or
    stands above a longer line that is called title and has the date under it.
    """
    if line.element.tag not in _LEVEL and is_path(line.text):
        return True
    if line.text.endswith("."):
        return is_lead(line)
    below = blocks[line.index + 1 : line.index + 3]
    return len(below) == 2 and _is_titled(*below) and len(below[0].text) > len(line.text)


def _distances(blocks: list[Block]) -> list[int]:
    """How many lines stand behind each before the text; a document's properties don't count."""
    labels = [plain(block.text) in LABELS for block in blocks]
    parting = [not (label or value) for label, value in zip(labels, [False, *labels], strict=False)]
    return [0, *accumulate(reversed(parting))][: len(blocks)][::-1]


def _is_titled(title: Block, date: Block) -> bool:
    """Whether a line of some words is called title, no second one under another, over a date."""
    if title.linked or not is_dated(date.text) or len(_WORD.findall(title.text)) < FEW_WORDS:
        return False
    names = names_of(title.element)
    is_called = bool(named_title(names) or named_inside(title)) and "sub" not in names
    return is_called and not is_lead(title)


def _heads_title(lines: list[Block], inside: list[Block]) -> bool:
    """Whether the lines that `inside` begins with name the section of the title below them."""
    below = inside[len(lines) : len(lines) + 2]
    return len(below) == 2 and is_section(lines[-1], *below)


def _top(inside: list[Block]) -> list[Block]:
    """The lines of the text box down to its first prose: a whole column may be the box."""
    prose = (place for place, block in enumerate(inside) if block.prose >= PROSE)
    return inside[: max(_FIRST_LINES, next(prose, _MOST_LINES))]


def likeness(text: str, claim: str) -> float:
    """How far the words of `text` and `claim` agree, 0 to 1, marks and case left aside."""
    return _shared(_words(text), _words(claim))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(text).lower()))


def _shared(mine: set[str], other: set[str]) -> float:
    return len(mine & other) / max(len(mine), len(other)) if mine and other else 0.0


def _may_be_title(block: Block, url: str) -> bool:
    if not is_title_like(block):
        return False
    if not block.is_linked or (block.is_heading and leads_nowhere(block)):
        return True
    return _links_to(block, url)


def _links_to(block: Block, url: str) -> bool:
    """Whether it is a heading, or a link called title, that leads to the page it stands on."""
    link = block.element.find(".//a")
    if link is not None and not block.is_heading and not named_title(names_of(link)):
        return False
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
    if len(words) < FEW_WORDS:
        # On many pages `<title>` names the section, and so does a line above the title.
        alike *= len(words) / FEW_WORDS
    level = _LEVEL.get(block.element.tag, 0.0)
    names = names_of(block.element)
    named = named_title(names)
    if not (level or named >= _SURELY_NAMED):
        named = max(named, named_around(block) or named_inside(block))
    if not level and not named and (alike < 0.5 or len(words) < FEW_WORDS):
        # A few words of `<title>` in a plain line may be the site's name: any heading is likelier.
        return _LEAST_SCORE if alike >= 0.5 else 0.0
    if block.element.tag != "h1" and _SECTION_NAME.search(names):
        return 0.0
    above, behind = beside
    if block.element.tag == "h2" and behind and behind.prose >= PROSE:
        level += _OVER_TEXT if most >= 2 * FEW_WORDS else 0.0
    told = behind.text if behind else ""
    # Few lines have a colon, and most of those no name behind it.
    is_told = is_dated(told) or (":" in told and _BYLINE.match(told))
    dated = _DATED if is_told else 0.0
    near = 0.1 / (1 + distance) - min(0.5, 0.02 * max(0, distance - _FAR))
    score = (alike if alike >= 0.5 else 0.0) + level + named + near + dated
    if score < _LEAST_SCORE and not dated and above and is_only_moment(above.text):
        return score + _DATED_ABOVE
    return score


def _where(block: Block) -> str:
    name = (block.element.get("class") or "").split()
    return f"{block.element.tag}.{name[0]}" if name else str(block.element.tag)
