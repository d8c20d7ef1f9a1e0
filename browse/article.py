"""What the page of an article has beside the row: captured pages in replay, references."""

import sqlite3
from typing import Any

from crawler.archive import reports
from crawler.citation import FORMS, source_of
from crawler.playback import address


def beside_the_row(db: sqlite3.Connection, wanted: str, replay_port: int | None) -> dict[str, Any]:
    """Variables of the template `row.html` for the article with the id `wanted`; maybe none.

    `replay_port` is where `luutru serve --replay` shows captured pages; None when it does not.
    """
    article = reports.article(db, wanted)
    if article is None:
        return {}
    source = source_of(article)
    return {
        "references": {name: form(source) for name, form in FORMS.items()},
        "captured_pages": _captured_pages(article, replay_port) if replay_port else [],
    }


def _captured_pages(article: reports.Row, port: int) -> list[tuple[str, str]]:
    """Time and address in replay of what each version was read from, and of the latest look."""
    shown = {version["capture_id"] for version in article["versions"]}
    shown |= {article["capture_id"], article["seen_capture_id"]}
    return [
        (
            capture["captured_at"],
            address(capture["url"] or article["url"], capture["captured_at"], port),
        )
        for capture in article["captures"]
        if capture["id"] in shown and capture["warc_file"]
    ]
