"""A dask cluster on this machine whose workers stand for machines, and practice portals for it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil

from practice.running import started

_DASK = str(Path(sys.executable).with_name("dask"))
_LUUTRU = str(Path(sys.executable).with_name("luutru"))


@dataclass
class Machine:
    """One worker of dask, in a folder of its own."""

    folder: Path
    scheduler: str
    threads: int
    process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.start()

    def start(self) -> None:
        """`dask worker`, as docs/cluster.md says; its nanny and its worker are two processes."""
        words = ["--nthreads", str(self.threads), "--no-dashboard", "--local-directory", "."]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_DASK, "worker", self.scheduler, "--name", self.folder.name, *words],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip

    def processes(self, words: str = "") -> list[psutil.Process]:
        """Its processes, the nanny first; or those below it that have `words` in their command."""
        with suppress(psutil.NoSuchProcess):
            nanny = psutil.Process(self.process.pid)
            below = nanny.children(recursive=True)
            return [p for p in below if words in _command(p)] if words else [nanny, *below]
        return []

    def die(self) -> None:
        """All its processes at once, as if its power failed; it is not there until `start`."""
        for process in self.processes():
            _kill(process)
        self.process.wait()

    def lose_worker(self) -> bool:
        """Its worker alone, as the kernel does when memory is short; the nanny starts another."""
        return _kill_one(self.processes("spawn_main"))

    def lose_crawl(self) -> bool:
        """One of the crawls."""
        return _kill_one(self.processes("-m crawler crawl"))


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)


def _kill_one(processes: Sequence[psutil.Process]) -> bool:
    for process in processes[-1:]:
        _kill(process)
    return bool(processes)


@dataclass
class Cluster:
    """A scheduler and its machines."""

    address: str
    machines: list[Machine]

    def crawl(self, *words: str) -> "subprocess.Popen[str]":
        """`luutru crawl --cluster`, under way."""
        return subprocess.Popen(
            [_LUUTRU, "crawl", "--cluster", self.address, *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip


@contextmanager
def cluster(folder: Path, machines: int, threads: int, port: int = 0) -> Iterator[Cluster]:
    """A cluster on this port of this machine (0: a free one), which ends with the block."""
    folder.mkdir(exist_ok=True)
    told = folder / "scheduler.json"
    words = [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
        "--scheduler-file",
        str(told),
    ]
    with (folder / "scheduler.log").open("wb") as log:
        scheduler = subprocess.Popen([_DASK, "scheduler", *words], stdout=log, stderr=log)
    made: list[Machine] = []
    try:
        address = _address(told, scheduler)
        made += [Machine(folder / f"machine{n + 1}", address, threads) for n in range(machines)]
        yield Cluster(address, made)
    finally:
        for machine in made:
            machine.die()
        scheduler.kill()
        scheduler.wait()


def _address(told: Path, scheduler: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError):
            return str(json.loads(told.read_text())["address"])
        if scheduler.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the scheduler did not start")


@dataclass(frozen=True)
class Served:
    """A practice portal that is being served."""

    url: str
    log: Path

    @property
    def slug(self) -> str:
        """What luutru calls it."""
        return urlsplit(self.url).netloc.replace(".", "-").replace(":", "-")

    @property
    def address(self) -> str:
        """Its network address."""
        return urlsplit(self.url).hostname or ""

    def truth(self) -> dict[str, Any]:
        """The answer sheet."""
        with urlopen(f"{self.url}_truth.json") as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def requests(self) -> list[tuple[float, float]]:
        """When each request began and when it was answered."""
        lines = map(json.loads, self.log.read_text().splitlines())
        return [(line["began"], line["ended"]) for line in lines]


@contextmanager
def portals(
    folder: Path, addresses: Sequence[str], articles: int, crawl_delay: float
) -> Iterator[list[Served]]:
    """A practice portal at each of the addresses, with a log; each has a port of its own."""
    with ExitStack() as stack:
        served = []
        for number, address in enumerate(addresses, 1):
            log = folder / f"portal{number}.jsonl"
            words = {"articles": articles, "seed": number, "host": address, "port": 0,
                     "crawl-delay": crawl_delay, "log": log}  # fmt: skip
            options = [f"--{name}={value}" for name, value in words.items()]
            served.append(Served(stack.enter_context(started(options)), log))
        yield served


def differences(portal: Served, archive: Path) -> list[str]:
    """What an archive has too much or too little of its portal, by the portal's answer sheet."""
    truth = Counter(_facts(article) for article in portal.truth()["articles"])
    with closing(sqlite3.connect(archive)) as db:
        found = Counter(map(tuple, db.execute(_ARTICLES)))
        wrong = [f"{count} × {name}" for name, count in db.execute(_DOUBLED).fetchall() if count]
    for name, some in (("too many", found - truth), ("missing", truth - found)):
        if some:
            wrong.append(f"{some.total()} {name}, such as {next(iter(some))}"[:300])
    return wrong


_ARTICLES = "SELECT url, title, published_on, body FROM articles WHERE status = 'present'"
_DOUBLED = """
SELECT 'article more than once', count(*) - count(DISTINCT url) FROM articles UNION ALL
SELECT 'version without a change', count(*) - count(DISTINCT article_id) FROM versions UNION ALL
SELECT 'view count read twice', count(*) - count(DISTINCT article_id) FROM view_counts
"""


def _facts(article: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(article[name] for name in ("url", "title", "published_on", "body"))


def at_once(portals: Sequence[Served]) -> dict[str, int]:
    """By address: how many requests came before the one before them had been answered."""
    found = {}
    for address in {portal.address for portal in portals}:
        times = sorted(t for p in portals if p.address == address for t in p.requests())
        pairs = pairwise(times)
        found[address] = sum(later[0] < earlier[1] for earlier, later in pairs)
    return found


def gaps(portals: Sequence[Served]) -> dict[str, list[float]]:
    """By address: seconds between the beginnings of two requests in a row."""
    found = {}
    for address in {portal.address for portal in portals}:
        began = sorted(t[0] for p in portals if p.address == address for t in p.requests())
        found[address] = [b - a for a, b in pairwise(began)]
    return found


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of processor that these processes and their ended children have taken."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for pid in pids:
        with suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, stat[11:15])) / tick
    return total
