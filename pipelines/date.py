"""When the article was published, from what is printed beside its title, else from metadata.

Never from the page header's clock, related news, the text, or a document's "Ngày ban hành".
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import chain, takewhile

from crawler.selectors import matches, text_of, xpath
from crawler.vietnamese import squeeze
from pipelines.blocks import Block
from pipelines.clock import (
    VIETNAM,
    Moment,
    is_only_moment,
    iso_moment,
    read_moment,
    with_year,
    without_year,
)
from pipelines.dateline import POSTED, PUBLISHED_LABEL, may_date
from pipelines.found import Found, Unreadable
from pipelines.lines import VIEW_LABEL, added_to, is_dated, is_stamp
from pipelines.moments import ONLY_TIME, as_printed, exact, in_attributes, moment_of, posted
from pipelines.order import in_order
from pipelines.sheet import Sheet
from pipelines.structured import PUBLISHED, Structured, text_in
from pipelines.today import is_clock, is_menu, is_now, is_running

_WRITTEN = re.compile(
    r"""(?:getElementById\(\s*["']|\$\(\s*["']\#)(?P<id>[\w-]+)["']\s*\)\s*\.\s*"""
    r"""(?:innerHTML\s*=|innerText\s*=|html\(|text\()\s*["'](?P<text>[^"'<>]{8,120})["']"""
)
_BY_ID = xpath("//*[@id = $id]")
_URL_YEAR = re.compile(r"/(20\d\d)[/-]?(\d{1,2})(?!\d{3})")
_LONGEST_ADDITION = 20
_FOOT = 4
_OWN_FOOT = re.compile(r"\b(?:article|post|entry)[-_]foot")
_DAY_ALONE = re.compile(r"\d{1,2}")
_LEAF_LINE = re.compile(r"(\d{1,2})\s+(\d{1,2}[/-]\d{4})")
_LEAF = 3
_LAST_CHANGE = re.compile(r"\bcuối\b|last (?:updated|modified)", re.IGNORECASE)
_PATH = re.compile(r"\W*(?:trang chủ|trang nhất|home)\b", re.IGNORECASE)
_UNDER_TITLE = "line below the title"


def read_date(sheet: Sheet) -> Found[Moment] | Unreadable | None:
    """The moment of publication; Unreadable when its place on the page holds no date."""
    return next(candidates(sheet), None)


def candidates(sheet: Sheet) -> Iterator[Found[Moment] | Unreadable]:
    """Every moment that may be meant, the surest first; a layout's place is the only one."""
    fitted = False
    for found in _by_layout(sheet):
        fitted = True
        yield _settled(found, sheet) if isinstance(found, Found) else found
    if fitted:
        return
    beside = chain(_beside_title(sheet), _behind_title(sheet), _just_above(sheet))
    for printed in chain(beside, _behind_path(sheet), _leaf(sheet), _below(sheet)):
        yield _settled(printed, sheet)
    yield from _declared(sheet.structured)
    yield from _written_by_script(sheet)
    yield from _without_year(sheet)


def _settled(printed: Found[Moment], sheet: Sheet) -> Found[Moment]:
    """What is printed, in the page's order of day and month, as exact as metadata has it."""
    moment = in_order(printed.value, sheet)
    # A blog prints the day above the title and the time below the text.
    for block in sheet.below[:_FOOT] if moment.at is None else ():
        if not block.is_heading and block.linked <= _LONGEST_ADDITION:
            moment = exact(moment, block.element, sheet.fetched_at)
    return _finer(Found(moment, printed.raw, printed.rule), sheet.structured)


def _by_layout(sheet: Sheet) -> Iterator[Found[Moment] | Unreadable]:
    unread = []
    for element, selector in matches(sheet.document, sheet.layout.date if sheet.layout else ()):
        if next(element.iterancestors("aside"), None) is not None:
            # A theme's widget gives other articles' days the same name.
            continue
        text = text_of(element)
        moment = read_moment(text, sheet.fetched_at)
        moment = (
            exact(moment, element, sheet.fetched_at)
            if moment
            else in_attributes(element, sheet.fetched_at)
        )
        if moment:
            yield Found(moment, as_printed(text, moment), sheet.rule(selector))
        elif text:
            unread.append(Unreadable(text[:200], sheet.rule(selector)))
    yield from unread


def _beside_title(sheet: Sheet) -> list[Found[Moment]]:
    """Dates between title and text; of several the one that is labelled as that of posting.

    What a clock shows comes last: old pages print it between the section's name and the title.
    """
    lines = [
        (
            not POSTED.search(block.text),
            is_now(moment, block.text, sheet.fetched_at),
            Found(moment, as_printed(block.text, moment), _UNDER_TITLE),
        )
        for block in sheet.head
        if may_date(sheet, block)
        and not is_running(block)
        and (moment := _timed(moment_of(block, sheet.fetched_at), block, sheet))
    ]
    return [found for *_, found in sorted(lines, key=lambda line: line[:2])]


def _behind_title(sheet: Sheet) -> Iterator[Found[Moment]]:
    """A date in the line of the title, in an element of its own: "(19/09/2023)"."""
    for block in sheet.heading_lines:
        if moment := read_moment(added_to(block), sheet.fetched_at):
            yield Found(moment, moment.raw, "behind the title")


def _just_above(sheet: Sheet) -> Iterator[Found[Moment]]:
    """A date between breadcrumb and title; only inside the article's own box."""
    for block in takewhile(lambda line: not is_menu(line), sheet.above):
        if (
            may_date(sheet, block)
            and (is_only_moment(block.text) or _has_views(block))
            and not is_clock(sheet, block.element)
            and (moment := moment_of(block, sheet.fetched_at))
            and not is_now(moment, block.text, sheet.fetched_at)
        ):
            yield Found(moment, as_printed(block.text, moment), "line above the title")


def _has_views(block: Block) -> bool:
    """Whether a date stands beside the views, as no clock does."""
    return is_dated(block.text) and VIEW_LABEL.search(block.text) is not None


def _behind_path(sheet: Sheet) -> Iterator[Found[Moment]]:
    """A date in an element of its own behind the path right above the title; today's is a clock."""
    for block in sheet.above[:1]:
        # An item of a list is linked and dated, too.
        is_path = block.linked and _PATH.match(block.text)
        moment = read_moment(added_to(block), sheet.fetched_at) if is_path else None
        if moment and moment.on != sheet.fetched_at.astimezone(VIETNAM).date():
            yield Found(moment, moment.raw, "behind the path above the title")


def _leaf(sheet: Sheet) -> Iterator[Found[Moment]]:
    """A day, a month and a year in lines of their own beside the title, as a calendar's leaf."""
    for block in [*sheet.head, *sheet.above[:_LEAF]]:
        whole = _LEAF_LINE.fullmatch(block.text)
        if not whole and not _DAY_ALONE.fullmatch(block.text):
            continue
        below = [b.text for b in sheet.walked.blocks[block.index : block.index + _LEAF]]
        for lines in [whole.groups()] if whole else (below, below[:2]):
            if sum(map(len, lines)) > _LONGEST_ADDITION or is_clock(sheet, block.element):
                continue
            moment = read_moment(" ".join(lines), sheet.fetched_at)
            if moment := moment or read_moment("/".join(lines), sheet.fetched_at):
                yield Found(moment, moment.raw, "day, month and year beside the title")


def _timed(moment: Moment | None, block: Block, sheet: Sheet) -> Moment | None:
    """The moment with the time that stands alone in the line before or behind its day."""
    if moment is None or moment.at:
        return moment
    place = block.index - sheet.head[0].index
    # A bar may stand between the two.
    for line in sheet.head[max(0, place - 2) : place + 3]:
        if ONLY_TIME.fullmatch(line.text):
            timed = read_moment(f"{moment.raw} {line.text}", sheet.fetched_at)
            return timed if timed and timed.on == moment.on else moment
    return moment


def _below(sheet: Sheet) -> Iterator[Found[Moment]]:
    for block in sheet.below:
        if (
            PUBLISHED_LABEL.search(block.text)
            and not _LAST_CHANGE.search(block.text)
            and (
                not block.beside
                or (sheet.adjoins(block) and POSTED.search(block.text))
                or _OWN_FOOT.search(block.element.get("class") or "")
            )
            and may_date(sheet, block)
            and (moment := posted(block.text, sheet.fetched_at))
            and (POSTED.search(block.text) or not _is_today(moment, sheet))
        ):
            yield Found(moment, moment.raw, "label below the text")
    yield from _stamped(sheet)


def _stamped(sheet: Sheet) -> Iterator[Found[Moment]]:
    """A moment alone, or with the author, in the text's last line or the next one.

    Beside a link it is that of another article.
    """
    last = max(1, sheet.text_end - 1)
    blocks = sheet.walked.blocks
    for block in blocks[last : last + 2]:
        beside = (blocks[block.index - 1], *blocks[block.index + 1 : block.index + 2])
        if any(line.is_linked for line in beside) or not is_stamp(block.text):
            continue
        if not may_date(sheet, block) or is_clock(sheet, block.element):
            continue
        moment = read_moment(block.text, sheet.fetched_at)
        if moment and not _is_today(moment, sheet):
            yield Found(moment, moment.raw, "line below the text")


def _is_today(moment: Moment, sheet: Sheet) -> bool:
    """Whether it is only the day of fetching: static pages print "Cập nhật" and the clock's day."""
    return moment.at is None and moment.on == sheet.fetched_at.astimezone(VIETNAM).date()


def _without_year(sheet: Sheet) -> Iterator[Found[Moment] | Unreadable]:
    """A date such as "25/11", in the year that the page's address tells; else nobody knows it."""
    for block in sheet.head:
        if not may_date(sheet, block) or not (yearless := without_year(block.text)):
            continue
        _, month, raw = yearless
        stated = _URL_YEAR.search(sheet.url)
        if stated and int(stated[2]) == month and (moment := with_year(raw, int(stated[1]))):
            yield Found(moment, raw, f"{_UNDER_TITLE}, year from the address")
        else:
            yield Unreadable(raw, f"{_UNDER_TITLE}, without a year")


def _declared(structured: Structured) -> Iterator[Found[Moment]]:
    stated = text_in(structured.article.get("datePublished"))
    if stated and (moment := iso_moment(stated)):
        yield Found(moment, stated, "json-ld: datePublished")
    for name in PUBLISHED:
        named = structured.meta(name)
        if named and (moment := iso_moment(named[0])):
            yield Found(moment, named[0], f"meta: {name}")


def _finer(printed: Found[Moment], structured: Structured) -> Found[Moment]:
    """The printed moment, to the second where metadata agrees with it.

    People read "08:52", the same page's JSON-LD says 08:52:11. Where they disagree the printed
    one holds: metadata often carries the time of the last change.
    """
    stated = next(_declared(structured), None)
    if not stated or not stated.value.at or stated.value.on != printed.value.on:
        return printed
    at, finer = printed.value.at, stated.value.at
    if at and (at.replace(second=0) != finer.replace(second=0, microsecond=0) or at.second):
        return printed
    moment = Moment(printed.value.on, finer, printed.raw)
    return Found(moment, printed.raw, f"{printed.rule}, time from {stated.rule}")


def _written_by_script(sheet: Sheet) -> Iterator[Found[Moment]]:
    """A whole date with its time that an inline script writes beside the title as static text."""
    for script in sheet.tree.iter("script"):
        for written in _WRITTEN.finditer(script.text or ""):
            text = _unescaped(written["text"])
            moment = read_moment(text, sheet.fetched_at) if is_only_moment(text) else None
            places = _BY_ID(sheet.tree, id=written["id"]) if moment and moment.at else ()
            if moment and any(not is_clock(sheet, place) for place in places):
                yield Found(moment, moment.raw, "inline script")


def _unescaped(text: str) -> str:
    return squeeze(unescape(text))
