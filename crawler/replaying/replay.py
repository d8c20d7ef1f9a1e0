"""Running replays from Python: sources in, one run per portal out."""

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive import decisions, replays
from crawler.archive.connection import open_archive
from crawler.capture.addresses import readable
from crawler.capture.folder import folder_of
from crawler.crawling import settings
from crawler.crawls import Crawled, crawl_in_turn
from crawler.errors import BadInput
from crawler.replaying.intake import Intake, Taken, take_in
from crawler.replaying.kept import holdings
from crawler.replaying.sources import beside
from crawler.replaying.sources import sources as sources_in
from crawler.replaying.tasks import Task, named, other_hosts, own_tasks, portals_in, tasks_for
from crawler.words import tr

_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be read into which archive."""

    db: Path
    tasks: list[Task]
    others: dict[str, int] = field(default_factory=dict)
    """Hosts that belong to no portal at hand, and how many exchanges of each are left out."""
    beside: int = 0
    """HTML pages that lie beside WARC files in a folder, and are not read."""
    taken: tuple[Taken, ...] = ()
    """The files that were read, as they lie in the archive's folder."""
    damage: tuple[str, ...] = ()
    """What of the files could not be read, a line each."""

    @property
    def left_out(self) -> int:
        """Exchanges with other hosts."""
        return sum(self.others.values())


def is_archive(path: Path) -> bool:
    """Whether the file is an SQLite file, so that its own records are meant."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def plan_for(sources: list[Path], db: Path | None, portal: str, kind: str, url: str = "") -> Plan:
    """What `sources` ask for: files into `db`, or an archive whose own records are read again.

    `url` is the address of a single saved page.

    Raises BadInput when the sources are no such files, and CannotRun when they can't be taken in.
    """
    archives = [path for path in sources if is_archive(path)]
    if not archives:
        return tasks_of(sources, db or Path("archive.db"), portal, kind, url)
    own = archives[0]
    if kind == "import" or len(sources) > 1 or (db and db.resolve() != own.resolve()):
        raise BadInput(
            tr("{path} is an archive; `luutru replay {path}` reads its own records again", path=own)
        )
    with closing(open_archive(own)) as archive:
        return Plan(own, own_tasks(archive, folder_of(own), portal))


def tasks_of(sources: list[Path], db: Path, portal: str, kind: str, url: str = "") -> Plan:
    """Take the files into the archive's folder and find out what is in them."""
    came = Intake([], [])
    # What is refused leaves no empty archive behind.
    found_in = sources_in(sources, url, came.damage.append)
    if portal:
        named(portal, portals_in(db))
    with closing(open_archive(db, create=True)) as archive:
        known = replays.portals(archive)
        take_in(came, found_in, folder_of(db), archive)
        for source in sources:
            beside_it = source if source.is_dir() else source.parent
            decisions.take_over(archive, beside_it, folder_of(db))
    found = holdings(file.path for file in came.taken)
    found.damage += map(readable, came.damage)
    tasks = tasks_for(found, portal, known, kind)
    return Plan(
        db,
        tasks,
        other_hosts(found, tasks),
        beside(sources),
        tuple(came.taken),
        tuple(found.damage),
    )


def carry_out(plan: Plan, *, jobs: int = 0, progress: bool = True) -> Crawled:
    """Replay the plan's tasks one after the other, each read by `jobs` processes (0: all cores)."""
    chosen = settings(plan.db, progress=progress)
    chosen.set("REPLAY_JOBS", jobs, priority="cmdline")
    return crawl_in_turn(chosen, "replay", [{"task": task} for task in plan.tasks], plan.db)
