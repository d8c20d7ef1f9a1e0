"""`luutru status`: portals, last runs and verdicts, problems by kind, what is due."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.commands.options import console, db_option, json_option, print_json
from crawler.words import tr


@click.command(help=tr("Portals, last runs and verdicts, problems by kind, what is due."))
@db_option
@json_option
def status(db: Path, as_json: bool) -> int:
    """Print the state of the archive; exit code 1 when a last run was not complete."""
    portals = reports.portals(open_archive(db))
    if as_json:
        print_json(portals)
    else:
        _print(portals)
    runs = [portal["last_run"] for portal in portals if portal["last_run"]]
    return 0 if all(run["verdict"] == "complete" for run in runs) else 1


def _print(portals: list[dict[str, Any]]) -> None:
    out = console()
    if not portals:
        out.print(tr("The archive is empty; `luutru crawl PORTAL` fills it."))
        return
    names = ("portal", "articles", "waiting", "failed", "gone", "last run", "verdict")
    table = Table(*(tr(name) for name in names), box=None, header_style="bold")
    for portal in portals:
        table.add_row(*_row(portal))
    out.print(table)
    for portal in portals:
        _print_details(portal)


def _row(portal: dict[str, Any]) -> list[str]:
    run = portal["last_run"] or {}
    urls = (str(portal["urls"].get(state, 0)) for state in ("waiting", "failed", "gone"))
    verdict = tr(run["verdict"]) if run.get("verdict") else tr("under way, or killed")
    return [portal["slug"], str(portal["articles"]), *urls, run.get("started_at") or "-", verdict]


def _print_details(portal: dict[str, Any]) -> None:
    out = console()
    reasons = ((portal["last_run"] or {}).get("verdict_reasons") or "").splitlines()
    problems = [
        f"{p['pages']} × {p['field'] or tr('page')}: {p['reason']}, {p['example']}"
        for p in portal["problems"]
    ]
    for title, lines in ((tr("why not complete"), reasons), (tr("open problems"), problems)):
        if lines:
            out.print(f"\n[bold]{portal['slug']}[/]: {title}")
        for line in lines:
            out.print(f"  • {line}", markup=False)
