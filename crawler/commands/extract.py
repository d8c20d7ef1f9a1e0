"""`luutru extract`: what would be read from a page, with the rule behind each field."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.text import Text
from scrapy.utils.misc import load_object

from crawler import profiles, settings
from crawler.commands.options import Address, console, json_option, print_json
from crawler.errors import BadInput, CannotRun
from crawler.facts import Profile
from crawler.fetching import fetch
from crawler.items import Article, Candidate, Page, Problem, ReadPage
from crawler.reporting.causes import cause
from crawler.saved import from_file
from crawler.urls import is_address
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


_WIDTH = 80


@click.command(help=tr("Say what would be read from pages (files or URLs); archives nothing."))
@click.argument("sources", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--url", type=Address(), default="", help=tr("The address that a file came from."))
@click.option("--portal", default="", help=tr("Read with this profile."))
@click.option(
    "--explain", "explained", is_flag=True, help=tr("Show every candidate of each field, too.")
)
@json_option
def extract(sources: tuple[str, ...], url: str, portal: str, explained: bool, as_json: bool) -> int:
    """Print one object per source; exit code 1 when one is neither an article nor a document."""
    read, explain = load_object(settings.READER), load_object(settings.EXPLAINER)
    found = True
    for source, page in _pages(sources, url, portal):
        profile = _profile(page.url, portal)
        result: ReadPage = read(page, profile)
        found = found and bool(result.article or result.documents)
        record = _record(source, result)
        if explained:
            record |= {"kind": result.kind, "candidates": _by_field(explain(page, profile))}
        print_json(record) if as_json else _print(record)
    return 0 if found else 1


def _pages(sources: tuple[str, ...], url: str, portal: str) -> list[tuple[str, Page]]:
    online = [source for source in sources if "://" in source]
    if online and url:
        raise click.UsageError(tr("--url is for files; {url} is an address itself", url=online[0]))
    for source in sources:
        if source in online and not is_address(source):
            raise BadInput(
                tr("{text} is no address with a host; write https://host/...", text=source)
            )
        if source not in online and not Path(source).exists():
            raise BadInput(
                tr("{name} is neither a file nor an address; write https://host/...", name=source)
            )
    pages = fetch(online, _profile(online[0], portal)) if online else {}
    return [(s, _answered(pages[s]) if s in pages else from_file(Path(s), url)) for s in sources]


def _profile(url: str, portal: str) -> Profile:
    return profiles.load(portal) if portal else profiles.for_url(url)


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
        "documents": [asdict(document) for document in result.documents],
        "suspect_links": [asdict(link) for link in result.suspects],
    }


def _by_field(candidates: list[Candidate]) -> dict[str, list[dict[str, Any]]]:
    fields: dict[str, list[dict[str, Any]]] = {}
    for each in candidates:
        fields.setdefault(each.field, []).append(asdict(each))
    return fields


def _print(record: dict[str, Any]) -> None:
    out = console()
    out.print(Text(record["source"], style="bold"))
    for name in _FIELDS:
        rule = record["readings"].get(name, {}).get("rule")
        value = tr("(none)") if record[name] is None else str(record[name])
        out.print(
            Text.assemble(
                (f"{tr(name):>14}  ", "cyan"), value, (f"  ← {rule}" if rule else "", "dim")
            )
        )
    for document in record["documents"]:
        _print_document(document)
    for link in record["suspect_links"]:
        out.print(Text(f"  • {tr('planted')}: {link['href']}  {link['why']}", style="red"))
    for problem in record["problems"]:
        out.print(
            Text(
                f"  • {problem['field'] or tr('page')}: {cause(problem['reason'])}", style="yellow"
            )
        )
    if "candidates" in record:
        out.print(
            Text(
                tr(
                    "Kind: {kind}. Candidates by field, what is read with a mark:",
                    kind=record["kind"],
                ),
                style="bold",
            )
        )
        for field, candidates in record["candidates"].items():
            _print_candidates(field, candidates)


def _print_document(document: dict[str, Any]) -> None:
    """An official document: each fact with the rule that found it, then its files."""
    out = console()
    out.print(Text(tr("Official document"), style="bold"))
    for reading in document["readings"]:
        value = document[reading["field"]]
        shown = tr("(can't be read)") if value is None else str(value)
        name = f"{tr(reading['field']):>14}  "
        out.print(Text.assemble((name, "cyan"), shown, (f"  ← {reading['rule']}", "dim")))
    for file in document["files"]:
        out.print(Text.assemble((f"{tr('attachment'):>14}  ", "cyan"), file["url"]))


def _print_candidates(field: str, candidates: list[dict[str, Any]]) -> None:
    for each in candidates:
        value = tr("(can't be read)") if each["value"] is None else each["value"]
        score = "" if each["score"] is None else f", {each['score']:.2f}"
        console().print(
            Text.assemble(
                (f"{tr(field):>14} ", "cyan"),
                ("✓ " if each["is_read"] else "  ", "green"),
                value[:_WIDTH],
                (f"  ← {each['rule']}{score}: {each['raw'][:_WIDTH]!r}", "dim"),
            )
        )
