"""`luutru serve --readers`: the site alone, without what only keepers of the archive should see.

Tables, SQL and the file have hidden articles in them. In Datasette's metadata the same is said by
`"plugins": {"luutru": {"readers_only": true}}`.
"""

from typing import TYPE_CHECKING

from browse.archives import archives

if TYPE_CHECKING:
    from datasette.app import Datasette

PLUGIN = "luutru"
READERS_ONLY = "readers_only"
_FOR_KEEPERS = {"view-table", "view-query", "execute-sql", "view-database-download"}


def allowed(datasette: "Datasette", action: str, resource: object) -> bool | None:
    """False for what readers may not do; None leaves it to others to say."""
    settings = datasette.plugin_config(PLUGIN) or {}
    database = resource[0] if isinstance(resource, tuple) else resource
    # One of an earlier luutru, too, which has no site yet: its hidden articles are the same.
    if settings.get(READERS_ONLY) and action in _FOR_KEEPERS and str(database) in archives():
        return False
    return None
