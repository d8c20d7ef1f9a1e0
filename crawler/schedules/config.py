"""What `luutru.toml` says, as records. Read and validated by `crawler.schedules.reading`.

Fields that may hold `${NAME}` are filled in by `crawler.telling.secrets.filled` when they are used.
"""

from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler import settings
from crawler.schedules.when import ZONE, Schedule
from crawler.telling.target import Target

MODES = ("incremental", "full", "closing")


@dataclass(frozen=True, slots=True)
class Copy:
    """A second place for the archive, `[[copies]]`."""

    name: str
    to: str
    """An absolute folder, or an address for fsspec such as s3://bucket/folder."""
    endpoint: str = ""
    """Address of the S3-compatible server; empty is Amazon's."""
    region: str = ""
    key: str = ""
    """The S3 access key's id: `${NAME}`."""
    secret: str = ""
    """The S3 secret key: `${NAME}`."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The dead man's switch, `[heartbeat]`: an outside monitor that misses our pings."""

    url: str = ""
    """Asked by GET while all is well, may hold `${NAME}`; empty asks nobody."""
    every: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class After:
    """What follows each run, `[after]`."""

    verify: float = 0.01
    """The share of the archive's records that are read and checked; 0 is none."""
    watches: bool = True
    """Whether saved searches are told."""
    reports: Path | None = None
    """The folder that each run's report is written to; None writes none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the machine crawls may take, `[limits]`."""

    parallel: int = 2
    """Crawls at a time, of different portals."""
    memory: int = 2 * 1024**3
    """Bytes of memory for one crawl, where systemd runs it."""
    disk: int = 5 * 1024**3
    """Free bytes on the archive's disk below which it is said to be nearly full; 0 never is."""
    silent: timedelta = timedelta(days=3)
    """How long after its planned time a portal may be without a good run."""


@dataclass(frozen=True, slots=True)
class Logs:
    """JSON lines of all runs, `[logs]`."""

    file: Path | None = None
    """None writes none."""
    size: int = 10 * 1024**2
    """Bytes at which a file is put aside and the next is begun."""
    keep: int = 10
    """Files that are put aside; the oldest is removed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The machines that crawl instead of this one, `[cluster]`."""

    scheduler: str
    """Address of dask's scheduler."""
    into: Path
    """The folder that all machines share; each portal has its own in it."""
    turn: timedelta = timedelta(minutes=10)
    """After that time another portal of the same server has its turn."""
    parallel: int = 0
    """Crawls at a time; 0 is as many as its workers have threads."""


@dataclass(frozen=True, slots=True)
class Portal:
    """One portal, `[portals.NAME]`."""

    name: str
    """As the file calls it: the name of its profile, unless there is a `url`."""
    slug: str
    """Its short name in the archive: that of its profile, or made of its host."""
    schedule: Schedule
    url: str = ""
    """Start page of a portal without a profile."""
    kind: str = "incremental"
    """One of MODES: what is due, everything, or what was never captured first."""
    window: str = ""
    """Hours in which the portal may be asked: its own, else those of its profile; empty is any."""
    budget: int = 0
    """Requests of one run; 0 is no limit."""
    deadline: timedelta | None = None
    """The longest that a run may take."""
    delay: float | None = None
    """Seconds between two requests; None leaves it to the profile."""
    notify: tuple[str, ...] | None = None
    """Names of targets; None means all."""


@dataclass(frozen=True, slots=True)
class Config:
    """All that `luutru.toml` says. Paths are absolute: relative ones start at the file's folder."""

    path: Path
    """The file itself."""
    archive: Path
    """In a cluster it holds how far each portal's last run came, and what concerns all."""
    operator: str = ""
    """Who keeps the archive."""
    contact: str = ""
    """Address or mail that portals can reach the operator at."""
    secrets: Path | None = None
    """A file of lines NAME=value, chmod 600; None leaves it to LUUTRU_SECRETS."""
    language: str = "vi"
    """Of messages: `vi` or `en`."""
    zone: ZoneInfo = ZONE
    """Of schedules and of times that people read."""
    digest: time = time(7)
    """When the daily message is sent, in `zone`."""
    metrics: Path | None = None
    """A file for the textfile collector of Prometheus's node_exporter; None writes none."""
    portals: tuple[Portal, ...] = ()
    notify: tuple[Target, ...] = ()
    copies: tuple[Copy, ...] = ()
    heartbeat: Heartbeat = Heartbeat()
    after: After = After()
    limits: Limits = Limits()
    logs: Logs = Logs()
    cluster: Cluster | None = None
    """None crawls on this machine."""

    def own(self, portal: Portal) -> "Config":
        """What the file says of the portal's own archive: in a cluster each portal has one."""
        if self.cluster is None:
            return self
        folder, slug = self.cluster.into / portal.slug, portal.slug
        reports, log, metrics = self.after.reports, self.logs.file, self.metrics
        return replace(
            self,
            archive=folder / settings.ARCHIVE,
            portals=(portal,),
            metrics=metrics and metrics.with_stem(f"{metrics.stem}-{slug}"),
            copies=tuple(
                replace(copy, name=f"{copy.name}/{slug}", to=f"{copy.to}/{slug}")
                for copy in self.copies
            ),
            after=replace(self.after, reports=reports and reports / slug),
            logs=replace(self.logs, file=log and folder / log.name),
            # All lie on one disk, of which the file's archive tells once.
            limits=replace(self.limits, disk=0),
        )

    def targets(self, portal: Portal) -> tuple[Target, ...]:
        """Who is told of the portal."""
        if portal.notify is None:
            return self.notify
        return tuple(target for target in self.notify if target.name in portal.notify)
