"""`/` leads to the site when Datasette serves one archive and nothing else."""

from typing import TYPE_CHECKING, Any

from browse.archives import only_archive
from browse.csp import App, Send

if TYPE_CHECKING:
    from datasette.app import Datasette


def leading(app: App, datasette: "Datasette") -> App:
    """`app`, with that redirect; its own list of databases stays at `/.json`."""

    async def leading_app(scope: dict[str, Any], receive: Any, send: Send) -> None:
        home = datasette.setting("base_url")
        archive = only_archive(datasette)
        if scope["type"] != "http" or scope["path"] != home or archive is None:
            await app(scope, receive, send)
            return
        place = f"{datasette.urls.database(archive)}/-/".encode()
        await send(
            {"type": "http.response.start", "status": 302, "headers": [[b"location", place]]}
        )
        await send({"type": "http.response.body", "body": b""})

    return leading_app
