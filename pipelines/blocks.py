"""The page as a reader's eye takes it in: runs of text in their order, each in its place.

One walk over the tree serves every field that is found by what people read rather than by a
selector. Hidden text never becomes a block.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crawler.vietnamese import one_line
from pipelines.beside import SILENT, is_beside, is_unseen

INLINE = frozenset(
    {
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "mat-icon",
        "nobr",
        "o:p",
        "q",
        "s",
        "small",
        "span",
        "st1:place",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    }
)
EYE = "\ue000"
"""Stands in a block's text where the page shows an eye icon (the sign for views)."""

# "fa-eye", "eye.png", "#icon-eye", "bi-eye-fill"; never "eyedropper" or "keyed".
_EYE_NAME = re.compile(r"(?:^|[^a-z])eye(?:s|o)?(?:$|[^a-z])")
_VIEWS = frozenset({"lượt xem", "số lượt xem", "lượt đọc", "views", "view"})
_ICONS = frozenset({"i", "span", "em", "mat-icon"})
_EYE_WORDS = frozenset({"visibility", "remove_red_eye"})
"""What Material's icon font shows as an eye: it draws its icons from words."""
_EYE_PATHS = (
    "M2.458 12C3.732", "M.458 10C1.732", "M2.036 12.322",  # Heroicons
    "M1 12s4-8 11-8", "M2 12s3-7 10-7", "M2.062 12.348",  # Feather, Lucide
    "M16 8s-3-5.5-8-5.5", "M572.52 241.4", "M288 32c-80.8 0",  # Bootstrap, Font Awesome
    "M12 4.5C7 4.5",  # Material
)  # fmt: skip
"""How the lid begins of the eyes that icon sets draw; pasted into a page they have no name."""
# Who answers for the site and where its office is: the longest text on pages without an article.
_IMPRINT = re.compile(
    r"\W*(?:địa chỉ|trụ sở|bản quyền|copyright|©|giấy phép|chịu trách nhiệm"
    r"|cơ quan chủ quản|tòa soạn|toà soạn|(?:phó )?tổng biên tập|trưởng ban biên tập"
    r"|điện thoại|đt\b|tel\b|email|ghi rõ nguồn"
    r"|đơn vị chủ quản|bộ phận tiếp nhận|phát triển bởi|thiết kế bởi)",
    re.IGNORECASE,
)
_NO_PROSE = frozenset({"h1", "h2", "h3", "address", "form", "label", "th"})
_SHORTEST = 25
_LONGEST = 1500
"""Characters of a block that count as running text: one long block is not a whole article."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = frozenset({"p", "li", "blockquote", "dd", "dt", "figcaption", "pre"}) | _HEADINGS


@dataclass(slots=True, eq=False)
class Block:
    """Text between two block boundaries or line breaks."""

    index: int
    text: str
    """On one line."""
    element: Any
    """The nearest element that is not inline."""
    linked: int
    """How many characters of the text are links."""
    beside: bool
    """Stands in a menu, a list of related news, a footer, ..."""
    prose: int
    """How many characters of running text it is."""

    @property
    def is_linked(self) -> bool:
        """Whether it is nothing but links."""
        return self.linked * 10 >= len(self.text) * 8

    @property
    def is_heading(self) -> bool:
        """Whether it stands in h1 to h6."""
        return self.element.tag in _HEADINGS

    @property
    def is_paragraph(self) -> bool:
        """Whether its element is one paragraph by its tag, not a box that holds paragraphs."""
        return self.element.tag in _PARAGRAPHS


@dataclass(frozen=True, slots=True)
class Walked:
    """The blocks under an element, and which of them each box inside holds."""

    blocks: list[Block]
    spans: dict[Any, tuple[int, int]]
    """Element that is not inline to the indexes of its first block and behind its last one."""

    def within(self, element: Any) -> list[Block]:
        """The blocks of `element`, in order."""
        first, behind = self.spans.get(element, (0, 0))
        return self.blocks[first:behind]

    def part(self, root: Any) -> "Walked":
        """What a walk from `root` gives, which is inside."""
        span = self.spans.get(root)
        if span is None or any(each.tag == "a" or is_beside(each) for each in root.iterancestors()):
            # It was not walked as a box, or what is around it has left its mark on the blocks.
            return walk(root)
        first, behind = span
        blocks = [
            Block(index, block.text, block.element, block.linked, block.beside, block.prose)
            for index, block in enumerate(self.blocks[first:behind])
        ]
        spans = {}
        # A box is noted when it ends: those inside come before it.
        for element, (start, end) in self.spans.items():
            if start >= first:
                spans[element] = start - first, end - first
            if element is root:
                break
        return Walked(blocks, spans)


def walk(root: Any, columns: frozenset[Any] = frozenset()) -> Walked:
    """The visible blocks under `root`, in one pass; `columns` are beside by name only."""
    walker = _Walker(columns)
    # Drupal 6 says "sidebar-left" of the whole body.
    walker.box(root, root.tag != "body" and is_beside(root), False)
    return Walked(walker.blocks, walker.spans)


class _Walker:
    """Collects text until a block boundary comes."""

    def __init__(self, columns: frozenset[Any]) -> None:
        self.columns = columns
        self.blocks: list[Block] = []
        self.spans: dict[Any, tuple[int, int]] = {}
        self.parts: list[str] = []
        self.linked = 0

    def box(self, element: Any, beside: bool, in_link: bool) -> None:
        """An element that begins and ends blocks."""
        first = len(self.blocks)
        self.inside(element, element, beside, in_link)
        if self.parts:
            self.flush(element, beside)
        self.spans[element] = (first, len(self.blocks))

    def inside(self, element: Any, holder: Any, beside: bool, in_link: bool) -> None:
        # Every element of every page passes here: nothing is asked for that need not be, and
        # most elements have no attributes or only a class.
        parts = self.parts
        if (text := element.text) and (parts or not text.isspace()):
            self.add(text, in_link)
        for child in element:
            tag = child.tag
            if tag in INLINE:
                names = child.keys()
                # Icons are hidden from those who hear a page, not from those who see it.
                unseen = names and is_unseen(child, names)
                # Most titles are links' own.
                if tag != "a" and "title" in names and _says_views(child):
                    parts.append(EYE)
                if "class" in names and tag in _ICONS:
                    if _names_eye(child.get("class")):
                        parts.append(EYE)
                    elif _is_ligature(child.get("class")):
                        parts.append(EYE if (child.text or "").strip() in _EYE_WORDS else " ")
                        unseen = True
                if not unseen:
                    if tag == "time" and parts:
                        # Words are never cut by it, and two of them often stand side by side.
                        parts.append(" ")
                    elif parts and tag == "span" and "class" in names and _abuts(parts[-1], child):
                        parts.append(" ")
                    self.inside(child, holder, beside, in_link or (tag == "a" and "href" in names))
            elif tag == "br":
                if parts:
                    self.flush(holder, beside)
            elif tag == "img" or tag == "svg":
                if _is_eye(child, tag):
                    parts.append(EYE)
            elif tag not in SILENT:
                names = child.keys()
                if not (names and is_unseen(child, names)):
                    if parts:
                        self.flush(holder, beside)
                    if "title" in names and _says_views(child):
                        parts.append(EYE)
                    named = is_beside(child, names) and child not in self.columns
                    self.box(child, beside or named, in_link)
            if (text := child.tail) and (parts or not text.isspace()):
                if tag == "span" and text[0] > "@" and parts and _joins(parts[-1], text):
                    # "<span>Dân trí</span>Sáng nay": no word goes on with a capital.
                    parts.append(" ")
                self.add(text, in_link)

    def add(self, text: str, in_link: bool) -> None:
        self.parts.append(text)
        if in_link:
            self.linked += len(text.strip())

    def flush(self, holder: Any, beside: bool) -> None:
        if text := one_line("".join(self.parts)):
            prose = 0 if len(text) < _SHORTEST else _prose(text, self.linked, holder.tag)
            self.blocks.append(Block(len(self.blocks), text, holder, self.linked, beside, prose))
        self.parts.clear()
        self.linked = 0


def _prose(text: str, linked: int, tag: str) -> int:
    if linked * 3 > len(text) or tag in _NO_PROSE or _IMPRINT.match(text):
        return 0
    return min(len(text) - linked, _LONGEST)


def _abuts(before: str, span: Any) -> bool:
    """Whether two values, each styled on its own, stand side by side: "15:40" "09/06/2024"."""
    # An icon that is drawn may stand first in it.
    text = span.text or (span[0].tail if len(span) else None) or ""
    last, first = before[-1:], text[:1]
    # "HIỀN" "Đăng ngày": no word in capitals goes on so.
    if before[-2:].isalpha() and before[-2:].isupper() and first.isupper() and text[1:2].islower():
        return True
    if not (last.isalnum() and first.isdigit()) and not (last.islower() and first.isupper()):
        return False
    return not span.get("class").startswith("ms-")


def _joins(before: str, behind: str) -> bool:
    return before[-1:].islower() and behind[0].isupper()


def _says_views(element: Any) -> bool:
    """Whether the pointer shows "Lượt xem" over it: an icon of any kind and a number."""
    return element.get("title").strip().lower() in _VIEWS


def _is_eye(element: Any, tag: str) -> bool:
    if tag == "img":
        said = (element.get("alt") or element.get("title") or "").strip().lower()
        return said in _VIEWS or _names_eye(element.get("src", "").rpartition("/")[2])
    if any((path.get("d") or "").startswith(_EYE_PATHS) for path in element.iter("path")):
        return True
    uses = " ".join(value for use in element.iter("use") for value in use.attrib.values())
    return _names_eye(f"{element.get('class')} {element.get('data-icon')} {uses}")


@lru_cache(maxsize=2_000)
def _is_ligature(name: str) -> bool:
    return any(part.startswith("material-") for part in name.split())


def is_drawn(element: Any) -> bool:
    """Whether it holds the name of an icon that Material's font draws, and no word."""
    return element.tag in _ICONS and _is_ligature(element.get("class") or "")


def _names_eye(name: str) -> bool:
    # Asked of every icon: hardly any is an eye.
    return ("eye" in name or "Eye" in name) and bool(_EYE_NAME.search(name.lower()))
