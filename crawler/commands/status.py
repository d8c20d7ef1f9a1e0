"""`luutru status`: portals, last runs and verdicts, problems by kind, what is due."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.alarms.standing import standing
from crawler.archive import reports
from crawler.commands import noted, suspects
from crawler.commands.columns import print_rows
from crawler.commands.opening import to_read
from crawler.commands.options import console, db_option, json_option, print_json, refuse_both
from crawler.reporting import health
from crawler.reporting.causes import cause
from crawler.reporting.disk import disk_of
from crawler.reporting.metrics import write_metrics
from crawler.reporting.reasons import retold
from crawler.reporting.text import clock, size
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
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=tr("Write metrics for Prometheus's textfile collector to this file instead."),
)
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help=tr("The portals of `luutru crawl --cluster --into FOLDER` instead: who crawls which."),
)
@db_option
@json_option
def status(
    only_suspects: bool, prometheus: Path | None, folder: Path | None, db: Path, as_json: bool
) -> int:
    """Print the state of the archive; the exit code is that of the worst last run, and 1 at least
    while nothing is heard of a portal, or what a check found damaged is not put right.
    """
    refuse_both("--in", "--suspects", "--prometheus")
    refuse_both("--in", "--db")
    refuse_both("--prometheus", "--json")
    if folder:
        return noted.show(folder, as_json=as_json)
    if only_suspects:
        return suspects.show(reports.suspects(to_read(db)), as_json)
    archive = to_read(db)
    if prometheus:
        write_metrics(archive, db, prometheus)
        click.echo(tr("the metrics are in {path}", path=prometheus))
        return 0
    portals = health.portals(archive)
    if as_json:
        print_json(portals)
    else:
        _print(portals)
        _print_archive(archive, db)
    runs = [portal["last_run"] for portal in portals if portal["last_run"]]
    urgent = any(alarm["kind"] in ("silent", "fixity") for alarm in standing(archive))
    return max(int(urgent), *(_EXIT.get(run["verdict"], 1) for run in runs), 0)


def _print_archive(archive: sqlite3.Connection, db: Path) -> None:
    out, disk = console(), disk_of(archive, db, datetime.now(UTC))
    line = tr("{free} of {total} are left", free=size(disk.free), total=size(disk.total))
    if disk.days_left is not None:
        line += "; " + tr("at the present rate for {days} days", days=round(disk.days_left))
    out.print(f"{tr('disk')}: {line}", markup=False)
    if found := standing(archive):
        out.print(tr("{n} alarms stand; luutru alarms names them.", n=len(found)), markup=False)


def _print(portals: list[dict[str, Any]]) -> None:
    out = console()
    if not portals:
        out.print(tr("The archive is empty; `luutru crawl PORTAL` fills it."))
        return
    numbers = [tr(name) for name in ("articles", "due", "failed", "gone")]
    names = [tr("portal"), *numbers, tr("last run"), tr("verdict")]
    print_rows(out, names, map(_row, portals), numbers)
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
        f"{p['pages']} × {p['field'] or tr('page')}: {cause(p['reason'])}, {p['example']}"
        for p in portal["problems"]
    ]
    plan = [f"{tr('left over')}: {run['left_over']}"] if run.get("left_over") else []
    plan += [f"{tr('next due')}: {_minute(portal['next_due'])}"] if portal["next_due"] else []
    last = [_last_run(run)] if run.get("seconds") is not None else []
    if portal["last_success_at"]:
        last.append(f"{tr('Last success')}: {_minute(portal['last_success_at'])}")
    failures = [f"{n} × {cause(reason)}" for reason, n in portal["failures"].items()]
    sections = (
        ("last run", last),
        ("why not complete", reasons),
        ("failed", failures),
        ("open problems", problems),
        ("due", plan),
    )
    for title, lines in sections:
        if lines:
            out.print(f"\n[bold]{portal['slug']}[/]: {tr(title)}")
        for line in lines:
            out.print(f"  • {line}", markup=False)


def _last_run(run: dict[str, Any]) -> str:
    numbers = {name: run[f"articles_{name}"] for name in ("new", "changed")}
    return tr(
        "{clock} for {pages} pages, {size}; {new} new articles, {changed} changed",
        clock=clock(run["seconds"]),
        pages=run["pages"],
        size=size(run["received"]),
        **numbers,
    )
