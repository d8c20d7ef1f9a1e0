"""`/-/metrics`: the state of all archives that are served, for Prometheus."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from datasette.utils.asgi import Request, Response

from browse.archives import archives, is_archive
from crawler.reporting.metrics import CONTENT_TYPE, exposition, merged

if TYPE_CHECKING:
    from datasette.app import Datasette

ROUTE = r"^/-/metrics$"


async def metrics(datasette: "Datasette", request: Request) -> Response:
    """The metrics of each archive that the asker may see, told apart by the label `archive`."""
    await datasette.ensure_permissions(request.actor, ["view-instance"])
    texts = [await _of(datasette, name) for name in filter(is_archive, archives())]
    return Response(merged(texts), headers={"Cache-Control": "no-cache"}, content_type=CONTENT_TYPE)


async def _of(datasette: "Datasette", name: str) -> str:
    database = datasette.get_database(name)
    path, now = Path(database.path), datetime.now(UTC)
    text: str = await database.execute_fn(lambda db: exposition(db, path, now, name))
    return text
