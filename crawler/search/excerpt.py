"""A hit as people see it: the part of the text that answers, in its original spelling."""

import sqlite3

from crawler.search.found import Hit, Span
from crawler.search.language import Query
from crawler.search.occurrences import occurrences

_LENGTH = 240
_BEFORE = 40


def hit(query: Query, row: sqlite3.Row) -> Hit:
    """The hit for a row of `articles` with the portal's slug as `portal`."""
    text, spans = _told(query, row)
    start, end = _window(text, spans)
    return Hit(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        published_on=row["published_on"],
        author=row["author"],
        category=row["category"],
        portal=row["portal"],
        view_count=row["view_count"],
        snippet=text[start:end],
        marks=tuple((a - start, b - start) for a, b in spans if start <= a and b <= end),
        title_marks=tuple(occurrences(query, row["title"], "title")),
    )


def _told(query: Query, row: sqlite3.Row) -> tuple[str, list[Span]]:
    """The text to show a part of, body or attachments, and where the words stand in it."""
    texts = (row["body"] or "", row["attachments_text"] or "")
    return max(((text, occurrences(query, text)) for text in texts), key=_words_found)


def _words_found(told: tuple[str, list[Span]]) -> int:
    text, spans = told
    return len({text[start:end].lower() for start, end in spans})


def _window(text: str, spans: list[Span]) -> Span:
    """The stretch of `text` with the most hits, from one word's start to another's end."""
    if not spans:
        return 0, _back_to_word(text, _LENGTH)
    first = max(spans, key=lambda s: sum(s[0] <= a and b <= s[0] + _LENGTH for a, b in spans))[0]
    start = 0 if first < 1.5 * _BEFORE else text.rfind(" ", 0, first - _BEFORE) + 1
    return start, _back_to_word(text, start + _LENGTH)


def _back_to_word(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    return max(text.rfind(" ", 0, end), 0) or end
