"""The query language inside SQL, for Datasette and for programs with queries of their own."""

import sqlite3

from crawler.search.abbreviations import expanded
from crawler.search.expression import exclusion, expression
from crawler.search.language import parse
from crawler.vietnamese import fold

_NOTHING = '""'
"""An FTS5 expression that no text matches."""


def add_functions(db: sqlite3.Connection) -> None:
    """Give SQL on this connection `luutru_match(query)` and `luutru_fold(text)`."""
    db.create_function("luutru_match", 1, match, deterministic=True)
    db.create_function("luutru_fold", 1, folded, deterministic=True)


def match(query: str | None) -> str:
    """What stands behind `articles_fts MATCH` for a query as people type it.

    Any text is a query; one without words to look for finds nothing.
    """
    asked = expanded(parse(query or ""))
    wanted, unwanted = expression(asked), exclusion(asked)
    if wanted and unwanted:
        return f"{wanted} NOT {unwanted}"
    return wanted or _NOTHING


def folded(text: str | None) -> str | None:
    """`text` in lower case and without marks, as the columns `..._folded` have it."""
    return None if text is None else fold(text).lower()
