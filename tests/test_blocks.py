"""A part of a page that was walked is what a walk of that part gives."""

from pathlib import Path
from typing import Any

import pytest

from crawler.document import Document
from pipelines.blocks import Walked, walk

THEMES = sorted((Path(__file__).parent / "themes").glob("*.html"))


def _told(walked: Walked) -> list[tuple[Any, ...]]:
    return [(b.index, b.text, b.element, b.linked, b.beside, b.prose) for b in walked.blocks]


@pytest.mark.parametrize("path", THEMES[::7], ids=lambda path: path.stem)
def test_a_part_is_what_a_walk_from_there_gives(path: Path) -> None:
    walked = walk(Document(path.read_bytes()).tree.find("body"))
    # The title of a box may say what an icon means: who begins inside does not hear of it.
    for root in (each for each in walked.spans if each.get("title") is None):
        part, again = walked.part(root), walk(root)
        assert _told(part) == _told(again)
        for element in again.spans:
            assert part.within(element) == [part.blocks[b.index] for b in again.within(element)]
