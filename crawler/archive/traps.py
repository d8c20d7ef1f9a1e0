"""Traps, told by what they bring: families of addresses whose pages bring nothing new.

Only the first visit of a page counts: that a second one brings nothing new is as it should be. An
article, a file, or a link into a family that may lead to articles is something new.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace

from crawler import traps
from crawler.archive import likeness, noise, shapes
from crawler.archive.saver import Saver
from crawler.archive.shapes import Shape
from crawler.items import Link, ReadPage
from crawler.traps import families

# A page that brings nothing is one point against its family, one that also looks like another of
# it two: a calendar shows the same empty box each day, an album another picture.
_MOST_NARROW, _MOST_WIDE = 60, 120
# Of a pager that repeats itself a few pages tell. That all it lists is known, from the sitemap, is
# no sign of a trap before it has more pages than all articles together can fill.
_MOST_AGAIN, _MOST_KNOWN, _LEAST_LISTED = 3, 30, 5
_AGAIN, _KNOWN = "again ", "known "
_PAGES = frozenset({"article", "listing", "other", "login", "poll", "not_found"})
# What a portal itself says that it has is asked for, whatever it looks like.
_VOUCHED = frozenset({"feed", "sitemap"})
_ANCESTORS = 3
_HOPE, _HOPE_IN_LISTING = 40, 200
"""Pages without any article in them or behind them, after which links are not enough."""


def admitted(saver: Saver, read: ReadPage, *, is_copy: bool) -> list[Link]:
    """The page's links, those into traps refused; counts the page if it is visited first.

    Call before the links are added to the frontier. `is_copy` says that its article is known under
    another address.
    """
    own = saver.db.execute("SELECT * FROM urls WHERE id = ?", (saver.page.url_id,)).fetchone()
    if own and not own["visits"] and read.page.status == 200 and read.kind in _PAGES:
        is_new = read.article is not None and not is_copy
        _count(saver, read, own, is_new=is_new)
    return list(_judged(saver, read))


def _judged(saver: Saver, read: ReadPage) -> Iterator[Link]:
    ended = shapes.stopped(saver.db, saver.run.portal_id)
    repeated = _repeated(ended, read)
    for link in read.page.links:
        reason = link.refused or traps.out_of_time(link.url, int(saver.seen_at[:4]))
        if reason is None and ended:
            reason = noise.reason(saver, ended, link.key)
            if reason is None and link.kind == "listing":
                reason = repeated
            if reason is None and link.form is None and read.page.kind not in _VOUCHED:
                reason = _dead(ended, link.key)
        yield link if reason == link.refused else replace(link, refused=reason)


def _repeated(ended: Mapping[str, Shape], read: ReadPage) -> str | None:
    claim = read.page.claim
    names = [kind + claim.series for kind in (_AGAIN, _KNOWN)] if claim else []
    return next((_reason(ended[name]) for name in names if name in ended), None)


def _dead(ended: Mapping[str, Shape], key: str) -> str | None:
    return next((_reason(ended[name]) for name in families(key) if name in ended), None)


def _reason(shape: Shape) -> str:
    if shape.name.startswith(_AGAIN):
        return f"trap: this listing repeats its pages ({shape.name.removeprefix(_AGAIN)})"
    name = shape.name.removeprefix(_KNOWN)
    return f"trap: {shape.pages} pages of this kind, and the last brought nothing new ({name})"


def _count(saver: Saver, read: ReadPage, own: sqlite3.Row, *, is_new: bool) -> None:
    """Count the page in its families and listing, and end those that bring nothing any more."""
    shown = likeness.shown(read, own["key"])
    digest = "" if is_new else likeness.note(saver, read, shown)
    fresh = _fresh(saver, shown)
    if read.page.claim:
        _count_listing(saver, read.page.claim.series, digest, 99 if is_new else len(fresh))
    if own["form"] is None:
        _count_families(saver, read, own["key"], digest, fresh, is_new=is_new)
    if is_new:
        shapes.credit(saver.db, saver.run.portal_id, _ancestors(saver.db, own["found_on"]))


def _fresh(saver: Saver, links: list[Link]) -> list[Link]:
    """Those links that are not known yet."""
    query = "SELECT 1 FROM urls WHERE portal_id = ? AND key = ?"
    known = (saver.db.execute(query, (saver.run.portal_id, link.key)).fetchone() for link in links)
    return [link for link, row in zip(links, known, strict=True) if row is None]


def _count_listing(saver: Saver, series: str, digest: str, fresh: int) -> None:
    """A link or two that are new may be the menu's; they count as long as one may hope."""
    known = shapes.known(saver.db, saver.run.portal_id, [_KNOWN + series])[_KNOWN + series]
    brings = fresh > 2 or (fresh > 0 and known.barren < _HOPE_IN_LISTING)
    again = not brings and likeness.repeats(saver, digest, series)
    for name, points in ((_AGAIN, 1 if again else None), (_KNOWN, None if brings else 1)):
        shape = shapes.count(saver.db, saver.run.portal_id, name + series, points)
        if not shape.stopped and shape.fruitless >= _most_of_listing(saver, shape):
            shapes.stop(saver.db, saver.run.portal_id, shape.name, saver.seen_at)
            shapes.refuse(saver.db, _waiting_in_listing(saver, series), _reason(shape))


def _most_of_listing(saver: Saver, shape: Shape) -> int:
    if shape.name.startswith(_AGAIN):
        return _MOST_AGAIN
    if shape.fruitless < _MOST_KNOWN:
        return _MOST_KNOWN
    articles = saver.db.execute(
        "SELECT count(*) FROM articles WHERE portal_id = ?", (saver.run.portal_id,)
    ).fetchone()[0]
    return _MOST_KNOWN + int(articles) // _LEAST_LISTED


def _count_families(
    saver: Saver, read: ReadPage, key: str, digest: str, fresh: list[Link], *, is_new: bool
) -> None:
    twins = likeness.alike(saver, digest) if digest else set()
    leads = [families(link.key) for link in fresh if link.refused is None]
    names = {*families(key), *(name for pair in leads for name in pair)}
    known = shapes.known(saver.db, saver.run.portal_id, names)
    for place, most in enumerate((_MOST_NARROW, _MOST_WIDE)):
        name = families(key)[place]
        out = [(known[one], known[two]) for one, two in leads if name not in (one, two)]
        news = is_new or _is_news(known[name], out, files=len(leads) < len(fresh))
        points = None if news else _points(read, alike=name in twins, wide=most == _MOST_WIDE)
        shape = shapes.count(saver.db, saver.run.portal_id, name, points, articles=int(is_new))
        fruitful = max(0, shape.pages - shape.fruitless)
        if not shape.stopped and shape.fruitless >= most + fruitful // _LEAST_LISTED:
            shapes.stop(saver.db, saver.run.portal_id, name, saver.seen_at)
            shapes.refuse(saver.db, _waiting_in_family(saver, name), _reason(shape))


def _is_news(own: Shape, out: list[tuple[Shape, Shape]], *, files: bool) -> bool:
    """Whether links out of the family `own` are worth something.

    They are if they lead where articles are; otherwise only as long as one may still hope that
    they do. Two traps may lead into each other.
    """
    if any(narrow.is_proven and wide.is_promising for narrow, wide in out):
        return True
    hope = files or any(narrow.is_promising and wide.is_promising for narrow, wide in out)
    return hope and own.barren < _HOPE


def _points(read: ReadPage, *, alike: bool, wide: bool) -> int:
    if alike:
        return 2
    # A page of a listing that shows another selection of what is known has done its work.
    is_listing = read.page.claim or read.page.kind == "listing"
    return 0 if is_listing or (wide and read.kind == "listing") else 1


def _ancestors(db: sqlite3.Connection, found_on: int | None) -> set[str]:
    names: set[str] = set()
    for _ in range(_ANCESTORS):
        row = db.execute("SELECT key, found_on FROM urls WHERE id = ?", (found_on,)).fetchone()
        if row is None:
            break
        names.update(families(row["key"]))
        claim = db.execute("SELECT series FROM listing_claims WHERE url_id = ?", (found_on,))
        names.update(_KNOWN + series for (series,) in claim)
        found_on = row["found_on"]
    return names


def _waiting_in_listing(saver: Saver, series: str) -> list[int]:
    rows = saver.db.execute(
        """SELECT u.id FROM listing_claims c JOIN urls u ON u.found_on = c.url_id
           WHERE u.portal_id = ? AND c.series = ? AND u.state = 'waiting' AND u.kind = 'listing'""",
        (saver.run.portal_id, series),
    )
    return [row["id"] for row in rows]


def _waiting_in_family(saver: Saver, name: str) -> list[int]:
    """All families' addresses begin as the family's name does, up to what is taken out of it."""
    begin = (
        name[: min(name.find(mark) for mark in "#~*?" if mark in name)]
        if set(name) & set("#~*?")
        else name
    )
    rows = saver.db.execute(
        """SELECT u.id, u.key FROM urls u LEFT JOIN urls f ON f.id = u.found_on
           WHERE u.portal_id = ? AND u.key >= ? AND u.key < ? AND u.state = 'waiting'
             AND u.form IS NULL AND ifnull(f.kind, '') NOT IN ('feed', 'sitemap')""",
        (saver.run.portal_id, begin, begin + "\U0010ffff"),
    )
    return [row["id"] for row in rows if name in families(row["key"])]
