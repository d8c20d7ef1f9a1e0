"""`luutru crawl --cluster` and `replay --cluster`: the same on the machines of a dask cluster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import settings
from crawler.cluster import servers
from crawler.cluster.job import REPLAY, Job
from crawler.cluster.jobs import Jobs
from crawler.cluster.portals import Portal, distinct, kept, named, of_config, of_files
from crawler.commands.elsewhere import must_have_dask
from crawler.commands.options import console, print_json
from crawler.replaying.grouping import groups
from crawler.reporting.reasons import retold
from crawler.schedules.config import Config, Limits
from crawler.words import tr

if TYPE_CHECKING:
    from crawler.cluster.driving import JobOf, Result

_PATIENCE = 10.0
"""Seconds in which workers of an ended command may still look at its lock."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be crawled, and where."""

    cluster: str
    """Address of dask's scheduler."""
    folder: Path
    """Shared by all machines; each portal has its own folder in it."""
    names: Sequence[str]
    config: Config | None
    """All of its portals, if given."""
    turn: timedelta


@dataclass(frozen=True, slots=True)
class Options:
    """How to crawl, as the options of `luutru crawl` say it."""

    delay: float | None
    concurrency: int
    contact: str | None
    settings: Mapping[str, Any]
    """By name (`crawler.settings`)."""

    @property
    def budget(self) -> int | None:
        """Requests to each portal."""
        return int(self.settings["CRAWL_BUDGET"]) or None

    @property
    def window(self) -> str:
        """Hours for all portals, `any`, or empty if each has its own."""
        return str(self.settings["CRAWL_WINDOW"])

    def words(self) -> list[str]:
        """The same for a crawl of one portal; its budget is told turn by turn."""
        words = ["--concurrency", str(self.concurrency)]
        words += [] if self.delay is None else ["--delay", str(self.delay)]
        words += ["--contact", self.contact] if self.contact else []
        for name, value in self.settings.items():
            if name != "CRAWL_BUDGET" and value != getattr(settings, name, None):
                words += ["--set", f"{name}={value}"]
        return words


def crawl_in(asked: Asked, options: Options, *, as_json: bool) -> int:
    """Crawl what is asked; the exit code is 1 if any portal is not complete."""
    must_have_dask()
    folder, turn = asked.folder.absolute(), asked.turn.total_seconds()
    memory = (asked.config.limits if asked.config else Limits()).memory
    words = options.words()

    def jobs(command: str) -> "JobOf":
        return Jobs(command, folder, turn, None, memory, words).make

    return _drive(asked.cluster, folder, _portals(asked, options), jobs, as_json)


def replay_in(cluster: str, folder: Path, jobs: int, *, as_json: bool) -> int:
    """Read the kept pages of all archives in `folder` again, each in its place."""
    must_have_dask()
    folder = folder.absolute()
    return _read(cluster, folder, kept(folder, jobs), as_json)


def import_in(
    cluster: str, files: Sequence[Path], into: Path, command: str, jobs: int, *, as_json: bool
) -> int:
    """Have WARC files read by `luutru replay` or `import`, those of each portal into an archive of
    its own in the folder `into`.
    """
    must_have_dask()
    folder = into.absolute()
    return _read(cluster, folder, of_files(groups(files), command, folder, jobs), as_json)


def _read(cluster: str, folder: Path, portals: Sequence[Portal], as_json: bool) -> int:
    def jobs(command: str) -> "JobOf":
        return lambda portal, _: Job(
            portal.slug, tuple(portal.words()), folder, (), command, portal.turns, delay=0.0,
            memory=Limits().memory, note=REPLAY)  # fmt: skip

    return _drive(cluster, folder, portals, jobs, as_json)


def _drive(
    cluster: str,
    folder: Path,
    portals: Sequence[Portal],
    jobs: Callable[[str], "JobOf"],
    as_json: bool,
) -> int:
    # Only now: dask takes longer to load than most commands to run.
    from crawler.cluster.driving import drive

    codes = []

    def tell(result: "Result") -> None:
        codes.append(_told(result, as_json))

    command = servers.Command(folder, _PATIENCE)
    try:
        drive(cluster, portals, jobs(command.name), tell)
    finally:
        command.release()
    return max(codes)


def _portals(asked: Asked, options: Options) -> list[Portal]:
    at_any_time = options.window == "any"
    of_file = of_config(asked.config, at_any_time=at_any_time) if asked.config else []
    portals = distinct([*named(asked.names), *of_file])
    for portal in portals:
        portal.budget = options.budget or portal.budget
        portal.delay = portal.delay if options.delay is None else options.delay
        portal.window = "" if at_any_time else options.window or portal.window
    return portals


def _told(result: "Result", as_json: bool) -> int:
    verdict = result.outcome.run.get("verdict") or result.outcome.state
    if as_json:
        _print_json(result, verdict)
    else:
        _print(result, verdict)
    return int(verdict != "complete")


def _print_json(result: "Result", verdict: str) -> None:
    outcome = result.outcome
    print_json(
        {
            "portal": result.portal.slug,
            "state": verdict,
            "worker": outcome.worker,
            "turns": result.portal.turns,
            "reason": outcome.reason,
            "run": outcome.run or None,
        }
    )


def _print(result: "Result", verdict: str) -> None:
    out, outcome, portal = console(), result.outcome, result.portal
    colour = {"complete": "green", "incomplete": "yellow", "stopped": "yellow"}.get(verdict, "red")
    line = tr(
        "{n} articles, {pages} pages in {turns} turns, the last by {worker}",
        n=outcome.articles,
        pages=portal.pages,
        turns=portal.turns,
        worker=outcome.worker,
    )
    out.print(f"[bold]{portal.slug}[/]: [bold {colour}]{tr(verdict)}[/] ({line})")
    for reason in outcome.reason.splitlines():
        out.print(f"  • {retold(reason)}", markup=False)
