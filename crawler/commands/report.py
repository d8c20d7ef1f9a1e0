"""`luutru report`: what a run found new, changed, absent, blocked, slow and suspicious."""

import json
from pathlib import Path

import click

from crawler.commands.opening import to_read
from crawler.commands.options import console, db_option, print_json
from crawler.errors import BadInput, CannotRun
from crawler.reporting.page import page
from crawler.reporting.report import Report, report_of, run_meant
from crawler.reporting.text import lines
from crawler.words import tr


@click.command(help=tr("Report on a run: RUN is its number, or a portal's short name (its last)."))
@click.argument("run", default="", metavar="[RUN]")
@db_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help=tr("What to print."),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=tr("Write to this file instead."),
)
def report(run: str, db: Path, form: str, output: Path | None) -> int:
    """Print or write the report; exit code 1 when the run is not complete."""
    archive = to_read(db)
    found = report_of(archive, run_meant(archive, run))
    if output:
        _write(output, _written(found, form))
        click.echo(tr("the report on run {id} is in {path}", id=found.run["id"], path=output))
    elif form == "text":
        _print(found)
    elif form == "json":
        print_json(found.data())
    else:
        click.echo(page(found), nl=False)
    return 0 if found.run["verdict"] == "complete" else 1


def _written(found: Report, form: str) -> str:
    if form == "html":
        return page(found)
    if form == "json":
        return json.dumps(found.data(), ensure_ascii=False, indent=2) + "\n"
    return "".join(f"{line}\n" for line, _ in lines(found))


def _write(path: Path, text: str) -> None:
    if path.exists():
        raise BadInput(tr("{path} is there already; name another place with -o", path=path))
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise CannotRun(tr("{path} can't be written: {why}", path=path, why=error)) from None


def _print(found: Report) -> None:
    out = console()
    for line, is_heading in lines(found):
        out.print(line, markup=False, style="bold" if is_heading else None)
