"""Schedules in a cluster under fire: a daemon, three machines, four portals, two on one server.

A schedule of seconds, while the daemon is stopped and killed, and workers, machines and crawls are
killed. In the end: never two crawls of a portal, never more than `parallel`, none goes on without
the daemon; each archive holds each article of its portal once, `luutru verify` finds nothing, and
no server was asked twice at a time; exits 1 when anything is wrong:
`python -m benchmarks.cluster_schedules [--minutes 10] [--seed 1]`.
"""

import argparse
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.machines import Cluster, Served, at_once, cluster, portals

DEEDS = ("stop", "kill the daemon", "kill a worker", "kill a machine", "kill a crawl")
ADDRESSES = ("127.3.0.1", "127.3.0.1", "127.3.0.2", "127.3.0.3")
_PARALLEL = 3
_LUUTRU = (sys.executable, "-m", "crawler")
_ENDED = re.compile(r"(\w+): the crawl has ended: (\w+)")


@dataclass
class Rehearsal:
    """What came of it."""

    deeds: Counter[str] = field(default_factory=Counter)
    begun: int = 0
    """Crawls that were handed to the cluster, those that go on with a run included."""
    ended: Counter[str] = field(default_factory=Counter)
    """Crawls by outcome, without those whose daemon was killed."""
    most: int = 0
    """Crawls that were seen at a time."""
    requests: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """Rehearse for so many minutes, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            portals(folder, ADDRESSES, articles=25, crawl_delay=0.03) as served,
            cluster(folder / "machines", machines=3, threads=2) as machines,
        ):
            end = time.monotonic() + options.minutes * 60
            done = rehearse(folder, machines, served, _until(end, chance), chance)
    print(f"{options.minutes:g} minutes: {done.begun} crawls begun, {done.most} at a time at most")
    print("ended:", ", ".join(f"{n} {name}" for name, n in done.ended.most_common()))
    print("done to them:", ", ".join(f"{n} × {name}" for name, n in done.deeds.most_common()))
    print(f"{done.requests} requests")
    print("\n".join(f"WRONG: {each}" for each in done.wrong) or "nothing is wrong")
    sys.exit(1 if done.wrong else 0)


def _until(end: float, chance: random.Random) -> Iterator[str]:
    while time.monotonic() < end:
        time.sleep(chance.uniform(0, 6))
        yield chance.choice(DEEDS)


def rehearse(
    folder: Path,
    machines: Cluster,
    served: Sequence[Served],
    deeds: Iterable[str],
    chance: random.Random,
) -> Rehearsal:
    """Run the daemon in `folder` and do the `deeds` to it and the machines, one after the other."""
    done = Rehearsal()
    (folder / "luutru.toml").write_text(_config(machines, served), "utf-8")
    daemon, watcher = _Daemon(folder), _Watcher(served, done)
    try:
        for deed in deeds:
            daemon.await_crawl()
            time.sleep(chance.uniform(0.3, 2))
            done.deeds[deed] += 1
            _do(deed, daemon, watcher, machines, chance)
        _await_complete(daemon, len(served))
        _stop(daemon, watcher)
    finally:
        watcher.end()
        daemon.kill()
    done.begun = daemon.said().count(": the crawl begins, ")
    done.ended = Counter(outcome for _, outcome in _ENDED.findall(daemon.said()))
    _judge(folder, served, daemon, done)
    return done


def _config(machines: Cluster, served: Sequence[Served]) -> str:
    head = 'archive = "archive.db"\n[cluster]\nturn = "5s"\n'
    head += f'scheduler = "{machines.address}"\nparallel = {_PARALLEL}\n'
    # Whole rounds: each run asks for every page.
    return head + "".join(
        f'[portals.p{number}]\nurl = "{portal.url}"\nschedule = "every 10s"\nkind = "full"\n'
        "delay = 0\n"
        for number, portal in enumerate(served)
    )


class _Daemon:
    """`luutru schedule run`, started again whenever it has ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = 0
        self.start()

    def start(self) -> None:
        with (self._folder / "daemon.log").open("ab") as log:
            self._before = log.tell()
            words = [*_LUUTRU, "schedule", "run"]
            self._process = subprocess.Popen(words, cwd=self._folder, stderr=log)

    def await_crawl(self) -> None:
        """Until it has begun a crawl."""
        while "begins" not in self.said()[self._before :]:
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(120)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def said(self) -> str:
        return (self._folder / "daemon.log").read_text("utf-8")


class _Watcher:
    """Looks all the time at which crawls there are."""

    def __init__(self, served: Sequence[Served], done: Rehearsal) -> None:
        self._urls = {portal.url for portal in served}
        self._done = done
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            crawls = self.crawls()
            self._done.most = max(self._done.most, len(crawls))
            if len(set(crawls)) < len(crawls) or len(crawls) > _PARALLEL:
                self._done.wrong.append(f"at a time: {crawls}")

    def crawls(self) -> list[str]:
        """The address of each crawl that runs now."""
        found: dict[int, tuple[int, str]] = {}
        for process in psutil.process_iter(["cmdline", "ppid"]):
            words = process.info["cmdline"] or []
            own = self._urls.intersection(words) if "crawl" in words else set()
            if own:
                found[process.pid] = (process.info["ppid"], own.pop())
        # A crawl's own child has its name until it has become another program.
        return [url for parent, url in found.values() if parent not in found]


def _do(
    deed: str, daemon: _Daemon, watcher: _Watcher, machines: Cluster, chance: random.Random
) -> None:
    machine = chance.choice(machines.machines)
    if deed == "stop":
        _stop(daemon, watcher)
        daemon.start()
    elif deed == "kill the daemon":
        daemon.kill()
        daemon.start()
    elif deed == "kill a worker":
        machine.lose_worker()
    elif deed == "kill a machine":
        machine.die()
        machine.start()
    else:
        machine.lose_crawl()


def _stop(daemon: _Daemon, watcher: _Watcher) -> None:
    code = daemon.stop()
    if code or watcher.crawls():
        raise RuntimeError(f"stopped with {code}, {watcher.crawls()} go on: {daemon.said()}")


def _await_complete(daemon: _Daemon, portals: int) -> None:
    """Until each portal had a whole run in which nothing was done to it."""
    before = len(daemon.said())
    while True:
        ended = _ENDED.findall(daemon.said()[before:])
        if len({name for name, outcome in ended if outcome == "complete"}) == portals:
            return
        time.sleep(0.5)


def _judge(folder: Path, served: Sequence[Served], daemon: _Daemon, done: Rehearsal) -> None:
    if "Traceback" in daemon.said():
        done.wrong.append(daemon.said())
    for outcome in done.ended.keys() - {"complete", "stopped"}:
        done.wrong.append(f"{done.ended[outcome]} crawls are {outcome}")
    for address, pairs in at_once(served).items():
        if pairs:
            done.wrong.append(f"{address} was asked {pairs} times before it had answered")
    for portal in served:
        done.requests += len(portal.requests())
        db = folder / "archives" / portal.slug / "archive.db"
        expected = sorted((each["url"], each["title"]) for each in portal.truth()["articles"])
        if (found := _articles(db)) != expected:
            done.wrong.append(f"{portal.slug}: {len(found)} articles, not {len(expected)}")
        verified = [*_LUUTRU, "verify", "--db", str(db)]
        if subprocess.run(verified, capture_output=True, check=False).returncode:
            done.wrong.append(f"luutru verify --db {db}")


def _articles(db: Path) -> list[tuple[str, str]]:
    sql = "SELECT url, title FROM articles WHERE status = 'present' ORDER BY url, title"
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


if __name__ == "__main__":
    main()
