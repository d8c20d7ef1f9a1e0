"""Whose post a forum's page begins with: the name over "Tham gia: ..." and "Bài viết: 412"."""

import re
from collections.abc import Iterator

from pipelines.blocks import Block
from pipelines.found import Found
from pipelines.sheet import Sheet

_ABOUT_USER = re.compile(
    r"\W*(?:(?:ngày )?(?:tham gia|gia nhập)|join(?:ed)?(?: date)?)(?:\s+ngày)?\s*:"
    r"|\W*(?:số )?(?:bài(?: viết| gửi)?|posts)\s*:\s*\d+$",
    re.IGNORECASE,
)
_LINES = 6
"""How many lines stand between a user's name and what is told of that user, at most."""
_LONGEST = 30


def posters(sheet: Sheet) -> Iterator[Found[str]]:
    """The first line of the cell that tells of a user, between title and text."""
    for block in sheet.head:
        # Most lines have no colon.
        if ":" in block.text and _ABOUT_USER.match(block.text):
            name = _first_in_box(sheet, block)
            if name and len(name.text) <= _LONGEST and any(map(str.isalpha, name.text)):
                yield Found(name.text, name.text, f"name over “{block.text[:40]}”")
            return


def _first_in_box(sheet: Sheet, line: Block) -> Block | None:
    """The first line of the cell that `line` stands in."""
    cell = next((e for e in (line.element, *line.element.iterancestors()) if e.tag == "td"), None)
    first, _ = sheet.walked.spans.get(cell, (line.index, 0))
    found = sheet.walked.blocks[first]
    return found if sheet.is_of_head(found) and 0 < line.index - first <= _LINES else None
