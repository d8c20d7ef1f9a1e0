"""`luutru rescue`: what web archives hold of a portal, into the archive."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.commands.crawl import report
from crawler.commands.gaps import print_plan, save_pages
from crawler.commands.options import (
    Seconds,
    console,
    contact_option,
    db_option,
    json_option,
    print_json,
    refuse_both,
    verbose_option,
)
from crawler.commands.setting import set_option
from crawler.rescue.rescuing import Rescued, profile_for
from crawler.rescue.rescuing import rescue as rescued
from crawler.rescue.services import SOURCES
from crawler.words import tr


@click.command(
    help=tr(
        "Rescue a portal out of a web archive: every capture that it lists, as far as it can "
        "deliver it. The same command goes on where the last one ended."
    )
)
@click.argument("portal", metavar="PORTAL|URL", required=False)
@click.option(
    "--from",
    "source",
    type=click.Choice(SOURCES),
    help=tr("The web archive: the Wayback Machine or Common Crawl."),
)
@click.option(
    "--plan",
    "planned",
    is_flag=True,
    help=tr("Fetch nothing: list what is not kept and can still be had, most at risk first."),
)
@click.option(
    "--save-page-now",
    "save",
    is_flag=True,
    help=tr("Ask the Wayback Machine to keep the pages that it does not list (slow)."),
)
@db_option
@click.option(
    "--limit", type=click.IntRange(min=1), help=tr("Fetch no more captures than that this time.")
)
@click.option(
    "--forecast",
    is_flag=True,
    help=tr("Only ask what is listed, and say how long it takes to fetch it."),
)
@click.option("--delay", type=Seconds(), help=tr("Seconds between two captures."))
@contact_option
@set_option
@verbose_option
@json_option
def rescue(
    portal: str | None,
    source: str | None,
    planned: bool,
    save: bool,
    db: Path,
    limit: int | None,
    forecast: bool,
    delay: float | None,
    contact: str | None,
    given: tuple[tuple[str, str], ...],
    verbose: bool,
    as_json: bool,
) -> int:
    """Rescue `portal` from `source`; the exit code is the verdict's."""
    refuse_both("--plan", "--save-page-now", "--forecast")
    refuse_both("--limit", "--plan", "--forecast")
    if planned:
        return print_plan(db, portal, as_json=as_json)
    if portal and save:
        return save_pages(db, portal, limit, dict(given), as_json=as_json)
    if portal is None or source is None:
        raise click.UsageError(tr("name a portal and where to rescue it from: --from wayback"))
    overrides: dict[str, Any] = dict(given)
    if forecast or limit:
        overrides["RESCUE_LIMIT"] = 0 if forecast else limit
    if delay is not None:
        overrides["RESCUE_DELAY"] = delay
    standing = rescued(
        profile_for(portal, db), source, db, overrides, contact=contact, verbose=verbose
    )
    if as_json:
        return _print_json(standing, db)
    code = report(db, [standing.run_id])
    _print(standing)
    return code


def _print_json(standing: Rescued, db: Path) -> int:
    archive = open_archive(db)
    run = reports.run(archive, standing.run_id)
    archive.close()
    print_json({"run": run, **asdict(standing)})
    return 0 if run["verdict"] == "complete" else 1


def _print(standing: Rescued) -> None:
    out = console()
    states = standing.states
    out.print(
        tr(
            "{listed} captures listed: {done} kept, {waiting} to be fetched, {refused} not wanted, "
            "{failed} not to be had",
            listed=sum(states.values()),
            **{name: states.get(name, 0) for name in ("done", "waiting", "refused", "failed")},
        )
    )
    if standing.seconds:
        left = timedelta(seconds=round(standing.seconds))
        out.print(tr("The rest takes {time} at least, at the pace of the settings.", time=left))
