"""`luutru demo`: crawl the practice portal into the archive, then show a search."""

from importlib import import_module
from pathlib import Path

import click

from crawler.archive.connection import open_archive
from crawler.commands.crawl import report
from crawler.commands.options import console, db_option
from crawler.commands.search import print_hits
from crawler.crawling import Target, crawl_all
from crawler.search import search
from crawler.words import tr

_QUERY = "nong thon moi"


@click.command(help=tr("Crawl the practice portal into the archive, then show a search."))
@db_option
@click.option(
    "--articles",
    type=click.IntRange(1, 100_000),
    default=400,
    show_default=True,
    help=tr("Size of the practice portal."),
)
@click.option(
    "--day",
    type=click.IntRange(0, 10_000),
    default=0,
    show_default=True,
    help=tr("Day of the practice portal's life; a later one has news and changes."),
)
def demo(db: Path, articles: int, day: int) -> int:
    """Start the practice portal, crawl it, search it; the exit code is the crawl's."""
    out = console()
    practice = import_module("practice")
    with practice.running(articles=articles, day=day) as url:
        out.print(
            tr(
                "A practice portal with {n} articles runs at {url}; crawling it …",
                n=articles,
                url=url,
            )
        )
        run_ids = crawl_all([Target(url=url)], db, delay=0)
    code = report(db, run_ids)
    out.print(f'\n[bold]$ luutru search "{_QUERY}" --limit 3[/]\n')
    print_hits(*search(open_archive(db), _QUERY, limit=3))
    _print_next(db)
    return code


def _print_next(db: Path) -> None:
    suffix = "" if db == Path("archive.db") else f" --db {db}"
    out = console()
    out.print("\n" + tr("Go on with:"))
    for command, what in (
        (f'luutru search "đường liên thôn"{suffix}', tr("search, with or without marks")),
        (f"luutru show 1{suffix}", tr("one article with its evidence")),
        (f"luutru serve{suffix}", tr("the archive in a browser")),
        (f"luutru demo --day 7{suffix}", tr("the same portal a week later")),
        (f"luutru crawl kimson{suffix}", tr("the first real portal")),
    ):
        out.print(f"  [bold]{command}[/]  [dim]# {what}[/]")
