"""What the name of an element tells of its line: that it is a title."""

import re
from functools import lru_cache
from itertools import islice
from typing import Any

from pipelines.blocks import INLINE, Block
from pipelines.lines import is_whole

_TITLE_NAME = re.compile(r"(?<!sub)(?<!sub[-_])title|headline|tieu[-_]?de", re.IGNORECASE)
_OWN_TITLE_NAME = re.compile(
    r"(?:article|news|post|entry|detail|main|content|bai-?viet|tin|node)[-_]?(?:title|header|tieu-?de)"
    r"|title[-_]?(?:article|news|post|detail|tin)|headline"
    r"|tieu[-_]?de[-_]?(?:tin|bai|ct|chi-?tiet)|lbl(?:tieu-?de|title)",
    re.IGNORECASE,
)
_FEW_BOXES = 12


def named_around(block: Block) -> float:
    """What the name of the box tells that holds nothing but the line's paragraph."""
    if block.element.getnext() is not None:
        return 0.0
    box = block.element.getparent()
    is_alone = box is not None and block.element.getprevious() is None
    return named_title(names_of(box)) if is_alone and is_whole(box, block.text) else 0.0


def named_inside(block: Block) -> float:
    """What the name of an inline element tells that holds the line: WebForms names `span`s."""
    for inner in islice(block.element, _FEW_BOXES):
        # Lines between breaks are one box's.
        while inner is not None and inner.tag in INLINE:
            if (named := named_title(names_of(inner))) and is_whole(inner, block.text):
                return named
            inner = next(iter(inner), None)
    return 0.0


@lru_cache(maxsize=5_000)
def named_title(names: str) -> float:
    """What it tells: 0.5 for an article's title, 0.3 for any, 0.2 if it only sounds so, else 0."""
    if _OWN_TITLE_NAME.search(names):
        return 0.5
    if "title" in names.lower().split():
        return 0.3
    return 0.2 if _TITLE_NAME.search(names) else 0.0


def names_of(element: Any) -> str:
    """Class, id and role of an element in one line."""
    return " ".join(
        filter(
            None,
            (
                element.get("class"),
                element.get("id"),
                element.get("itemprop"),
                element.get("data-role"),
            ),
        )
    )
