"""Which address shows which page, and how an answer is made of it."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Request, Response

from browse.archives import is_archive
from browse.csp import SITE_POLICY
from browse.downloads import pages, table
from browse.feeds import changed_feed, search_feed, vanished_feed
from browse.files import attachment, document_file, image
from browse.language import COOKIE, PARAMETER, YEAR, chosen, language_of
from browse.links import Links
from browse.memento import memento, timegate, timemap
from browse.metrics import ROUTE, metrics
from browse.readers import PLUGIN, READERS_ONLY
from browse.sitemap import PAGES
from browse.surroundings import surroundings
from browse.visit import File, NotThere, Page, Visit
from crawler.capture.folder import folder_of
from crawler.errors import BadInput, CannotRun
from crawler.words import speaking, tr

if TYPE_CHECKING:
    from datasette.app import Datasette

View = Callable[[Visit], Page | File]
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")

# What is no page: feeds, downloads and files.
_FILES: tuple[tuple[str, Callable[[Visit], File]], ...] = (
    (r"search\.atom", search_feed),
    (r"search\.csv", table("csv")),
    (r"search\.jsonl", table("jsonl")),
    (r"search\.wacz", pages),
    (r"changed\.atom", changed_feed),
    (r"vanished\.atom", vanished_feed),
    (r"image/(?P<id>\d{1,15})", image),
    (r"attachment/(?P<id>\d{1,15})", attachment),
    (r"document/(?P<id>\d{1,15})", document_file),
    (r"timemap/link/(?P<url>.+)", timemap),
    (r"timegate/(?P<url>.+)", timegate),
    (r"memento/(?P<at>\d{14})/(?P<url>.+)", memento),
)


def nowhere(_: Visit) -> Page:
    """An address of ours that names no page. Where no route fits at all, Datasette answers 500."""
    raise NotThere(tr("there is no such page"))


def routes() -> list[tuple[str, Callable[..., Any]]]:
    """The routes as Datasette's hook `register_routes` takes them."""
    views: list[tuple[str, View]] = [*PAGES, *_FILES, (r".*", nowhere)]
    own: list[tuple[str, Callable[..., Any]]] = [(ROUTE, metrics)]
    return own + [
        (rf"^/(?P<database>[^/]+)/-/(?P<page>{page})$", _route(view)) for page, view in views
    ]


def _route(view: View) -> Callable[..., Any]:
    async def answer(datasette: "Datasette", request: Request) -> Response:
        database = tilde_decode(request.url_vars["database"])
        if not is_archive(database):
            raise NotFound(f"Database not found: {database}")
        # Who may not see the database may not read it here either.
        await datasette.ensure_permissions(
            request.actor, [("view-database", database), "view-instance"]
        )
        asked = {name: request.args[name] for name in request.args}
        lang = language_of(asked, request.cookies, request.headers.get("accept-language"))
        made = await _Maker(datasette, request, database, lang).answer(view)
        if chosen(asked):
            made.set_cookie(COOKIE, lang, max_age=YEAR)
        return made

    return answer


class _Maker:
    """Makes the answer to one request, in one language."""

    def __init__(self, datasette: "Datasette", request: Request, database: str, lang: str) -> None:
        self._datasette = datasette
        self._request = request
        self._database = datasette.get_database(database)
        self._lang = lang
        self._to = _links(datasette, request, database)

    async def answer(self, view: View) -> Response:
        """What `view` makes, drawn; or a page that says what is wrong."""
        try:
            made = await self._database.execute_fn(lambda db: self._made(view, db))
        except BadInput as error:
            made = Page("wrong", {"problem": str(error)}, status=400)
        except NotThere as error:
            made = Page("wrong", {"problem": str(error)}, status=404)
        except CannotRun as error:
            made = Page("wrong", {"problem": str(error)}, status=503)
        return _sent(made) if isinstance(made, File) else await self._drawn(made)

    def _made(self, view: View, db: sqlite3.Connection) -> Page | File:
        archive = Path(self._database.path)
        words = {name: str(value) for name, value in self._request.url_vars.items()}
        with speaking(self._lang):
            asked = self._request.query_string
            visit = Visit(db, folder_of(archive), self._to, words, asked, self._request.headers)
            return view(visit)

    async def _drawn(self, page: Page) -> Response:
        with speaking(self._lang):
            facts = {**surroundings(self._to, self._lang), **page.facts}
            name = f"luutru/{page.template}.html"
            drawn = await self._datasette.render_template(name, facts, self._request)
        headers = {"Content-Security-Policy": SITE_POLICY, "Content-Language": self._lang}
        return Response.html(drawn, status=page.status, headers=headers)


def _links(datasette: "Datasette", request: Request, database: str) -> Links:
    settings = datasette.plugin_config(PLUGIN) or {}
    asked = {name: request.args[name] for name in request.args if name != PARAMETER}
    return Links(
        root=str(datasette.urls.database(database)),
        assets=str(datasette.urls.static_plugins(PLUGIN, "")),
        page=quote(request.url_vars["page"]),
        asked=asked,
        origin=f"{request.scheme}://{request.host}",
        replay_port=settings.get("replay_port"),
        tables=not settings.get(READERS_ONLY),
    )


def _sent(file: File) -> Response:
    # Some are a stranger's: the type of a file, or what it is packed with.
    headers = {name: _CONTROLS.sub(" ", value) for name, value in file.headers.items()}
    return Response(file.body, file.status, headers, _CONTROLS.sub(" ", file.media_type))
