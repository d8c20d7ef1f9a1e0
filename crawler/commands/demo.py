"""`luutru demo`: crawl the practice portal into the archive, then show a search."""

import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import click

import practice
from crawler import profiles
from crawler.commands.crawl import report
from crawler.commands.opening import to_write
from crawler.commands.options import console, db_option
from crawler.commands.search import print_results
from crawler.crawling import Target, crawl_all
from crawler.errors import CannotRun
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
    with ExitStack() as stack:
        url = _started(stack, articles, day)
        out.print(tr("{n} articles on a practice portal at {url}; crawling …", n=articles, url=url))
        crawled = crawl_all([Target(url=url)], db, delay=0, overrides={"CRAWL_MODE": "full"})
    if crawled.trouble:
        raise crawled.trouble
    code = report(db, crawled.runs)
    out.print(f'\n[bold]$ {_command()} search "{_QUERY}" --limit 3[/]\n')
    print_results(search(to_write(db), _QUERY, limit=3))
    _print_next(db)
    return code


def _started(stack: ExitStack, articles: int, day: int) -> str:
    """The address of the practice portal, which ends with `stack`.

    Its port is fixed: the same portal a week later must have the same address.
    """
    port = urlsplit(profiles.load("practice").url).port or 0
    try:
        return stack.enter_context(practice.running(articles=articles, day=day, port=port))
    except RuntimeError:
        raise CannotRun(
            tr("the practice portal can't use port {port}; end what uses it", port=port)
        ) from None


def _command() -> str:
    """How a person at this prompt calls luutru: by name if the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    return "luutru" if shutil.which("luutru") or not called.is_file() else os.path.relpath(called)


def _print_next(db: Path) -> None:
    suffix = "" if db == Path("archive.db") else f" --db {db}"
    out = console()
    out.print("\n" + tr("Go on with:"))
    for command, what in (
        (f'search "đường liên thôn"{suffix}', tr("search, with or without marks")),
        (f"show 1{suffix}", tr("one article with its evidence")),
        (f"serve{suffix}", tr("the archive in a browser")),
        (f"demo --day 7{suffix}", tr("the same portal a week later")),
        (f"crawl kimson{suffix}", tr("the first real portal")),
    ):
        out.print(f"  [bold]{_command()} {command}[/]  [dim]# {what}[/]")
