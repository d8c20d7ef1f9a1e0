"""What single lines around an article's text say: a date, a label, a lead, a person's name."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from crawler.vietnamese import squeeze
from pipelines.blocks import EYE, INLINE, Block
from pipelines.clock import is_only_moment
from pipelines.names import CAPITAL

# Parts of class names, split at hyphens and capitals: "detail-sapo", "ArticleSummary", "descNews".
_LEAD_NAMES = frozenset({
    "sapo", "lead", "phead", "hometext", "summary", "sumary", "tomtat", "trichdan", "trichyeu",
    "intro", "introtext", "standfirst", "abstract", "description", "desc", "des", "chapeau",
    "chappeau", "brieftext", "motachitiet", "teaser",
})  # fmt: skip
_LEAD_PAIRS = (
    "tom-tat", "trich-dan", "brief-text", "mo-ta", "phead", "tomtat", "trichdan", "summary", "sapo",
    "hometext",
)  # fmt: skip
_NO_LEAD_NAMES = frozenset({"img", "image", "photo", "avatar", "thumb", "pic", "picture", "video"})
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
VIEW_LABEL = re.compile(
    r"(?:số\s+)?(?:lượt|lần)\s+(?:xem|đọc|view)|(?:đã|số)\s+(?:xem|đọc)\b"
    r"|(?<!\w)(?<!đang )xem(?:\s+(?:tin|bài))?\s*:"
    r"|(?<!\w)đọc\s*:(?=\s*\d)|(?<!\w)đọc(?=\s+\d[\d.,]*\s+lần\b)"
    r"|được (?:xem|đọc)\b|\bview(?:s|ed)?(?:\s+count)?\b|\bhits?\s*:|👁\ufe0f?|" + EYE,
    re.IGNORECASE,
)
AUTHOR_LABEL = re.compile(
    r"^(?:tác giả(?:\s+bài viết)?|người\s+(?:đăng|viết|gửi|cập nhật)(?:\s+(?:bài|tin)(?:\s+viết)?)?"
    r"|tac gia|nguoi\s+(?:dang|viet)"
    r"|đăng\s+bởi|bài\s+viết|viết\s+bởi|biên\s+tập\s+viên|tin\s*,?\s*bài"
    r"|(?:tin|bài)(?:(?:\s*[,+&-]\s*|\s+và\s+|\s+)(?:bài|ảnh|clip|video))+"
    r"|ghi chép|bút ký|truyện ngắn|phóng sự|(?:lược|biên) dịch|lược ghi"
    r"|tin(?=\s*:[^;]{2,40};\s*ảnh)|author|by|phóng\s+viên|thực\s+hiện|bài|pv|ctv)"
    # "Bài và ảnh Vũ Thảo", "Bút ký của Vũ Thảo": a name goes on with a capital.
    r"(?:\s*:\s*|(?:(?<=, ảnh)|(?<=và ảnh))\s+(?-i:(?=[A-ZĐÁÂÔƯ]))"
    r"|(?:(?<=ghi chép)|(?<=bút ký)|(?<=truyện ngắn)|(?<=phóng sự))\s+của\s+"
    rf"(?-i:(?=(?:{CAPITAL}\S*+\s*+){{1,5}}$)))(?P<name>.+)",
    re.IGNORECASE,
)
AUTHOR_PAGE = re.compile(r"/(?:author|tac-gia)/[^/?#]")
"""The address of what else an author wrote."""
LEAD_LABEL = re.compile(r"tóm tắt(?: (?:tin tức|tin|bài viết|bài|nội dung))?\s*:\s*", re.IGNORECASE)
"""What a lead may begin with; a paper's own "Tóm tắt" heads its abstract and stands alone."""
SOURCE_LABEL = re.compile(r"^\(?(?:nguồn(?:\s+tin)?|theo|source|ảnh)\s*[:\s]", re.IGNORECASE)
RELATED_LABEL = re.compile(
    r"^[>»\-•\s]*(?:(?:các\s+)?"
    r"(?:(?:tin|bài)(?:,?\s+(?:bài|viết|tức))?|video|clip|album|phóng sự)\s+"
    r"(?:liên quan|khác|cùng|mới|gần đây|đã đưa|đã đăng|cũ|nổi bật|đọc nhiều|xem nhiều)"
    r"|xem (?:thêm|tiếp|nhiều)|đọc (?:thêm|tiếp|nhiều)|theo dòng sự kiện"
    r"|có thể bạn (?:quan tâm|sẽ thích)|(?:bạn )?(?:không nên|đừng) bỏ lỡ|dành cho bạn(?=\W*$)"
    r"|cùng (?:chuyên mục|chủ đề|danh mục|tác giả)|(?:các )?bản tin khác"
    r"|(?:tin|bài) (?:tiếp theo|kế tiếp)|những tin (?:mới|cũ) hơn)\b.{0,40}$",
    re.IGNORECASE,
)
CATEGORY_LABEL = re.compile(
    r"^(?P<label>chuyên mục|danh mục|thể loại|category)\s*(?P<colon>:?)\s*", re.IGNORECASE
)
_FILED = re.compile(
    r"(?<!\w)(?:(?:chuyên mục|danh mục|thể loại|category|người (?:đăng|viết)|tác giả)\s*:"
    r"|(?:đăng|viết) bởi\b)",
    re.IGNORECASE,
)
"""Tells, in the line of a date, where the article is filed or who wrote it."""
_EVENT_LABEL = re.compile(r"^(?:dòng )?sự kiện\s*:|^chuyên đề\s*:", re.IGNORECASE)
"""What an article belongs to, linked in its head or at its foot."""
COMMENTS_LABEL = re.compile(
    r"^(?:\(?\d+\)?\s*)?(?:bình luận|ý kiến(?:\s+(?:bạn đọc|độc giả|của bạn))?|phản hồi|nhận xét"
    r"|(?:gửi|viết|để lại|đăng nhập để|thêm)\s+(?:bình luận|ý kiến|phản hồi|nhận xét)|comments?"
    r"|leave a (?:reply|comment))(?!\w).{0,40}$",
    re.IGNORECASE,
)
RATING_LABEL = re.compile(r"đánh giá|bình chọn|\bđiểm\b", re.IGNORECASE)

# "Hải Lộc, ngày 04 tháng 01 năm 2023" is how a document begins, not when its page was published.
PLACE_AND_DAY = re.compile(
    r"^(?!thứ|chủ nhật|đăng|cập nhật|xuất bản|cn\b|t[2-7]\b)[^\d,:|]{2,40},"
    r"\s*ngày\s+\d{1,2}\s*tháng",
    re.IGNORECASE,
)
_FOOT = re.compile(
    rf"^(?:{VIEW_LABEL.pattern})|\d\s*\(?(?:{VIEW_LABEL.pattern})\)?$"
    rf"|(?:{VIEW_LABEL.pattern})\s*[:\-–=(]?\s*\d[\d.,]*\s*(?:lần|lượt)?\)?$"
    r"|^(?:từ khóa|tags?)\s*:|^chia sẻ(?: (?:bài viết|bài|tin)(?: này)?)?\b.{0,20}$"
    r"|^(?:(?:ngày|thời gian)\s+(?:đăng|cập nhật|xuất bản)|đăng\s+(?:ngày|lúc)|cập nhật lúc)\b.*\d"
    r"|^(?:publish(?:ed)?|posted|created|modified)\b.*\d|^đánh giá\W*\d"
    r"|\d\s*điểm\s*\(|^tổng số điểm của bài viết|^xếp hạng\s*:\s*\d"
    r"|^(?:số )?lượt (?:truy (?:cập|nhập)|thích|chia sẻ|tải)\b|^(?:đơn vị|cơ quan) trả lời\s*:"
    r"|^đang (?:trực tuyến|online|truy cập)\b"
    r"|^(?:danh|chuyên) mục\s*:.{1,40}?(?:người\s+(?:đăng|viết)|tác giả)\s*:"
    r"|^\(?(?:tác giả|người\s+(?:đăng|viết)|nguồn(?:\s+tin)?"
    r"|(?:file|tệp|tài liệu)(?:\s+tin)?\s+đính kèm)\s*(?::|$)",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"\W*mời (?:quý )?(?:bạn đọc|độc giả|quý vị)\b.{0,60}\b(?:xem|đọc|theo dõi)\b", re.IGNORECASE
)
_COUNTED = re.compile(
    r"\d\W{0,3}(?:lượt |người )?(?:thích|chia sẻ|bình luận|likes?|shares?)\b", re.I
)
_BOLD = re.compile(
    r"font(?:-weight)?\s*:[^;]*\b(?:bold|bolder|[6-9]00)\b|font-style\s*:\s*(?:italic|oblique)",
    re.IGNORECASE,
)
_BOLD_CLASS = re.compile(
    r"(?<![\w:-])(?:font-(?:semi|extra)?bold|fw-(?:semi)?bold|font-weight-bold|(?:fst-|font-)?italic)"
    r"(?![\w-])"
)
"""What Tailwind and Bootstrap set a line bold or italic with."""
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar)$", re.IGNORECASE)
_LONGEST_HEAD, _LONGEST_LABEL = 120, 20
_LONGEST_FOOT = 90
_LONGEST_INVITATION = 160
_BESIDES_DATE = 30
_BRACKETS = 4
_WRAPPERS = 4
PIECES = 200
"""In how many elements and between them the words of a line stand at most."""


def is_lead(block: Block) -> bool:
    """Whether the line's own label, or the name of an element that holds just this line, says that
    it is the lead.
    """
    text = block.text
    is_labelled = ":" in text[:_LONGEST_LABEL] and bool(LEAD_LABEL.match(text))
    return (
        is_labelled
        or any(map(names_lead, _holders(block)))
        or any(map(names_lead, _wrappers(block)))
    )


def _wrappers(block: Block) -> Iterator[Any]:
    """The boxes in boxes around the line alone: `div.article-summary > div > h2 > div`."""
    element = block.element
    for _ in range(_WRAPPERS):
        around = element.getparent()
        if around is None or not _is_only_child(element) or not is_whole(around, block.text):
            return
        yield around
        element = around


def _holders(block: Block) -> Iterator[Any]:
    """The elements that hold the whole line and nothing else, from the outside in."""
    around = block.element.getparent()
    if around is not None and _is_only_child(block.element) and is_whole(around, block.text):
        yield around
    yield block.element
    for inner in block.element.iter("span", "font", "b", "strong", "em", "i", "label"):
        if is_whole(inner, block.text):
            yield inner


def _is_only_child(element: Any) -> bool:
    # libxml2 counts children one by one, for each of thousands in turn.
    return element.getprevious() is None and element.getnext() is None


def is_whole(element: Any, text: str) -> bool:
    """Whether `text`, a line, is all that the element holds."""
    # Of a box of thousands of lines each would ask.
    return squeeze("".join(islice(element.itertext(), PIECES))) == text


def names_lead(element: Any) -> bool:
    """Whether the element's own name says that it is a lead."""
    names = (element.get("class"), element.get("itemprop"), element.get("data-role"))
    if any(map(_is_lead_name, filter(None, names))):
        return True
    # An id such as "pageDescription" may be that of the whole text, or of what a forum tells of it.
    called = element.get("id")
    return called is not None and _is_lead_name(called) and "escription" not in called


@lru_cache(maxsize=5_000)
def _is_lead_name(name: str) -> bool:
    parts = {part.lower() for part in _NAME_PART.findall(name)}
    if not _NO_LEAD_NAMES.isdisjoint(parts):
        return False
    return not _LEAD_NAMES.isdisjoint(parts) or any(pair in name.lower() for pair in _LEAD_PAIRS)


def is_bold(block: Block) -> bool:
    """Whether the whole line is bold or italic, by tag or by the elements' own style."""
    return any(
        e.tag in ("b", "strong", "em", "i")
        or _BOLD.search(e.get("style") or "")
        or _BOLD_CLASS.search(e.get("class") or "")
        for e in _holders(block)
    )


def is_head_line(block: Block) -> bool:
    """Whether a line at the start of the container belongs to the head: date, views, lead, ..."""
    if block.is_linked or is_lead(block):
        return True
    text = block.text
    if is_foot_line(block) or not any(c.isalpha() for c in text):
        return True
    if len(text) > _LONGEST_HEAD or text.endswith((".", ":", ";")):
        return False
    if PLACE_AND_DAY.match(text):
        return False
    if is_dated(text):
        return True
    if AUTHOR_LABEL.match(text):
        return True
    return block.beside and bool(RATING_LABEL.search(text))


def is_dated(text: str) -> bool:
    """Whether a line is a date, alone or with counts, its section, its author behind it."""
    # Labels are looked for in few lines: the patterns have no letter to begin with.
    return is_only_moment(text, _LONGEST_FOOT) and bool(
        is_only_moment(text, _BESIDES_DATE)
        or VIEW_LABEL.search(text)
        or _COUNTED.search(text)
        or _FILED.search(text)
    )


def is_foot_line(block: Block) -> bool:
    """Whether a line at the end of the container tells about the article instead of being it."""
    if len(block.text) <= _LONGEST_INVITATION and _INVITES.match(block.text):
        return True
    if len(block.text) > _LONGEST_FOOT:
        return False
    if is_stamp(block.text):
        return True
    if block.linked and (CATEGORY_LABEL.match(block.text) or _EVENT_LABEL.match(block.text)):
        return True
    return bool(_FOOT.search(block.text)) or (block.is_linked and bool(_FILE.search(block.text)))


def is_stamp(text: str) -> bool:
    """Whether a line is a moment and nothing else, or the author behind it."""
    moment, bar, author = text.strip("()-– ").partition("|")
    if not moment[:1].isdigit() or not is_only_moment(moment.strip(), 0):
        return False
    return not bar or AUTHOR_LABEL.match(author.strip()) is not None


def added_to(title: Block) -> str:
    """The date or the views that stand in an element of their own behind the title, in its line."""
    if title.text.endswith(")"):
        tails = (squeeze(child.tail or "") for child in title.element.iterchildren(*INLINE))
        if date := next(filter(_is_date_in_brackets, tails), ""):
            return date if title.text.endswith(date) else ""
    children = title.element.iterchildren(reversed=True)
    # Boxes behind the line are lines of their own.
    last = next((child for child in children if child.tag in INLINE), None)
    while last is not None and last.tag in INLINE and not (last.tail or "").strip():
        text = squeeze("".join(last.itertext()))
        if text != title.text:
            tells = is_only_moment(text, _BRACKETS) or VIEW_LABEL.search(text)
            return text if tells and title.text.endswith(text) else ""
        last = next(last.iterchildren(reversed=True), None)
    return ""


def _is_date_in_brackets(text: str) -> bool:
    return text.startswith("(") and is_only_moment(text, _BRACKETS)
