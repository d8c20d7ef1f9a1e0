"""The portal's own traffic box: visits in all, visitors now, visits today."""

import re
from itertools import chain, islice

from crawler.items import SiteCounts
from crawler.vietnamese import whole_number
from pipelines.blocks import Block, Walked

_NUMBER = r"\s*(?:\(\s*\w+\s*\))?\s*[:\-–=]?\s*(?<![\d])(\d{1,3}(?:[.,\u00a0 ]\d{3})+(?!\d)|\d+)"
_TODAY = re.compile(
    r"(?:hôm nay|trong ngày|(?:lượt\s+)?truy cập (?:hôm nay|trong ngày)|today)" + _NUMBER, re.I
)
_ONLINE = re.compile(
    r"(?:(?:đang\s+)?(?:trực tuyến|online)|đang (?:truy cập|xem)"
    r"|số người (?:đang )?(?:online|truy cập)|khách (?:online|trực tuyến))" + _NUMBER,
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:tổng (?:số )?(?:lượt )?(?:truy cập|truy nhập)|(?:số )?lượt truy (?:cập|nhập)"
    r"|tổng (?:cộng|số)|tất cả|(?<!đang )truy cập)" + _NUMBER,
    re.IGNORECASE,
)
_LONGEST_BOX = 500
_HIGHEST = 5


def read_traffic(page: Walked) -> SiteCounts | None:
    """The numbers of the traffic box; None when the lines of the page show none."""
    seen: set[int] = set()
    for block in filter(_is_label, page.blocks):
        if block.index in seen:
            continue
        box = _box_around(block, page)
        seen.update(line.index for line in box)
        if counts := _counts(" ".join(line.text for line in box)):
            return counts
    return None


def _is_label(block: Block) -> bool:
    # Every line of every page passes here.
    text = block.text.lower()
    is_named = "truy cập" in text or "truy nhập" in text or "online" in text
    return is_named and len(text) <= _LONGEST_BOX and not block.is_linked


def _box_around(label: Block, page: Walked) -> list[Block]:
    """The lines of the largest box around a label that is small enough to be the traffic box."""
    lines = [label]
    for box in chain([label.element], islice(label.element.iterancestors(), _HIGHEST)):
        around = page.within(box)
        if box.tag in ("body", "html") or sum(len(b.text) for b in around) > _LONGEST_BOX:
            break
        lines = around
    return lines


def _counts(text: str) -> SiteCounts | None:
    today, online = _TODAY.search(text), _ONLINE.search(text)
    # "Lượt truy cập hôm nay: 15" and "Đang truy cập: 3" must not be taken for the total.
    rest = _ONLINE.sub(" ", _TODAY.sub(" ", text))
    total = _TOTAL.search(rest)
    if not total and not (online and today):
        return None
    return SiteCounts(*(whole_number(m.group(1)) if m else None for m in (total, online, today)))
