"""The titles that a page states, and the names of sites, which are none."""

import re
from collections.abc import Iterator

from pipelines.found import Found
from pipelines.structured import Structured

_SITE_NAME = re.compile(r"\s+[|–—»:-]\s+")
_SITE = re.compile(
    r"(?:cổng|trang)\s+(?:thông tin|tin|ttđt|tttt|chủ|web)|website|home$|untitled|portal",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"(?:ubnd|(?:ủy|uỷ) ban(?: nhân dân)?|hđnd|huyện|thành phố|thị xã|thị trấn|xã|phường|tỉnh|báo"
    r"|sở (?:y tế|tài chính|nội vụ|tư pháp|xây dựng|du lịch|ngoại vụ|công thương|giao thông vận tải"
    r"|(?:thông tin|giáo dục|khoa học|nông nghiệp|tài nguyên|kế hoạch|lao động|văn hóa|văn hoá)"
    r"(?:,? (?:và|-) [^\W\d_]+(?: [^\W\d_]+)?)?)"
    r"|trường (?:mầm non|mẫu giáo|tiểu học|thcs|thpt|trung (?:học|cấp)|cao đẳng|đại học)"
    r"(?: (?:cơ sở|phổ thông|nghề))?|bệnh viện(?: đa khoa)?(?: khu vực)?)(?!\w)",
    re.IGNORECASE,
)
_JOINING = frozenset({
    "huyện", "tỉnh", "thành", "phố", "thị", "xã", "phường", "quận", "trấn", "nhân", "dân", "ban",
    "và", "tp", "nông", "thôn",
})  # fmt: skip
# "Máy Tính Cũ :: Xem chủ đề - RAM 512 còn cứu được không?" is how phpBB names a page.
_TOPIC = re.compile(r"^.*?(?:::|•)\s*(?:view topic|xem chủ đề|xem bài viết)\s*-\s*", re.IGNORECASE)


def declared_titles(structured: Structured, page_title: str) -> Iterator[Found[str]]:
    """The titles that the page tells to machines, without the site's or its owner's name."""
    for name in ("og:title", "title", "dc.title"):
        if (named := structured.meta(name)) and not is_site(named[0]):
            yield Found(named[0], named[0], f"meta: {name}")
    title = _SITE_NAME.split(_TOPIC.sub("", page_title))[0]
    if title and not is_site(title):
        yield Found(title, page_title, "title element")


def claimed_titles(structured: Structured, page_title: str) -> list[str]:
    """What the page states as its title, with and without the site's name; never that alone."""
    named = structured.meta("og:title", "title")
    claims = [named[0]] if named else []
    page_title = _TOPIC.sub("", page_title)
    if page_title:
        claims += [page_title, _SITE_NAME.split(page_title)[0], page_title.rpartition(": ")[0]]
    return [claim for claim in claims if claim and not is_site(claim)]


def is_site(text: str) -> bool:
    """Whether it is the name of a site or its owner, which no article has for its title."""
    if _SITE.match(text):
        return True
    owner = _OWNER.match(text)
    # "UBND huyện Kim Sơn", and not "UBND huyện họp phiên tháng 5".
    rest = re.findall(r"[^\W\d_]+", text[owner.end() :]) if owner else ["no name"]
    return all(word[0].isupper() or word.lower() in _JOINING for word in rest)
