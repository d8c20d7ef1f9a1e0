"""`luutru status`: portals, last runs and verdicts, problems by kind, what is due."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.commands import suspects
from crawler.commands.options import console, db_option, json_option, print_json
from crawler.reporting.reasons import retold
from crawler.words import tr

_EXIT = {"complete": 0, "failed": 3}
_COLOURS = {"complete": "green", "failed": "red"}


@click.command(help=tr("Portals, last runs and verdicts, problems by kind, what is due."))
@click.option(
    "--suspects",
    "only_suspects",
    is_flag=True,
    help=tr("The links that an intruder seems to have planted, page by page."),
)
@db_option
@json_option
def status(only_suspects: bool, db: Path, as_json: bool) -> int:
    """Print the state of the archive; the exit code is that of the worst last run."""
    if only_suspects:
        return suspects.show(reports.suspects(open_archive(db)), as_json)
    portals = reports.portals(open_archive(db))
    if as_json:
        print_json(portals)
    else:
        _print(portals)
    runs = [portal["last_run"] for portal in portals if portal["last_run"]]
    return max((_EXIT.get(run["verdict"], 1) for run in runs), default=0)


def _print(portals: list[dict[str, Any]]) -> None:
    out = console()
    if not portals:
        out.print(tr("The archive is empty; `luutru crawl PORTAL` fills it."))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(tr("portal"), overflow="fold")
    for name in ("articles", "due", "failed", "gone"):
        table.add_column(tr(name), justify="right")
    table.add_column(tr("last run"), no_wrap=True)
    table.add_column(tr("verdict"))
    for portal in portals:
        table.add_row(*_row(portal))
    out.print(table)
    for portal in portals:
        _print_details(portal)
    out.print(f"\n[bold]luutru report[/]  {tr('the whole report on this run')}")


def _row(portal: dict[str, Any]) -> list[str]:
    run = portal["last_run"] or {}
    urls = (str(portal["urls"].get(state, 0)) for state in ("failed", "gone"))
    verdict = tr(run["verdict"]) if run.get("verdict") else tr("under way, or killed")
    colour = _COLOURS.get(run.get("verdict", ""), "yellow")
    began = _minute(run.get("started_at"))
    numbers = (str(portal["articles"]), str(portal["due"]), *urls)
    return [portal["slug"], *numbers, began, f"[{colour}]{verdict}[/]"]


def _minute(moment: str | None) -> str:
    """A time of the archive for people, still in UTC."""
    return f"{moment[:10]} {moment[11:16]}Z" if moment else "-"


def _print_details(portal: dict[str, Any]) -> None:
    out = console()
    run = portal["last_run"] or {}
    reasons = [retold(reason) for reason in (run.get("verdict_reasons") or "").splitlines()]
    problems = [
        f"{p['pages']} × {p['field'] or tr('page')}: {p['reason']}, {p['example']}"
        for p in portal["problems"]
    ]
    plan = [f"{tr('left over')}: {run['left_over']}"] if run.get("left_over") else []
    plan += [f"{tr('next due')}: {_minute(portal['next_due'])}"] if portal["next_due"] else []
    sections = (("why not complete", reasons), ("open problems", problems), ("due", plan))
    for title, lines in sections:
        if lines:
            out.print(f"\n[bold]{portal['slug']}[/]: {tr(title)}")
        for line in lines:
            out.print(f"  • {line}", markup=False)
