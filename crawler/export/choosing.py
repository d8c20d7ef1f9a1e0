"""Which articles a package is about: those that a search finds, or an SQL query names."""

import sqlite3

from crawler.archive.hiding import SHOWN
from crawler.errors import BadInput
from crawler.search import Filters, matching
from crawler.words import tr


def chosen(
    db: sqlite3.Connection, query: str | None, sql: str | None, portal: str | None
) -> list[int]:
    """Numbers of the articles, hidden ones left out.

    `sql` gives them in its first column, which may be read from anything in the archive. Raises
    BadInput when it can't be run, would write, or gives something else.
    """
    if sql is None:
        return matching(db, query or "", Filters(portal=portal))
    wanted = _numbers(db, sql)
    marks = f"SELECT a.id FROM articles a JOIN portals p ON p.id = a.portal_id WHERE {SHOWN}"
    shown = {
        row[0] for row in db.execute(f"{marks} AND (? IS NULL OR p.slug = ?)", (portal, portal))
    }
    return [number for number in dict.fromkeys(wanted) if number in shown]


def _numbers(db: sqlite3.Connection, sql: str) -> list[int]:
    db.execute("PRAGMA query_only = ON")
    try:
        rows = db.execute(sql).fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise BadInput(tr("the SQL can't be run: {why}", why=error)) from None
    finally:
        db.execute("PRAGMA query_only = OFF")
    if any(not isinstance(row[0], int) for row in rows):
        raise BadInput(tr("the first column of the SQL must be the number of an article (id)"))
    return [row[0] for row in rows]
