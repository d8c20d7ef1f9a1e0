"""Full-text search that knows Vietnamese: with marks as written, without marks either way.

The index holds every text twice, as written and folded. A word typed with marks can only be found
as written; a word typed without is found in both, and exact hits rank above folded ones because
they score twice. Equal spellings of tone placement (hòa, hoà) are asked for together.
"""

import re
import sqlite3
from dataclasses import dataclass

from crawler.archive.fulltext import FOLDED, SEARCHED
from crawler.errors import BadInput
from crawler.vietnamese import nfc, tone_placements
from crawler.words import tr

# Title, summary, author, body, attachments: as written, then folded.
_WEIGHTS = "10, 4, 2, 2, 1, 5, 2, 1, 1, 0.5"
# The decomposed column is for programs that do not normalise a query; this one does.
_IN_COLUMNS = "{" + " ".join((*SEARCHED, *FOLDED)) + "}"
_OPEN, _CLOSE = "\x02", "\x03"
_SNIPPET = 240
_BODY = SEARCHED.index("body")
_FILES = SEARCHED.index("attachments_text")
_SHIFT = len(SEARCHED)
_TERMS = re.compile(r'"([^"]*)"?|([^\s"]+)')

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; None does not narrow."""

    since: str | None = None
    """First publication date, YYYY-MM-DD."""
    until: str | None = None
    """Last publication date, YYYY-MM-DD."""
    portal: str | None = None
    """Slug."""
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found."""

    id: int
    url: str
    title: str | None
    published_on: str | None
    author: str | None
    category: str | None
    portal: str
    view_count: int | None
    snippet: str
    """A part of the body in its original spelling, or its beginning; of the attachments' text when
    that has more of the words."""
    marks: tuple[Span, ...]
    """Where the hits stand in `snippet`: (start, end) in characters."""
    title_marks: tuple[Span, ...]


def search(
    db: sqlite3.Connection, query: str, filters: Filters | None = None, limit: int = 10
) -> tuple[int, list[Hit]]:
    """How many articles match `query`, and the `limit` best of them, best first.

    Raises BadInput when the query has no word to look for.
    """
    match = match_expression(query)
    where, values = _where(filters or Filters())
    source = (
        "FROM articles_fts JOIN articles a ON a.id = articles_fts.rowid "
        f"JOIN portals p ON p.id = a.portal_id WHERE articles_fts MATCH ? {where}"
    )
    total = db.execute(f"SELECT count(*) {source}", (match, *values)).fetchone()[0]
    best = db.execute(
        f"""SELECT a.id {source}
            ORDER BY bm25(articles_fts, {_WEIGHTS}), a.published_on DESC, a.id LIMIT ?""",
        (match, *values, limit),
    ).fetchall()
    return total, [_hit(db, match, row[0]) for row in best]


def match_expression(query: str) -> str:
    """`query` as an FTS5 expression: every word or "phrase" must occur. Never a syntax error."""
    terms = [phrase or word for phrase, word in _TERMS.findall(nfc(query).replace("\0", " "))]
    parts = [_any_placement(term) for term in terms if any(c.isalnum() for c in term)]
    if not parts:
        raise BadInput(tr("there is no word to look for in {query!r}", query=query))
    return f"{_IN_COLUMNS} : ({' AND '.join(parts)})"


def _any_placement(term: str) -> str:
    return "(" + " OR ".join(f'"{spelling}"' for spelling in tone_placements(term)) + ")"


def _where(filters: Filters) -> tuple[str, list[str]]:
    conditions = {
        "a.published_on >= ?": filters.since,
        "a.published_on <= ?": filters.until,
        "p.slug = ?": filters.portal,
        "a.category = ?": filters.category and nfc(filters.category),
    }
    used = {sql: value for sql, value in conditions.items() if value is not None}
    return "".join(f" AND {sql}" for sql in used), list(used.values())


def _hit(db: sqlite3.Connection, match: str, article_id: int) -> Hit:
    row = db.execute(
        f"""SELECT a.*, p.slug AS portal, {_highlights()}
            FROM articles_fts JOIN articles a ON a.id = articles_fts.rowid
            JOIN portals p ON p.id = a.portal_id
            WHERE articles_fts MATCH ? AND articles_fts.rowid = ?""",
        (match, article_id),
    ).fetchone()
    text, spans = _told(row)
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
        title_marks=tuple(_spans(row["title_written"], row["title_folded"])),
    )


def _told(row: sqlite3.Row) -> tuple[str, list[Span]]:
    """The text to show a part of, body or attachments, and where the hits stand in it."""
    body = row["body"] or "", _spans(row["body_written"], row["body_folded"])
    files = row["attachments_text"] or "", _spans(row["files_written"], row["files_folded"])
    return max(body, files, key=_words_found)


def _words_found(told: tuple[str, list[Span]]) -> int:
    text, spans = told
    return len({text[start:end].lower() for start, end in spans})


def _highlights() -> str:
    columns = {
        "title_written": 0,
        "title_folded": _SHIFT,
        "body_written": _BODY,
        "body_folded": _BODY + _SHIFT,
        "files_written": _FILES,
        "files_folded": _FILES + _SHIFT,
    }
    return ", ".join(
        f"highlight(articles_fts, {number}, char(2), char(3)) AS {name}"
        for name, number in columns.items()
    )


def _spans(*highlighted: str | None) -> list[Span]:
    """Where hits stand; folding keeps the number of characters, so both spellings agree."""
    found = {span for text in highlighted if text for span in _marked(text)}
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _marked(text: str) -> list[Span]:
    spans, position, start = [], 0, 0
    for piece in re.split(f"([{_OPEN}{_CLOSE}])", text):
        if piece == _OPEN:
            start = position
        elif piece == _CLOSE:
            spans.append((start, position))
        else:
            position += len(piece)
    return spans


def _window(body: str, spans: list[Span]) -> Span:
    """The stretch of `body` with the most hits, from one word's start to another's end."""
    if not spans:
        return 0, _back_to_word(body, _SNIPPET)
    first = max(spans, key=lambda s: sum(s[0] <= a and b <= s[0] + _SNIPPET for a, b in spans))[0]
    start = 0 if first < 60 else body.rfind(" ", 0, first - 40) + 1
    return start, _back_to_word(body, start + _SNIPPET)


def _back_to_word(body: str, end: int) -> int:
    if end >= len(body):
        return len(body)
    return max(body.rfind(" ", 0, end), 0) or end
