"""`luutru show`: one article with its versions, views and evidence."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.commands.options import console, db_option, json_option, print_json
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
    "layout",
)


@click.command(help=tr("Show one article, by number or address: text, versions, views, evidence."))
@click.argument("wanted", metavar="ID|URL")
@db_option
@json_option
def show(wanted: str, db: Path, as_json: bool) -> None:
    """Print the article WANTED; wrong use when the archive has none."""
    article = reports.article(open_archive(db), wanted)
    if article is None:
        raise BadInput(
            tr(
                "{db} has no article {wanted}; `luutru search` shows numbers and addresses",
                db=db,
                wanted=wanted,
            )
        )
    print_json(article) if as_json else _print(console(), article)


def _print(out: Console, article: dict[str, Any]) -> None:
    out.print(Text(article["title"] or tr("(no title)"), style="bold"))
    facts = [(tr(name), article[name]) for name in _FACTS if article[name] is not None]
    out.print(_listed(facts))
    out.print()
    out.print(Text(article["body"] or tr("(no text)")))
    out.print()
    out.print(_listed(_evidence(article)))


def _listed(facts: list[tuple[str, Any]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, Text(str(value)))
    return table


def _evidence(article: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        *((tr("image"), f"{i['url']}  {i['caption'] or ''}") for i in article["images"]),
        *((tr("attachment"), f"{a['url']}  {a['filename']}") for a in article["attachments"]),
        *(
            (tr("version"), f"{v['seen_at']}  {v['title']}  sha256:{v['content_sha256'][:12]}")
            for v in article["versions"]
        ),
        *((tr("views"), f"{v['seen_at']}  {v['views']}") for v in article["views"]),
        *(
            (
                tr("capture"),
                f"{c['captured_at']}  HTTP {c['status']}  {c['size']} B  "
                f"sha256:{c['payload_sha256'][:12]}  {c['ip'] or ''}",
            )
            for c in article["captures"]
        ),
        *((r["field"], f"{r['raw'][:80]!r}  ← {r['rule']}") for r in article["readings"]),
    ]
