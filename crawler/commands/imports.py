"""`luutru import`: take in what other tools saved."""

from pathlib import Path

import click

from crawler import hangup
from crawler.commands.clustered import import_in
from crawler.commands.options import (
    Address,
    db_option,
    into_option,
    is_typed,
    jobs_option,
    json_option,
    refuse_into_alone,
)
from crawler.commands.replay import replayed
from crawler.replaying.replay import plan_for
from crawler.words import tr


@click.command(
    name="import",
    help=tr(
        "Take in what other tools saved: WARC, WACZ and ARC files, folders of wget --mirror and "
        "HTTrack, MHTML and HTML files."
    ),
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@db_option
@click.option("--portal", default="", help=tr("Only this portal (its short name)."))
@click.option(
    "--url",
    type=Address(),
    default="",
    help=tr("The address of the page in a single HTML or MHTML file."),
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help=tr("WARC files on the machines of a dask cluster, each portal into its own archive."),
)
@into_option
@jobs_option
@json_option
def imports(
    files: tuple[Path, ...],
    db: Path,
    portal: str,
    url: str,
    cluster: str | None,
    into: Path,
    jobs: int,
    as_json: bool,
) -> int:
    """Copy `files` beside the archive and read their pages into it."""
    refuse_into_alone()
    if cluster:
        if is_typed("--db") or portal or url:
            raise click.UsageError(tr("--cluster takes neither --db nor --portal nor --url"))
        # A worker's threads read at the same time already.
        return import_in(cluster, files, into, "import", jobs or 1, as_json=as_json)
    hangup.sigterm_exits()
    return replayed(plan_for(list(files), db, portal, "import", url), jobs, as_json=as_json)
