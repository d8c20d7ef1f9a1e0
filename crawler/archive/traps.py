"""Traps, told by what they bring: families of addresses whose pages bring nothing new.

Only the first visit of a page counts: that a second one brings nothing new is as it should be. An
article, a file, or a link into a family that may lead to articles is something new.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace

from crawler import traps
from crawler.archive import aside, likeness, noise, shapes
from crawler.archive.saver import Saver
from crawler.archive.shapes import Shape
from crawler.items import Link, ReadPage
from crawler.traps import families, sections

# A page that brings nothing is one point against its family, one that also looks like another of
# it two: a calendar shows the same empty box each day, an album another picture.
_MOST_NARROW, _MOST_WIDE = 60, 120
# The same for all below a folder or host, of pages that lead on at least.
_MOST_IN_FOLDER, _MOST_ON_HOST = 500, 3_000
# Of a pager that repeats itself a few pages tell. That all it lists is known, from the sitemap, is
# no sign of a trap before it has more pages than all that is named as an article can fill.
_MOST_AGAIN, _MOST_KNOWN, _LEAST_LISTED = 3, 30, 5
_AGAIN, _KNOWN = "again ", "known "
_PAGES = frozenset({"article", "listing", "other", "login", "poll", "not_found"})
# What a portal itself says that it has is asked for, whatever it looks like.
_VOUCHED = frozenset({"feed", "sitemap"})
_OK = 200
_ANCESTORS = 3
_DEEPEST_SITEMAP = 4
_MANY = 1_000
_HOPE, _HOPE_IN_LISTING = 40, 200
"""Pages without any article in them or behind them, after which links are not enough."""


def admitted(saver: Saver, read: ReadPage, copy_of: int | None) -> list[Link]:
    """The page's links, those into traps refused; counts the page if it is visited first.

    Call before the links are added to the frontier. `copy_of` is the URL under which the page's
    article is known already, or None.
    """
    own = saver.db.execute("SELECT * FROM urls WHERE id = ?", (saver.page.url_id,)).fetchone()
    if own and not own["visits"]:
        _visited(saver, read, own, copy_of)
    links = list(_judged(saver, read))
    if read.page.kind in _VOUCHED:
        keys = (link.key for link in links if link.refused is None)
        shapes.vouch(saver.db, saver.run.portal_id, keys, saver.seen_at)
    return links


def _visited(saver: Saver, read: ReadPage, own: sqlite3.Row, copy_of: int | None) -> None:
    is_new = read.article is not None and copy_of is None
    if own["form"] is None and (read.kind == "not_found" or read.page.status == _OK):
        aside.count(saver, own, is_gone=read.kind == "not_found", is_new=is_new)
    if read.page.status == _OK and read.kind in _PAGES:
        if is_new and not aside.is_template(saver, read, own):
            _credit(saver, read, own)
        else:
            _count(saver, read, own, copy_of)


def _judged(saver: Saver, read: ReadPage) -> Iterator[Link]:
    ended = shapes.stopped(saver.db, saver.run.portal_id)
    repeated = _repeated(ended, read)
    too_deep = _too_deep(saver) if read.page.kind == "sitemap" else None
    for link in read.page.links:
        reason = link.refused or traps.out_of_time(link.url, saver.page.url, int(saver.seen_at[:4]))
        if reason is None and link.kind == "sitemap":
            reason = too_deep
        if reason is None and ended:
            reason = noise.reason(saver, ended, link.key)
            if reason is None and link.kind == "listing":
                reason = repeated
            if reason is None and link.form is None and read.page.kind not in _VOUCHED:
                reason = _dead(ended, link.key)
            if reason is None and link.form is None:
                reason = aside.reason(ended, read, link)
        yield link if reason == link.refused else replace(link, refused=reason)


def _too_deep(saver: Saver) -> str | None:
    """Why sitemaps that this sitemap lists are not asked for, or None.

    An index may not list another one (sitemaps.org); some do, and some do so for ever.
    """
    found_on = saver.page.url_id
    for _ in range(_DEEPEST_SITEMAP):
        query = "SELECT kind, found_on FROM urls WHERE id = ?"
        row = saver.db.execute(query, (found_on,)).fetchone()
        if row is None or row["kind"] != "sitemap":
            return None
        found_on = row["found_on"]
    return f"trap: sitemaps of sitemaps, more than {_DEEPEST_SITEMAP} deep"


def _repeated(ended: Mapping[str, Shape], read: ReadPage) -> str | None:
    claim = read.page.claim
    names = [kind + claim.series for kind in (_AGAIN, _KNOWN)] if claim else []
    return next((_reason(ended[name]) for name in names if name in ended), None)


def _dead(ended: Mapping[str, Shape], key: str) -> str | None:
    return next((_reason(ended[name]) for name in _names(key) if name in ended), None)


def _reason(shape: Shape) -> str:
    if shape.name.startswith(_AGAIN):
        return f"{shapes.REPEATED} ({shape.name.removeprefix(_AGAIN)})"
    name = shape.name.removeprefix(_KNOWN)
    return f"{shapes.TOO_MANY} the last of {shape.pages} pages of this kind ({name})"


def _credit(saver: Saver, read: ReadPage, own: sqlite3.Row) -> None:
    """A new article: good for its families, and for those that led to it."""
    names = () if own["form"] else _names(own["key"])
    for name in names:
        shapes.count(saver.db, saver.run.portal_id, name, None, articles=1)
    if read.page.claim:
        _count_listing(saver, read.page.claim.series, "", _MANY)
    shapes.credit(saver.db, saver.run.portal_id, _ancestors(saver.db, own["found_on"]))


def _count(saver: Saver, read: ReadPage, own: sqlite3.Row, copy_of: int | None) -> None:
    """Count the page in its families and listing, and end those that bring nothing any more."""
    shown = likeness.shown(read, own["key"])
    digest = likeness.note(saver, read, shown)
    fresh = _fresh(saver, shown)
    if read.kind == "not_found" and not fresh:
        # A dead link is no trap, however many stand in a row: it leads nowhere.
        return
    if read.page.claim:
        _count_listing(saver, read.page.claim.series, digest, len(fresh))
    if own["form"] is None:
        points = _points(saver, read, digest, own["key"], copy_of)
        _count_families(saver, own["key"], fresh, points)
        _count_sections(saver, own["key"], fresh)


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
    # No more are counted than it takes to say that the listing may go on.
    enough = max(0, shape.fruitless - _MOST_KNOWN + 1) * _LEAST_LISTED
    named = saver.db.execute(
        """SELECT count(*) FROM (SELECT 1 FROM urls WHERE portal_id = ?
               AND kind IN ('article', 'page') LIMIT ?)""",
        (saver.run.portal_id, enough),
    ).fetchone()[0]
    return _MOST_KNOWN + int(named) // _LEAST_LISTED


def _count_families(saver: Saver, key: str, fresh: list[Link], points: tuple[int, int]) -> None:
    """Count `points` against the narrow and the wide family, unless the page leads out of it."""
    leads = [families(link.key) for link in fresh if link.refused is None]
    names = {*families(key), *(name for pair in leads for name in pair)}
    known = shapes.known(saver.db, saver.run.portal_id, names)
    for name, against, most in zip(families(key), points, (_MOST_NARROW, _MOST_WIDE), strict=True):
        out = [(known[one], known[two]) for one, two in leads if name not in (one, two)]
        is_news = _is_news(known[name], out, files=len(leads) < len(fresh))
        shape = shapes.count(saver.db, saver.run.portal_id, name, None if is_news else against)
        _end_if_barren(saver, shape, most)


def _count_sections(saver: Saver, key: str, fresh: list[Link]) -> None:
    """Count a page that leads on and on, but never to an article or a file."""
    if not fresh:
        return
    points = None if any(link.refused for link in fresh) else 1
    for name in sections(key):
        shape = shapes.count(saver.db, saver.run.portal_id, name, points)
        _end_if_barren(saver, shape, _MOST_IN_FOLDER if name.count("/") > 1 else _MOST_ON_HOST)


def _end_if_barren(saver: Saver, shape: Shape, most: int) -> None:
    fruitful = max(0, shape.pages - shape.fruitless)
    if not shape.stopped and shape.fruitless >= most + fruitful // _LEAST_LISTED:
        shapes.stop(saver.db, saver.run.portal_id, shape.name, saver.seen_at)
        waiting = shapes.waiting(saver.db, saver.run.portal_id, shape.name)
        shapes.refuse(saver.db, waiting, _reason(shape))


def _is_news(own: Shape, out: list[tuple[Shape, Shape]], *, files: bool) -> bool:
    """Whether links out of the family `own` are worth something.

    They are if they lead where articles are; otherwise only as long as one may still hope that
    they do. Two traps may lead into each other.
    """
    if any(narrow.is_proven and wide.is_promising for narrow, wide in out):
        return True
    hope = files or any(narrow.is_promising and wide.is_promising for narrow, wide in out)
    return hope and own.barren < _HOPE


def _points(
    saver: Saver, read: ReadPage, digest: str, key: str, copy_of: int | None
) -> tuple[int, int]:
    """What a page that brings nothing counts against its narrow and against its wide family."""
    if copy_of is not None:
        # Each article may stand in two sections; one that is copied again and again is a trap's.
        query = "SELECT 1 FROM urls WHERE same_as = ? LIMIT 1"
        again = saver.db.execute(query, (copy_of,)).fetchone()
        return (2, 2) if again else (0, 0)
    twins = likeness.alike(saver, digest)
    narrow, wide = (name in twins for name in families(key))
    if read.page.claim:
        # The empty listings of a portal look alike; only one path must not have them without end.
        return 0, 2 * wide
    # A list that shows another selection of what is known has done its work.
    return 1 + narrow, 2 if wide else int(read.kind != "listing")


def _ancestors(db: sqlite3.Connection, found_on: int | None) -> set[str]:
    names: set[str] = set()
    for _ in range(_ANCESTORS):
        row = db.execute("SELECT key, found_on FROM urls WHERE id = ?", (found_on,)).fetchone()
        if row is None:
            break
        names.update(_names(row["key"]))
        claim = db.execute("SELECT series FROM listing_claims WHERE url_id = ?", (found_on,))
        names.update(_KNOWN + series for (series,) in claim)
        found_on = row["found_on"]
    return names


def _names(key: str) -> tuple[str, ...]:
    return (*families(key), *sections(key))


def _waiting_in_listing(saver: Saver, series: str) -> list[int]:
    rows = saver.db.execute(
        """SELECT u.id FROM listing_claims c JOIN urls u ON u.found_on = c.url_id
           WHERE u.portal_id = ? AND c.series = ? AND u.state = 'waiting' AND u.kind = 'listing'""",
        (saver.run.portal_id, series),
    )
    return [row["id"] for row in rows]
