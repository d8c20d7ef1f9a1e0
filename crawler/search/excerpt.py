"""A hit as people see it: the part of the text that answers, in its original spelling."""

import sqlite3
from bisect import bisect_right

from crawler.search.found import Hit, Other, Span
from crawler.search.language import Query
from crawler.search.matching import Matcher, spans_of
from crawler.search.once import others

_ROW = """SELECT a.id, a.url, a.title, a.published_on, a.author, a.category, p.slug AS portal,
    a.view_count, a.body, a.attachments_text
    FROM articles a JOIN portals p ON p.id = a.portal_id WHERE a.id = ?"""
_LENGTH = 240
_BEFORE = 40


def hits(
    db: sqlite3.Connection, query: Query, ids: list[int], *, loose: bool = False
) -> tuple[Hit, ...]:
    """The articles as hits of `query`, in that order."""
    matcher = Matcher(query.terms, loose=loose)
    rows = (db.execute(_ROW, (number,)).fetchone() for number in ids)
    return tuple(_hit(matcher, row, others(db, row["id"])) for row in rows)


def _hit(matcher: Matcher, row: sqlite3.Row, same: tuple[Other, ...]) -> Hit:
    text, spans = _told(matcher, row)
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
        title_marks=tuple(spans_of(matcher, row["title"] or "", "title")),
        cut_before=start > 0,
        cut_after=end < len(text),
        others=same,
    )


def _told(matcher: Matcher, row: sqlite3.Row) -> tuple[str, list[Span]]:
    """The text to show a part of, body or attachments, and where the words stand in it."""
    told = [
        (text, spans_of(matcher, text, column))
        for column in ("body", "attachments_text")
        for text in [row[column] or ""]
    ]
    return max(told, key=_words_found)


def _words_found(told: tuple[str, list[Span]]) -> int:
    text, spans = told
    return len({text[start:end].lower() for start, end in spans})


def _window(text: str, spans: list[Span]) -> Span:
    """The stretch of `text` with the most hits, from one word's start to another's end."""
    if not spans:
        return 0, _back_to_word(text, _LENGTH)
    ends = [end for _, end in spans]
    reached = [bisect_right(ends, start + _LENGTH) - n for n, (start, _) in enumerate(spans)]
    first = spans[reached.index(max(reached))][0]
    start = 0 if first < 1.5 * _BEFORE else text.rfind(" ", 0, first - _BEFORE) + 1
    return start, _back_to_word(text, start + _LENGTH)


def _back_to_word(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    return max(text.rfind(" ", 0, end), 0) or end
