"""`luutru search`: find articles, with or without Vietnamese marks."""

from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from crawler.commands.filtering import filters_of, place_of
from crawler.commands.opening import to_read
from crawler.commands.options import (
    console,
    db_option,
    json_option,
    print_json,
    search_options,
)
from crawler.search import Facets, Hit, Results, Sort, Span
from crawler.search import facets as divide
from crawler.search import search as find
from crawler.words import tr

_NAMED = 10
_HELP = tr(
    "Search articles. Words may have marks or not. "
    '"quoted words" are a phrase, -word leaves out, OR gives a choice, word* may go on, '
    "title:word and author:word look there only. Without QUERY: all articles, newest first."
)


@click.command(help=_HELP)
@click.argument("query", nargs=-1)
@db_option
@search_options
@click.option(
    "--sort",
    type=click.Choice(get_args(Sort)),
    default="relevance",
    show_default=True,
    help=tr("What comes first."),
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help=tr("How many articles to show."),
)
@click.option(
    "--offset", type=click.IntRange(0), default=0, help=tr("How many articles to pass over.")
)
@click.option("--facets", is_flag=True, help=tr("Also count by year, category, portal and author."))
@json_option
def search(
    query: tuple[str, ...],
    db: Path,
    sort: Sort,
    limit: int,
    offset: int,
    facets: bool,
    as_json: bool,
    **narrow: str | None,
) -> int:
    """Print the best articles for QUERY; exit code 1 when there is none."""
    archive, text = to_read(db), " ".join(query)
    filters = filters_of(archive, **narrow)
    results = find(archive, text, filters, sort=sort, limit=limit, offset=offset)
    divided = divide(archive, text, filters) if facets else None
    if as_json:
        print_json({**asdict(results), **({"facets": asdict(divided)} if divided else {})})
    else:
        print_results(results)
        if place := place_of(archive, filters):
            console().print(place, style="dim")
        if divided:
            print_facets(divided)
    return 0 if results.total else 1


def print_results(results: Results) -> None:
    """Hits for people: title, date, views, address and a snippet with the words found."""
    out = console()
    for hit in results.hits:
        _print_hit(out, hit)
    total = tr("more than {n}", n=results.total) if results.more else results.total
    shown = tr("{shown} of {total} articles", shown=len(results.hits), total=total)
    out.print(shown, style="dim")
    if nearest := _nearest(results):
        out.print(f"{nearest}.")
    if results.suggestion:
        out.print(tr("Did you mean: {query}", query=results.suggestion))
    elif not results.total:
        out.print(tr("Try fewer words, or the words without marks."))


def _nearest(results: Results) -> str:
    """That not all of what was found has every word asked for; empty when all have."""
    if results.strict >= results.total:
        return ""
    if results.strict:
        return tr("{n} of them have every word, the others most words", n=results.strict)
    return tr("No article has every word; these come nearest")


def _print_hit(out: Console, hit: Hit) -> None:
    title = _marked(hit.title or hit.url, hit.title_marks if hit.title else ())
    title.stylize("bold")
    out.print(Text.assemble((f"{hit.id:>6}  ", "dim"), title))
    views = tr("{n} views", n=hit.view_count) if hit.view_count is not None else None
    facts = (hit.published_on or tr("no date"), hit.category, hit.author, views, hit.portal)
    out.print(_indented(Text(" · ".join(fact for fact in facts if fact), style="cyan")))
    out.print(_indented(_marked(hit.snippet.replace("\n", " "), hit.marks)))
    if hit.others:
        out.print(_indented(Text(elsewhere(hit), style="cyan")))
    # An address is left to the terminal to wrap, so that it can be copied whole.
    out.print(Text(f"        {hit.url}\n", style="dim"), soft_wrap=True)


def elsewhere(hit: Hit) -> str:
    """Where else the same text is: the other portals, or how often more on the same one."""
    portals = list(dict.fromkeys(o.portal for o in hit.others if o.portal != hit.portal))
    if not portals:
        return tr("and {n} more of this portal", n=len(hit.others))
    named = ", ".join([*portals[:_NAMED], *(["…"] if portals[_NAMED:] else [])])
    if len(portals) == 1:
        return tr("and 1 more portal: {portals}", portals=named)
    return tr("and {n} more portals: {portals}", n=len(portals), portals=named)


def print_facets(facets: Facets) -> None:
    """How what was found divides, a line for each facet; estimates are called so."""
    out = console()
    if facets.every > 1:
        out.print(tr("Counts are estimates from one article in {n}", n=facets.every) + ":")
    for name, counts in (
        (tr("Years"), facets.years),
        (tr("Categories"), facets.categories),
        (tr("Portals"), facets.portals),
        (tr("Authors"), facets.authors),
    ):
        listed = " · ".join(f"{count.label} {count.articles}" for count in counts)
        out.print(Text.assemble((f"{name}: ", "bold"), listed or tr("(none)")))


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 8), expand=False)


def _marked(text: str, spans: tuple[Span, ...]) -> Text:
    marked = Text(text)
    for start, end in spans:
        marked.stylize("bold yellow", start, end)
    return marked
