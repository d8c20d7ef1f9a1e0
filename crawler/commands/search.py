"""`luutru search`: find articles, with or without Vietnamese marks."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from crawler.archive.connection import open_archive
from crawler.commands.options import Day, console, db_option, json_option, print_json
from crawler.search import Filters, Hit, Span
from crawler.search import search as find
from crawler.words import tr


@click.command(
    help=tr('Search articles. Words may have marks or not; "quoted words" are a phrase.')
)
@click.argument("query", nargs=-1, required=True)
@db_option
@click.option("--from", "since", type=Day(), help=tr("Published on or after this day."))
@click.option("--to", "until", type=Day(last=True), help=tr("Published on or before this day."))
@click.option("--portal", help=tr("Only this portal (its short name)."))
@click.option("--category", help=tr("Only this category."))
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help=tr("How many articles to show."),
)
@json_option
def search(
    query: tuple[str, ...],
    db: Path,
    since: str | None,
    until: str | None,
    portal: str | None,
    category: str | None,
    limit: int,
    as_json: bool,
) -> int:
    """Print the best articles for QUERY; exit code 1 when there is none."""
    archive = open_archive(db)
    filters = Filters(since, until, portal, category)
    total, hits = find(archive, " ".join(query), filters, limit)
    if as_json:
        print_json({"total": total, "hits": [asdict(hit) for hit in hits]})
    else:
        print_hits(total, hits)
    return 0 if total else 1


def print_hits(total: int, hits: list[Hit]) -> None:
    """Hits for people: title, date, views, address and a snippet with the words found."""
    out = console()
    for hit in hits:
        _print_hit(out, hit)
    out.print(tr("{shown} of {total} articles", shown=len(hits), total=total), style="dim")


def _print_hit(out: Console, hit: Hit) -> None:
    title = _marked(hit.title or hit.url, hit.title_marks)
    title.stylize("bold")
    out.print(Text.assemble((f"{hit.id:>6}  ", "dim"), title))
    views = tr("{n} views", n=hit.view_count) if hit.view_count is not None else None
    facts = (hit.published_on or tr("no date"), hit.category, hit.author, views, hit.portal)
    out.print(_indented(Text(" · ".join(fact for fact in facts if fact), style="cyan")))
    out.print(_indented(_marked(hit.snippet.replace("\n", " "), hit.marks)))
    # An address is left to the terminal to wrap, so that it can be copied whole.
    out.print(Text(f"        {hit.url}\n", style="dim"), soft_wrap=True)


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 8), expand=False)


def _marked(text: str, spans: tuple[Span, ...]) -> Text:
    marked = Text(text)
    for start, end in spans:
        marked.stylize("bold yellow", start, end)
    return marked
