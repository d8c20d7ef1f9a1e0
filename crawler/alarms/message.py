"""Alarms as a message: what happened, since when, how sure, what to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from crawler.alarms.kinds import KINDS
from crawler.reporting.reasons import retold
from crawler.telling.message import Message
from crawler.words import tr

Row = dict[str, Any]
"""A row of `alarms` with `portal` (slug), `portal_name` and `portal_url`, None for the archive."""
_ORDER = list(KINDS)
_MOST_LINES = 20


def message(rows: Sequence[Row], archive: str, zone: ZoneInfo) -> Message:
    """One message on all of these alarms; `archive` names it for people, who live in `zone`."""
    groups = list(grouped(rows))
    first = groups[0]
    subject = f"luutru: {_where(first)}: {_what(first)}"
    if len(groups) > 1:
        subject += " " + tr("(and {n} more)", n=len(groups) - 1)
    text = "\n\n".join(paragraph(group, zone) for group in groups)
    foot = tr("Archive: {archive}. All that stands: `luutru alarms`.", archive=archive)
    return Message(subject, f"{text}\n\n{foot}\n", {"alarms": [_data(row) for row in rows]})


def grouped(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The alarms of one kind and portal together, the urgent kinds first."""
    ordered = sorted(rows, key=lambda row: (_ORDER.index(row["kind"]), row["portal"] or ""))
    for _, group in groupby(ordered, key=lambda row: (row["kind"], row["portal"])):
        yield list(group)


def paragraph(group: Sequence[Row], zone: ZoneInfo) -> str:
    """What is told of alarms of one kind and portal."""
    kind = KINDS[group[0]["kind"]]
    head = f"{_where(group)}: {_what(group)}"
    since = min(row["since"] for row in group)
    told = (
        (tr("Since"), _local(since, zone)),
        (tr("How sure"), tr(kind.sure)),
        (tr("What to do"), tr(kind.todo, **_names(group[0]))),
    )
    return "\n".join([head, *_lines(group), *(f"  {name}: {text}" for name, text in told)])


def _where(group: Sequence[Row]) -> str:
    row = group[0]
    if row["portal"] is None:
        return tr("The archive")
    return f"{row['portal_name']} ({row['portal']})"


def _what(group: Sequence[Row]) -> str:
    return tr(KINDS[group[0]["kind"]].what, n=len(group))


def _lines(group: Sequence[Row]) -> Iterator[str]:
    lines = [line for row in group for line in row["line"].splitlines()]
    yield from (f"  • {retold(line)}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield "  " + tr("… and {n} more", n=len(lines) - _MOST_LINES)


def _names(row: Row) -> dict[str, Any]:
    return {"portal": row["portal"], "url": row["portal_url"], "run": row["run_id"]}


def _local(moment: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).isoformat(" ", "minutes")


def _data(row: Row) -> dict[str, Any]:
    """What programs get; the texts are those of the language that people get."""
    kind = KINDS[row["kind"]]
    return {
        "id": row["id"],
        "kind": row["kind"],
        "urgent": kind.urgent,
        "portal": row["portal"],
        "run": row["run_id"],
        "since": row["since"],
        "topic": row["topic"],
        "line": row["line"],
        "what": _what([row]),
        "how_sure": tr(kind.sure),
        "what_to_do": tr(kind.todo, **_names(row)),
    }
