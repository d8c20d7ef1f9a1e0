"""Which lines tell when an article was published, and which tell another day."""

import re

from pipelines.blocks import Block
from pipelines.clock import is_only_moment
from pipelines.content import in_row
from pipelines.legal.facts import LABELS, plain
from pipelines.lines import PLACE_AND_DAY, is_dated, is_lead
from pipelines.sheet import Sheet

_OTHER_DATE = re.compile(
    r"ngày\s+(?:ban hành|hiệu lực|có hiệu lực|công bố|hết hạn|hết hiệu lực|ký|sinh|áp dụng|họp|cấp"
    r"|bắt đầu|kết thúc|mở|đóng|đấu giá|đăng ký|tiếp nhận|thi|hoàn thành)|(?:có )?hiệu lực từ"
    r"|từ (?:ngày )?\d.*đến|sửa lần cuối|thời (?:gian(?! (?:đăng|tạo))|hạn|điểm)\b"
    r"|hạn (?:nộp|chót|cuối|đăng ký)"
    r"|khai mạc|diễn ra|áp dụng từ|^\W*(?:(?:dương|âm) lịch|tính đến|(?:số|dữ) liệu|trận đấu)\b"
    r"|^\W*(?:ngày |giờ |lịch )?(?:khởi (?:công|chiếu|hành|tranh)|khánh thành|tổ chức|phát sóng"
    r"|chiếu|giao dịch|niêm yết|chụp|thi đấu|vào đảng|nhận)(?: từ| ngày| lúc)?\s*:"
    r"|sinh ngày|^\W*(?:bắt đầu|kết thúc|khai giảng|hết hạn|ban hành)\b"
    r"|^\W*(?:ngày )?(?:tham gia|gia nhập|join(?:ed)?(?: date)?)\b"
    r"|^\W*hôm nay\W+(?:là\s+)?(?:thứ|chủ nhật|ngày|cn\b)"
    r"|lượt truy cập|giấy phép|cấp ngày|phiên bản"
    r"|(?:trang|website|cổng|hệ thống)\b.*cập nhật|^\W*số\s*:",
    re.IGNORECASE,
)
# What every form of a date has; far cheaper to look for than any of them.
_SIGN_OF_DATE = re.compile(r"\d|trước|hôm", re.IGNORECASE)
# "Chiều 03/01/2023, huyện tổ chức ...": a sentence goes on in small letters.
_GOES_ON = re.compile(r"\s*,\s+(?!lúc|ngày|thứ|chủ|cập|đăng)[a-zà-ỹđ]+(?:\s+[^\W\d]+){3}")
# "Thông báo treo cờ ngày 27/07/2024": words lead up to the day without a stop.
_GOES_UP_TO = re.compile(r"\W*(?:[^\W\d]+\s+){3,}")
# A post of phpBB: "Gửi: Ba Tháng 5 31, 2011 10:15 am Tiêu đề: Còn cứu được không?".
_POST = re.compile(r"\W*(?:gửi|posted)(?:\s+(?:lúc|vào|on))?\s*:", re.IGNORECASE)
WEEKDAY = re.compile(r"\b(?:thứ|chủ nhật)\b", re.IGNORECASE)
PUBLISHED_LABEL = re.compile(
    r"ngày\s+(?:đăng(?!\s*ký)|xuất bản|cập nhật|gửi|viết|tạo)|đăng\s+(?:ngày|lúc|tải|bởi)|cập nhật"
    r"|thời gian\s+(?:đăng|tạo)"
    r"|publish|posted|created",
    re.IGNORECASE,
)
"""What stands before a day of publication or of change."""
POSTED = re.compile(
    r"(?:ngày\s+(?:đăng(?!\s*ký)|xuất bản|tạo)|đăng\s+(?:ngày|lúc)|thời gian\s+(?:đăng|tạo)"
    r"|xuất bản|publish\w*|posted)"
    r"(?:\s+(?:on|date|ngày|lúc|bài viết))?\s*:?",
    re.IGNORECASE,
)
"""What stands before a day of publication."""
# "Ngày đăng: 12/06/2024 Hạn nộp: 30/06/2024": both stand in one line.
_SURELY_POSTED = re.compile(r"ngày\s+đăng(?!\s*ký)|đăng\s+(?:ngày|lúc)", re.IGNORECASE)
_LONGEST_LINE = 140
_LONGEST_ADDITION = 20
_BESIDES_LINKED = 20
"""Shorter than any title of another article."""


def may_date(sheet: Sheet, block: Block) -> bool:
    """Whether a line may tell when the article was published."""
    text = block.text
    return (
        len(text) <= _LONGEST_LINE
        and _SIGN_OF_DATE.search(text) is not None
        # Themes link the day to the article itself, or to the other articles of that day, and the
        # author's name before it.
        and (not block.is_linked or is_only_moment(text, _BESIDES_LINKED))
        # XenForo calls the line of author and date "p-description".
        and (is_only_moment(text, _LONGEST_ADDITION) or not is_lead(block) or is_dated(text))
        and (not _OTHER_DATE.search(text) or _SURELY_POSTED.search(text) is not None)
        and not PLACE_AND_DAY.match(text)
        and (not in_row(block.element) or PUBLISHED_LABEL.search(text) is not None)
        and text.strip(" :") not in sheet.document_dates
        and not (block.index and _is_documents(sheet.walked.blocks[block.index - 1]))
    )


def _is_documents(above: Block) -> bool:
    """Whether the line above is the label of a document's day: the day stands in the next cell."""
    return LABELS.get(plain(above.text)) in ("issued_on", "effective_on")


def is_sentence(text: str, date: str) -> bool:
    """Whether the line goes on around its date as prose does: "Treo cờ ngày 27/07/2024"."""
    before, _, behind = text.partition(date)
    if _POST.match(before) or POSTED.fullmatch(before.strip()):
        return False
    if date.lower().startswith("ngày") and _GOES_UP_TO.fullmatch(before):
        return not PUBLISHED_LABEL.search(before + "ngày") and not WEEKDAY.search(before)
    long = len(behind) > _LONGEST_ADDITION and behind.endswith((".", "!", "?", "…"))
    return long or bool(_GOES_ON.match(behind))
