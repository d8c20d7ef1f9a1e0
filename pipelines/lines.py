"""What single lines around an article's text say: a date, a label, a lead, a person's name."""

import re
from typing import Any

from crawler.vietnamese import squeeze
from pipelines.blocks import EYE, Block
from pipelines.clock import is_only_moment

_LEAD_NAME = re.compile(
    r"(?<![a-z])(?:sapo|lead|phead|hometext|articlesummary|summary|tomtat|tom-tat|trichdan|trich-dan"
    r"|intro|introtext|standfirst|abstract|description|brief-?text|news-?desc)(?![a-z])",
    re.IGNORECASE,
)
VIEW_LABEL = re.compile(
    r"(?:số\s+)?(?:lượt|lần)\s+(?:xem|đọc|view)|(?:đã|số)\s+(?:xem|đọc)\b|(?<!\w)xem\s*:"
    r"|\bview(?:s|ed)?(?:\s+count)?\b|\bhits?\s*:|" + EYE,
    re.IGNORECASE,
)
AUTHOR_LABEL = re.compile(
    r"^(?:tác giả(?:\s+bài viết)?|người\s+(?:đăng|viết)|đăng\s+bởi|bài\s+viết|viết\s+bởi"
    r"|tin\s*,?\s*bài|tin\s*,?\s*ảnh|bài\s*,?\s*(?:và\s*)?ảnh|tin\s+và\s+ảnh|author|by|phóng\s+viên"
    r"|thực\s+hiện|bài)\s*:\s*(?P<name>.+)",
    re.IGNORECASE,
)
SOURCE_LABEL = re.compile(r"^\(?(?:nguồn(?:\s+tin)?|theo|source|ảnh)\s*[:\s]", re.IGNORECASE)
RELATED_LABEL = re.compile(
    r"^[>»\-•\s]*(?:(?:các\s+)?(?:tin|bài)(?:\s+(?:bài|viết|tức))?\s+"
    r"(?:liên quan|khác|cùng|mới|đã đưa)"
    r"|xem (?:thêm|tiếp)|đọc (?:thêm|tiếp)|theo dòng sự kiện|có thể bạn quan tâm"
    r"|những tin (?:mới|cũ) hơn)\b.{0,40}$",
    re.IGNORECASE,
)
RATING_LABEL = re.compile(r"đánh giá|bình chọn|\bđiểm\b", re.IGNORECASE)

_FOOT = re.compile(
    rf"^(?:{VIEW_LABEL.pattern})|\d\s*(?:lượt|lần)\s+(?:xem|đọc)$"
    r"|^(?:từ khóa|tags?)\s*:|^chia sẻ\b.{0,20}$"
    r"|^(?:ngày\s+(?:đăng|cập nhật|xuất bản)|đăng\s+(?:ngày|lúc)|cập nhật lúc)\b.*\d"
    r"|\d\s*điểm\s*\(|^tổng số điểm của bài viết"
    r"|^(?:tác giả|nguồn(?:\s+tin)?|(?:file|tệp|tài liệu)(?:\s+tin)?\s+đính kèm)\s*(?::|$)",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar)$", re.IGNORECASE)
_LONGEST_HEAD = 120
_LONGEST_FOOT = 90
_UPPER = "A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
_NAME_WORD = rf"(?:[{_UPPER}][^\W\d_]*|[{_UPPER}]\.(?:[{_UPPER}]\.)+)"
_NAME = rf"{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,4}}"
_OFFICE = r"(?:Đài|Trung tâm|TT|TTVH|Phòng|Ban|Báo|CTV|PV|Cổng)\b[^.:;!?]{0,50}"
_NAMES = re.compile(
    rf"{_NAME}(?:\s*(?:[-–,&;+/]|và)\s*(?:{_NAME}|{_OFFICE}))*(?:\s*\([^()]{{2,40}}\))?",
)


def is_lead(element: Any) -> bool:
    """Whether the element's name says it holds the lead."""
    names = (element.get("class"), element.get("itemprop"), element.get("data-role"))
    return any(name and _LEAD_NAME.search(name) for name in names)


def is_bold(block: Block) -> bool:
    """Whether the whole line is bold or italic."""
    return any(
        squeeze("".join(element.itertext())) == block.text
        for element in block.element.iter("b", "strong", "em", "i")
    )


def is_head_line(block: Block) -> bool:
    """Whether a line at the start of the container belongs to the head: date, views, lead, ..."""
    if block.is_linked or is_lead(block.element):
        return True
    text = block.text
    if is_foot_line(block) or not any(c.isalpha() for c in text):
        return True
    if len(text) > _LONGEST_HEAD or text.endswith((".", ":", ";")):
        return False
    if is_only_moment(text) or AUTHOR_LABEL.match(text):
        return True
    return block.beside and bool(RATING_LABEL.search(text))


def is_foot_line(block: Block) -> bool:
    """Whether a line at the end of the container tells about the article instead of being it."""
    if len(block.text) > _LONGEST_FOOT:
        return False
    return bool(_FOOT.search(block.text)) or (block.is_linked and bool(_FILE.search(block.text)))


def names_in(text: str) -> str | None:
    """`text` when it is one or more persons' names (or a newsroom after a name), else None."""
    text = text.strip(" .,;:|-–()[]\ue000") + ("." if re.search(r"\b\w\.$", text) else "")
    return text if len(text) <= 80 and _NAMES.fullmatch(text) else None
