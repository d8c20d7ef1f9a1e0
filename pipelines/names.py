"""Persons' names as Vietnamese pages print them under or above an article.

Prose writes only the first word of a phrase with a capital ("Thời sự", "Kết luận"); a name has one
at every word. That tells a byline from a heading, without a list of names.
"""

import re

_UPPER = "A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
# "Vũ", "H.V.", "Đ.Hạnh", "C. Thành".
_WORD = rf"(?:(?:[{_UPPER}]\.\s?){{0,3}}[{_UPPER}][^\W\d_]+|[{_UPPER}](?:\.[{_UPPER}])*\.?)"
_DEGREE = r"(?:(?:GS|PGS|TS|ThS|Ths|KS|BS|BSCK\w*|CN|DS|LS|NSND|NSƯT)\b\.?\s?)"
_NAME = rf"{_DEGREE}{{0,3}}{_WORD}(?:\s+{_WORD}){{0,4}}"
_OFFICE = (
    r"(?:Đài|Trung tâm|Phòng|Ban|Báo|Cổng|Công an|Văn phòng|Hội|Đoàn|Mặt trận|Trường|Trạm|Chi cục"
    r"|Sở|Viện|Bưu điện|[A-ZĐ]{2,}[\w&]*)\b[^.:;!?]{0,50}"
)
_NAMES = re.compile(
    rf"{_NAME}(?:\s*(?:[-–,&;+/]|và)\s*(?:{_NAME}|{_OFFICE}))*(?:\s*\([^()]{{2,40}}\))?"
    r"|Nhóm (?:phóng viên|tác giả)",
)
_CREDIT = re.compile(
    r"\s*\((?:(?i:theo|tổng hợp|(?:lược |biên )?dịch|lược thuật|sưu tầm|ảnh|video|(?:lược )?ghi"
    r"|thực hiện)\b[^()]*"
    r"|(?:TTXVN|[A-Z]{2,}[\w.]*)(?:/[^()]*)?)\)$"
    # Possessive, as each of many slashes may be read in two ways else.
    r"|(?:\s*+/\s*+(?:(?i:báo)\s[^/]*+|[A-Z]{2}\w*+\.\w++|[A-Z]{2,}+(?:\s?+[-–]\s?+[^/]{2,20}+)?))+$"
    r"|\s*[-–,(]?\s*(?i:theo)\s.*$"
    r"|\s+(?:thực hiện|tổng hợp|(?:lược )?ghi|(?:lược |biên )?dịch|sưu tầm)$"
)
_NO_NAME = re.compile(
    r"(?:UBND|HĐND|Ủy ban|Uỷ ban|Chủ tịch|Giám đốc|Phó|Trưởng|Ban|Phòng|Sở|Hội"
    r"|TM\.|KT\.|TL\.)(?!\w)"
    r"|(?:Kết luận|Trân trọng|Hết|Nơi nhận|Xin|Kính|Chúc|Cảm ơn|Cám ơn|Liên hệ|Địa chỉ|Điện thoại"
    r"|Hotline|Email|Website|Điều|Chương|Mục|Phần|Phụ lục|Thông báo|Mời|Xem|Đọc|Tải|In|Gửi|Chia sẻ"
    r"|Thứ|Chủ nhật|Ngày|Hôm|Tin|Báo|Bài|Ảnh|Video|Clip|Nguồn|Theo|Cổng|Tất cả|Các|Thêm"
    r"|Việt Nam|Về|Giới thiệu|Thông tin|Tags?|Từ khóa|Bởi|By|Tác giả)(?!\w)"
    # "Đăng Quang", "Viết Hảo" and "Trang Anh" are names.
    r"|(?:Đăng|Viết)(?=\W*$|\s+(?:bởi|bài|bình|ký|nhập|ngày|lúc|tin|vào|lại|tải)(?!\w))"
    r"|Trang(?=\W*$|\s+(?:chủ|trước|sau|nhất|tin|thông|web|điện|đầu|cuối|\d)(?!\w))",
    re.IGNORECASE,
)
# "HNX", "TTXVN", "VGP": capitals without a vowel; a person's initials have stops or are two.
_ABBREVIATION = re.compile(r"[BCDĐGHKLMNPQRSTVX]{3,}")
_SIGNATURE = re.compile(
    r"(?:TM|KT|TL|TUQ|T/M|Q)\s*\.|\(?\s*đã ký\s*\)?$|nơi nhận"
    r"|(?:phó\s+)?(?:chủ tịch|bí thư|giám đốc|chánh\s.*|trưởng\s.*|hiệu trưởng|cục trưởng"
    r"|chủ nhiệm|thủ trưởng.*|chi cục trưởng)$",
    re.IGNORECASE,
)
# Those of nine in ten; "Hồ", "Cao", "Hà", "Văn", "Đào" begin other names as often.
_FAMILIES = frozenset({
    "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ",
    "ngô", "dương", "đinh", "trịnh", "trương", "phùng", "tạ", "mai", "vương", "lưu", "quách",
})  # fmt: skip
_INITIAL = re.compile(r"\b\w\.$")
_LONGEST = 80


def names_in(text: str) -> str | None:
    """`text` when it is one or more persons' names (or a newsroom after a name), else None."""
    text = text.strip(" .,;:|-–•*[]\ue000") + ("." if _INITIAL.search(text) else "")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text if len(text) <= _LONGEST and _NAMES.fullmatch(_uncredited(text)) else None


def without_credit(name: str) -> str:
    """A byline without its source: "Hà Linh (theo AFP)", "Hà Linh/VOV.VN" are Hà Linh."""
    bare = _uncredited(name)
    return bare if len(bare) > 1 else name


def is_no_name(text: str) -> bool:
    """Whether `text` begins like a closing phrase, a heading or an office."""
    return bool(_NO_NAME.match(text)) or is_abbreviation(text)


def is_abbreviation(text: str) -> bool:
    """Whether it is an agency's or an exchange's name in short."""
    return bool(_ABBREVIATION.fullmatch(text))


def has_family_name(text: str) -> bool:
    """Whether the first word is one of the common family names, as in a person's whole name."""
    return text.split(" ", 1)[0].lower() in _FAMILIES


def is_signature(text: str) -> bool:
    """Whether a line belongs to a document's signature; the name under it is the signer's."""
    return bool(_SIGNATURE.match(text))


def _uncredited(text: str) -> str:
    bare = _CREDIT.sub("", text).strip()
    # In "HÀ LAN/VŨ" or "THU/AN" the slash stands between two persons.
    return text if text.isupper() and "/" in text and "(" not in text else bare
