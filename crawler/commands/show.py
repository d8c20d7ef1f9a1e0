"""`luutru show`: one article with its versions, views and evidence."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.citation import FORMS, source_of
from crawler.commands.differing import LAST, differing
from crawler.commands.meant import article_meant
from crawler.commands.opening import to_read
from crawler.commands.options import console, db_option, json_option, print_json, refuse_both
from crawler.errors import BadInput
from crawler.words import tr

_FACTS = (
    "url",
    "published_on",
    "published_at",
    "view_count",
    "author",
    "category",
    "summary",
    "status",
    "first_seen_at",
    "last_seen_at",
    "absent_since",
    "absent_runs",
    "unlinked",
    "layout",
    "hidden_at",
    "hidden_why",
)


# Facts that are only worth a line when they are not the rule.
_EXCEPTIONS = ("absent_runs", "unlinked", "hidden_at", "hidden_why")


@click.command(help=tr("Show one article, by number or address: text, versions, views, evidence."))
@click.argument("wanted", metavar="ID|URL")
@click.argument("second", metavar="[B]", required=False)
@click.option(
    "--diff",
    is_flag=False,
    flag_value=LAST,
    metavar="[A..B]",
    help=tr("What changed, word by word: the last two versions, or A..B."),
)
@click.option(
    "--cite",
    is_flag=False,
    flag_value="text",
    type=click.Choice(tuple(FORMS)),
    help=tr("A reference with address, capture time and digest; text if you name no form."),
)
@click.option(
    "--version", "number", type=click.IntRange(min=1), metavar="N",
    help=tr("With --cite: the article as its version N was captured first."),
)  # fmt: skip
@db_option
@json_option
def show(
    wanted: str,
    second: str | None,
    diff: str | None,
    cite: str | None,
    number: int | None,
    db: Path,
    as_json: bool,
) -> None:
    """Print the article WANTED, or what was asked of it; wrong use when there is none."""
    refuse_both("--cite", "--diff")
    refuse_both("--cite", "--json")
    if second is not None and diff is None:
        raise BadInput(tr("{word} is one word too many; show one article at a time", word=second))
    if number is not None and cite is None:
        raise BadInput(tr("--version belongs to --cite; --diff A..B compares versions"))
    article = article_meant(to_read(db), wanted)
    if diff is not None:
        differing(article["versions"], diff, second, as_json)
    elif cite is not None:
        if number is not None and number > (count := len(article["versions"])):
            raise BadInput(tr("this article has {n} versions", n=count))
        click.echo(FORMS[cite](source_of(article, number)))
    else:
        print_json(article) if as_json else _print(console(), article)


def _print(out: Console, article: dict[str, Any]) -> None:
    out.print(Text(article["title"] or tr("(no title)"), style="bold"))
    facts = [(tr(name), article[name]) for name in _FACTS if _is_worth_a_line(article, name)]
    out.print(_listed(facts))
    out.print()
    out.print(Text(article["body"] or tr("(no text)")))
    out.print()
    out.print(_listed(_evidence(article)))


def _is_worth_a_line(article: dict[str, Any], name: str) -> bool:
    return bool(article[name]) if name in _EXCEPTIONS else article[name] is not None


def _listed(facts: list[tuple[str, Any]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, Text(str(value)))
    return table


def _evidence(article: dict[str, Any]) -> list[tuple[str, Any]]:
    sources = {capture["id"]: capture["source"] for capture in article["captures"]}
    return [
        *_presence(article),
        *(
            (tr("image"), f"{i['url']}  {i['caption'] or ''}  {_bytes(i)}")
            for i in article["images"]
        ),
        *(
            (tr("attachment"), f"{a['url']}  {a['filename']}  {_bytes(a)}")
            for a in article["attachments"]
        ),
        *(
            (
                tr("version"),
                f"{number}  {v['seen_at']}  {v['title']}  sha256:{v['content_sha256'][:12]}  "
                f"{sources[v['capture_id']]}",
            )
            for number, v in enumerate(article["versions"], 1)
        ),
        *((tr("views"), f"{v['seen_at']}  {v['views']}") for v in article["views"]),
        *(
            (
                tr("capture"),
                f"{c['captured_at']}  HTTP {c['status']}  {c['size']} B  "
                f"sha256:{c['payload_sha256'][:12]}  {c['source']}  {c['ip'] or ''}",
            )
            for c in article["captures"]
        ),
        *((tr("document"), _document(d)) for d in article["documents"]),
        *((tr("planted"), f"{s['href']}  {s['why']}") for s in article["suspect_links"]),
        *((r["field"], f"{r['raw'][:80]!r}  ← {r['rule']}") for r in article["readings"]),
    ]


def _document(document: dict[str, Any]) -> str:
    """An official document on one line: its facts, then its files."""
    facts = (value for name, value in document.items() if name not in ("id", "files") and value)
    return "  ".join([*facts, *(file["url"] for file in document["files"])])


def _presence(article: dict[str, Any]) -> list[tuple[str, Any]]:
    """The evidence for when it was there, and for when it was not."""
    captures = {capture["id"]: capture for capture in article["captures"]}
    sides = {
        tr("last seen present"): captures.get(article["seen_capture_id"]),
        tr("first seen absent"): captures.get(article["absent_capture_id"]),
    }
    return [
        (name, f"{c['captured_at']}  HTTP {c['status']}  {c['warc_file'] or ''}:{c['warc_offset']}")
        for name, c in sides.items()
        if c
    ]


def _bytes(part: dict[str, Any]) -> str:
    return f"{part['media_type']}  sha256:{part['sha256'][:12]}" if part["sha256"] else ""
