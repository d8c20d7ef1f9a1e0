"""When the article was published, from what is printed beside its title, else from metadata.

Never from the page header's clock, related news, the text, or a document's "Ngày ban hành".
"""

import re
from datetime import datetime
from html import unescape
from typing import Any

from crawler.selectors import label_of, matches, text_of
from crawler.vietnamese import squeeze
from pipelines.blocks import Block
from pipelines.clock import Moment, is_only_moment, iso_moment, read_moment
from pipelines.found import Found, Unreadable
from pipelines.lines import is_lead
from pipelines.sheet import Sheet
from pipelines.structured import Structured, text_in

_OTHER_DATE = re.compile(
    r"ngày\s+(?:ban hành|hiệu lực|có hiệu lực|công bố|hết hạn|hết hiệu lực|ký)|hiệu lực từ"
    r"|sửa lần cuối",
    re.IGNORECASE,
)
_PUBLISHED_LABEL = re.compile(
    r"ngày\s+(?:đăng|xuất bản|cập nhật|gửi|viết)|đăng\s+(?:ngày|lúc|tải)|cập nhật|publish|posted",
    re.IGNORECASE,
)
_CLOCK_NAME = re.compile(
    r"today|clock|\bnow\b|current|hien-?tai|hom-?nay|marquee|banner|(?<![\w-])(?:header|top)(?![\w-])"
)
_WRITTEN = re.compile(r"""\.innerHTML\s*=\s*["']([^"'<>]{8,120})["']""")
_LONGEST_LINE = 140
_LONGEST_ADDITION = 20
_METAS = (
    "article:published_time",
    "datepublished",
    "pubdate",
    "og:published_time",
    "dc.date.issued",
    "publishdate",
    "dc.date",
    "dcterms.created",
)


def read_date(sheet: Sheet) -> Found[Moment] | Unreadable | None:
    """The moment of publication; Unreadable when its place on the page holds no date."""
    if sheet.layout and (fitted := _by_layout(sheet)):
        return _finer(fitted, sheet.structured) if isinstance(fitted, Found) else fitted
    printed = _beside_title(sheet) or _just_above(sheet) or _below(sheet)
    if printed:
        return _finer(printed, sheet.structured)
    return _declared(sheet.structured) or _written_by_script(sheet)


def _by_layout(sheet: Sheet) -> Found[Moment] | Unreadable | None:
    unread = None
    for element, selector in matches(sheet.document, sheet.layout.date if sheet.layout else ()):
        text = text_of(element)
        moment = _exact(text, element, sheet.fetched_at)
        moment = moment or _in_attributes(element, sheet.fetched_at)
        if moment:
            return Found(moment, _printed(text, moment), sheet.rule(selector))
        if text:
            unread = Unreadable(text[:200], sheet.rule(selector))
    return unread


def _beside_title(sheet: Sheet) -> Found[Moment] | None:
    for block in sheet.head:
        if _may_date(block) and (moment := _moment_of(block, sheet.fetched_at)):
            return Found(moment, _printed(block.text, moment), "line below the title")
    return None


def _just_above(sheet: Sheet) -> Found[Moment] | None:
    """A date between breadcrumb and title; only inside the article's own box."""
    for block in sheet.above:
        if not (_may_date(block) and is_only_moment(block.text)) or _is_clock(sheet, block):
            continue
        if moment := _moment_of(block, sheet.fetched_at):
            return Found(moment, _printed(block.text, moment), "line above the title")
    return None


def _below(sheet: Sheet) -> Found[Moment] | None:
    for block in sheet.below:
        if not _PUBLISHED_LABEL.search(block.text) or block.beside or not _may_date(block):
            continue
        if moment := read_moment(block.text, sheet.fetched_at):
            return Found(moment, moment.raw, "label below the text")
    return None


def _printed(text: str, moment: Moment) -> str:
    """The whole line where it only adds words such as "Cập nhật lúc", else the date's own part."""
    before, _, after = text.partition(moment.raw)
    added = before + after
    is_words = len(added) <= _LONGEST_ADDITION and not any(c.isdigit() for c in added)
    return text if moment.raw in text and is_words and "|" not in added else moment.raw


def _may_date(block: Block) -> bool:
    return (
        len(block.text) <= _LONGEST_LINE
        and not block.is_linked
        and not is_lead(block)
        and not _OTHER_DATE.search(block.text)
    )


def _is_clock(sheet: Sheet, block: Block) -> bool:
    """Whether the line is the portal's clock: it shares no small box with the title.

    Seen on the seed page: "Thứ tư, 03/07/2024" in the header of an article of 2023.
    """
    title = sheet.heading_lines[0] if sheet.heading_lines else None
    if title is None or _CLOCK_NAME.search(label_of(block.element)):
        return True
    mine = set(block.element.iterancestors()) | {block.element}
    shared = next((e for e in title.element.iterancestors() if e in mine), None)
    if shared is None or shared.tag in ("body", "html", "form", "table", "tbody"):
        return True
    return sheet.walked.spans.get(shared, (0, 0))[0] < title.index - 6


def _moment_of(block: Block, fetched_at: datetime) -> Moment | None:
    return _exact(block.text, block.element, fetched_at)


def _exact(text: str, element: Any, fetched_at: datetime) -> Moment | None:
    """What `text` says, with the time of day from the element's attributes if they agree."""
    moment = read_moment(text, fetched_at)
    if moment is None or moment.at:
        return moment
    exact = _in_attributes(element, fetched_at)
    return exact if exact and exact.on == moment.on and exact.at else moment


def _in_attributes(element: Any, fetched_at: datetime) -> Moment | None:
    """Forums and blogs print a day and keep the time in `title` or `datetime`."""
    for inner in element.iter("time", "abbr", "span"):
        text = inner.get("datetime") or inner.get("title") or ""
        if moment := read_moment(text, fetched_at):
            return moment
    return None


def _declared(structured: Structured) -> Found[Moment] | None:
    stated = text_in(structured.article.get("datePublished"))
    if stated and (moment := iso_moment(stated)):
        return Found(moment, stated, "json-ld: datePublished")
    for name in _METAS:
        named = structured.meta(name)
        if named and (moment := iso_moment(named[0])):
            return Found(moment, named[0], f"meta: {name}")
    return None


def _finer(printed: Found[Moment], structured: Structured) -> Found[Moment]:
    """The printed moment, to the second where metadata agrees with it.

    People read "08:52", the same page's JSON-LD says 08:52:11. Where they disagree the printed
    one holds: metadata often carries the time of the last change.
    """
    stated = _declared(structured)
    if not stated or not stated.value.at or stated.value.on != printed.value.on:
        return printed
    at, exact = printed.value.at, stated.value.at
    if at and (at.replace(second=0) != exact.replace(second=0, microsecond=0) or at.second):
        return printed
    moment = Moment(printed.value.on, exact, printed.raw)
    return Found(moment, printed.raw, f"{printed.rule}, time from {stated.rule}")


def _written_by_script(sheet: Sheet) -> Found[Moment] | None:
    """A whole date with its time that an inline script puts on the page as static text."""
    for script in sheet.tree.iter("script"):
        for text in _WRITTEN.findall(script.text or ""):
            moment = read_moment(_unescaped(text), sheet.fetched_at)
            if moment and moment.at and is_only_moment(_unescaped(text)):
                return Found(moment, moment.raw, "inline script")
    return None


def _unescaped(text: str) -> str:
    return squeeze(unescape(text))
