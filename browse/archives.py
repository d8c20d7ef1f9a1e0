"""Which of the databases that Datasette serves are archives; the others are left alone."""

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Database

from crawler.archive.schema import migrations

if TYPE_CHECKING:
    # Datasette loads its plugins while it is itself being loaded.
    from datasette.app import Datasette

_OURS = {"portals", "urls", "captures", "articles", "versions"}
_archives: dict[str, bool] = {}


async def find(datasette: "Datasette") -> None:
    """Look through the databases, once at the start."""
    _archives.clear()
    for name, database in datasette.databases.items():
        tables = set(await database.table_names())
        if tables >= _OURS:
            # An earlier one lacks what pages ask for; Datasette brings nothing up to date.
            _archives[name] = await database.execute_fn(_is_current)


def _is_current(db: sqlite3.Connection) -> bool:
    return not migrations.pending(Database(db))


def archives() -> list[str]:
    """The names of the archives, of any age."""
    return list(_archives)


def is_archive(database: str) -> bool:
    """Whether the site can show this database."""
    return _archives.get(database, False)


def only_archive(datasette: "Datasette") -> str | None:
    """The archive that the site shows, when there is no other database beside it."""
    names = [name for name in datasette.databases if name != "_internal"]
    return names[0] if len(names) == 1 and is_archive(names[0]) else None
