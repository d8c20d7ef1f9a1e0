"""How long Datasette looks for facets that it could suggest, whoever starts it."""

from typing import TYPE_CHECKING

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
