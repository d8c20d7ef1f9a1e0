"""What kind of page it is, decided by its shape: an article is what looks like one."""

import re

from crawler.selectors import text_of
from pipelines.blocks import Block
from pipelines.clock import is_only_moment
from pipelines.content import in_row, is_list, prose_of
from pipelines.date import read_date
from pipelines.found import Found
from pipelines.lines import AUTHOR_LABEL, is_dated
from pipelines.refusal import is_not_found
from pipelines.sheet import Sheet

_LOGIN = re.compile(r"đăng nhập|sign in|log ?in", re.IGNORECASE)
_LOGIN_TITLE = re.compile(r"(?:đăng nhập|sign in|log ?in)\b.{0,80}$", re.IGNORECASE)
_POLL = re.compile(r"thăm dò|bình chọn|bỏ phiếu|total votes|tổng số phiếu|poll", re.IGNORECASE)
_FEW_LINKS = 15
_PROSE_ENOUGH = 250
_PROSE_WITH_DATE = 60
_SHARE, _SHARE_DATED = 0.2, 0.1
_ITEM = 25
_SECTION = 30
"""How long the name of a section is at most."""
_BESIDES_DATE = 50
"""What an item may print in the line of its date: views, the name of its section."""
_BRACKETS = 8
"""What a list prints around the date behind a title."""
_PROSE_UNDATED = 600
_FIRST = 2
_REACHED = re.compile(r"(?:điện thoại|đt|sđt|e-?mail|ngày sinh|năm sinh)\s*:\s*\S", re.IGNORECASE)
_AT = re.compile(r"\d{1,2}\s?[:hg]\s?\d{2}")
_PROGRAMS = 5
_ASKED = re.compile(r"người (?:hỏi|gửi)\s*:", re.IGNORECASE)
_QUESTIONS = 3
_POLL_NAME = re.compile(
    r"(?:kết quả )?(?:thăm dò(?: (?:ý kiến|dư luận))?|bình chọn)\W*", re.IGNORECASE
)


def kind_of(sheet: Sheet) -> str:
    """article, listing, other, not_found, login or poll; of a page that nothing stands before."""
    if is_not_found(sheet):
        return "not_found"
    if _LOGIN_TITLE.match(sheet.page_title) and _asks_password(sheet):
        return "login"
    # What is asked and how many said what is prose like any other.
    if sheet.heading and _POLL_NAME.fullmatch(sheet.heading.value):
        return "poll"
    if _is_fitted(sheet) or _is_article(sheet):
        return "article"
    if form := _form(sheet):
        return form
    if _calls_itself_article(sheet):
        return "article"
    return "listing" if _items(sheet) >= 5 else "other"


def _is_fitted(sheet: Sheet) -> bool:
    """A layout's fingerprint, title and text box are all there."""
    if not sheet.fitted_body:
        return False
    if not sheet.fitted_title:
        # A theme may show no title; that the box is one of an article the layout knows.
        return sheet.heading is not None and prose_of(sheet.inside) >= _PROSE_ENOUGH
    box = sheet.fitted_body[0]
    return (
        bool(sheet.inside) or box.find(".//img") is not None or (box.find(".//iframe") is not None)
    )


def _is_article(sheet: Sheet) -> bool:
    if sheet.container is None or not (sheet.heading_lines or sheet.structured.says_article):
        return False
    text = _text(sheet)
    if not _may_be_article(sheet, text):
        return False
    # A plan of the week, a list of staff: figures and notices in tables have a date.
    cells = set(filter(in_row, {b.element for b in text}))
    told = [b for b in text if b.element not in cells]
    if _written(told) >= (_PROSE_ENOUGH if _has_heading(sheet) else _PROSE_UNDATED):
        return True
    return (prose_of(text) >= _PROSE_WITH_DATE or sheet.container is sheet.bare) and _is_dated(
        sheet
    )


def _calls_itself_article(sheet: Sheet) -> bool:
    """Some sites call every page so: there must be some text, and not only titles."""
    if sheet.container is None:
        return bool(sheet.structured.article)
    text = _text(sheet)
    is_called = sheet.structured.says_article and _written(text) >= _PROSE_WITH_DATE
    return is_called and _may_be_article(sheet, text)


def _may_be_article(sheet: Sheet, text: list[Block]) -> bool:
    """Whether `text` is enough of the page and no list of other articles."""
    title = sheet.heading_lines
    seen = [b for b in sheet.walked.blocks if b.prose and not b.beside and b not in title]
    box = sheet.container
    if not prose_of(text) and box is not None and box.find(".//audio") is not None:
        # A broadcast under its date: a long line of a date is no text.
        seen = [b for b in seen if not is_only_moment(b.text)]
    whole = prose_of(seen)
    # A list's first title heads the text as its own would.
    first = sheet.walked.blocks[max(0, sheet.text_start - _FIRST) : sheet.text_start]
    return _is_enough(sheet, prose_of(text), whole) and not (
        _is_item(sheet)
        or is_list([*(b for b in first if b.is_linked), *text])
        or _are_questions(text)
        or ((_is_directory(text) or _is_timetable(text)) and not _is_dated(sheet))
    )


def _are_questions(text: list[Block]) -> bool:
    """Whether several lines tell who asked: a list of what people sent in."""
    labelled = [b for b in text if ":" in b.text]
    return len(labelled) >= _QUESTIONS and len(list(filter(_asks, labelled))) >= _QUESTIONS


def _asks(line: Block) -> bool:
    return _ASKED.match(line.text) is not None


def _is_directory(text: list[Block]) -> bool:
    """Whether most lines tell how to reach somebody, or who is how old: staff, offices."""
    told = [b for b in text if b.prose]
    # Most paragraphs have no colon, and the pattern has no first letter to look for.
    labelled = [b for b in text if ":" in b.text]
    reached = sum(bool(_REACHED.search(b.text)) for b in labelled)
    return reached >= 3 and 2 * reached > len(told)


def _is_timetable(text: list[Block]) -> bool:
    """Whether most lines begin with a time of day and are no sentences: what a station sends."""
    if not text or not text[-1].text[0].isdigit():
        return False
    told = [b for b in text if b.prose]
    timed = sum(bool(_AT.match(b.text)) and not b.text.endswith(".") for b in told)
    return timed >= _PROGRAMS and 2 * timed > len(told)


def _written(text: list[Block]) -> int:
    """How much prose there is without headings, which may be the titles of other articles."""
    return prose_of([b for b in text if not b.is_heading])


def _text(sheet: Sheet) -> list[Block]:
    return [b for b in sheet.walked.blocks[sheet.text_start : sheet.text_end] if not b.beside]


def _is_enough(sheet: Sheet, prose: int, whole: int) -> bool:
    """Whether an article may be so little of the page's prose: with heading and date it may."""
    if prose >= _SHARE * whole:
        return True
    return prose >= _SHARE_DATED * whole and _has_heading(sheet) and _is_dated(sheet)


def _is_dated(sheet: Sheet) -> bool:
    return isinstance(read_date(sheet), Found)


def _has_heading(sheet: Sheet) -> bool:
    """Whether the title is more than a bold line, which may as well head a box of links, or is one
    that the text begins right under.
    """
    found = sheet.heading if sheet.heading_lines else None
    if found is None or not found.rule.startswith("bold line"):
        return found is not None
    # Who wrote the text may stand between the two.
    between = sheet.walked.blocks[sheet.heading_lines[-1].index + 1 : sheet.text_start]
    return all(AUTHOR_LABEL.match(b.text) or is_dated(b.text) for b in between)


def _is_item(sheet: Sheet) -> bool:
    """A list's only item: its title links elsewhere, and only behind that comes the date.

    Without a title of the page it is enough that a link heads the text.
    """
    if not sheet.heading_lines:
        above = sheet.walked.blocks[sheet.text_start - 1] if sheet.text_start else None
        return above is not None and above.is_linked and above.is_heading
    if _heads_other(sheet):
        return True
    # A title may end in a date of its own: "... ngày 17/1/2023".
    plain = [b for b in sheet.head if not b.is_linked]
    ended = [b.index for b in sheet.head if b.linked >= _ITEM and _ends_in_date(b)]
    dated = [b.index for b in plain if is_only_moment(b.text, _BESIDES_DATE)]
    dated = [index for index in dated if index not in ended] + [index + 1 for index in ended]
    title = sheet.heading_lines[-1].text
    linked = [
        b.index
        for b in sheet.head
        if (b.is_linked or b.index in ended)
        and len(b.text) >= _ITEM
        and (b.is_heading or b.index + 1 in dated)
        # A forum's post repeats the title as a link to itself.
        and not (b.text in title or title in b.text)
    ]
    return bool(linked and dated) and min(linked) < min(dated)


def _ends_in_date(line: Block) -> bool:
    """Whether a link is followed by a date in its line, as lists print it: "Title (12/09/2013)"."""
    link = line.element.find(".//a")
    title = text_of(link) if link is not None else ""
    behind = line.text.removeprefix(title) if len(title) >= _ITEM else ""
    return behind != line.text and is_only_moment(behind, _BRACKETS)


def _heads_other(sheet: Sheet) -> bool:
    """Whether the name of a section is the title, and the title of another article heads the text.

    A section's first article is often shown with a lead of several sentences.
    """
    title = sheet.heading_lines[-1].text
    above = sheet.walked.blocks[sheet.text_start - 1] if sheet.text_start else None
    return (
        above is not None
        and sheet.is_of_head(above)
        and above.is_linked
        and above.is_heading
        and len(above.text) >= _ITEM
        and len(title) <= _SECTION
        and not _is_dated(sheet)
    )


def _loud(sheet: Sheet) -> list[Block]:
    return [b for b in sheet.walked.blocks if b.is_heading and not b.is_linked]


def _form(sheet: Sheet) -> str | None:
    if prose_of(sheet.inside) >= _PROSE_ENOUGH:
        return None
    if _asks_password(sheet) and _is_about(sheet, _LOGIN):
        return "login"
    few_links = sum(b.is_linked for b in sheet.walked.blocks) < _FEW_LINKS
    if _POLL.search(sheet.page_title) or (few_links and _is_about(sheet, _POLL)):
        return "poll"
    return None


def _asks_password(sheet: Sheet) -> bool:
    return any(field.get("type") == "password" for field in sheet.tree.iter("input"))


def _is_about(sheet: Sheet, what: "re.Pattern[str]") -> bool:
    return bool(what.search(sheet.page_title)) or any(what.search(b.text) for b in _loud(sheet))


def _items(sheet: Sheet) -> int:
    """How many links long enough to be titles of articles there are."""
    return sum(
        b.linked >= _ITEM and 2 * b.linked >= len(b.text) and not b.beside
        for b in sheet.walked.blocks
    )
