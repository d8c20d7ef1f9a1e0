"""`luutru replay`: read kept pages again, without the network."""

from pathlib import Path
from typing import Any

import click

from crawler import hangup
from crawler.archive import reports
from crawler.archive.connection import open_archive
from crawler.cluster.portals import has_archives
from crawler.commands.clustered import import_in, replay_in
from crawler.commands.crawl import report
from crawler.commands.options import (
    console,
    into_option,
    jobs_option,
    json_option,
    print_json,
    refuse_into_alone,
)
from crawler.replaying.replay import Plan, carry_out, plan_for
from crawler.words import tr

_MOST_HOSTS = 5


@click.command(
    help=tr(
        "Read kept pages again, without the network: WARC or WACZ files into the archive, "
        "or an archive's own records."
    )
)
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    metavar="WARC|WACZ|ARCHIVE...",
    type=click.Path(path_type=Path),
)
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    help=tr("The archive that files are read into.") + " [default: archive.db]",
)
@click.option("--portal", default="", help=tr("Only this portal (its short name)."))
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help=tr(
        "On the machines of a dask cluster: all archives in the folder named, each in place, or "
        "WARC files."
    ),
)
@into_option
@jobs_option
@json_option
def replay(
    sources: tuple[Path, ...],
    db: Path | None,
    portal: str,
    cluster: str | None,
    into: Path,
    jobs: int,
    as_json: bool,
) -> int:
    """Replay `sources`; exit code 1 when something in them could not be read."""
    refuse_into_alone()
    if cluster:
        if db or portal:
            raise click.UsageError(tr("--cluster takes neither --db nor --portal nor --url"))
        # A worker's threads read at the same time already.
        jobs = jobs or 1
        if len(sources) == 1 and has_archives(sources[0]):
            return replay_in(cluster, sources[0], jobs, as_json=as_json)
        return import_in(cluster, sources, into, "replay", jobs, as_json=as_json)
    hangup.sigterm_exits()
    return replayed(plan_for(list(sources), db, portal, "replay"), jobs, as_json=as_json)


def replayed(plan: Plan, jobs: int = 0, *, as_json: bool) -> int:
    """Carry out the plan and print how each run ended; the exit code is the worst verdict's."""
    if not plan.tasks:
        return _nothing(plan, as_json=as_json)
    done = carry_out(plan, jobs=jobs)
    code = 0
    if done.runs:
        code = _print(plan, done.runs, as_json=as_json)
    if done.trouble:
        raise done.trouble
    return code


def _print(plan: Plan, run_ids: list[int], *, as_json: bool) -> int:
    if as_json:
        return _print_json(plan, run_ids)
    code = report(plan.db, run_ids)
    _print_files(plan)
    return code


def _nothing(plan: Plan, *, as_json: bool) -> int:
    if as_json:
        print_json({"runs": [], "left_out": plan.left_out, "damage": plan.damage})
    else:
        for line in plan.damage:
            console().print(line, markup=False)
        console().print(tr("no page to read; {n} of other hosts were left out", n=plan.left_out))
    return 1


def _print_json(plan: Plan, run_ids: list[int]) -> int:
    archive = open_archive(plan.db)
    runs: list[dict[str, Any]] = [reports.run(archive, run_id) for run_id in run_ids]
    archive.close()
    print_json(
        {"runs": runs, "left_out": plan.left_out, "others": plan.others, "beside": plan.beside}
    )
    return 0 if all(run["verdict"] == "complete" for run in runs) else 1


def _print_files(plan: Plan) -> None:
    out = console()
    if plan.left_out:
        hosts = [f"{host} ({count})" for host, count in plan.others.items()]
        more = ", ..." if len(hosts) > _MOST_HOSTS else ""
        out.print(
            tr("{n} pages of other hosts were left out", n=plan.left_out)
            + f": {', '.join(hosts[:_MOST_HOSTS])}{more}",
            markup=False,
        )
    if plan.beside:
        out.print(
            tr(
                "{n} HTML files beside WARC files were left out; import them by themselves if the "
                "WARC files do not have them",
                n=plan.beside,
            )
        )
    for file in plan.taken:
        if file.remade:
            out.print(f"{file.path.name} {tr(file.remade)}", highlight=False)
        elif file.new:
            out.print(tr("{name} is kept as it came", name=file.path.name))
