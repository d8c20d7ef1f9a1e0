"""`luutru copy`: bring the copies of the archive up to date, and check them."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from crawler.archive.connection import is_writable, open_to_read
from crawler.commands.elsewhere import archives
from crawler.commands.options import config_option, console, db_option, json_option, print_json
from crawler.copying.all_places import copy_to
from crawler.copying.copying import Copied
from crawler.errors import BadInput
from crawler.reporting.text import size
from crawler.schedules.config import Config, Copy
from crawler.schedules.reading import opened
from crawler.words import tr


@click.command(
    help=tr("Copy the archive to second places, and check what is there: those of luutru.toml.")
)
@click.option(
    "--to",
    metavar="PLACE",
    help=tr("Copy to this folder or s3://bucket/folder instead; needs no luutru.toml."),
)
@click.option("--check", is_flag=True, help=tr("Read all that is there again, too."))
@config_option
@db_option
@json_option
def copy(to: str | None, check: bool, config_file: Path | None, db: Path, as_json: bool) -> int:
    """Print how it went with each copy; exit code 1 when something is, or was, wrong."""
    config = _only_to(to, db.absolute()) if to else opened(config_file)
    if not config.copies:
        raise BadInput(tr("{file} names no copies; add [[copies]] or --to", file=config.path))
    done = [each for own in archives(config) for each in _copied(own, check)]
    if as_json:
        print_json([asdict(each) for each in done])
    else:
        for each in done:
            _print(each)
    return 1 if any(each.problems for each in done) else 0


def _copied(config: Config, check: bool) -> list[Copied]:
    with closing(open_to_read(config.archive)) as archive:
        done = [copy_to(archive, config, each, check=1 if check else 0) for each in config.copies]
    if not is_writable(config.archive):
        told = tr("no event was written: {db} can't be written", db=config.archive)
        click.echo(told, err=True)
    return done


def _only_to(to: str, db: Path) -> Config:
    """What a file would say that names only that place."""
    place = to if "://" in to else str(Path(to).absolute())
    return Config(path=db, archive=db, copies=(Copy(to, place),))


def _print(done: Copied) -> None:
    out = console()
    out.print(
        tr(
            "{name}: {files} files, {written} written ({size}), {checked} read again",
            name=done.name,
            files=done.files,
            written=done.written,
            size=size(done.size),
            checked=done.checked,
        ),
        markup=False,
    )
    for path, problem in done.problems.items():
        out.print(f"  • {f'{path}: ' if path else ''}{problem}", markup=False)
