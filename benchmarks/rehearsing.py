"""What the rehearsals of schedules share: the daemon that they disturb, and what came of it."""

import argparse
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LUUTRU = (sys.executable, "-m", "crawler")


@dataclass
class Rehearsal:
    """What came of it."""

    deeds: Counter[str] = field(default_factory=Counter)
    begun: int = 0
    """Crawls that were started, those that go on with a run included."""
    ended: Counter[str] = field(default_factory=Counter)
    """Crawls by outcome, without those whose daemon was killed."""
    most: int = 0
    """Crawls that were seen at a time."""
    requests: int = 0
    """What the portals were asked, where they count it."""
    wrong: list[str] = field(default_factory=list)


class Daemon:
    """`luutru schedule run` in a folder; its log goes on when it is started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = 0
        self.start()

    def start(self) -> None:
        """Start it, when it has ended."""
        with (self._folder / "daemon.log").open("ab") as log:
            self._before = log.tell()
            words = [*LUUTRU, "schedule", "run"]
            self._process = subprocess.Popen(
                words, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=log
            )

    def await_crawl(self) -> None:
        """Until it has begun a crawl."""
        while "begins" not in self.said()[self._before :]:
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(120)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def sleep(self, seconds: float) -> None:
        """As a laptop does: the clock on the wall goes on, the process does not."""
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        """Its log, from all its lives."""
        return (self._folder / "daemon.log").read_text("utf-8")


def crawls_of(urls: set[str]) -> dict[int, str]:
    """The crawls of these portals that run now: process id and address."""
    found: dict[int, tuple[int, str]] = {}
    for process in psutil.process_iter(["cmdline", "ppid"]):
        words = process.info["cmdline"] or []
        if "crawl" in words and (own := urls.intersection(words)):
            found[process.pid] = (process.info["ppid"], own.pop())
    # A crawl's own child has its name until it has become another program.
    return {pid: url for pid, (parent, url) in found.items() if parent not in found}


def asked(about: str | None, minutes: float) -> argparse.Namespace:
    """The options of the command line: `minutes` and `seed`."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def deeds_for(
    minutes: float, deeds: Sequence[str], pause: float, chance: random.Random
) -> Iterator[str]:
    """One of the deeds after the other, `pause` seconds apart at the most."""
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        time.sleep(chance.uniform(0, pause))
        yield chance.choice(deeds)


def told(minutes: float, done: Rehearsal) -> int:
    """Print what came of it; the exit code."""
    print(f"{minutes:g} minutes: {done.begun} crawls begun, {done.most} at a time at most")
    print("ended:", ", ".join(f"{n} {name}" for name, n in done.ended.most_common()))
    print("done to them:", ", ".join(f"{n} × {name}" for name, n in done.deeds.most_common()))
    if done.requests:
        print(f"{done.requests} requests")
    print("\n".join(f"WRONG: {each}" for each in done.wrong) or "nothing is wrong")
    return 1 if done.wrong else 0


def verified(db: Path, done: Rehearsal) -> None:
    """What `luutru verify` finds in the archive is wrong."""
    words = [*LUUTRU, "verify", "--db", str(db)]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    if found.returncode:
        done.wrong.append(f"luutru verify --db {db}: {found.stdout}")
