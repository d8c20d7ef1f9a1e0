"""`luutru extract`: what would be read from a page, with the rule behind each field."""

from pathlib import Path
from typing import Any

import click
from rich.text import Text
from scrapy.utils.misc import load_object

from crawler import profiles, settings
from crawler.commands.options import console, json_option, print_json
from crawler.errors import CannotRun
from crawler.fetching import fetch
from crawler.items import Article, Page, Problem, ReadPage
from crawler.saved import from_file
from crawler.words import tr

_FIELDS = (
    "title",
    "published_on",
    "published_at",
    "view_count",
    "author",
    "summary",
    "category",
    "body",
    "layout",
)


@click.command(help=tr("Say what would be read from pages (files or URLs); archives nothing."))
@click.argument("sources", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--url", default="", help=tr("The address that a file came from."))
@click.option("--portal", default="", help=tr("Read with this profile."))
@json_option
def extract(sources: tuple[str, ...], url: str, portal: str, as_json: bool) -> int:
    """Print one object per source; exit code 1 when one of them is no article."""
    read = load_object(settings.READER)
    found = True
    for source, page in _pages(sources, url):
        result: ReadPage = read(
            page, profiles.load(portal) if portal else profiles.for_url(page.url)
        )
        found = found and result.article is not None
        print_json(_record(source, result)) if as_json else _print(source, result)
    return 0 if found else 1


def _pages(sources: tuple[str, ...], url: str) -> list[tuple[str, Page]]:
    online = [source for source in sources if "://" in source]
    pages = fetch(online) if online else {}
    return [(s, _answered(pages[s]) if s in pages else from_file(Path(s), url)) for s in sources]


def _answered(page: Page) -> Page:
    if page.failure:
        raise CannotRun(tr("{url} gave no page: {why}", url=page.url, why=page.failure))
    return page


def _problems(result: ReadPage) -> list[Problem]:
    article = result.article
    none = [] if article else [Problem(f"not an article: {result.kind}")]
    return [*none, *result.problems, *(article.problems if article else ())]


def _record(source: str, result: ReadPage) -> dict[str, Any]:
    article = result.article or Article(url=result.page.url, title=None)
    return {
        "source": source,
        "url": article.url or None,
        **{name: getattr(article, name) for name in _FIELDS},
        "readings": {r.field: {"raw": r.raw, "rule": r.rule} for r in article.readings},
        "problems": [{"field": p.field, "reason": p.reason} for p in _problems(result)],
    }


def _print(source: str, result: ReadPage) -> None:
    out = console()
    record = _record(source, result)
    out.print(Text(source, style="bold"))
    for name in _FIELDS:
        rule = record["readings"].get(name, {}).get("rule")
        value = tr("(none)") if record[name] is None else str(record[name])
        out.print(
            Text.assemble(
                (f"{tr(name):>14}  ", "cyan"), value, (f"  ← {rule}" if rule else "", "dim")
            )
        )
    for problem in record["problems"]:
        out.print(
            Text(f"  • {problem['field'] or tr('page')}: {problem['reason']}", style="yellow")
        )
