"""Datasette hooks: titles, descriptions, facets, queries and article pages of luutru archives.

Other databases that the same Datasette serves are left alone.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from browse.article import beside_the_row
from browse.metadata import database_metadata
from browse.queries import QUERIES

if TYPE_CHECKING:
    # Datasette loads its plugins while it is itself being loaded.
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

PLUGIN = "luutru"
_OURS = {"portals", "urls", "captures", "articles", "versions"}
_archives: set[str] = set()


@hookimpl
def startup(datasette: "Datasette") -> Callable[[], Awaitable[None]]:
    """Note which databases are luutru archives."""

    async def note() -> None:
        _archives.clear()
        for name, database in datasette.databases.items():
            if set(await database.table_names()) >= _OURS:
                _archives.add(name)

    return note


@hookimpl
def get_metadata(datasette: "Datasette", key: str, database: str, table: str) -> dict[str, Any]:
    """Titles and descriptions of the archives."""
    if not _archives:
        return {}
    return {"title": "Lưu Trữ", "databases": {name: database_metadata() for name in _archives}}


@hookimpl
def canned_queries(datasette: "Datasette", database: str, actor: object) -> dict[str, Any]:
    """The questions that people ask of an archive."""
    return QUERIES if database in _archives else {}


@hookimpl
def extra_css_urls(datasette: "Datasette", database: str) -> list[str]:
    """The look of an archive's tables."""
    path = datasette.urls.static_plugins(PLUGIN, "archive.css")
    return [path] if database in _archives else []


@hookimpl
def extra_template_vars(
    datasette: "Datasette", database: str, table: str, view_name: str, request: "Request"
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """What the page of an article shows beside the row."""

    async def variables() -> dict[str, Any]:
        if view_name != "row" or table != "articles" or database not in _archives:
            return {}
        wanted = request.url_vars["pks"]
        port = (datasette.plugin_config(PLUGIN) or {}).get("replay_port")
        try:
            found: dict[str, Any] = await datasette.get_database(database).execute_fn(
                lambda db: beside_the_row(db, wanted, port)
            )
        except sqlite3.OperationalError:
            # An archive of an earlier luutru, which plain Datasette does not bring up to date.
            return {}
        return found

    return variables
