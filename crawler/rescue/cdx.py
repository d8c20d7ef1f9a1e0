"""Answers of CDX servers, in the three shapes that are in use: pure functions over bytes.

The Wayback Machine gives one JSON array with a line of names, and behind an empty line the key to
go on with (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server). pywb and the
index of Common Crawl give a JSON object per line.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.archive.listed import Entry

# The same field by its names in the Wayback Machine and in pywb.
_NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status"}
_NO_METHODS = ("", "GET")
_MOST_DIGITS = 18
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class Unreadable(Exception):
    """The answer is no list of captures: ask once more later."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer of an index."""

    entries: tuple[Entry, ...]
    lines: int
    """How many it named, those included that can't be asked for."""
    resume: str | None = None
    """The key that goes on behind it, as the Wayback Machine writes it."""


def listing(body: bytes) -> Listing:
    """What the answer `body` lists; raises Unreadable."""
    text = body.decode("utf-8", "replace").strip()
    try:
        rows, resume = _array(text) if text.startswith("[") else (_objects(text), None)
        entries = tuple(entry for entry in map(_entry, rows) if entry)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Unreadable(f"the index gave no list of captures: {text[:60]!r} ({error})") from None
    return Listing(entries, len(rows), resume)


def _array(text: str) -> tuple[list[dict[str, str]], str | None]:
    lines = json.loads(text)
    if not lines:
        return [], None
    names, *rows = lines
    resume = None
    if len(rows) > 1 and rows[-2] == []:
        resume, rows = str(rows[-1][0]), rows[:-2]
    return [_named(dict(zip(names, row, strict=True))) for row in rows], resume


def _objects(text: str) -> list[dict[str, str]]:
    return [_named(json.loads(line)) for line in _lines(text)]


def _lines(text: str) -> Iterator[str]:
    return (line[max(line.find("{"), 0) :] for line in text.splitlines() if line.strip())


def _named(row: dict[str, Any]) -> dict[str, str]:
    return {_NAMES.get(name, name): str(value) for name, value in row.items()}


def _entry(row: dict[str, str]) -> Entry | None:
    """The capture of a line; None of one without a date, with line ends, or that answers a form."""
    at = moment(row["timestamp"])
    # A record is made of it, whose fields end with the line.
    if any(map(_CONTROLS.search, row.values())):
        return None
    if at is None or row.get("method", "") not in _NO_METHODS or "__wb_method=" in row["urlkey"]:
        return None
    return Entry(
        url=row["url"],
        at=at,
        status=_number(row.get("status", "")),
        media_type=_known(row.get("mime", "")),
        digest=_known(row.get("digest", "")) or "",
        size=_number(row.get("length", "")),
        file=row.get("filename"),
        offset=_number(row.get("offset", "")),
    )


def moment(stamp: str) -> datetime | None:
    """A time of 14 digits, or None: some captures have a month 00."""
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def stamp(captured_at: str) -> str:
    """The 14 digits of a time as the archive writes it."""
    return "".join(filter(str.isdecimal, captured_at))


def _number(text: str) -> int | None:
    # Longer ones SQLite does not take, and are no length of anything.
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _known(text: str) -> str | None:
    return None if text in ("", "-", "unk") else text
