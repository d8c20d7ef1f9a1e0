"""`luutru crawl`: crawl portals into the archive and say how it ended."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from crawler.afterwards import after
from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.commands.clustered import Asked, Options, crawl_in
from crawler.commands.opening import to_write
from crawler.commands.options import (
    Duration,
    Hours,
    Seconds,
    console,
    contact_option,
    db_option,
    into_option,
    is_typed,
    json_option,
    print_json,
    refuse_alone,
    refuse_both,
    refuse_into_alone,
    verbose_option,
)
from crawler.commands.setting import set_option
from crawler.crawling import Target, crawl_all
from crawler.crawls import Crawled
from crawler.errors import BadInput, LuutruError
from crawler.reporting.reasons import retold
from crawler.rotation import Rotating
from crawler.schedules.config import Config
from crawler.schedules.reading import opened
from crawler.watching.watching import run as run_watches
from crawler.watching.watching import said
from crawler.words import tr

_EXIT = {"complete": 0, "incomplete": 1, "stopped": 1, "failed": 3}


@click.command(help=tr("Crawl portals: PORTAL is a profile's name (kimson) or a URL."))
@click.argument("portals", nargs=-1, metavar="PORTAL|URL...")
@db_option
@click.option("--delay", type=Seconds(), help=tr("Seconds between two requests."))
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=tr("Requests to one host at a time."),
)
@contact_option
@click.option("--full", is_flag=True, help=tr("Ask for everything again, due or not."))
@click.option(
    "--closing",
    is_flag=True,
    help=tr("The portal is about to go: what was never captured comes first, the oldest of it."),
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help=tr("No more requests than that to each portal, the most valuable first."),
)
@click.option(
    "--deadline",
    type=Duration(),
    metavar="TIME",
    help=tr("End after that time (2h, 90m, 1h30m), the most valuable first."),
)
@click.option(
    "--window",
    type=Hours(),
    metavar="HOURS",
    help=tr("Ask in these hours only, such as 22:00-06:00 (Vietnam's time)."),
)
@click.option("--now", is_flag=True, help=tr("Ask now, whatever window the portal's profile has."))
@click.option(
    "--ignore-robots",
    metavar="REASON",
    help=tr("Don't obey robots.txt; the reason is kept in the archive and in the WARC files."),
)
@set_option
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=tr(
        "The file whose `[after]` and targets are followed; by itself, a crawl only tells saved "
        "searches."
    ),
)
@click.option(
    "--log-json",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=tr("Add JSON lines to this file: beginning, end, each URL that did not come."),
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help=tr("Crawl on the machines of this dask cluster: tcp://HOST:8786."),
)
@into_option
@click.option(
    "--all", "every", is_flag=True, help=tr("With --cluster: all portals of luutru.toml.")
)
@click.option(
    "--turn",
    type=Duration(),
    metavar="TIME",
    default="10m",
    show_default=True,
    help=tr("With --cluster: after that time another portal of the same server has its turn."),
)
@verbose_option
@json_option
def crawl(
    portals: tuple[str, ...],
    db: Path,
    delay: float | None,
    concurrency: int,
    contact: str | None,
    full: bool,
    closing: bool,
    budget: int | None,
    deadline: timedelta | None,
    window: str | None,
    now: bool,
    ignore_robots: str | None,
    given: tuple[tuple[str, str], ...],
    config_file: Path | None,
    log_json: Path | None,
    cluster: str | None,
    into: Path,
    every: bool,
    turn: timedelta,
    verbose: bool,
    as_json: bool,
) -> int:
    """Crawl `portals` one after the other; the exit code is the worst verdict's."""
    _must_make_sense(bool(portals), every, cluster, ignore_robots)
    targets = [Target.named(name) for name in portals]
    overrides = {
        "CRAWL_MODE": "full" if full else "closing" if closing else "incremental",
        "CRAWL_BUDGET": budget or 0,
        "CRAWL_DEADLINE": (datetime.now(UTC) + deadline).isoformat() if deadline else "",
        "CRAWL_WINDOW": "any" if now else window or "",
        "ROBOTSTXT_OBEY": not ignore_robots,
        "ROBOTS_REASON": (ignore_robots or "").strip(),
        "LOG_JSON": str(log_json.absolute()) if log_json else "",
        **dict(given),
    }
    options = Options(delay, concurrency, contact, overrides)
    if cluster:
        if log_json or is_typed("--db") or (config_file and not every):
            raise click.UsageError(
                tr("--cluster takes neither --db nor --log-json, and --config with --all only")
            )
        asked = Asked(cluster, into, portals, opened(config_file) if every else None, turn)
        return crawl_in(asked, options, as_json=as_json)
    config = _config(config_file, db)
    if log_json:
        # What can't be written is told before a run begins.
        Rotating(log_json, size=0, keep=0).close()
    return _crawl_here(targets, db, config, options, verbose=verbose, as_json=as_json)


def _must_make_sense(
    has_portals: bool, every: bool, cluster: str | None, ignore_robots: str | None
) -> None:
    refuse_into_alone()
    refuse_alone("--turn", "--cluster")
    refuse_both("--full", "--closing")
    refuse_both("--now", "--window")
    if every and not cluster:
        raise click.UsageError(tr("--all is for --cluster; else see luutru schedule run --help"))
    if not (has_portals or every):
        raise click.UsageError(tr("name a portal or a URL, or all those of luutru.toml with --all"))
    if ignore_robots is not None and not ignore_robots.strip():
        raise click.UsageError(tr("--ignore-robots needs a reason"))


def _crawl_here(
    targets: list[Target],
    db: Path,
    config: Config | None,
    options: Options,
    *,
    verbose: bool,
    as_json: bool,
) -> int:
    """Crawl on this machine, tell how each run ended, and do what follows."""
    crawled = crawl_all(
        targets,
        db,
        delay=options.delay,
        concurrency=options.concurrency,
        contact=options.contact,
        verbose=verbose,
        overrides=options.settings,
    )
    code = report(db, crawled.runs, as_json=as_json) if crawled.runs else 0
    if config:
        _follow(config, crawled)
    elif crawled.runs:
        _tell_watchers(db)
    if crawled.trouble:
        raise crawled.trouble
    return code


def _config(given: Path | None, db: Path) -> Config | None:
    """What the file says, which must be that of this archive."""
    config = opened(given) if given else None
    if config and config.archive.resolve() != db.resolve():
        raise BadInput(tr("{file} is for {path}; add --db", file=given, path=config.archive))
    return config


def _follow(config: Config, crawled: Crawled) -> None:
    """What is done after a crawl can fail, but it can't undo the crawl."""
    try:
        for step in after(config, crawled.runs, crawled.trouble):
            if said := step.problem or step.told:
                click.echo(f"{step.name}: {said}", err=True)
    except (LuutruError, sqlite3.Error, OSError) as error:
        click.echo(f"luutru: {error}", err=True)


def _tell_watchers(db: Path) -> None:
    for told in run_watches(to_write(db), db):
        if told.articles or told.problem:
            click.echo(said(told), err=True)


def report(db: Path, run_ids: list[int], *, as_json: bool = False) -> int:
    """Print how each run ended; returns the exit code, that of the worst."""
    with closing(open_archive(db)) as archive:
        ended = [reports.run(archive, run_id) for run_id in run_ids]
    for run in ended:
        print_json(run) if as_json else _print_run(run, db)
    return max(_EXIT[run["verdict"]] for run in ended)


def _print_run(run: dict[str, Any], db: Path) -> None:
    out = console()
    colour = {"complete": "green", "failed": "red"}.get(run["verdict"], "yellow")
    out.print(
        f"[bold]{escape(run['portal_name'])}[/] → {escape(str(db))}: "
        f"[bold {colour}]{tr(run['verdict'])}[/]"
    )
    out.print(
        tr(
            "{pages} pages, {seen} articles seen, {new} new, {changed} changed",
            pages=run["pages"],
            seen=run["articles_seen"],
            new=run["articles_new"],
            changed=run["articles_changed"],
        )
    )
    for reason in (run["verdict_reasons"] or "").splitlines():
        out.print(f"  • {retold(reason)}", markup=False)
    out.print(f"  luutru report {run['id']}: {tr('the whole report on this run')}", markup=False)
