"""`luutru verify`: recompute every digest, follow every row to its record and back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from crawler.archive import sources
from crawler.archive.connection import is_writable
from crawler.capture.folder import folder_of
from crawler.commands.events import unnoted
from crawler.commands.opening import to_read
from crawler.commands.options import console, db_option, json_option, print_json
from crawler.errors import BadInput, CannotRun
from crawler.fixity import checking, journal
from crawler.fixity.checking import Report
from crawler.fixity.repair import Repair, folder_of_copies, repair
from crawler.words import tr


class Share(click.ParamType[float]):
    """A percentage (5%, 0.5% or 5) as a number from 0 to 1."""

    name = "share"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The share, or a usage error that says what is understood."""
        if isinstance(value, float):
            return value
        try:
            percent = float(value.strip().removesuffix("%"))
        except ValueError:
            percent = 0
        if not 0 < percent <= 100:
            self.fail(tr("{value} is no share; write a percentage such as 5%", value=value))
        return percent / 100


@click.command(help=tr("Fixity: recompute every digest, follow every row to its record and back."))
@db_option
@click.option(
    "--sample",
    "share",
    type=Share(),
    default=1.0,
    metavar="5%",
    help=tr("Check only this share of the records, chosen at random; all of the database."),
)
@click.option(
    "--repair-from",
    "copy",
    type=click.Path(path_type=Path, exists=True),
    metavar="COPY",
    help=tr("Replace damaged WARC files from this folder, or from this copy of the archive."),
)
@json_option
def verify(db: Path, share: float, copy: Path | None, as_json: bool) -> int:
    """Check the archive, repair it if asked, note both in `events`; exit code 1 on any finding."""
    copies = _folder(copy) if copy else None
    archive = _opened(db, repairing=copies is not None)
    if copies:
        sources.must_be_crawled_into(archive)
    began = monotonic()
    with _progress(db) as progress:
        report = checking.survey(archive, db, share, progress)
    seconds = monotonic() - began
    told = unnoted(db, lambda: journal.note_check(archive, db, report, share))
    repairs = repair(archive, folder_of(db), copies, report.findings) if copies else []
    if repairs:
        told = unnoted(db, lambda: journal.note_repairs(archive, repairs)) or told
    report = _put_right(report, repairs)
    print_json(_data(db, report, repairs)) if as_json else _print(report, repairs, seconds)
    if told:
        click.echo(told, err=True)
    return 1 if report.open_findings else 0


def _opened(db: Path, *, repairing: bool) -> sqlite3.Connection:
    if repairing and db.is_file() and not is_writable(db):
        raise CannotRun(tr("{db} can't be written, so its files can't be repaired", db=db))
    return to_read(db)


def _folder(copy: Path) -> Path:
    folder = folder_of_copies(copy)
    if not folder.is_dir():
        raise BadInput(tr("{copy} has no folder of WARC files beside it", copy=copy))
    return folder


def _put_right(report: Report, repairs: list[Repair]) -> Report:
    done = {each.file for each in repairs if each.done}
    findings = [each.put_right() if each.file in done else each for each in report.findings]
    return replace(report, findings=findings)


@contextmanager
def _progress(db: Path) -> Iterator[checking.Progress]:
    """Shows bytes read on a terminal; quiet in a pipe."""
    out = Console(stderr=True)
    if not out.is_terminal:
        yield lambda size: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as shown:
        total = sum(file.stat().st_size for file in folder_of(db).glob("*.warc.gz*"))
        task = shown.add_task(tr("checking"), total=total)
        yield lambda size: shown.advance(task, size)


def _data(db: Path, report: Report, repairs: list[Repair]) -> dict[str, Any]:
    return {"archive": str(db), **asdict(report), "repairs": [asdict(each) for each in repairs]}


def _print(report: Report, repairs: list[Repair], seconds: float) -> None:
    out = console()
    for finding in report.findings:
        mark = f"[green]{tr('repaired')}[/] " if finding.repaired else ""
        out.print(f"[red]✗[/] {mark}[bold]{escape(finding.place)}[/]: {escape(finding.what)}")
    for each in repairs:
        out.print(
            f"{'[green]✓[/]' if each.done else '[red]✗[/]'} {each.file}: {escape(each.detail)}"
        )
    for line in report.left_out:
        out.print(f"[yellow]–[/] {tr('left out')}: {escape(line)}")
    out.print(_summary(report, seconds))
    if report.loose:
        out.print(
            tr("{n} responses that no row points at (kills, retries, robots.txt)", n=report.loose),
            style="dim",
        )


def _summary(report: Report, seconds: float) -> str:
    left = len(report.open_findings)
    verdict = tr("{n} findings", n=left) if left else tr("nothing wrong")
    return f"[bold {'red' if left else 'green'}]{verdict}[/]: " + tr(
        "{records} records in {files} files, {size} MB ({inflated} MB inflated), {rows} captures, "
        "database and index; {seconds} s",
        records=report.records,
        files=report.files,
        size=f"{report.size / 1e6:.1f}",
        inflated=f"{report.inflated / 1e6:.1f}",
        rows=report.rows,
        seconds=f"{seconds:.1f}",
    )
