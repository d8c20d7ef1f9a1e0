"""`luutru export site`: the offline site, a subcommand that `luutru export` finds as a plugin."""

import os
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TextColumn

from browse.offline.freezing import freeze
from crawler.capture.folder import folder_of
from crawler.commands.opening import to_read
from crawler.commands.options import db_option
from crawler.errors import BadInput
from crawler.export.building import built_beside, ready
from crawler.words import tr


@click.command(help=tr("A folder of pages to read and search without a server, from any disk."))
@db_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=tr("The folder to make; the archive's name with .site if not given."),
)
@click.option("--no-files", is_flag=True, help=tr("Leave images and attachments out."))
def site(db: Path, out: Path | None, no_files: bool) -> int:
    """Write the folder; exit code 1 when a file could not be read out of its record."""
    out = ready(out or db.with_suffix(".site"))
    if out.exists():
        raise BadInput(tr("{path} is there already; name another place with -o", path=out))
    archive = to_read(db)
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"))
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task(tr("pages"), total=None)
        with built_beside(out) as part:
            part.mkdir()
            frozen = freeze(
                archive,
                folder_of(db),
                part,
                with_files=not no_files,
                moved=lambda: bar.advance(task),
            )
    for problem in frozen.problems:
        click.echo(problem, err=True)
    click.echo(
        tr(
            "{out}: {pages} pages, {files} files; open {start}",
            out=out,
            pages=frozen.pages,
            files=frozen.files,
            start=os.path.join(out, "index.html"),
        )
    )
    return 1 if frozen.problems else 0
