"""`luutru serve`: the archive in a browser, by Datasette; captured pages beside it, by pywb."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import click
from datasette.cli import cli as datasette

from crawler.archive.connection import is_immutable, open_to_read
from crawler.archive.renewing import read_at
from crawler.commands.options import db_option, refuse_alone
from crawler.playback import collection, playing
from crawler.words import tr

# Facets over a whole archive need longer than Datasette's 200 ms. To look which columns would make
# good ones takes 50 ms for each column by default, two seconds for a table of large articles.
_SETTINGS = {
    "default_page_size": "50",
    "facet_time_limit_ms": "1000",
    "facet_suggest_time_limit_ms": "5",
    "sql_time_limit_ms": "3000",
    "truncate_cells_html": "300",
    "default_facet_size": "12",
    "allow_download": "on",
}


@click.command(
    help=tr("Open the archive in a browser (Datasette), read-only, on this machine only.")
)
@db_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    help=tr("Port; 0 picks a free one."),
)
@click.option("--open", "open_browser", is_flag=True, help=tr("Open the browser."))
@click.option("--replay", is_flag=True, help=tr("Show captured pages too (needs pywb)."))
@click.option(
    "--replay-port",
    type=click.IntRange(0, 65535),
    default=8002,
    show_default=True,
    help=tr("Port of the captured pages; 0 picks a free one."),
)
@click.option(
    "--readers",
    is_flag=True,
    help=tr("Only the site: no tables, no SQL, no download of the archive."),
)
def serve(
    db: Path, port: int, open_browser: bool, replay: bool, replay_port: int, readers: bool
) -> None:
    """Run Datasette with the plugin `browse` until Ctrl-C, and pywb as long."""
    refuse_alone("--replay-port", "--replay")
    told: dict[str, object] = {"readers_only": readers}
    with ExitStack() as stack:
        db = read_at(stack.enter_context(closing(open_to_read(db))), db)
        # uvicorn hands SIGTERM on when it has stopped; as an exit it lets pywb be stopped too, and
        # temporary files be removed.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if replay:
            replay_port = stack.enter_context(playing(db, replay_port))
            click.echo(tr("captured pages: {where}", where=collection(replay_port)), err=True)
            told["replay_port"] = replay_port
        words = ["--metadata", stack.enter_context(_settings_file(told))]
        _datasette(db, port, words, open_browser)


@contextmanager
def _settings_file(told: dict[str, object]) -> Iterator[str]:
    """A file by which Datasette tells the plugin `browse` what it may show, and where pages are."""
    with NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        json.dump({"plugins": {"luutru": told}}, file)
        file.flush()
        yield file.name


def _datasette(db: Path, port: int, words: list[str], open_browser: bool) -> None:
    settings = [word for name, value in _SETTINGS.items() for word in ("--setting", name, value)]
    datasette(
        [
            "serve",
            *(["--immutable"] if is_immutable(db) else []),
            str(db),
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            *settings,
            *words,
            *(["--open"] if open_browser else []),
        ],
        standalone_mode=False,
    )
