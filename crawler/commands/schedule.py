"""`luutru schedule`: when to crawl what, by the file luutru.toml."""

import asyncio
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.archive import schedules
from crawler.archive.connection import open_archive
from crawler.capture.folder import folder_of
from crawler.commands.elsewhere import elsewhere, own, trouble
from crawler.commands.installing import install, uninstall
from crawler.commands.opening import to_write
from crawler.commands.options import config_option, console, json_option, print_json
from crawler.errors import BadInput, CannotRun
from crawler.locking import Held, Lock
from crawler.schedules import after as following
from crawler.schedules import reading
from crawler.schedules.config import Config, Portal
from crawler.schedules.daemon import Daemon
from crawler.schedules.outlook import Planned, faults, next_runs
from crawler.schedules.single import run_now
from crawler.words import tr

_EXIT = {"complete": 0, "failed": 3}
_NEXT = 10


@click.group(help=tr("Crawl by schedule: when to crawl what stands in luutru.toml."))
def schedule() -> None:
    """The group of what is done with schedules."""


schedule.add_command(install)
schedule.add_command(uninstall)


@schedule.command(help=tr("Check the file, and show the next ten runs."))
@config_option
@json_option
def check(config_file: Path | None, as_json: bool) -> int:
    """Print the next runs; exit code 1 when something will not work, 2 when the file is wrong."""
    config = _opened(config_file)
    runs, wrong = next_runs(config, datetime.now(UTC), _NEXT), faults(config)
    if found := trouble(config):
        wrong.append(str(found))
    if as_json:
        print_json({"zone": config.zone.key, "runs": list(map(_data, runs)), "faults": wrong})
    else:
        _print(config, runs, wrong)
    return 1 if wrong else 0


def _data(run: Planned) -> dict[str, Any]:
    portal = run.portal
    return {"at": run.at, "portal": portal.name, "slug": portal.slug, "kind": portal.kind}


def _print(config: Config, runs: list[Planned], wrong: list[str]) -> None:
    out = console()
    out.print(
        tr(
            "{path}: {n} portals, times of {zone}",
            path=config.path,
            n=len(config.portals),
            zone=config.zone.key,
        ),
        markup=False,
    )
    for run in runs:
        limits = [run.portal.window, f"≤ {run.portal.budget}" if run.portal.budget else ""]
        words = [run.portal.name, tr(run.portal.kind), *filter(None, limits)]
        out.print(f"  {run.at:%Y-%m-%d %H:%M:%S}  {'  '.join(words)}", markup=False)
    for portal in config.portals:
        if portal.slug != portal.name:
            told = tr("{name} is called {slug} in the archive", name=portal.name, slug=portal.slug)
            out.print(f"  {told}", markup=False)
    for each in wrong:
        out.print(f"✗ {each}", markup=False)


@schedule.command(help=tr("Crawl each portal when it is due, until stopped (SIGTERM, Ctrl-C)."))
@config_option
@click.option(
    "--until-idle", is_flag=True, help=tr("End when nothing is due any more: for a line of cron.")
)
def run(config_file: Path | None, until_idle: bool) -> int:
    """Run the daemon; exit code 0 also when it was stopped."""
    config = _opened(config_file)
    who = elsewhere(config)
    _log_lines()
    db = open_archive(config.archive, create=True)
    try:
        lock = Lock(folder_of(config.archive), "_schedule")
    except Held as held:
        if until_idle:
            return 0
        what = tr(
            "the schedules of {db} are being run: {holder}", db=config.archive, holder=held.holder
        )
        raise CannotRun(what) from None
    try:
        asyncio.run(Daemon(config, db, who, until_idle=until_idle).run())
    finally:
        lock.release()
        db.close()
    return 0


@schedule.command(help=tr("Crawl one portal now, and do all that follows: for a timer of systemd."))
@click.argument("name", metavar="PORTAL")
@config_option
@click.option("--if-due", is_flag=True, help=tr("Only if it is due by its schedule."))
def now(name: str, config_file: Path | None, if_due: bool) -> int:
    """Make one run; the exit code is that of its verdict."""
    config = _opened(config_file)
    portal, who = _portal(config, name), elsewhere(config)
    _log_lines()
    db = to_write(config.archive, create=True)
    schedules.know(db, [(portal.slug, portal.schedule.text)], datetime.now(UTC))
    outcome = asyncio.run(run_now(db, config, portal, who, if_due=if_due))
    return _EXIT.get(outcome, 1) if outcome else 0


@schedule.command(help=tr("Do once more what follows a crawl of the portal."))
@click.argument("name", metavar="PORTAL")
@config_option
def after(name: str, config_file: Path | None) -> int:
    """Exit code 1 when something could not be done."""
    config = _opened(config_file)
    portal = _portal(config, name)
    with own(config, portal):
        steps = following.follow(config, portal)
    for step in steps:
        if said := step.problem or step.told:
            click.echo(f"{step.name}: {said}", err=True)
    return 1 if any(step.problem for step in steps) else 0


def _opened(config_file: Path | None) -> Config:
    """The file; the archivist's own profiles lie beside it, wherever the command is given."""
    path = reading.find(config_file)
    os.chdir(path.parent)
    return reading.opened(path)


def _portal(config: Config, name: str) -> Portal:
    found = next((portal for portal in config.portals if portal.name == name), None)
    if found is None:
        known = ", ".join(portal.name for portal in config.portals)
        raise BadInput(
            tr(
                "{path} has no [portals.{name}]; it has {known}",
                path=config.path,
                name=name,
                known=known,
            )
        )
    return found


def _log_lines() -> None:
    logging.basicConfig(
        stream=sys.stderr, format="%(asctime)s %(message)s", datefmt="%Y-%m-%d %H:%M:%S%z"
    )
    logging.getLogger("crawler.schedules").setLevel(logging.INFO)
