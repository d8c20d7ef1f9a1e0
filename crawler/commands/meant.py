"""The article that a person means by its number or address."""

import sqlite3
from typing import Any

from crawler.archive import reports
from crawler.errors import BadInput
from crawler.reporting.causes import cause
from crawler.words import tr


def article_meant(archive: sqlite3.Connection, wanted: str) -> dict[str, Any]:
    """The article `wanted` as `reports.article` gives it; BadInput when there is none.

    It tells what is known of an address that gave no article.
    """
    article = reports.article(archive, wanted)
    if article is None:
        known = reports.address(archive, wanted)
        raise BadInput(_said(wanted, known) if known else _unknown(wanted))
    return article


def _unknown(wanted: str) -> str:
    return tr(
        "the archive has no article {wanted}; `luutru search` shows numbers and addresses",
        wanted=wanted,
    )


def _said(wanted: str, known: dict[str, Any]) -> str:
    said = tr("the archive has no article {wanted}: {why}", wanted=wanted, why=_why(known))
    if known["found_on"] and known["linked_as"]:
        said += "; " + tr(
            "{page} links to it as “{words}”", page=known["found_on"], words=known["linked_as"]
        )
    return said


def _why(known: dict[str, Any]) -> str:
    if known["reason"]:
        return cause(known["reason"])
    if known["state"] == "waiting":
        return tr("not asked for so far")
    return tr("it is kept as a page of another kind ({kind})", kind=tr(known["kind"]))
