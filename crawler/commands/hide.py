"""`luutru hide`: what readers are not shown, and why."""

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler import __version__
from crawler.archive import decisions, hiding, sources
from crawler.capture.folder import folder_of
from crawler.commands.meant import article_meant
from crawler.commands.opening import to_write
from crawler.commands.options import db_option
from crawler.words import tr

_HELP = tr("Hide an article from readers: search, site, feeds and exports; it is kept.")


@click.command(help=_HELP)
@click.argument("wanted", metavar="ID|URL")
@click.option(
    "--why", required=True, help=tr("The reason; readers of its page and the events have it.")
)
@db_option
def hide(wanted: str, why: str, db: Path) -> int:
    """Hide the article and say so."""
    if not why.strip():
        raise click.UsageError(tr("--why needs a reason"))
    archive = to_write(db)
    article = article_meant(archive, wanted)
    sources.must_be_home_of(archive, article["id"])
    now = datetime.now(UTC)
    decisions.keep(folder_of(db), article["url"], now, why.strip())
    hiding.hide(archive, article["id"], why.strip(), now, f"luutru {__version__}")
    click.echo(tr("hidden: {id}  {title}", id=article["id"], title=article["title"]))
    return 0
