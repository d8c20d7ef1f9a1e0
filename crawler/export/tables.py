"""Tables that leave the archive: CSV that no spreadsheet takes for formulas, and JSON Lines."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

# What spreadsheets take for a formula, by the first character (https://owasp.org, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")

BOM = "\ufeff"
"""Tells Excel that a CSV file is UTF-8; without it Vietnamese letters are garbled there."""


def harmless(value: Any) -> Any:
    """`value` as a spreadsheet may have it: a text that looks like a formula gets a `'` before it.

    Plain numbers stay, negative ones too.
    """
    looks = isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value)
    return f"'{value}" if looks else value


def csv_line(values: Iterable[Any]) -> str:
    """One line of RFC 4180, each value made harmless."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(value) for value in values])
    return out.getvalue()


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """The lines of a CSV file with a heading."""
    yield BOM + csv_line(columns)
    for row in rows:
        yield csv_line(row[name] for name in columns)


def as_jsonl(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """The lines of a JSON Lines file, Vietnamese as it is."""
    for row in rows:
        yield json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n"


FORMS: dict[str, Callable[..., Iterator[str]]] = {"csv": as_csv, "jsonl": as_jsonl}
"""By the name that `luutru export` takes."""
