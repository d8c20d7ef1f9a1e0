"""Families of addresses and what they brought: rows of `url_shapes`."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.archive.policy import NEVER
from crawler.traps import families, sections

# How the reasons begin for which a URL is let go because of its family or its listing.
TOO_MANY, REPEATED = "trap: nothing new on", "trap: a listing that repeats its pages"
PUT_OFF = "put off:"
_IS_PUT_OFF = f"state = 'refused' AND reason LIKE '{PUT_OFF}%'"
_LET_GO = f"""(state = 'refused' AND (reason LIKE '{TOO_MANY}%' OR reason LIKE '{REPEATED}%')
    OR {_IS_PUT_OFF})"""
# How the names of families begin that are counted by what fails, not by what is nothing new.
GONE, UNLISTED = "gone ", "unlisted "


@dataclass(frozen=True, slots=True)
class Shape:
    """One family of a portal's addresses."""

    name: str
    pages: int = 0
    fruitless: int = 0
    articles: int = 0
    barren: int = 0
    stopped: bool = False

    @property
    def is_promising(self) -> bool:
        """Whether a link into it may lead on to articles: it is hardly known, or has led there."""
        return not self.stopped and (self.pages < 10 or self.is_proven)

    @property
    def is_proven(self) -> bool:
        """Whether it has led to articles."""
        return not self.stopped and self.articles > 0 and self.articles * 20 >= self.pages


_COLUMNS = "shape, pages, fruitless, articles, barren, stopped_at IS NOT NULL"


def known(db: sqlite3.Connection, portal_id: int, names: Iterable[str]) -> dict[str, Shape]:
    """The families called `names`, by name; an unknown one is as good as new."""
    found = {}
    for name in set(names):
        row = db.execute(
            f"SELECT {_COLUMNS} FROM url_shapes WHERE portal_id = ? AND shape = ?",
            (portal_id, name),
        ).fetchone()
        found[name] = Shape(*row) if row else Shape(name)
    return found


def stopped(db: sqlite3.Connection, portal_id: int) -> dict[str, Shape]:
    """The families of which no further address is asked for."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM url_shapes WHERE portal_id = ? AND stopped_at IS NOT NULL",
        (portal_id,),
    )
    return {row["shape"]: Shape(*row) for row in rows}


def count(
    db: sqlite3.Connection, portal_id: int, name: str, points: int | None, *, articles: int = 0
) -> Shape:
    """Count a page of the family: `points` against it, or None when it brought something new."""
    row = db.execute(
        f"""INSERT INTO url_shapes (portal_id, shape, pages, fruitless, articles, barren)
            VALUES (:portal, :shape, 1, ifnull(:points, 0), :articles, NOT :articles)
            ON CONFLICT (portal_id, shape) DO UPDATE SET pages = pages + 1,
                articles = articles + :articles, barren = iif(:articles, 0, barren + 1),
                fruitless = iif(:points IS NULL, 0, fruitless + :points)
            RETURNING {_COLUMNS}""",
        {"portal": portal_id, "shape": name, "points": points, "articles": articles},
    ).fetchone()
    return Shape(*row)


def bring(db: sqlite3.Connection, portal_id: int, name: str) -> None:
    """A page of the family, if it is counted, was there after all."""
    db.execute(
        "UPDATE url_shapes SET fruitless = 0 WHERE portal_id = ? AND shape = ?", (portal_id, name)
    )


def credit(db: sqlite3.Connection, portal_id: int, names: Iterable[str]) -> None:
    """A new article was found behind pages of these families."""
    db.executemany(
        """UPDATE url_shapes SET fruitless = 0, barren = 0, articles = articles + 1
           WHERE portal_id = ? AND shape = ?""",
        [(portal_id, name) for name in names],
    )


def stop(db: sqlite3.Connection, portal_id: int, name: str, at: str) -> None:
    """Ask for no further address of the family, from `at` on."""
    db.execute(
        "UPDATE url_shapes SET stopped_at = ? WHERE portal_id = ? AND shape = ?",
        (at, portal_id, name),
    )


def resume(db: sqlite3.Connection, portal_id: int, name: str) -> None:
    """Ask for new addresses of the family again."""
    db.execute(
        "UPDATE url_shapes SET stopped_at = NULL WHERE portal_id = ? AND shape = ?",
        (portal_id, name),
    )


def reopen(db: sqlite3.Connection, portal_id: int, at: str) -> None:
    """Look into all ended families once more: a section may have been filled since."""
    db.execute(
        """UPDATE url_shapes SET stopped_at = NULL, fruitless = 0, barren = 0
           WHERE portal_id = ? AND stopped_at IS NOT NULL AND shape NOT LIKE '%=*'""",
        (portal_id,),
    )
    _wait(db, portal_id, _LET_GO, at)


def take_up(db: sqlite3.Connection, portal_id: int, at: str) -> None:
    """Ask again for what an earlier round put off."""
    db.execute(
        f"""UPDATE url_shapes SET stopped_at = NULL, fruitless = 0 WHERE portal_id = ?
            AND stopped_at IS NOT NULL AND (shape LIKE '{GONE}%' OR shape LIKE '{UNLISTED}%')""",
        (portal_id,),
    )
    _wait(db, portal_id, _IS_PUT_OFF, at)


def _wait(db: sqlite3.Connection, portal_id: int, which: str, at: str) -> None:
    db.execute(
        f"""UPDATE urls SET state = 'waiting', reason = NULL, tries = 0, due_at = ?
            WHERE portal_id = ? AND {which}""",
        (at, portal_id),
    )


def vouch(db: sqlite3.Connection, portal_id: int, keys: Iterable[str], at: str) -> None:
    """The portal itself names these addresses: ask for them, whatever their families brought."""
    db.executemany(
        f"""UPDATE urls SET state = 'waiting', reason = NULL, tries = 0, due_at = ?
            WHERE portal_id = ? AND key = ? AND {_LET_GO}""",
        [(at, portal_id, key) for key in keys],
    )


def refuse(db: sqlite3.Connection, url_ids: Iterable[int], reason: str) -> None:
    """Let waiting URLs go, and say why."""
    db.executemany(
        """UPDATE urls SET state = 'refused', reason = ?, due_at = ?
           WHERE id = ? AND state = 'waiting'""",
        [(reason, NEVER, url_id) for url_id in url_ids],
    )


def waiting(
    db: sqlite3.Connection, portal_id: int, name: str, *, vouched: bool = False
) -> list[int]:
    """The URLs of a family that wait to be asked for the first time.

    Without `vouched` those are left out that a feed or sitemap names. All addresses of a family
    begin as its name does, up to what is taken out of it.
    """
    marks = [place for mark in "#~*?" if (place := name.find(mark)) >= 0]
    begin = name[: min(marks)] if marks else name
    rows = db.execute(
        """SELECT u.id, u.key FROM urls u LEFT JOIN urls f ON f.id = u.found_on
           WHERE u.portal_id = ? AND u.key >= ? AND u.key < ? AND u.state = 'waiting'
             AND u.form IS NULL AND (? OR ifnull(f.kind, '') NOT IN ('feed', 'sitemap'))""",
        (portal_id, begin, begin + "\U0010ffff", vouched),
    )
    return [row["id"] for row in rows if name in (*families(row["key"]), *sections(row["key"]))]
