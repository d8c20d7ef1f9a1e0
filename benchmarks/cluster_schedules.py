"""Schedules in a cluster under fire: a daemon, three machines, four portals, two on one server.

A schedule of seconds, while the daemon is stopped and killed, and workers, machines and crawls are
killed. In the end: never two crawls of a portal, never more than `parallel`, none goes on without
the daemon; each archive holds each article of its portal once, `luutru verify` finds nothing, and
no server was asked twice at a time; exits 1 when anything is wrong:
`python -m benchmarks.cluster_schedules [--minutes 10] [--seed 1]`.
"""

import random
import re
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.machines import Cluster, Served, at_once, cluster, portals
from benchmarks.rehearsing import Daemon, Rehearsal, asked, crawls_of, deeds_for, told, verified

DEEDS = ("stop", "kill the daemon", "kill a worker", "kill a machine", "kill a crawl")
ADDRESSES = ("127.3.0.1", "127.3.0.1", "127.3.0.2", "127.3.0.3")
_PARALLEL = 3
_ENDED = re.compile(r"(\w+): the crawl has ended: (\w+)")


def main() -> None:
    """Rehearse for so many minutes, and print what came of it."""
    options = asked(__doc__, minutes=10)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            portals(folder, ADDRESSES, articles=25, crawl_delay=0.03) as served,
            cluster(folder / "machines", machines=3, threads=2) as machines,
        ):
            deeds = deeds_for(options.minutes, DEEDS, 6, chance)
            done = rehearse(folder, machines, served, deeds, chance)
    sys.exit(told(options.minutes, done))


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
    daemon, watcher = Daemon(folder), _Watcher(served, done)
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
        return list(crawls_of(self._urls).values())


def _do(
    deed: str, daemon: Daemon, watcher: _Watcher, machines: Cluster, chance: random.Random
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


def _stop(daemon: Daemon, watcher: _Watcher) -> None:
    code = daemon.stop()
    if code or watcher.crawls():
        raise RuntimeError(f"stopped with {code}, {watcher.crawls()} go on: {daemon.said()}")


def _await_complete(daemon: Daemon, portals: int) -> None:
    """Until each portal had a whole run in which nothing was done to it."""
    before = len(daemon.said())
    while True:
        ended = _ENDED.findall(daemon.said()[before:])
        if len({name for name, outcome in ended if outcome == "complete"}) == portals:
            return
        time.sleep(0.5)


def _judge(folder: Path, served: Sequence[Served], daemon: Daemon, done: Rehearsal) -> None:
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
        verified(db, done)


def _articles(db: Path) -> list[tuple[str, str]]:
    sql = "SELECT url, title FROM articles WHERE status = 'present' ORDER BY url, title"
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


if __name__ == "__main__":
    main()
