"""The section of the portal that the article stands in."""

import re
from collections.abc import Iterator
from typing import Any

from crawler.selectors import first_text, text_of, xpath
from crawler.vietnamese import fold, squeeze
from pipelines.byline import labelled
from pipelines.clock import is_only_moment
from pipelines.found import Found
from pipelines.lines import CATEGORY_LABEL
from pipelines.sheet import Sheet
from pipelines.structured import text_in

# From the attribute to its element: five times as fast as asking each element for the attribute.
_CRUMBS = xpath("//@class[contains(., 'rumb')]/.. | //@id[contains(., 'rumb')]/..")
_TOLD = (
    "//@data-role[. = 'cate-name']/.. | //@itemprop[. = 'articleSection']/.."
    " | //@rel[contains(., 'category')]/.."
)
_TOLD_SECTIONS = xpath(_TOLD)
_SECTIONS = xpath(
    f"{_TOLD} | //@class[contains(., 'category-name') or contains(., 'sub_cate')"
    " or contains(., 'taxonomy-category')]/.."
)
_SECTION_NAME = re.compile("category-name|sub_cate|taxonomy-category")
_PATH_LINE = re.compile(r"(?:trang chủ|trang nhất|home)\s*[>»›/|]", re.IGNORECASE)
_MENU_LINE = re.compile(r"\|\s*(?:giới thiệu|liên hệ|hỏi đáp)\s*(?:\||$)", re.IGNORECASE)
_MENU = 4
_HOME = frozenset({"trang chu", "home", "trangchu", "trang nhat"})
_SEPARATORS = "›»>/|→«\u25ba\u203a :-"
_LONGEST = 80


def candidates(sheet: Sheet) -> Iterator[Found[str]]:
    """The last step of the breadcrumb before the article itself, else the declared section."""
    if sheet.layout and (found := first_text(sheet.document, sheet.layout.category)):
        name = _steps_of_text(found[1], sheet) or [found[1]]
        yield Found(name[-1], found[1], sheet.rule(found[2]))
    yield from _by_label(sheet)
    yield from _by_breadcrumb(sheet)
    yield from _by_path_line(sheet)
    yield from _by_section(sheet)
    yield from _declared(sheet)


def _by_label(sheet: Sheet) -> Iterator[Found[str]]:
    """A line such as "Chuyên mục: Nông nghiệp" near title or text; a bare label wants a link."""
    for block in [*sheet.head, *sheet.below]:
        label = CATEGORY_LABEL.match(block.text)
        if not label or block.beside or len(block.text) > _LONGEST:
            continue
        name = squeeze(block.text[label.end() :].strip(_SEPARATORS))
        if (label["colon"] or block.linked) and _is_step(name, sheet):
            yield Found(name, block.text, f"label: {label['label'].lower()}")


def _by_breadcrumb(sheet: Sheet) -> Iterator[Found[str]]:
    for path in _CRUMBS(sheet.tree) if any("rumb" in n for n in sheet.document.names) else ():
        if steps := [s for s in _steps(path) if _is_step(s, sheet)]:
            yield Found(steps[-1], " > ".join(steps), "breadcrumb")


def _steps(path: Any) -> list[str]:
    links = [text_of(link) for link in path.iter("a")]
    last = [
        text_of(item)
        for item in path.iter("li", "span", "strong", "p")
        if item.find(".//a") is None and not any(a.tag == "a" for a in item.iterancestors())
    ]
    return [squeeze(step.strip(_SEPARATORS)) for step in links + last]


def _steps_of_text(text: str, sheet: Sheet) -> list[str]:
    parts = re.split(r"[>»›/|]+", text)
    return [s for s in (squeeze(p.strip(_SEPARATORS)) for p in parts) if _is_step(s, sheet)]


def _by_path_line(sheet: Sheet) -> Iterator[Found[str]]:
    """A line above the title that starts at the home page: "Trang chủ >> Nông nghiệp"."""
    for block in sheet.above:
        # "Trang chủ | Giới thiệu | Tin tức | Liên hệ" is the menu.
        if block.text.count("|") >= _MENU - 1 and _MENU_LINE.search(block.text):
            continue
        if _PATH_LINE.match(block.text) and (steps := _steps_of_text(block.text, sheet)):
            yield Found(steps[-1], block.text, "line from the home page")


def _is_step(step: str, sheet: Sheet) -> bool:
    if not 2 < len(step) <= _LONGEST or fold(step).lower() in _HOME or labelled(step):
        return False
    # Themes set the moment into the box of the path.
    if is_only_moment(step, 0):
        return False
    title = sheet.heading.value if sheet.heading else ""
    return any(c.isalpha() for c in step) and not title.startswith(step.rstrip(".…"))


def _by_section(sheet: Sheet) -> Iterator[Found[str]]:
    is_named = any(map(_SECTION_NAME.search, sheet.document.names))
    for element in (_SECTIONS if is_named else _TOLD_SECTIONS)(sheet.tree):
        if _is_step(text := text_of(element), sheet):
            yield Found(text, text, "element named section")


def _declared(sheet: Sheet) -> Iterator[Found[str]]:
    section = text_in(sheet.structured.article.get("articleSection"))
    if section and _is_step(section, sheet):
        yield Found(section, section, "json-ld: articleSection")
    named = sheet.structured.meta("article:section", "articlesection")
    if named and _is_step(named[0], sheet):
        yield Found(named[0], named[0], f"meta: {named[1]}")
    steps = [s for s in sheet.structured.breadcrumbs if _is_step(s, sheet)]
    if steps:
        yield Found(steps[-1], " > ".join(steps), "json-ld: BreadcrumbList")
