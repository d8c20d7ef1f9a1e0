"""Crawls in a dask cluster on this machine: kills, throughput, and what 20 machines would do.

    python benchmarks/cluster.py                  12 portals, 3 workers, 20 kills with SIGKILL
    python benchmarks/cluster.py --throughput     12 portals on 1, 2 and 3 workers
    python benchmarks/cluster.py --simulate       700 portals on 20 machines: A SIMULATION

The first exits with 1 when anything is lost or doubled, when an address was asked twice at a time,
or sooner than its delay. `--simulate` takes the costs that `--throughput` has measured
(`--page-cpu`, `--start-cpu`) and the real queue (`crawler.cluster.turns`); nothing else is real.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import psutil

from benchmarks.machines import (
    Cluster,
    Machine,
    Served,
    at_once,
    cluster,
    cpu_of,
    differences,
    gaps,
    portals,
)
from benchmarks.simulation import simulate

# The last two addresses have two portals each, as districts that share a server.
_ADDRESSES = [*(f"127.0.1.{n}" for n in range(1, 9)), *(f"127.0.1.{n}" for n in (9, 9, 10, 10))]
_JITTER = 0.05
"""Seconds by which a busy machine may see requests closer than they were sent, on average."""


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--throughput", action="store_true")
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--delay", type=float, default=1.0)
    parser.add_argument("--delays", default="0,0.5", help="those of --throughput")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page-cpu", type=float, default=0.02, help="seconds of processor a page")
    parser.add_argument("--start-cpu", type=float, default=1.2, help="the same for a start")
    options = parser.parse_args()
    if options.simulate:
        simulate(options.page_cpu, options.start_cpu)
    elif options.throughput:
        throughput(options.articles, [float(each) for each in options.delays.split(",")])
    else:
        sys.exit(killed(options.kills, options.articles, options.delay, options.seed))


def killed(kills: int, articles: int, delay: float, seed: int) -> int:
    """Crawl while machines, workers and crawls are killed; 1 if anything is wrong in the end."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            portals(folder, _ADDRESSES, articles, crawl_delay=delay / 2) as served,
            cluster(folder, machines=3, threads=4) as made,
        ):
            began = time.monotonic()
            words = [
                "--into",
                str(folder / "all"),
                "--delay",
                str(delay),
                "--turn",
                "30s",
                "--json",
            ]
            words += ["--set", "RETRY_DELAY=0.5", "--set", "DELAY_FACTOR=0"]
            crawl = made.crawl(*(portal.url for portal in served), *words)
            _kill_at_random(made, kills, chance, crawl)
            out, errors = crawl.communicate()
            print(f"{time.monotonic() - began:.0f} s in all; exit code {crawl.returncode}")
            print(errors, end="")
            told = [json.loads(line) for line in out.splitlines()]
            states = Counter(each["state"] for each in told)
            print(
                f"{len(told)} portals: {dict(states)}, {sum(e['turns'] for e in told)} turns given"
            )
            wrong = states["complete"] != len(served)
            wrong |= _print_differences(served, folder / "all")
            wrong |= _print_politeness(served, delay)
    return int(wrong)


def _kill_at_random(
    made: Cluster, kills: int, chance: random.Random, crawl: "subprocess.Popen[str]"
) -> None:
    """Machines come back after some seconds, as after a restart; one at least is always there."""
    done: Counter[str] = Counter()
    away: list[Machine] = []
    while done.total() < kills and crawl.poll() is None:
        time.sleep(chance.uniform(2, 7))
        for machine in away:
            machine.start()
        away = []
        machine, how = chance.choice(made.machines), chance.choice(("machine", "worker", "crawl"))
        if how == "machine":
            machine.die()
            away.append(machine)
        elif not (machine.lose_worker() if how == "worker" else machine.lose_crawl()):
            continue
        done[how] += 1
    for machine in away:
        machine.start()
    print(f"killed with SIGKILL: {dict(done)}, {done.total()} in all", flush=True)


def _print_differences(served: Sequence[Served], folder: Path) -> bool:
    wrong = False
    for portal in served:
        found = differences(portal, folder / portal.slug / "archive.db")
        wrong |= bool(found)
        articles = len(portal.truth()["articles"])
        print(f"  {portal.slug:24} {articles} articles, {len(portal.requests())} requests: "
              f"{'; '.join(found) or 'each article once, as in the truth'}")  # fmt: skip
    return wrong


def _print_politeness(served: Sequence[Served], delay: float) -> bool:
    """A busy machine sees a request late: the gap after it is short, that before it as much longer.

    So what counts of a short gap is whether the one before it makes up for it.
    """
    twice, apart = at_once(served), gaps(served)
    pairs = [pair for found in apart.values() for pair in pairwise(found)]
    short = [pair for pair in pairs if pair[1] < delay - _JITTER]
    rude = [pair for pair in short if sum(pair) < 2 * (delay - _JITTER)]
    print(f"asked at the same time: {sum(twice.values())} of {len(pairs)} pairs of requests in a "
          f"row, at {len(twice)} addresses")  # fmt: skip
    print(f"{delay} s are to be kept: {len(short)} gaps are below {delay - _JITTER:.2f} s (the "
          f"shortest is {min(gap for _, gap in pairs):.3f} s); {len(rude)} of them are not made up "
          "for by the gap before")  # fmt: skip
    return any(twice.values()) or bool(rude)


def throughput(articles: int, delays: Sequence[float]) -> None:
    """Pages a second on 1, 2 and 3 workers of 4 threads: as fast as can be, then politely."""
    start = _start_cpu()
    print(f"a start alone: {start:.2f} s of processor")
    print(f"processors busy, of {psutil.cpu_count()}: crawls, dask, portals, all other programs")
    print(
        "workers  delay  pages  seconds  pages/s  processors busy              a page, less starts"
    )
    for delay in delays:
        for machines in (1, 2, 3):
            _print_throughput(machines, delay, 5 if delay else articles, start)


def _start_cpu() -> float:
    """What it costs that a crawl begins, asks for robots.txt and the home page, and ends."""
    with (
        tempfile.TemporaryDirectory() as name,
        portals(Path(name), _ADDRESSES[:1], 10, crawl_delay=0.001) as served,
    ):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = ["--db", f"{name}/a.db", "--budget", "1", "--delay", "0"]
        subprocess.run([sys.executable, "-m", "crawler", "crawl", served[0].url, *words],
                       capture_output=True, check=False)  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _print_throughput(machines: int, delay: float, articles: int, start: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        addresses = [f"127.0.2.{n}" for n in range(1, 13)]
        with (
            portals(folder, addresses, articles, crawl_delay=max(delay, 0.001)) as served,
            cluster(folder, machines, threads=4) as made,
        ):
            _wait_for_workers(made, folder)
            before, began = _processors(made), time.monotonic()
            words = ["--into", str(folder / "all"), "--delay", str(delay), "--json"]
            crawl = made.crawl(*(portal.url for portal in served), *words)
            out, errors = crawl.communicate()
            lasted, after = time.monotonic() - began, _processors(made)
            print(errors, end="")
    told = [json.loads(line) for line in out.splitlines()]
    pages = sum(each["run"]["pages"] for each in told)
    crawls, dask, sites, every = (b - a for a, b in zip(before, after, strict=True))
    others = every - crawls - dask - sites
    busy = "  ".join(f"{cpu / lasted:5.2f}" for cpu in (crawls, dask, sites, others))
    alone = crawls - start * sum(each["turns"] for each in told)
    print(f"{machines:7}  {delay:5}  {pages:5}  {lasted:7.1f}  {pages / lasted:7.1f}  {busy}"
          f"   {1000 * alone / pages:.1f} ms", flush=True)  # fmt: skip


def _processors(made: Cluster) -> tuple[float, float, float, float]:
    """Seconds of processor so far: of crawls, of dask, of the portals, of everything."""
    ours = psutil.Process().children()
    scheduler, sites = (
        cpu_of([p.pid for p in ours if word in " ".join(p.cmdline())])
        for word in ("scheduler", "practice")
    )
    workers = [p.pid for machine in made.machines for p in machine.processes()]
    own = _own(workers)
    every = psutil.cpu_times()
    # Crawls have ended by then, and count as their workers' children.
    return cpu_of(workers) - own, own + scheduler, sites, sum(every) - every.idle - every.iowait


def _own(pids: Sequence[int]) -> float:
    """Seconds of processor of the processes alone, without the crawls that they waited for."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def _wait_for_workers(made: Cluster, folder: Path) -> None:
    """Until all have told their scheduler that they are there."""
    log = folder / "scheduler.log"
    while log.read_text().count("Register worker") < len(made.machines):
        time.sleep(0.2)
    time.sleep(1)


if __name__ == "__main__":
    main()
