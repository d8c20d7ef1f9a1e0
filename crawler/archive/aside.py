"""Families of addresses that are put off: their pages fail, are gone, or name each other only.

None of that proves a trap. So the verdict counts what was put off, and the next run asks on.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.archive import shapes
from crawler.archive.connection import timestamp, transaction
from crawler.archive.saver import Saver
from crawler.archive.shapes import GONE, PUT_OFF, UNLISTED, Shape
from crawler.archive.texts import iso
from crawler.items import Link, ReadPage
from crawler.traps import families

# So many pages of a kind that are not there, one after the other: a section that was taken away,
# while the sitemap still names it. Nobody waits for fifty thousand.
_MOST_GONE = 1_000
# Articles that only articles name: a chain of older news, or a machine that writes without end.
# Each one that a list names makes it more likely that there are many more.
_MOST_UNLISTED, _MORE_FOR_EACH_LISTED = 200, 100
# So many articles of one title and date are a template's; two or three are a portal's.
_MOST_ALIKE = 30
_LISTS = frozenset({"home", "listing", "feed", "sitemap", None})


def count(saver: Saver, own: sqlite3.Row, *, is_gone: bool, is_new: bool) -> None:
    """Count a page that was visited first; `is_new` if an article was found on it."""
    narrow, wide = families(own["key"])
    if not is_gone:
        shapes.bring(saver.db, saver.run.portal_id, GONE + narrow)
    elif (found := _counted(saver, GONE + narrow, 1)).fruitless >= _MOST_GONE:
        _stop(saver, found, shapes.waiting(saver.db, saver.run.portal_id, narrow, vouched=True))
    if is_new:
        listed = _found_on(saver, own) != "article"
        found = _counted(saver, UNLISTED + wide, None if listed else 1, articles=int(listed))
        if found.fruitless >= _MOST_UNLISTED + _MORE_FOR_EACH_LISTED * found.articles:
            _stop(saver, found, _waiting_unlisted(saver, wide))


def is_template(saver: Saver, read: ReadPage, own: sqlite3.Row) -> bool:
    """Whether the article only bears a title and date that many have, and no list names it.

    So does each day of a calendar, and each page of a betting site.
    """
    if read.article is None or _found_on(saver, own) in _LISTS:
        return False
    alike = saver.db.execute(
        """SELECT count(*) FROM articles
           WHERE portal_id = ? AND title = ? AND published_on IS ?""",
        (saver.run.portal_id, read.article.title, iso(read.article.published_on)),
    ).fetchone()[0]
    return bool(alike >= _MOST_ALIKE)


def _counted(saver: Saver, name: str, points: int | None, *, articles: int = 0) -> Shape:
    return shapes.count(saver.db, saver.run.portal_id, name, points, articles=articles)


def reason(ended: Mapping[str, Shape], read: ReadPage, link: Link) -> str | None:
    """Why a link of the page is put off, or None."""
    narrow, wide = families(link.key)
    names = [GONE + narrow, *([UNLISTED + wide] if read.kind == "article" else [])]
    return next((_told(ended[name]) for name in names if name in ended), None)


def _told(shape: Shape) -> str:
    kind, _, name = shape.name.partition(" ")
    if f"{kind} " == GONE:
        return f"{PUT_OFF} the last {shape.fruitless} pages of this kind were gone ({name})"
    return f"{PUT_OFF} only articles name the last {shape.fruitless} of this kind ({name})"


def _stop(saver: Saver, shape: Shape, url_ids: list[int]) -> None:
    if not shape.stopped:
        shapes.stop(saver.db, saver.run.portal_id, shape.name, saver.seen_at)
        shapes.refuse(saver.db, url_ids, _told(shape))


def _found_on(saver: Saver, own: sqlite3.Row) -> str | None:
    row = saver.db.execute("SELECT kind FROM urls WHERE id = ?", (own["found_on"],)).fetchone()
    return row["kind"] if row else None


def _waiting_unlisted(saver: Saver, name: str) -> list[int]:
    waiting = shapes.waiting(saver.db, saver.run.portal_id, name)
    query = """SELECT 1 FROM urls u JOIN urls f ON f.id = u.found_on
               WHERE u.id = ? AND f.kind = 'article'"""
    return [url_id for url_id in waiting if saver.db.execute(query, (url_id,)).fetchone()]


@dataclass(slots=True)
class Failing:
    """Families whose pages fail while the portal answers: they come later in the run, or not."""

    pauses: Sequence[float]
    """Seconds for which a family is left alone, each time anew; then it is put off for the run."""
    _times: Counter[str] = field(default_factory=Counter)
    _since: dict[str, str] = field(default_factory=dict)

    def set_aside(
        self, db: sqlite3.Connection, portal_id: int, url_ids: Sequence[int], now: datetime
    ) -> bool:
        """Let the family wait that most of `url_ids` are of; False if they have none in common."""
        name = _common(db, url_ids)
        if name is None:
            return False
        if self._has_come(db, portal_id, name):
            self._times[name] = 0
        self._times[name] += 1
        self._since[name] = timestamp(now)
        with transaction(db):
            self._leave(db, shapes.waiting(db, portal_id, name, vouched=True), name, now)
        return True

    def _leave(self, db: sqlite3.Connection, ids: list[int], name: str, now: datetime) -> None:
        if self._times[name] > len(self.pauses):
            shapes.refuse(db, ids, f"{PUT_OFF} pages of this kind fail ({name})")
            return
        later = timestamp(now + timedelta(seconds=self.pauses[self._times[name] - 1]))
        db.executemany(
            "UPDATE urls SET due_at = max(due_at, ?) WHERE id = ?", [(later, each) for each in ids]
        )

    def _has_come(self, db: sqlite3.Connection, portal_id: int, name: str) -> bool:
        """Whether a page of the family came since it was set aside."""
        rows = db.execute(
            """SELECT key FROM urls
               WHERE portal_id = ? AND state = 'done' AND last_fetched_at > ?""",
            (portal_id, self._since.get(name, "9")),
        )
        return any(name in families(row["key"]) for row in rows)


def _common(db: sqlite3.Connection, url_ids: Sequence[int]) -> str | None:
    """The family that more than half of the URLs are of, the narrow one if it can be."""
    rows = (db.execute("SELECT key FROM urls WHERE id = ?", (each,)).fetchone() for each in url_ids)
    of = [families(row["key"]) for row in rows if row]
    for names in zip(*of, strict=True):
        name, times = Counter(names).most_common(1)[0]
        if times * 2 > len(of):
            return str(name)
    return None
