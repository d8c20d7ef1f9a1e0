"""`luutru unhide`: what was hidden is shown to readers again."""

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


@click.command(help=tr("Show a hidden article to readers again."))
@click.argument("wanted", metavar="ID|URL")
@db_option
def unhide(wanted: str, db: Path) -> int:
    """Show the article and say so; exit code 1 when it was not hidden."""
    archive = to_write(db)
    article = article_meant(archive, wanted)
    sources.must_be_home_of(archive, article["id"])
    if article["hidden_at"] is None:
        click.echo(tr("article {id} is not hidden", id=article["id"]), err=True)
        return 1
    now = datetime.now(UTC)
    decisions.keep(folder_of(db), article["url"], now, None)
    hiding.unhide(archive, article["id"], now, f"luutru {__version__}")
    click.echo(tr("shown again: {id}  {title}", id=article["id"], title=article["title"]))
    return 0
