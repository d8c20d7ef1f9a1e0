"""`luutru import`: take in WARC or WACZ files that other tools made."""

from pathlib import Path

import click

from crawler.commands.options import db_option, json_option
from crawler.commands.replay import replayed
from crawler.replaying.replay import plan_for
from crawler.words import tr


@click.command(
    name="import",
    help=tr("Take in WARC or WACZ files made by other tools (wget, Browsertrix, pywb)."),
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@db_option
@click.option("--portal", default="", help=tr("Only this portal (its short name)."))
@json_option
def imports(files: tuple[Path, ...], db: Path, portal: str, as_json: bool) -> int:
    """Copy `files` beside the archive and read their pages into it."""
    return replayed(plan_for(list(files), db, portal, "import"), as_json=as_json)
