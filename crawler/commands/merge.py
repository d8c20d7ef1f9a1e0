"""`luutru merge`: many archives as one that is searched as a whole."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crawler.capture.folder import folder_of
from crawler.commands.options import json_option, print_json
from crawler.locking import alone
from crawler.merging import Outcome, archives_in
from crawler.merging import merge as bring_together
from crawler.words import tr

_HELP = tr(
    "Bring many archives into one that is searched as a whole. ARCHIVE is an archive, or a folder "
    "that is searched for archive.db. Only what changed since the last merge is read and written."
)


@click.command(help=_HELP)
@click.argument(
    "archives",
    metavar="ARCHIVE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
)
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=tr("The archive to merge into; it is made if it is not there."),
)
@click.option(
    "--update",
    is_flag=True,
    help=tr("Bring archives that an earlier luutru made up to date first; else they are not read."),
)
@json_option
def merge(archives: tuple[Path, ...], db: Path, update: bool, as_json: bool) -> int:
    """Merge, a line for each archive; exit code 1 when one of them could not be merged."""
    found = archives_in(archives, db)
    code = 0
    with alone(folder_of(db.absolute())):
        for outcome in bring_together(db, found, datetime.now(UTC), update=update):
            code = max(code, 1 if outcome.problem else 0)
            print_json(_data(outcome)) if as_json else _say(outcome)
    return code


def _data(outcome: Outcome) -> dict[str, Any]:
    copy_of = str(outcome.copy_of) if outcome.copy_of else None
    return {**asdict(outcome), "path": str(outcome.path), "copy_of": copy_of}


def _say(outcome: Outcome) -> None:
    click.echo(f"{outcome.path}: {_told(outcome)}", err=outcome.problem is not None)


def _told(outcome: Outcome) -> str:
    brought = outcome.brought
    if outcome.problem:
        return outcome.problem
    if outcome.copy_of:
        return tr("it is a copy of {path}", path=outcome.copy_of)
    if brought is None:
        return tr("nothing has changed")
    told = tr(
        "{new} articles new, {changed} changed, {gone} gone",
        new=brought.new,
        changed=brought.changed,
        gone=brought.gone,
    )
    return tr("{told}; it came whole", told=told) if outcome.whole else told
