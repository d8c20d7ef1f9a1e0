"""pages.jsonl: the articles, for the list and the search of a WACZ reader (WACZ 1.1.1, `pages`)."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawler.archive import holdings
from crawler.export.selection import Selection

_HEADER = {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}


def listed(
    db: sqlite3.Connection, selection: Selection, portal: int | None
) -> Iterator[sqlite3.Row]:
    """The articles of `portal` (or all) whose capture is in a file of `selection`."""
    names = {warc.name for warc in selection.whole}
    return (row for row in holdings.pages(db, portal) if row["warc_file"] in names)


def write(rows: Iterable[sqlite3.Row], out: Path) -> int:
    """Write a header and a line per row of `holdings.pages`; the number of articles."""
    count = 0
    with out.open("w", encoding="utf-8") as file:
        file.write(_json(_HEADER))
        for count, row in enumerate(rows, 1):  # noqa: B007 - the count is the result
            file.write(_json(page(row)))
    return count


def page(row: sqlite3.Row) -> dict[str, str]:
    """One page: address and capture time find the record; a date is given when it is known.

    `published` is ours: the standard lets a page have further properties.
    """
    facts = {
        "id": f"article-{row['id']}",
        "url": row["url"],
        "ts": row["captured_at"],
        "title": row["title"],
        "published": row["published_on"],
        "text": row["body"],
    }
    return {name: value for name, value in facts.items() if value}


def _json(entry: dict[str, object] | dict[str, str]) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"
