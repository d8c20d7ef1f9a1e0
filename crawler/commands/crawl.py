"""`luutru crawl`: crawl portals into the archive and say how it ended."""

from pathlib import Path
from typing import Any

import click

from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.commands.options import console, db_option, json_option, print_json
from crawler.crawling import Target, crawl_all
from crawler.words import tr

_EXIT = {"complete": 0, "incomplete": 1, "stopped": 1, "failed": 3}


@click.command(help=tr("Crawl portals: PORTAL is a profile's name (kimson) or a URL."))
@click.argument("portals", nargs=-1, required=True, metavar="PORTAL|URL...")
@db_option
@click.option("--delay", type=click.FloatRange(min=0), help=tr("Seconds between two requests."))
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=tr("Requests to one host at a time."),
)
@click.option("--contact", help=tr("Address or mail that portals can reach you at."))
@click.option("--verbose", is_flag=True, help=tr("Log every step."))
@json_option
def crawl(
    portals: tuple[str, ...],
    db: Path,
    delay: float | None,
    concurrency: int,
    contact: str | None,
    verbose: bool,
    as_json: bool,
) -> int:
    """Crawl `portals` one after the other; the exit code is the worst verdict's."""
    targets = [Target.named(name) for name in portals]
    run_ids = crawl_all(
        targets, db, delay=delay, concurrency=concurrency, contact=contact, verbose=verbose
    )
    return report(db, run_ids, as_json=as_json)


def report(db: Path, run_ids: list[int], *, as_json: bool = False) -> int:
    """Print how each run ended; returns the exit code."""
    archive = open_archive(db)
    ended = [reports.run(archive, run_id) for run_id in run_ids]
    for run in ended:
        print_json(run) if as_json else _print_run(run, db)
    return max(_EXIT[run["verdict"]] for run in ended)


def _print_run(run: dict[str, Any], db: Path) -> None:
    out = console()
    colour = {"complete": "green", "failed": "red"}.get(run["verdict"], "yellow")
    out.print(f"[bold]{run['portal_name']}[/] → {db}: [bold {colour}]{tr(run['verdict'])}[/]")
    out.print(
        tr(
            "{pages} pages, {seen} articles seen, {new} new, {changed} changed",
            pages=run["pages"],
            seen=run["articles_seen"],
            new=run["articles_new"],
            changed=run["articles_changed"],
        )
    )
    for reason in (run["verdict_reasons"] or "").splitlines():
        out.print(f"  • {reason}", markup=False)
