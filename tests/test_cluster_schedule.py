"""Schedules in a cluster: real dask, real workers, a real daemon, stopped and killed."""

import json
import random
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cluster_schedules import DEEDS, rehearse
from benchmarks.machines import Cluster, Served, cluster, differences, portals
from crawler.cluster import note
from tests.listening import free_port
from tests.receivers import Hook
from tests.test_cli import luutru

ROOT = Path(__file__).parent.parent
ADDRESSES = ("127.2.0.1", "127.2.0.1", "127.2.0.2")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("machines"), machines=2, threads=2) as made:
        yield made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[list[Served]]:
    with portals(tmp_path, ADDRESSES, articles=20, crawl_delay=0.03) as made:
        yield made


def _written(
    folder: Path, scheduler: str, served: Sequence[Served], more: str = "", each: str = ""
) -> None:
    """`luutru.toml` with these portals, by the names p0, p1 and so on."""
    text = f'archive = "archive.db"\ncontact = "a@example.org"\n{more}\n'
    text += f'[cluster]\nscheduler = "{scheduler}"\nturn = "5s"\nparallel = 2\n'
    for number, portal in enumerate(served):
        text += f'[portals.p{number}]\nurl = "{portal.url}"\nschedule = "daily 02:00"\n'
        text += f"delay = 0\n{each}\n"
    (folder / "luutru.toml").write_text(text)


def _rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(sql).fetchall()


def _archive(folder: Path, portal: Served) -> Path:
    return folder / "archives" / portal.slug / "archive.db"


def test_a_run_and_all_that_follows_it_is_on_the_portals_own_archive(
    machines: Cluster, served: list[Served], tmp_path: Path, hook: Hook
) -> None:
    more = (
        f'metrics = "all.prom"\n[after]\nverify = "100%"\nreports = "reports"\n'
        f'[[copies]]\nto = "second"\n[notify.desk]\nkind = "webhook"\nurl = "{hook.url}"\n'
        f'[heartbeat]\nurl = "{hook.url}"\n[logs]\nfile = "crawl.jsonl"\n'
        f'[limits]\ndisk = "9000 TB"\n'
    )
    first, other, _ = served
    _written(tmp_path, machines.address, served[:2], more, 'budget = 5\nkind = "closing"')
    check = luutru("schedule", "check", cwd=tmp_path)
    assert (check.returncode, "✗" in check.stdout) == (0, False), check.stdout
    run = luutru("schedule", "now", "p0", cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    own = _archive(tmp_path, first)
    said = "SELECT verdict, mode, budget, user_agent LIKE '%a@example.org%' FROM runs"
    assert _rows(own, said) == [("incomplete", "closing", 5, 1)]
    checked = """SELECT DISTINCT event_type, outcome FROM events
                 WHERE event_type IN ('fixity check', 'replication') ORDER BY 1"""
    assert _rows(own, checked) == [("fixity check", "success"), ("replication", "success")]
    assert _rows(tmp_path / "second" / first.slug / "archive.db", said)
    assert len(list((tmp_path / "reports" / first.slug).glob(f"*-{first.slug}-r1.html"))) == 1
    assert f'archive="{first.slug}"' in (tmp_path / f"all-{first.slug}.prom").read_text()
    assert "budget of 5" in (own.parent / "crawl.jsonl").read_text()
    (alarms,) = (each["alarms"] for _, each in hook.got)
    assert {(each["kind"], each["portal"]) for each in alarms} == {("incomplete", first.slug)}
    assert len(hook.pinged) == 1
    state = "SELECT portal, outcome, tries, ended_at IS NOT NULL FROM schedules"
    assert _rows(tmp_path / "archive.db", state) == [(first.slug, "incomplete", 1, 1)]
    assert _rows(tmp_path / "archive.db", "SELECT count(*) FROM runs") == [(0,)]
    assert not _archive(tmp_path, other).exists()
    assert luutru("copy", "--check", cwd=tmp_path).returncode == 0
    # What the portals' archives share is told once.
    assert luutru("alarms", "--tell", cwd=tmp_path).returncode == 0
    assert [(each["kind"], each["portal"]) for each in hook.got[1][1]["alarms"]] == [("disk", None)]


def test_a_portal_that_can_not_be_crawled_has_failed_and_is_told(
    machines: Cluster, served: list[Served], tmp_path: Path, hook: Hook
) -> None:
    more = f'[notify.desk]\nkind = "webhook"\nurl = "{hook.url}"\n'
    _written(tmp_path, machines.address, served[:1], more)
    own = _archive(tmp_path, served[0])
    (own.parent / "archive.warcs" / f"{served[0].slug}.lock").mkdir(parents=True)
    run = luutru("schedule", "now", "p0", cwd=tmp_path)
    assert run.returncode == 3, run.stderr
    assert "Traceback" not in run.stderr
    (alarms,) = (each["alarms"] for _, each in hook.got)
    assert [each["kind"] for each in alarms] == ["broken"]
    assert f"{served[0].slug}.lock" in alarms[0]["line"]


class _Daemon:
    """`luutru schedule run`, with what it said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        words = [sys.executable, "-m", "crawler", "schedule", "run"]
        with (self._folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=self._folder, stderr=log)

    def said(self) -> str:
        return (self._folder / "daemon.log").read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


@contextmanager
def _running(folder: Path) -> Iterator[_Daemon]:
    daemon = _Daemon(folder)
    try:
        yield daemon
    finally:
        daemon.kill()


def _await(true: Callable[[], object], daemon: _Daemon) -> None:
    end = time.monotonic() + 120
    while not true():
        assert daemon.process.poll() is None, daemon.said()
        assert time.monotonic() < end, daemon.said()
        time.sleep(0.1)


def _due(folder: Path) -> None:
    """Let all portals have been due since spring."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        db.execute("UPDATE schedules SET since = '2026-04-01T00:00:00Z'")
        db.commit()


def _pages(folder: Path) -> int:
    return sum(each.pages for each in note.notes(folder / "archives"))


def test_a_killed_and_stopped_daemon_and_killed_workers_lose_nothing(
    machines: Cluster, served: list[Served], tmp_path: Path
) -> None:
    """The short form of benchmarks/cluster_schedules.py."""
    done = rehearse(tmp_path, machines, served, DEEDS, random.Random(2))
    assert done.wrong == []
    assert set(done.deeds) == set(DEEDS)
    assert done.ended["complete"] >= len(served)


def test_runs_wait_for_a_scheduler_that_is_away_and_that_is_told(
    served: list[Served], tmp_path: Path, hook: Hook
) -> None:
    port = free_port()
    more = f'[notify.desk]\nkind = "webhook"\nurl = "{hook.url}"\n'
    _written(tmp_path, f"tcp://127.0.0.1:{port}", served[2:], more)
    check = luutru("schedule", "check", "--json", cwd=tmp_path)
    assert check.returncode == 1
    (fault,) = json.loads(check.stdout)["faults"]
    assert f"no scheduler answers at tcp://127.0.0.1:{port}" in fault
    assert luutru("schedule", "run", "--until-idle", cwd=tmp_path).returncode == 0
    _due(tmp_path)
    with _running(tmp_path) as daemon:
        with cluster(tmp_path / "early", machines=1, threads=1, port=port):
            _await(lambda: _pages(tmp_path) > 3, daemon)
        _await(lambda: "1 portals wait: no scheduler answers at" in daemon.said(), daemon)
        assert luutru("alarms", "--tell", cwd=tmp_path).returncode == 0
        ((_, told),) = hook.got
        assert [(each["kind"], each["portal"]) for each in told["alarms"]] == [("broken", None)]
        with cluster(tmp_path / "late", machines=1, threads=1, port=port):
            _await(lambda: "the crawl has ended: complete" in daemon.said(), daemon)
            assert daemon.stop() == 0
            assert luutru("alarms", "--tell", cwd=tmp_path).returncode == 0
    assert luutru("alarms", cwd=tmp_path).returncode == 0
    assert differences(served[2], _archive(tmp_path, served[2])) == []


def test_the_commands_of_the_docs_crawl_by_schedule(
    machines: Cluster, served: list[Served], tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "cluster.md").read_text("utf-8").partition("\n## By schedule\n")[2]
    found = re.search(r"```toml\n(.*?)```\n\n```sh\n(.*?)```", text, re.DOTALL)
    assert found
    _written(tmp_path, machines.address, served[:2], each="budget = 9")
    file = tmp_path / "luutru.toml"
    table = found[1].replace("tcp://10.0.0.1:8786", machines.address)
    file.write_text(re.sub(r"\[cluster\]\n(\w+ = .*\n)+", table, file.read_text()))
    assert "# parallel = 40" in file.read_text()
    check, run = (shlex.split(line, comments=True) for line in found[2].splitlines())
    assert (check, run) == (["luutru", "schedule", "check"], ["luutru", "schedule", "run"])
    assert luutru(*check[1:], cwd=tmp_path).returncode == 0
    assert luutru(*run[1:], "--until-idle", cwd=tmp_path).returncode == 0
    _due(tmp_path)
    with _running(tmp_path) as daemon:
        _await(lambda: daemon.said().count("the crawl has ended: incomplete") == 2, daemon)
        assert daemon.stop() == 0
    status = luutru("status", "--in", "archives", cwd=tmp_path).stdout
    assert status.count("the budget of 9 requests is spent") == 2
