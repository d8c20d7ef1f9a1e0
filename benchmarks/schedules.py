"""The daemon under fire: `luutru schedule run` on three practice portals of different days.

A schedule of seconds, while the daemon is stopped, killed and put to sleep, and crawls are killed.
In the end: never two crawls of a portal and no more than two at all; each planned time has its run
and each run that was cut off is gone on with; the archive holds each article once, and `luutru
verify` finds nothing: `python -m benchmarks.schedules [--minutes 30] [--seed 1]`.
Exits 1 when anything is wrong.
"""

import os
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
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import practice
from benchmarks.rehearsing import (
    LUUTRU,
    Daemon,
    Rehearsal,
    asked,
    crawls_of,
    deeds_for,
    told,
    verified,
)
from crawler.schedules import when
from crawler.schedules.due import TRIES

DEEDS = ("stop", "stop at once", "kill the daemon", "kill a crawl", "sleep")
_PORTALS = {"one": (0, "every 20s"), "two": (7, "every 15s"), "three": (40, "every 30s")}
"""Day and schedule of each portal, by its name in luutru.toml."""
_ARTICLES = 25
_PARALLEL = 2
_SLEEP = 22.0
"""Longer than most of the intervals."""
_LINE = re.compile(
    r"^(?P<at>\S+ \S+) (?P<portal>\w+): the crawl "
    r"(?:begins, planned for (?P<planned>\S+)|has ended: (?P<outcome>\w+))$",
    re.MULTILINE,
)


def main() -> None:
    """Rehearse for so many minutes, and print what came of it."""
    options = asked(__doc__, minutes=30)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        deeds = deeds_for(options.minutes, DEEDS, 10, chance)
        done = rehearse(Path(folder), deeds, chance)
    sys.exit(told(options.minutes, done))


def rehearse(folder: Path, deeds: Iterable[str], chance: random.Random) -> Rehearsal:
    """Run the daemon in the empty `folder` and do the `deeds` to it, one after the other."""
    done = Rehearsal()
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(
                practice.running(articles=_ARTICLES, day=day, seed=day + 1, crawl_delay=0.02)
            )
            for name, (day, _) in _PORTALS.items()
        }
        expected = _undisturbed(folder, urls)
        (folder / "luutru.toml").write_text(_config(urls), "utf-8")
        watcher = stack.enter_context(_Watcher(set(urls.values()), done))
        daemon = Daemon(folder)
        stack.callback(daemon.kill)
        for deed in deeds:
            daemon.await_crawl()
            time.sleep(chance.uniform(0.3, 2.0))
            done.deeds[deed] += 1
            _do(deed, daemon, watcher, chance)
        _await_complete(daemon)
        if code := daemon.stop():
            done.wrong.append(f"the daemon ended with exit code {code}")
        if crawls_of(set(urls.values())):
            done.wrong.append("a crawl goes on without the daemon")
    _judge_log(daemon.said(), done)
    _judge_archive(folder, expected, done)
    return done


def _config(urls: dict[str, str]) -> str:
    head = f'archive = "archive.db"\nlimits = {{ parallel = {_PARALLEL} }}\n'
    # Whole rounds: each run asks for every page, and lasts some seconds.
    return head + "".join(
        f'[portals.{name}]\nurl = "{url}"\nschedule = "{_PORTALS[name][1]}"\nkind = "full"\n'
        "delay = 0\n"
        for name, url in urls.items()
    )


def _undisturbed(folder: Path, urls: dict[str, str]) -> list[tuple[str, str]]:
    """Addresses and titles of what the portals hold, by a crawl that nobody disturbs."""
    db = folder / "undisturbed.db"
    words = ["crawl", *urls.values(), "--db", str(db), "--delay", "0"]
    subprocess.run([*LUUTRU, *words], check=True, stdout=subprocess.DEVNULL)
    return _articles(db)


def _articles(db: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute("SELECT url, title FROM articles ORDER BY url").fetchall()


class _Watcher:
    """Looks all the time at which crawls there are, in /proc."""

    def __init__(self, urls: set[str], done: Rehearsal) -> None:
        self._urls = urls
        self._done = done
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            crawls = crawls_of(self._urls)
            self._done.most = max(self._done.most, len(crawls))
            for url, number in Counter(crawls.values()).items():
                if number > 1:
                    self._done.wrong.append(f"{number} crawls of {url} at a time")
            if len(crawls) > _PARALLEL:
                self._done.wrong.append(f"{len(crawls)} crawls at a time")

    def await_crawl(self) -> dict[int, str]:
        while not (found := crawls_of(self._urls)):
            time.sleep(0.05)
        return found


def _do(deed: str, daemon: Daemon, watcher: _Watcher, chance: random.Random) -> None:
    if deed == "stop at once":
        _do("stop", daemon, watcher, chance)
        daemon.await_crawl()
        _do("stop", daemon, watcher, chance)
    elif deed == "stop":
        if code := daemon.stop():
            raise RuntimeError(f"the daemon was stopped and gave {code}: {daemon.said()}")
        daemon.start()
    elif deed == "kill the daemon":
        daemon.kill()
        daemon.start()
    elif deed == "kill a crawl":
        victim = chance.choice(sorted(watcher.await_crawl()))
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    else:
        daemon.sleep(_SLEEP)


def _await_complete(daemon: Daemon) -> None:
    """Until each portal had two whole runs in which nothing was done to it."""
    before = len(daemon.said())
    while True:
        ends = Counter(
            line["portal"]
            for line in _LINE.finditer(daemon.said()[before:])
            if line["outcome"] == "complete"
        )
        if all(ends[name] > 1 for name in _PORTALS):
            return
        time.sleep(0.5)


def _judge_log(said: str, done: Rehearsal) -> None:
    """Each run is for the first planned time after the last run began, or goes on with it."""
    lines = list(_LINE.finditer(said))
    done.begun = sum(1 for line in lines if line["planned"])
    done.ended = Counter(line["outcome"] for line in lines if line["outcome"])
    for outcome in done.ended.keys() - {"complete", "stopped", "killed", "failed"}:
        done.wrong.append(f"{done.ended[outcome]} crawls are {outcome}")
    for name in _PORTALS:
        _judge_portal(name, [line for line in lines if line["portal"] == name], done)


def _judge_portal(name: str, lines: list[re.Match[str]], done: Rehearsal) -> None:
    schedule = when.parse(_PORTALS[name][1], name)
    began: datetime | None = None
    planned, cut_off, tries = "", False, 0
    for line in lines:
        if line["outcome"]:
            cut_off = line["outcome"] in ("stopped", "killed")
            if line["outcome"] == "failed" and tries < TRIES:
                done.wrong.append(f"{name}: {planned} has failed after {tries} tries")
            continue
        tries = tries + 1 if line["planned"] == planned else 1
        at = datetime.strptime(line["at"], "%Y-%m-%d %H:%M:%S%z")
        if began:
            nexts = {schedule.next(began + timedelta(seconds=s)).isoformat() for s in (-1, 0)}
            allowed = {planned} if cut_off else nexts
            if line["planned"] not in allowed:
                done.wrong.append(f"{name}: {line['planned']} after {planned}, begun at {began}")
        began, planned, cut_off = at, line["planned"], True


def _judge_archive(folder: Path, expected: list[tuple[str, str]], done: Rehearsal) -> None:
    db = folder / "archive.db"
    if _articles(db) != expected:
        done.wrong.append(f"{len(_articles(db))} articles, not the {len(expected)} of the portals")
    verified(db, done)


if __name__ == "__main__":
    main()
