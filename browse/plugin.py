"""Datasette hooks: the site, and titles, descriptions, facets and queries of luutru archives.

Other databases that the same Datasette serves are left alone.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from browse import csp, front, readers, routes, spreadsheets, suggestions
from browse.archives import archives, find, is_archive
from browse.metadata import database_metadata
from browse.queries import QUERIES
from crawler.search import add_functions

if TYPE_CHECKING:
    # Datasette loads its plugins while it is itself being loaded.
    from datasette.app import Datasette


@hookimpl
def startup(datasette: "Datasette") -> Callable[[], Awaitable[None]]:
    """Note which databases are luutru archives; their tables are shown without long waits."""

    async def begin() -> None:
        await find(datasette)
        if archives():
            suggestions.hurry(datasette)

    return begin


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """The query language in SQL; no table is touched, so every database may have it."""
    add_functions(conn)


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The pages of the site."""
    return routes.routes()


@hookimpl
def asgi_wrapper(datasette: "Datasette") -> Callable[[csp.App], csp.App]:
    """The headers of every answer, CSV that is safe to open, pages that end in time, and the way
    from `/` to the site.
    """
    return lambda app: csp.guarded(
        spreadsheets.harmless_csv(suggestions.unsuggested(front.leading(app, datasette), datasette))
    )


@hookimpl
def get_metadata(datasette: "Datasette", key: str, database: str, table: str) -> dict[str, Any]:
    """Titles and descriptions of the archives."""
    if not archives():
        return {}
    return {"title": "Lưu Trữ", "databases": {name: database_metadata() for name in archives()}}


@hookimpl
def canned_queries(datasette: "Datasette", database: str, actor: object) -> dict[str, Any]:
    """The questions that people ask of an archive."""
    return QUERIES if database in archives() else {}


@hookimpl
def extra_css_urls(datasette: "Datasette", database: str) -> list[str]:
    """The look of an archive's tables."""
    path = datasette.urls.static_plugins(readers.PLUGIN, "archive.css")
    return [path] if database in archives() else []


@hookimpl
def menu_links(datasette: "Datasette") -> list[dict[str, str]]:
    """From Datasette's pages to the site."""
    return [
        {"href": f"{datasette.urls.database(name)}/-/", "label": f"Lưu Trữ: {name}"}
        for name in archives()
        if is_archive(name)
    ]


@hookimpl
def extra_template_vars(datasette: "Datasette", database: str, table: str) -> dict[str, str]:
    """From the row of an article to its page: where the pages of articles are."""
    if table != "articles" or not is_archive(database):
        return {}
    return {"article_pages": f"{datasette.urls.database(database)}/-/article/"}


@hookimpl
def permission_allowed(datasette: "Datasette", action: str, resource: object) -> bool | None:
    """Where only readers are let in, tables, SQL and the file itself are not theirs to see."""
    return readers.allowed(datasette, action, resource)
