"""`luutru watch`: saved searches, run after each crawl; what is new is told once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.archive import watches
from crawler.commands.filtering import filters_of
from crawler.commands.opening import to_read, to_write
from crawler.commands.options import console, db_option, json_option, print_json, search_options
from crawler.errors import BadInput
from crawler.search import matching
from crawler.units.facts import gazetteer
from crawler.watching.target import target_of
from crawler.watching.watching import run, said
from crawler.words import tr


@click.group(
    help=tr("Saved searches: what is new after a crawl is told by mail, webhook or command.")
)
def watch() -> None:
    """The group of what is done with saved searches."""


@watch.command(help=tr("Save a search. Articles that it finds already are not told."))
@click.argument("query", nargs=-1)
@click.option("--email", metavar="ADDRESS", help=tr("Tell by mail; LUUTRU_SMTP names the server."))
@click.option("--webhook", metavar="URL", help=tr("Tell by an HTTP POST with JSON."))
@click.option("--command", metavar="COMMAND", help=tr("Tell a program, which gets JSON to read."))
@search_options
@db_option
def add(
    query: tuple[str, ...],
    db: Path,
    email: str | None,
    webhook: str | None,
    command: str | None,
    **narrow: str | None,
) -> int:
    """Save the search and print its number."""
    channel, target = _channel(email=email, webhook=webhook, command=command)
    archive = to_write(db)
    text, filters = " ".join(query), filters_of(archive, **narrow)
    known = matching(archive, text, filters)
    number = watches.add(archive, text, filters, channel, target, known, datetime.now(UTC))
    click.echo(
        tr(
            "{number}: {n} articles are there already; new ones are told",
            number=number,
            n=len(known),
        )
    )
    return 0


def _channel(**given: str | None) -> tuple[str, str]:
    """The one way to tell that was given; BadInput when it makes no sense."""
    chosen = [(name, value) for name, value in given.items() if value]
    if len(chosen) != 1:
        raise click.UsageError(tr("give one of --email, --webhook and --command"))
    channel, target = chosen[0]
    target_of(channel, target)
    return channel, target


@watch.command(name="list", help=tr("The saved searches, what was told and what waits."))
@db_option
@json_option
def listed(db: Path, as_json: bool) -> int:
    """Print the saved searches; exit code 1 when there is none."""
    rows = watches.listed(to_read(db))
    if as_json:
        print_json(rows)
        return 0 if rows else 1
    out = console()
    for row in rows:
        out.print(
            f"{row['id']:>4}  {_named(row)}  → {row['channel']} {row['target']}", markup=False
        )
        out.print("      " + tr("{told} told, {waiting} waiting", **_counts(row)), markup=False)
        if row["problem"]:
            out.print(f"      {row['problem']}", markup=False)
    if not rows:
        out.print(tr("There is no saved search; `luutru watch add` makes one."))
    return 0 if rows else 1


def _named(row: dict[str, Any]) -> str:
    place = gazetteer().units[row["unit_id"]].name if row["unit_id"] else None
    narrowed = (row[name] for name in ("since", "until", "portal", "category", "author"))
    return " · ".join([row["query"] or tr("all"), *filter(None, (*narrowed, place))])


def _counts(row: dict[str, Any]) -> dict[str, int]:
    return {"told": row["told"], "waiting": row["waiting"]}


@watch.command(help=tr("Forget a saved search."))
@click.argument("number", type=int)
@db_option
def remove(number: int, db: Path) -> int:
    """Forget the search; wrong use when there is none with that number."""
    if not watches.remove(to_write(db), number):
        raise BadInput(tr("there is no saved search {number}", number=number))
    click.echo(tr("{number} is forgotten", number=number))
    return 0


@watch.command(name="run", help=tr("Tell now what is new; `luutru crawl` does it at its end."))
@db_option
def run_all(db: Path) -> int:
    """Go through all saved searches; exit code 1 when something could not be told."""
    told = run(to_write(db), db)
    for each in told:
        click.echo(said(each))
    if not told:
        click.echo(tr("There is no saved search; `luutru watch add` makes one."))
    return 1 if any(each.problem for each in told) else 0
