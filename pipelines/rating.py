"""Readers' rating of the article, as printed."""

import re
from collections.abc import Iterator

from crawler.items import Rating
from crawler.selectors import matches
from crawler.vietnamese import whole_number
from pipelines.blocks import walk
from pipelines.found import Found
from pipelines.sheet import Sheet

_SCORE = r"(?<![\d.,])(?P<score>\d+(?:[.,]\d+)?)(?:\s*/\s*\d+)?"
_COUNT = r"(?P<count>\d+(?:[.,]\d{3})*)\s*(?:đánh giá|phiếu bầu|lượt đánh giá|bình chọn|phiếu)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_SCORE}\s*điểm\s*\(?\s*{_COUNT}",
        rf"tổng số điểm của bài viết là\s*:?\s*{_SCORE}\s*trong\s*{_COUNT}",
        rf"xếp hạng\s*:?\s*{_SCORE}\s*[-–(]\s*{_COUNT}",
        rf"{_SCORE}\s*(?:trong|trên|/|\()\s*{_COUNT}",
    )
)

# What every form counts; far cheaper to look for than any of them.
_SIGN = re.compile(r"đánh giá|phiếu|bình chọn", re.IGNORECASE)


def candidates(sheet: Sheet) -> Iterator[Found[Rating]]:
    """Score and number of ratings; a rating of zero by nobody is `Rating(0.0, 0)`."""
    for element, selector in matches(sheet.document, sheet.layout.rating if sheet.layout else ()):
        for line in walk(element).blocks:
            if rating := rating_in(line.text):
                yield Found(rating, line.text, sheet.rule(selector))
    for block in [*sheet.head, *sheet.below, *sheet.above]:
        if len(block.text) <= 160 and (rating := rating_in(block.text)):
            yield Found(rating, block.text, "label: đánh giá")


def rating_in(text: str) -> Rating | None:
    """The rating that `text` tells, in one of the forms that Vietnamese CMSs print."""
    for form in _FORMS if _SIGN.search(text) else ():
        if found := form.search(text):
            return Rating(float(found["score"].replace(",", ".")), whole_number(found["count"]))
    return None
