"""Options and output that several commands share."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from crawler.commands.setting import is_amount
from crawler.lengths import duration
from crawler.periods import days_of
from crawler.politeness.window import Window
from crawler.terminal import harmless
from crawler.words import tr

db_option: Callable[[Any], Any] = click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("archive.db"),
    show_default=True,
    help=tr("The archive."),
)
config_option: Callable[[Any], Any] = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=tr("The file of schedules; luutru.toml in this folder if not given."),
)
json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help=tr("Print JSON instead of text.")
)

jobs_option: Callable[[Any], Any] = click.option(
    "--jobs",
    type=click.IntRange(0, 64),
    default=0,
    help=tr(
        "Processes that read pages; 0 is one for each core, up to four; 1 reads where it saves."
    )
    + " [default: 0]",
)

into_option: Callable[[Any], Any] = click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("archives"),
    show_default=True,
    help=tr("With --cluster: the shared folder, in which each portal has its own."),
)


def is_typed(option: str) -> bool:
    """Whether `option` (`--db`) was given to the command that runs."""
    ctx = click.get_current_context()
    names = [each.name for each in ctx.command.params if option in each.opts]
    return any(
        ctx.get_parameter_source(name) is not ParameterSource.DEFAULT for name in names if name
    )


def refuse_both(*options: str) -> None:
    """UsageError when more than one of these options was given: all but one would do nothing."""
    given = [option for option in options if is_typed(option)]
    if len(given) > 1:
        raise click.UsageError(
            tr("{one} and {other} exclude each other", one=given[0], other=given[1])
        )


def refuse_alone(option: str, other: str) -> None:
    """UsageError when `option` was given without `other`, for which it is: it would do nothing."""
    if is_typed(option) and not is_typed(other):
        raise click.UsageError(
            tr("{option} does nothing without {other}", option=option, other=other)
        )


def refuse_into_alone() -> None:
    """UsageError when `--into` is given without `--cluster`: nothing would go there."""
    if is_typed("--into") and not is_typed("--cluster"):
        raise click.UsageError(tr("--into is for --cluster; --db names the archive"))


def _one_line(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value and not value.isprintable():
        raise click.UsageError(tr("--contact is one line"))
    return value


contact_option: Callable[[Any], Any] = click.option(
    "--contact", callback=_one_line, help=tr("Address or mail that portals can reach you at.")
)
verbose_option: Callable[[Any], Any] = click.option(
    "--verbose", is_flag=True, help=tr("Log every step.")
)


def search_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that narrow a search, as `crawler.commands.filtering` takes them."""
    for add in reversed(
        (
            click.option("--from", "since", type=Day(), help=tr("Published on or after this day.")),
            click.option(
                "--to", "until", type=Day(last=True), help=tr("Published on or before this day.")
            ),
            click.option("--portal", help=tr("Only this portal (its short name).")),
            click.option("--category", help=tr("Only this category.")),
            click.option("--author", help=tr("Only this author.")),
            click.option(
                "--unit",
                metavar="NAME",
                help=tr("Only portals that tell of this province, district or commune."),
            ),
        )
    ):
        command = add(command)
    return command


class _Console(Console):
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What rich asks for of all that it prints: on a terminal harmless, in a pipe as it is."""
        found = super().render(renderable, options)
        return (Segment(harmless(s.text), s.style) for s in found) if self.is_terminal else found

    def on_broken_pipe(self) -> None:
        """Let `crawler.cli` end quietly; rich would exit with 1, which means a finding here."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output: colours and wrapping on a terminal, plain long lines in a pipe."""
    out = _Console(highlight=False)
    return out if out.is_terminal else _Console(highlight=False, width=10_000, soft_wrap=True)


def print_json(data: object) -> None:
    """`data` as one line of JSON, Vietnamese as it is."""
    click.echo(json.dumps(data, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


class Address(click.ParamType[str]):
    """An address with its scheme: what is relative on a page is resolved against it."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address as written, or a usage error."""
        # Only commands that take an address need to wait for w3lib.
        from crawler.urls import is_address

        if value and not is_address(value):
            self.fail(tr("{text} is no address with a host; write https://host/...", text=value))
        return value


class Day(click.ParamType[str]):
    """A day (2023-01-04 or 04/01/2023), a month (2023-01) or a year (2023) as YYYY-MM-DD."""

    name = "day"

    def __init__(self, *, last: bool = False) -> None:
        self.last = last
        """Whether a month or year means its last day."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The day, or a usage error that says what is understood."""
        for form, length in (("%Y-%m-%d", 10), ("%d/%m/%Y", 10), ("%Y-%m", 7), ("%Y", 4)):
            try:
                day = datetime.strptime(value, form).replace(tzinfo=UTC).strftime("%Y-%m-%d")
            except ValueError:
                continue
            return days_of(day[:length])[1] if self.last and length < 10 else day
        return self.fail(
            tr("{value} is no date; write 2023-01-04, 04/01/2023, 2023-01 or 2023", value=value),
            param,
            ctx,
        )


class Duration(click.ParamType[timedelta]):
    """A length of time: 2h, 90m, 45s, 1h30m, 7d."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The length of time, or a usage error that says what is understood."""
        try:
            return duration(str(value))
        except ValueError as error:
            return self.fail(str(error))


class Hours(click.ParamType[str]):
    """A crawl window: 22:00-06:00, with a time zone if it is not Vietnam's."""

    name = "hours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The window as written, or a usage error that says what is understood."""
        try:
            Window.parse(str(value))
        except ValueError as error:
            self.fail(str(error))
        return str(value)


class Seconds(click.ParamType[float]):
    """A number of seconds, not negative."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds, or a usage error."""
        if not is_amount(str(value)):
            self.fail(tr("{value} is no number of seconds", value=value), param, ctx)
        return float(value)
