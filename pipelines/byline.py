"""The author's name that one line tells: behind a label, or without what stands beside it."""

import re

from crawler.selectors import text_of
from pipelines.blocks import EYE, Block
from pipelines.lines import AUTHOR_LABEL
from pipelines.names import names_in, without_credit

OFFICE = re.compile(
    r"(?:Phòng|Ban|Trung tâm|Đài|Trạm|Hội|Văn phòng|Sở|Chi cục|Cục|Thanh tra|Công an|Liên đoàn"
    r"|Bệnh viện|Mặt trận)\s[^.:;!?]{2,50}$"
)
_CUT = re.compile(
    r"\s*(?:\||•|\ue000|[;,\-–]\s*(?:ảnh|clip|video)\s*:"
    r"|-?\s*\(?(?:số\s+|\d[\d.,]*\s+)?(?:lượt|lần)\s+(?:xem|đọc)|nguồn\s*(?:tin)?\s*:|thời gian\s"
    r"|\s[-–]\s*\d{1,2}/|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|ngày đăng|đăng ngày\s*:"
    r"|\s[-–,]\s*(?:thứ|t[2-7]\b|chủ nhật|cn\b)|\s(?:đăng\s+)?(?:vào|lúc|ngày|on|at)\s).*$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:^|[|•,\-–\s])(?:(?:được\s+)?(?:gửi|đăng|viết|tạo|bắt đầu)\s+bởi|submitted by"
    r"|posted by|written by|bởi|(?:(?<![\s\S])|(?<=\d )|(?<=[AP]M )|(?<=SA )|(?<=CH ))by)"
    r"\s*:?\s+(?P<name>.+)",
    re.IGNORECASE,
)
"""A plain "by" begins the line or follows the date."""
_PERSON = "👤"
_WITHIN = re.compile(
    r"(?:tác giả|người\s+(?:đăng|viết)|đăng\s+bởi|biên\s+tập\s+viên)\s*:|" + _PERSON, re.IGNORECASE
)
"""A label that may stand behind others in its line: "Ngày đăng: ... Người đăng: ..."."""
ONLY_LABEL = re.compile(
    r"^(?:tác giả(?:\s+bài\s+viết)?|người\s+(?:đăng|viết)|phóng viên|author|by"
    r"|(?:(?:đăng|viết)\s+)?bởi)\s*:?$",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\b\w\.\w$")
_USER = re.compile(r"\w[\w.-]{1,19}")
_LONGEST_NAME = 80


def author_of(line: str) -> str | None:
    """The name in a line such as "Tin, ảnh: Vũ Thảo" or "Tác giả: Vũ Thảo | Lượt xem: 29"."""
    line = line.strip(" []•*" + EYE)
    # "Bài và ảnh: Vũ Thảo (TTXVN)" ends in a bracket of its own.
    bare = line.strip("()") if line.startswith("(") else line
    labelled = AUTHOR_LABEL.match(bare) or _BY.match(line)
    name = _CUT.sub("", labelled["name"] if labelled else line).strip(" .,;:|-–•*[]")
    name = without_credit(name).strip(" .,;:|-–")
    if name.startswith("(") or name.count("(") != name.count(")"):
        name = name.strip("() ")
    if _INITIALS.search(name) and f"{name}." in line:
        name += "."
    # "Bài viết: 412" tells how many a forum's user wrote.
    is_name = 1 < len(name) <= _LONGEST_NAME and any(map(str.isalpha, name))
    return name if is_name else None


def labelled(text: str) -> tuple[str, str] | None:
    """Name and label of "Tác giả: Vũ Thảo", or of "Đăng bởi Vũ Thảo" anywhere in the line."""
    told = text[within.start() :] if (within := _WITHIN.search(text)) else text
    told = told.replace(_PERSON, "tác giả: ", 1) if told.startswith(_PERSON) else told
    if label := AUTHOR_LABEL.match(told):
        name = author_of(told)
        return (name, told[: label.start("name")].strip(" :").lower()) if name else None
    by = _BY.search(text)
    name = author_of(by["name"]) if by else None
    if not by or not name:
        return None
    # "Do hội tổ chức bởi ..." has no name behind it; a user's name is one word.
    is_office = by.start() == 0 and OFFICE.match(name)
    return (name, "bởi") if is_office or names_in(name) or _USER.fullmatch(name) else None


def set_apart(block: Block) -> tuple[str, str] | None:
    """Name and label where the label has an element of its own instead of a colon."""
    if ":" in block.text:
        return None
    told = map(text_of, block.element.iter("span", "b", "strong", "label"))
    label = next(filter(ONLY_LABEL.match, told), "")
    before, _, name = block.text.partition(label) if label else ("", "", "")
    return (name.strip(), label.lower()) if not before and names_in(name) else None
