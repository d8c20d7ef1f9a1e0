"""Why a page is read as it is: every candidate of every field, in the order they are preferred.

They come from the functions that read: what is read is the first of each field.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from crawler.items import Candidate, Page
from crawler.profiles import Profile
from crawler.selectors import fitting, text_of
from crawler.vietnamese import squeeze
from pipelines.body import read_body
from pipelines.clock import Moment
from pipelines.content import box_scores
from pipelines.found import Found, Unreadable
from pipelines.kind import kind_of
from pipelines.read import candidates, kind_unread, suspects_of
from pipelines.sheet import Sheet

_MOST = 8
_MOST_BOXES = 3
_LONGEST = 200


def explain(page: Page, profile: Profile) -> list[Candidate]:
    """The candidates of `page`, field by field; on a page that is no article none of them is read.

    A page that is never read, such as a file, has none.
    """
    if kind_unread(page):
        return []
    suspects = suspects_of(page, profile)
    sheet = Sheet(page, fitting(page.document, profile.layouts), suspects)
    is_article = kind_of(sheet) == "article"
    found = candidates(sheet, read_body(sheet))
    fields = [c for name, each in found.items() for c in _candidates(name, each, is_article)]
    return fields + list(_boxes(sheet))


def _candidates(
    field: str, found: Iterator[Found[Any] | Unreadable], is_article: bool
) -> Iterator[Candidate]:
    for place, one in enumerate(islice(found, _MOST)):
        value = _shown(one.value) if isinstance(one, Found) else None
        score = one.score if isinstance(one, Found) else None
        yield Candidate(field, value, one.raw, one.rule, score, is_article and place == 0)


def _shown(value: Any) -> str:
    if isinstance(value, Moment):
        return (value.at or value.on).isoformat()
    return squeeze(str(value))[:_LONGEST]


def _boxes(sheet: Sheet) -> Iterator[Candidate]:
    """The boxes that most text stands in, besides the one that was taken."""
    scores = box_scores(sheet.walked)
    others = sorted((box for box in scores if box is not sheet.container), key=lambda b: -scores[b])
    for box in others[:_MOST_BOXES]:
        text = text_of(box)[:_LONGEST]
        yield Candidate("body", text, text, f"text in {_named(box)}", scores[box], is_read=False)


def _named(box: Any) -> str:
    name = next(iter((box.get("class") or "").split()), "")
    return f"{box.tag}.{name}" if name else str(box.tag)
