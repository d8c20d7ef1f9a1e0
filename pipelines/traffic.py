"""The portal's own traffic box: visits in all, visitors now, visits today."""

import re
from typing import Any

from crawler.items import SiteCounts
from crawler.selectors import text_of, xpath
from crawler.vietnamese import whole_number

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
_LABEL = re.compile(r"truy\s+(?:cập|nhập)|online", re.IGNORECASE)
_LONGEST_BOX = 500
_HIGHEST = 5
_LABELLED = xpath(
    "//body//text()[contains(., 'ruy ') or contains(., 'RUY ') or contains(., 'nline')]"
    "[not(parent::script or parent::style or parent::a)]"
)


def read_traffic(tree: Any) -> SiteCounts | None:
    """The numbers of the traffic box; None when the page shows none."""
    seen: set[Any] = set()
    for label in filter(_LABEL.search, _LABELLED(tree)):
        box = _box_around(label.getparent())
        if box in seen:
            continue
        seen.add(box)
        if counts := _counts(text_of(box)):
            return counts
    return None


def _box_around(element: Any) -> Any:
    """The largest box around a label that is still small enough to be the traffic box."""
    box = element
    for around in list(element.iterancestors())[:_HIGHEST]:
        if around.tag in ("body", "html") or len("".join(around.itertext())) > _LONGEST_BOX:
            break
        box = around
    return box


def _counts(text: str) -> SiteCounts | None:
    today, online = _TODAY.search(text), _ONLINE.search(text)
    # "Lượt truy cập hôm nay: 15" and "Đang truy cập: 3" must not be taken for the total.
    rest = _ONLINE.sub(" ", _TODAY.sub(" ", text))
    total = _TOTAL.search(rest)
    if not total and not (online and today):
        return None
    return SiteCounts(*(whole_number(m.group(1)) if m else None for m in (total, online, today)))
