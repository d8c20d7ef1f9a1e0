"""What reading kept pages again has changed: the log tells what the archive said before."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

from crawler import __version__
from crawler.archive import evidence, runs
from crawler.archive.runs import Run

Said = dict[str, object]
_LONG = frozenset(("body", "summary"))
_SHOWN = (
    "title",
    "published_on",
    "published_at",
    "view_count",
    "author",
    "category",
    "summary",
    "body",
)


def said(db: sqlite3.Connection, url_id: int, capture_id: int) -> Said:
    """What the archive tells of the article at a URL, and the text that it has from a capture."""
    article = db.execute(
        f"SELECT {', '.join(_SHOWN)} FROM articles WHERE url_id = ?", (url_id,)
    ).fetchone()
    version = db.execute(
        """SELECT v.seen_at, v.content_sha256 FROM articles a JOIN versions v ON v.article_id = a.id
           WHERE a.url_id = ? AND v.capture_id = ?""",
        (url_id, capture_id),
    ).fetchone()
    found = dict(article) if article else {}
    if version:
        found[f"version of {version['seen_at']}"] = f"sha256:{version['content_sha256']}"
    return found


def note(db: sqlite3.Connection, run: Run, url: str, before: Said, after: Said) -> None:
    """Write down what is told otherwise now; call inside a transaction."""
    changed = dict(_changed(before, after))
    if not before or not changed:
        return
    # The text of an older version is told of, and is no change of the article.
    if not changed.keys().isdisjoint(_SHOWN):
        runs.count(db, run.id, articles_changed=1)
    lines = [f"{field}: {what}" for field, what in changed.items()]
    detail = "\n".join([f"read again by run {run.id}", *lines])
    agent = f"luutru {__version__}"
    evidence.note(db, datetime.now(UTC), "modification", url, "success", detail, agent)


def _changed(before: Said, after: Said) -> Iterator[tuple[str, str]]:
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if old != new:
            yield field, f"{_told(field, old)} → {_told(field, new)}"


def _told(field: str, value: object) -> str:
    """A text of many lines would fill the log; the page that it was read from is kept."""
    if value is None:
        return "nothing"
    return f"{len(str(value))} characters" if field in _LONG else str(value)
