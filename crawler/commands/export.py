"""`luutru export`: packages that leave the archive, for replay and for preservation."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from crawler import __version__, hangup
from crawler.archive import evidence, holdings, sources
from crawler.capture.folder import folder_of
from crawler.commands.events import unnoted
from crawler.commands.opening import to_read
from crawler.commands.options import db_option
from crawler.commands.tabled import as_csv, as_jsonl
from crawler.export import bag as bags
from crawler.export import pages
from crawler.export import wacz as waczs
from crawler.export import warc as warcs
from crawler.export.building import ready
from crawler.export.choosing import chosen
from crawler.export.digests import Moved
from crawler.export.excerpt import excerpt
from crawler.export.selection import Selection, everything, selected
from crawler.words import tr

_SQL = tr("Only the articles whose numbers this SQL query gives in its first column.")


@click.group(help=tr("Pack the archive for others: WACZ for replay, BagIt for preservation."))
def export() -> None:
    """The group of the packages; what is half made is removed when SIGTERM ends it, too."""
    hangup.sigterm_exits()


@export.command(
    help=tr("A WACZ file: the captured pages, their index and the list of articles, in one ZIP.")
)
@db_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help=tr("The file to make; the archive's name with .wacz if not given."),
)
@click.option("--portal", metavar="SLUG", help=tr("Only this portal."))
@click.option(
    "--search",
    "query",
    help=tr("Only the pages of the articles that this search finds, hidden ones left out."),
)
@click.option("--sql", help=_SQL)
def wacz(db: Path, out: Path | None, portal: str | None, query: str | None, sql: str | None) -> int:
    """Write the WACZ; exit code 1 when a WARC file had to be left out."""
    out = ready(out or db.with_suffix(".wacz"))
    archive = to_read(db)
    number = holdings.portal_id(archive, portal) if portal else None
    if query is not None or sql is not None:
        with TemporaryDirectory(prefix="luutru-wacz-") as folder:
            ids = chosen(archive, query, sql, portal)
            if not ids:
                return _nothing()
            selection = excerpt(archive, folder_of(db), ids, Path(folder))
            articles = holdings.pages(archive, articles=ids)
            return _pack(archive, db, selection, articles, out, query or portal or db.stem)
    sources.must_be_crawled_into(archive)
    if hidden := holdings.count_hidden(archive, number):
        click.echo(
            tr(
                "{n} hidden articles are not listed, but the WARC files hold their pages; "
                "--search leaves these out too",
                n=hidden,
            ),
            err=True,
        )
    selection = selected(archive, folder_of(db), number)
    articles = pages.listed(archive, selection, number)
    return _pack(archive, db, selection, articles, out, portal or db.stem)


@export.command(
    help=tr("A WARC file: the records of the articles that a search or SQL query finds.")
)
@db_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help=tr("The file to make; the archive's name with .warc.gz if not given."),
)
@click.option("--portal", metavar="SLUG", help=tr("Only this portal."))
@click.option("--search", "query", help=tr("Only the articles that this search finds."))
@click.option("--sql", help=_SQL)
def warc(db: Path, out: Path | None, portal: str | None, query: str | None, sql: str | None) -> int:
    """Write the WARC; exit code 1 when a WARC file had to be left out."""
    out = ready(out or db.with_suffix(".warc.gz"))
    archive = to_read(db)
    if portal:
        holdings.portal_id(archive, portal)
    with TemporaryDirectory(prefix="luutru-warc-") as folder:
        ids = chosen(archive, query, sql, portal)
        if not ids:
            return _nothing()
        selection = excerpt(archive, folder_of(db), ids, Path(folder))
        records = warcs.write(selection, out)
    _note(archive, db, "dissemination", out, f"WARC of {records} records of {len(ids)} articles")
    click.echo(
        tr(
            "{out}: {articles} articles, {records} records",
            out=out,
            articles=len(ids),
            records=records,
        )
    )
    return _left_out(selection)


def _pack(
    archive: sqlite3.Connection,
    db: Path,
    selection: Selection,
    articles: Iterable[sqlite3.Row],
    out: Path,
    title: str,
) -> int:
    with _progress(selection) as moved:
        packed = waczs.write(selection, articles, out, title, moved)
    detail = (
        f"WACZ 1.1.1 of {packed.warcs} WARC files, {packed.records} records, "
        f"{packed.articles} articles; datapackage.json {packed.digest}"
    )
    _note(archive, db, "dissemination", out, detail)
    click.echo(
        tr(
            "{out}: {articles} articles, {records} captures, {warcs} WARC files",
            out=out,
            articles=packed.articles,
            records=packed.records,
            warcs=packed.warcs,
        )
    )
    return _left_out(selection)


@export.command(
    help=tr("A BagIt folder: the archive, the WARC files, their history and how to read them.")
)
@db_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=tr("The folder to make; the archive's name with .bag if not given."),
)
def bag(db: Path, out: Path | None) -> int:
    """Write the bag; exit code 1 when a WARC file had to be left out."""
    out = ready(out or db.with_suffix(".bag"))
    archive = to_read(db)
    sources.must_be_crawled_into(archive)
    selection = everything(archive, folder_of(db))
    with _progress(selection) as moved:
        bagged = bags.write(archive, db.name, selection, out, moved)
    detail = f"BagIt 1.0 bag of {bagged.files} files, {bagged.size} bytes"
    _note(archive, db, "information package creation", out, detail)
    click.echo(
        tr(
            "{out}: {files} files, {size} bytes",
            out=out,
            files=bagged.files,
            size=bagged.size,
        )
    )
    return _left_out(selection)


export.add_command(as_csv)
export.add_command(as_jsonl)
for _more in entry_points(group="luutru.export"):
    # What draws pages is above this package: the offline site announces itself.
    export.add_command(_more.load())


def _nothing() -> int:
    click.echo(tr("no article is found; nothing to pack"), err=True)
    return 1


def _note(archive: sqlite3.Connection, db: Path, event_type: str, out: Path, detail: str) -> None:
    now, agent = datetime.now(UTC), f"luutru {__version__}"

    def note() -> None:
        evidence.note(archive, now, event_type, out.name, "success", detail, agent)

    if told := unnoted(db, note):
        click.echo(told, err=True)


@contextmanager
def _progress(selection: Selection) -> Iterator[Moved]:
    """Bytes of WARC files on a terminal; quiet in a pipe."""
    screen = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task(tr("packing"), total=selection.size)
        yield lambda size: bar.advance(task, size)


def _left_out(selection: Selection) -> int:
    for name in selection.still_open:
        click.echo(
            tr("left out, as a crawl is writing it or was killed: {name}", name=name), err=True
        )
    for name in selection.missing:
        click.echo(tr("missing, though captures point at it: {name}", name=name), err=True)
    return 1 if selection.still_open or selection.missing else 0
