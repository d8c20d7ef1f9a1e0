"""Persons' names as Vietnamese pages print them under or above an article.

Prose writes only the first word of a phrase with a capital ("Thời sự", "Kết luận"); a name has one
at every word. That tells a byline from a heading, without a list of names.
"""

import re

_UPPER = "A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
CAPITAL = f"[{_UPPER}]"
# "Vũ", "H.V.", "Đ.Hạnh", "C. Thành", "H'Linh".
_WORD = (
    rf"(?:(?:[{_UPPER}]['’])?(?:[{_UPPER}]\.\s?){{0,3}}[{_UPPER}][^\W\d_]+"
    rf"|[{_UPPER}](?:\.[{_UPPER}])*\.?)"
)
_DEGREE = r"(?:(?:GS|PGS|TS|ThS|Ths|KS|BS|BSCK\w*|CN|DS|LS|NSND|NSƯT)\b\.?\s?)"
_PROFESSIONS = (
    r"(?:[Ll]uật|[Kk]ỹ|[Gg]iáo) sư|(?:[Bb]ác|[Tt]hạc|[Tt]iến|[Nn]ghệ|[Nn]hạc|[Hh]ọa) sĩ"
    r"|[Nn]hà (?:báo|văn|thơ|giáo)|(?:[Tt]hiếu|[Tt]rung|[Tt]hượng|[Đđ]ại) (?:úy|tá|tướng)"
)
"""What may stand before a person's name, and belongs to it."""
_PROFESSION = re.compile(rf"(?:{_PROFESSIONS})\s")
_NAME = rf"(?:(?:{_PROFESSIONS})\s)?{_DEGREE}{{0,3}}{_WORD}(?:\s+{_WORD}){{0,4}}"
_OFFICE = (
    r"(?:Đài|Trung tâm|Phòng|Ban|Báo|Cổng|Công an|Văn phòng|Hội|Đoàn|Mặt trận|Trường|Trạm|Chi cục"
    r"|Đại học|Học viện|Bệnh viện|Sở|Viện|Bưu điện|[A-ZĐ]{2,}[\w&]*)\b[^.:;!?]{0,50}"
)
_TEAM = r"[Nn]hóm (?:phóng viên|tác giả|cộng sự|PV)"
_NAMES = re.compile(
    rf"{_NAME}(?:\s*(?:[-–,&;+/]|và)\s*(?:{_NAME}|{_OFFICE}|{_TEAM}))*(?:\s*\([^()]{{2,40}}\))?"
    rf"|{_TEAM}(?:\s[\w ]{{2,20}})?",
)
_CREDIT = re.compile(
    r"\s*\((?:(?i:theo|tổng hợp|t/h|báo|(?:lược |biên )?dịch|lược thuật|sưu tầm|ảnh|video"
    r"|(?:lược )?ghi|thực hiện)\b[^()]*"
    r"|(?:TTXVN|[A-Z]{2,}[\w.]*)(?:/[^()]*)?)\)$"
    # Possessive, as each of many slashes may be read in two ways else.
    r"|(?:\s*+/\s*+(?:(?i:báo|cổng|đài|tạp chí)\s[^/]*+|[A-Z]{2}\w*+\.\w++"
    r"|[A-Z]{2,}+\d?+(?:\s?+[-–]\s?+[^/]{2,20}+)?))+$"
    r"|\s*[-–,(]?\s*(?i:theo)\s.*$|\s+[-–]\s+TTXVN$"
    r"|\s+(?:thực hiện|tổng hợp|(?:lược )?ghi|(?:lược |biên )?dịch|sưu tầm)$"
)
_ROLE = re.compile(
    rf"^(?:PV|CTV|BTV|Phóng viên|Cộng tác viên|Biên tập viên|Tác giả)\.?\s+(?=[{_UPPER}][^\W\d_])"
)
"""What a reporter is, before the name and without a colon."""
_NO_NAME = re.compile(
    r"(?:UBND|HĐND|Ủy ban|Uỷ ban|Chủ tịch|Giám đốc|Phó|Trưởng|Ban|Phòng|Sở|Hội"
    r"|TM\.|KT\.|TL\.)(?!\w)"
    r"|(?:Kết luận|Trân trọng|Hết|Nơi nhận|Xin|Kính|Chúc|Cảm ơn|Cám ơn|Liên hệ|Địa chỉ|Điện thoại"
    r"|Hotline|Email|Website|Điều|Chương|Mục|Phần|Phụ lục|Thông báo|Mời|Xem|Đọc|Tải|In|Gửi|Chia sẻ"
    r"|Thứ|Chủ nhật|Ngày|Hôm|Tin|Báo|Bài|Ảnh|Video|Clip|Nguồn|Theo|Cổng|Tất cả|Các|Thêm"
    r"|Việt Nam|Ông|Bà|Về|Giới thiệu|Thông tin|Tags?|Từ khóa|Bởi|By|Tác giả)(?!\w)"
    # "Đăng Quang", "Viết Hảo" and "Trang Anh" are names.
    r"|(?:Đăng|Viết)(?=\W*$|\s+(?:bởi|bài|bình|ký|nhập|ngày|lúc|tin|vào|lại|tải)(?!\w))"
    # Sections, which some themes print with a capital at every word.
    r"|(?:Giáo dục|Đời sống|Xã hội|Kinh tế|Pháp luật|Thể thao|Giải trí|Văn hóa|Sức khỏe|Du lịch"
    r"|Công nghệ|Thế giới|Thời sự|Chính trị|Khoa học|Nhà đất|Môi trường|Giao thông|Y tế)$"
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
_OFFICE_HELD = re.compile(
    r"(?:phó\s+)?(?:chủ tịch|bí thư|giám đốc|hiệu trưởng|viện trưởng|chủ nhiệm|trưởng (?:ban|phòng)"
    r"|đại diện|thay mặt|người làm đơn)(?!\w)[^.,:;!?]{0,40}$",
    re.IGNORECASE,
)
"""What the signer of a letter or a notice is, in the line right above the name."""
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


def is_person(text: str) -> bool:
    """Whether it is a name, or several, and no closing phrase, heading or office."""
    return names_in(text) is not None and not is_no_name(text)


def is_full_name(text: str) -> bool:
    """Whether it is one person's whole name; "Xây Dựng Đảng" and "Phan Thiết" are none."""
    text = _PROFESSION.sub("", text, count=1)
    return 3 <= len(text.split()) <= 4 and has_family_name(text) and is_person(text)


def is_signature(text: str) -> bool:
    """Whether a line belongs to a document's signature; the name under it is the signer's."""
    return bool(_SIGNATURE.match(text))


def holds_office(text: str) -> bool:
    """Whether a line is an office, "Hiệu trưởng nhà trường": the name right below is a signer's."""
    return bool(_OFFICE_HELD.match(text))


def _uncredited(text: str) -> str:
    bare = _ROLE.sub("", _CREDIT.sub("", text).strip(), count=1)
    # In "HÀ LAN/VŨ" or "THU/AN" the slash stands between two persons.
    return text if text.isupper() and "/" in text and "(" not in text else bare
