"""What reading kept pages again has changed: the log tells what the archive said before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from crawler import __version__
from crawler.archive import evidence, runs
from crawler.archive.saver import Saver

_Said = dict[str, object]
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


@contextmanager
def noted(saver: Saver, *, is_known: bool) -> Iterator[None]:
    """Writes down what is told otherwise afterwards, of a page whose capture `is_known` already."""
    before = _said(saver) if is_known else {}
    yield
    if before:
        _note(saver, dict(_changed(before, _said(saver))))


def _said(saver: Saver) -> _Said:
    """What the archive tells of the article at the URL, and of its text from the capture."""
    article = saver.db.execute(
        f"SELECT {', '.join(_SHOWN)} FROM articles WHERE url_id = ?", (saver.page.url_id,)
    ).fetchone()
    version = saver.db.execute(
        """SELECT v.seen_at, v.content_sha256 FROM articles a JOIN versions v ON v.article_id = a.id
           WHERE a.url_id = ? AND v.capture_id = ?""",
        (saver.page.url_id, saver.capture_id),
    ).fetchone()
    found = dict(article) if article else {}
    if version:
        found[f"version of {version['seen_at']}"] = f"sha256:{version['content_sha256']}"
    return found


def _note(saver: Saver, changed: dict[str, str]) -> None:
    if not changed:
        return
    # The text of an older version is told of, and is no change of the article.
    if not changed.keys().isdisjoint(_SHOWN):
        runs.count(saver.db, saver.run.id, articles_changed=1)
    lines = [f"{field}: {what}" for field, what in changed.items()]
    detail = "\n".join([f"read again by run {saver.run.id}", *lines])
    agent = f"luutru {__version__}"
    now = datetime.now(UTC)
    evidence.note(saver.db, now, "modification", saver.page.url, "success", detail, agent)


def _changed(before: _Said, after: _Said) -> Iterator[tuple[str, str]]:
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if old != new:
            yield field, f"{_told(field, old)} → {_told(field, new)}"


def _told(field: str, value: object) -> str:
    """A text of many lines would fill the log; the page that it was read from is kept."""
    if value is None:
        return "nothing"
    return f"{len(str(value))} characters" if field in _LONG else str(value)
