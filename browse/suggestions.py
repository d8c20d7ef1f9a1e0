"""How long Datasette looks for facets that it could suggest, whoever starts it."""

from typing import TYPE_CHECKING, Any

from browse.archives import archives
from browse.csp import App, Send

if TYPE_CHECKING:
    # Datasette loads its plugins while it is itself being loaded.
    from datasette.app import Datasette

QUICK_MS = 5
_LIMIT, _DEFAULT_MS = "facet_suggest_time_limit_ms", 50


def hurry(datasette: "Datasette") -> None:
    """Look 5 ms at each column, unless a limit was asked for.

    By default it is 50 ms, three times for each column: four seconds for a page of articles, once
    there are many. Datasette 0.65 has no public way to change a setting.
    """
    if datasette.setting(_LIMIT) == _DEFAULT_MS:
        datasette._settings[_LIMIT] = QUICK_MS


def unsuggested(app: App, datasette: "Datasette") -> App:
    """`app`, which suggests none for the map of gaps.

    To suggest one it counts all rows first, and where that takes longer than it may it answers 400
    instead of a page (`get_row_count` in Datasette 0.65): from some 200,000 addresses on.
    """

    async def quiet_app(scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] == "http":
            places = {datasette.urls.table(name, "gap_map") for name in archives()}
            if scope["path"].removesuffix(".json") in places:
                asked = scope["query_string"]
                scope = {**scope, "query_string": asked + b"&" * bool(asked) + b"_nosuggest=1"}
        await app(scope, receive, send)

    return quiet_app
