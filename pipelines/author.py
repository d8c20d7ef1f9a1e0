"""Who wrote the article: the layout's place, a label, a byline, or the page's metadata."""

import re

from crawler.selectors import label_of, matches, text_of
from crawler.vietnamese import fold
from pipelines.blocks import EYE, Block
from pipelines.found import Found
from pipelines.lines import AUTHOR_LABEL, names_in
from pipelines.sheet import Sheet
from pipelines.structured import text_in

_AUTHOR_NAME = re.compile(r"author|byline|tacgia|tac-gia|username|writer|reporter")
_CUT = re.compile(
    r"\s*(?:\||•|\ue000|-?\s*(?:số\s+)?(?:lượt|lần)\s+(?:xem|đọc)|nguồn\s*(?:tin)?\s*:"
    r"|\s[-–]\s*\d{1,2}/|\d{1,2}/\d{1,2}/\d{2,4}|ngày đăng).*$",
    re.IGNORECASE,
)

_OTHER_LABEL = re.compile(r"(?:số\s+)?(?:lượt|lần|nguồn|đã xem)", re.IGNORECASE)
_INITIALS = re.compile(r"\b\w\.\w$")


def read_author(sheet: Sheet, byline: str | None) -> Found[str] | None:
    """The author's name as printed; `byline` is the one that stood at the end of the text."""
    fitted = _by_layout(sheet) or _by_label(sheet)
    if fitted:
        return fitted
    if byline:
        return Found(author_of(byline) or byline, byline, "byline: last line of the text")
    return _by_name(sheet) or _declared(sheet)


def author_of(line: str) -> str | None:
    """The name in a line such as "Tin, ảnh: Vũ Thảo" or "Tác giả: Vũ Thảo | Lượt xem: 29"."""
    labelled = AUTHOR_LABEL.match(line.strip(" ()[]" + EYE))
    name = _CUT.sub("", labelled["name"] if labelled else line).strip(" .,;:|-–()[]")
    if _INITIALS.search(name):
        name += "."
    return name if 1 < len(name) <= 80 else None


def _by_layout(sheet: Sheet) -> Found[str] | None:
    for element, selector in matches(sheet.document, sheet.layout.author if sheet.layout else ()):
        text = text_of(element)
        # The place may hold several labels: "Tác giả: ... Lượt xem: 29".
        if text and not _OTHER_LABEL.match(text) and (name := author_of(text)):
            return Found(name, text, sheet.rule(selector))
    return None


def _by_label(sheet: Sheet) -> Found[str] | None:
    for block in [*sheet.head, *sheet.below[:6]]:
        if block.beside or len(block.text) > 160 or not AUTHOR_LABEL.match(block.text):
            continue
        if name := author_of(block.text):
            return Found(name, block.text, "label: " + block.text.partition(":")[0].lower())
    return None


def _by_name(sheet: Sheet) -> Found[str] | None:
    """A line near the title or under the text whose element is called author and holds a name."""
    for block in [*sheet.head, *sheet.above[:3], *sheet.below[:4]]:
        if len(block.text) <= 160 and (name := _named(block)):
            return Found(name, block.text, "element named author")
    return None


def _named(block: Block) -> str | None:
    for element in [
        *block.element.iter("a", "span", "b", "strong", "p", "em"),
        block.element,
        *block.element.iterancestors("p", "div", "span"),
    ][:12]:
        if _AUTHOR_NAME.search(f"{label_of(element)} {element.get('data-role') or ''}"):
            text = text_of(element)
            is_user = "username" in label_of(element)
            if names_in(text) or (is_user and 1 < len(text) <= 40):
                return author_of(text)
    return None


def _declared(sheet: Sheet) -> Found[str] | None:
    """The metadata's author, unless it names the site or gives an address."""
    stated = text_in(sheet.structured.article.get("author"))
    named = (stated, "json-ld: author") if stated else sheet.structured.meta("article:author")
    if not named or not names_in(named[0]):
        return None
    host = re.sub(r"[^a-z0-9]", "", sheet.url.lower())
    if re.sub(r"[^a-z0-9]", "", fold(named[0]).lower()) in host:
        return None
    return Found(named[0], named[0], named[1])
