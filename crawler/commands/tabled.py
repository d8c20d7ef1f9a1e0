"""`luutru export csv` and `jsonl`: articles as a table, for spreadsheets and programs."""

from pathlib import Path

import click

from crawler.archive import facts
from crawler.commands.filtering import filters_of
from crawler.commands.opening import to_read
from crawler.commands.options import db_option, search_options
from crawler.export import tables
from crawler.export.building import built_beside, ready
from crawler.search import matching
from crawler.words import tr

_TO = tr("The file to make; standard output if not given.")


@click.command(
    name="csv", help=tr("A table for spreadsheets: all articles, or what a search finds.")
)
@click.argument("query", nargs=-1)
@db_option
@search_options
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help=_TO)
def as_csv(query: tuple[str, ...], db: Path, out: Path | None, **narrow: str | None) -> int:
    """Write the CSV; exit code 1 when nothing is found."""
    return _table("csv", " ".join(query), db, out, narrow)


@click.command(name="jsonl", help=tr("JSON Lines: all articles, or what a search finds."))
@click.argument("query", nargs=-1)
@db_option
@search_options
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help=_TO)
def as_jsonl(query: tuple[str, ...], db: Path, out: Path | None, **narrow: str | None) -> int:
    """Write the JSON Lines; exit code 1 when nothing is found."""
    return _table("jsonl", " ".join(query), db, out, narrow)


def _table(form: str, query: str, db: Path, out: Path | None, narrow: dict[str, str | None]) -> int:
    """Write the articles to the file `out`, or to standard output."""
    archive = to_read(db)
    ids = matching(archive, query, filters_of(archive, **narrow))
    lines = tables.FORMS[form](facts.facts(archive, ids), facts.COLUMNS)
    if out is None:
        for line in lines:
            click.echo(line, nl=False)
    else:
        with (
            built_beside(ready(out)) as part,
            part.open("w", encoding="utf-8", newline="") as file,
        ):
            file.writelines(lines)
        click.echo(tr("{out}: {n} articles", out=out, n=len(ids)))
    return 0 if ids else 1
