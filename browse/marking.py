"""Putting what was found in its place: a text in pieces, some of them marked."""

from collections.abc import Iterable, Iterator

from crawler.search import Span


def pieces(text: str | None, marks: Iterable[Span]) -> Iterator[tuple[bool, str]]:
    """The stretches of `text` in order, each with whether it is marked."""
    position = 0
    for start, end in marks:
        yield False, (text or "")[position:start]
        yield True, (text or "")[start:end]
        position = end
    yield False, (text or "")[position:]
