"""Which of the databases that Datasette serves are archives; the others are left alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Datasette loads its plugins while it is itself being loaded.
    from datasette.app import Datasette

_OURS = {"portals", "urls", "captures", "articles", "versions"}
# An archive of an earlier luutru lacks it; plain Datasette does not bring it up to date.
_NEWEST = "alarms"

_archives: dict[str, bool] = {}


async def find(datasette: "Datasette") -> None:
    """Look through the databases, once at the start."""
    _archives.clear()
    for name, database in datasette.databases.items():
        tables = set(await database.table_names())
        if tables >= _OURS:
            _archives[name] = _NEWEST in tables


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
