"""The article that a person means by its number or address."""

import sqlite3
from typing import Any

from crawler.archive import reports
from crawler.errors import BadInput
from crawler.words import tr


def article_meant(archive: sqlite3.Connection, wanted: str) -> dict[str, Any]:
    """The article `wanted` as `reports.article` gives it; BadInput when there is none."""
    article = reports.article(archive, wanted)
    if article is None:
        raise BadInput(
            tr(
                "the archive has no article {wanted}; `luutru search` shows numbers and addresses",
                wanted=wanted,
            )
        )
    return article
