"""`luutru alarms`: what stands in the archive that its keeper must know."""

from pathlib import Path

import click

from crawler.afterwards import watch_over
from crawler.alarms.message import grouped, paragraph
from crawler.alarms.standing import standing
from crawler.archive.alarms import undelivered
from crawler.commands.elsewhere import archives, trouble
from crawler.commands.opening import to_read
from crawler.commands.options import config_option, console, db_option, json_option, print_json
from crawler.schedules.reading import opened
from crawler.schedules.when import ZONE
from crawler.words import tr


@click.command(help=tr("What stands that must be known: failures, drift, damage, a full disk."))
@click.option(
    "--tell",
    is_flag=True,
    help=tr(
        "Judge the archive and its disk now, tell what waits, ping the monitor: as luutru.toml "
        "says."
    ),
)
@config_option
@db_option
@json_option
def alarms(tell: bool, config_file: Path | None, db: Path, as_json: bool) -> int:
    """Print the alarms that stand, or tell them; exit code 1 when there are any."""
    if tell:
        return _tell(config_file)
    archive = to_read(db)
    rows = standing(archive)
    if as_json:
        print_json(rows)
        return 1 if rows else 0
    out = console()
    for group in grouped(rows):
        out.print(paragraph(group, ZONE) + "\n", markup=False)
    for row in undelivered(archive):
        out.print(tr("{target} could not be told of {alarms}: {problem}", **row), markup=False)
    if not rows:
        out.print(tr("Nothing stands: all is well as far as the archive knows."))
    return 1 if rows else 0


def _tell(config_file: Path | None) -> int:
    """Print how it went; exit code 1 when something could not be done."""
    config = opened(config_file)
    others = archives(config) if config.cluster else ()
    steps = watch_over(config, others, trouble(config))
    for step in steps:
        if said := step.problem or step.told:
            click.echo(f"{step.name}: {said}")
    if not steps:
        click.echo(tr("There is nothing to tell."))
    return 1 if any(step.problem for step in steps) else 0
