"""`luutru schedule install` and `uninstall`: the machine itself starts each crawl."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.archive import schedules
from crawler.commands.opening import to_write
from crawler.commands.options import config_option
from crawler.schedules import cron, installing, reading, systemd
from crawler.schedules.config import Config
from crawler.words import tr

_HOW = ("system", "user", "cron")

_how = click.option(
    "--how",
    type=click.Choice(_HOW),
    help=tr("The machine's systemd, this user's, or cron; what there is, if not given."),
)
_into = click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help=tr("Where systemd's units lie; nothing is switched on then."),
)


@click.command(help=tr("Let systemd or cron start each crawl when it is due."))
@config_option
@_how
@_into
@click.option("--dry-run", is_flag=True, help=tr("Print what would be written, and where."))
def install(config_file: Path | None, how: str | None, into: Path | None, dry_run: bool) -> int:
    """Write units or lines of cron, and switch them on."""
    config = reading.opened(config_file)
    how = how or _best()
    if how == "cron":
        text = "".join(f"{line}\n" for line in cron.lines(config))
        if dry_run:
            click.echo(text, nl=False)
            return 0
        _note(config)
        cron.install(config)
        click.echo(tr("crontab now has:") + f"\n{text}", nl=False)
        return 0
    units = systemd.units(config, user=installing.owner(config) if how == "system" else None)
    place = into or installing.folder(system=how == "system")
    if dry_run:
        for name, text in units.items():
            click.echo(f"# {place / name}\n{text}")
        return 0
    with installing.given_to_owner(config.archive) if how == "system" else nullcontext():
        _note(config)
    stale = installing.install(units, config, place)
    found, gone = systemd.switches(list(units)), systemd.switches(stale)
    _switch_on(how, found, gone, place, elsewhere=bool(into))
    return 0


def _note(config: Config) -> None:
    """From now on planned times count: a timer asks whether its portal is due."""
    known = [(portal.slug, portal.schedule.text) for portal in config.portals]
    schedules.know(to_write(config.archive, create=True), known, datetime.now(UTC))


def _switch_on(
    how: str, units: list[str], stale: list[str], place: Path, *, elsewhere: bool
) -> None:
    click.echo(tr("{n} units in {folder}", n=len(units), folder=place))
    if elsewhere or not installing.has_systemd():
        scope = "" if how == "system" else "--user "
        click.echo(f"systemctl {scope}daemon-reload")
        click.echo(f"systemctl {scope}enable --now {' '.join(units)}")
        return
    system = how == "system"
    if stale:
        installing.systemctl("stop", *stale, system=system)
    installing.systemctl("daemon-reload", system=system)
    installing.systemctl("enable", "--now", *units, system=system)
    # A daemon that runs already would go by the file as it was.
    if services := [unit for unit in units if unit.endswith(".service")]:
        installing.systemctl("restart", *services, system=system)
    if not system:
        click.echo(tr("so that they run when nobody is signed in: loginctl enable-linger"))


@click.command(help=tr("Take away what `luutru schedule install` wrote for this file."))
@config_option
@_how
@_into
def uninstall(config_file: Path | None, how: str | None, into: Path | None) -> int:
    """Remove units and lines of cron that are ours; exit code 1 when there are none."""
    config = reading.opened(config_file)
    how = how or _best()
    if how == "cron":
        removed = cron.uninstall(config)
        click.echo(tr("taken out of the crontab") if removed else tr("nothing was installed"))
        return 0 if removed else 1
    place = into or installing.folder(system=how == "system")
    names = installing.installed(config, place)
    if not into and installing.has_systemd() and names:
        installing.systemctl("disable", "--now", *systemd.switches(names), system=how == "system")
    installing.remove(names, place)
    if not into and installing.has_systemd() and names:
        installing.systemctl("daemon-reload", system=how == "system")
    click.echo("\n".join(names) or tr("nothing was installed"))
    return 0 if names else 1


def _best() -> str:
    if not installing.has_systemd():
        return "cron"
    return "system" if installing.is_root() else "user"
