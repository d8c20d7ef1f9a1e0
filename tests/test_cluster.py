"""Crawls on several machines: real dask, real workers, killed; every portal's log is looked at."""

import json
import random
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket

import psutil
import pytest

from benchmarks.machines import Cluster, Served, at_once, cluster, differences, portals
from crawler.cluster import note, servers
from crawler.cluster.job import CRAWL, Job
from crawler.cluster.performing import perform
from crawler.cluster.portals import kept
from crawler.cluster.turns import Turns
from crawler.locking import Held
from tests.listening import free_port
from tests.raw_server import links as links_to
from tests.raw_server import ok, raw_server
from tests.test_cli import luutru

ROOT = Path(__file__).parent.parent
FAST = ("--delay", "0", "--set", "RETRY_DELAY=0.2")
ADDRESSES = ("127.1.0.1", "127.1.0.1", "127.1.0.2", "127.1.0.3")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("machines"), machines=3, threads=2) as made:
        yield made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[list[Served]]:
    with portals(tmp_path, ADDRESSES, articles=12, crawl_delay=0.02) as made:
        yield made


def _ended(crawl: "subprocess.Popen[str]") -> tuple[int, dict[str, dict[str, object]]]:
    out, errors = crawl.communicate(timeout=150)
    assert "Traceback" not in errors
    return crawl.returncode, {each["portal"]: each for each in map(json.loads, out.splitlines())}


def test_killed_workers_lose_and_double_nothing(
    machines: Cluster, served: list[Served], tmp_path: Path
) -> None:
    folder, chance = tmp_path / "all", random.Random(5)
    urls = [portal.url for portal in served]
    words = (*urls, "--into", str(folder), "--turn", "6s", "--json")
    # Without a delay it may be complete before it can be stopped.
    _interrupted(machines.crawl(*words, "--delay", "0.5"), folder)
    crawl = machines.crawl(*words, *FAST)
    first, second, third = machines.machines
    for kill in (first.die, second.lose_worker, third.lose_crawl, third.die):
        time.sleep(chance.uniform(1, 2.5))
        kill()
        if kill.__name__ == "die":
            kill.__self__.start()  # type: ignore[attr-defined]
    code, told = _ended(crawl)
    assert {slug: each["state"] for slug, each in told.items()} == {
        portal.slug: "complete" for portal in served
    }
    assert code == 0
    for portal in served:
        assert differences(portal, folder / portal.slug / "archive.db") == []
        assert portal.requests()
    assert at_once(served) == dict.fromkeys(ADDRESSES, 0)
    status = luutru("status", "--in", str(folder))
    assert status.returncode == 0
    assert all(re.search(rf"{portal.slug} +12 ", status.stdout) for portal in served)


def _interrupted(crawl: "subprocess.Popen[str]", folder: Path) -> None:
    """Stop the command once it crawls: its workers stop, too, in the middle of their portals."""
    while not any(each.pages for each in note.notes(folder)):
        assert crawl.poll() is None
        time.sleep(0.1)
    crawl.send_signal(signal.SIGINT)
    errors = crawl.communicate(timeout=30)[1]
    assert crawl.returncode == 3
    # Click ends the line of ^C; and the workers may have come after the command.
    lines = {*errors.splitlines()} - {"", "no worker is there; start one: dask worker ADDRESS"}
    assert lines == {"luutru: stopped; run the same command again to go on"}
    while any(each.state == "running" for each in note.notes(folder)):
        time.sleep(0.1)
    assert {each.state for each in note.notes(folder)} & {"over"}


def test_poisoned_portals_are_told_and_stop_nobody(
    machines: Cluster, served: list[Served], tmp_path: Path
) -> None:
    broken, deadly, *good = served
    folder = tmp_path / "poisoned"
    (folder / broken.slug).mkdir(parents=True)
    (folder / broken.slug / "archive.db").write_text("no database " * 50)

    def bomb(_: socket) -> None:
        for machine in machines.machines:
            for crawl in machine.processes(bombed.url):
                crawl.kill()

    with raw_server({"/": ok(links_to("/bom")), "/bom": bomb}, host="127.1.0.4") as bombed:
        urls = [*(portal.url for portal in served), bombed.url]
        crawl = machines.crawl(*urls, "--into", str(folder), "--delay", "0.1", "--json")
        killer = threading.Thread(target=_kill_workers_of, args=(folder / deadly.slug, crawl))
        killer.start()
        code, told = _ended(crawl)
        killer.join()
    assert code == 1
    assert {told[portal.slug]["state"] for portal in good} == {"complete"}
    assert [each["state"] for each in told.values()].count("poisoned") == 3
    reasons = {slug: str(each["reason"]) for slug, each in told.items()}
    assert "not an SQLite archive" in reasons[broken.slug]
    assert "5 times in a row" in reasons[deadly.slug]
    assert reasons[f"127-1-0-4-{bombed.port}"] == "ended by signal 9"
    rows = json.loads(luutru("status", "--in", str(folder), "--json").stdout)
    assert [row["state"] for row in rows].count("complete") == 2
    assert luutru("status", "--in", str(folder)).returncode == 1


def test_a_note_that_no_worker_wrote_is_shown_as_far_as_it_is_one(tmp_path: Path) -> None:
    written = {
        "kim": "no JSON",
        "mo": "[1]",
        "yen": '{"state": "complete", "seen_at": null, "articles": "x", "else": null, "pages": 7}',
    }
    for slug, text in written.items():
        (tmp_path / slug).mkdir()
        (tmp_path / slug / CRAWL).write_text(text)
    shown = luutru("status", "--in", str(tmp_path))
    assert (shown.returncode, shown.stderr) == (1, "")
    assert [line.split()[:4] for line in shown.stdout.splitlines()[1:4]] == [
        ["kim", "0", "0", "0"],
        ["mo", "0", "0", "0"],
        ["yen", "0", "7", "0"],
    ]
    assert "2 waiting, 1 complete" in shown.stdout


def test_archives_without_a_page_have_nothing_to_read_again(tmp_path: Path) -> None:
    for slug in ("kim", "mo"):
        (tmp_path / slug / "archive.warcs").mkdir(parents=True)
        (tmp_path / slug / "archive.db").touch()
    again = luutru("replay", str(tmp_path), "--cluster", "tcp://127.0.0.1:9")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert f"no archive in {tmp_path} keeps a page" in again.stderr
    (tmp_path / "mo" / "archive.warcs" / "a.warc.gz.open").touch()
    assert [portal.slug for portal in kept(tmp_path, 1)] == ["mo"]


def _kill_workers_of(folder: Path, crawl: "subprocess.Popen[str]") -> None:
    """Whoever begins with that portal dies at once."""
    killed = 0
    while crawl.poll() is None:
        found = note.read(folder / CRAWL)
        number = int(re.sub(r"\D", "", found.worker.partition("@")[0]) or 0)
        if found.state == "running" and number != killed:
            psutil.Process(number).kill()
            killed = number
        time.sleep(0.02)


def test_a_turn_whose_outcome_was_lost_is_not_had_again(tmp_path: Path) -> None:
    with portals(tmp_path, ADDRESSES[:1], articles=3, crawl_delay=0.001) as (portal,):
        db = tmp_path / portal.slug / "archive.db"
        words = ("crawl", portal.url, "--delay", "0", "--db", str(db))
        lock = servers.Command(tmp_path, 0)
        job = Job(
            portal.slug, words, tmp_path, (portal.address,), command=lock.name, number=1, delay=0
        )
        strange = perform(replace(job, command="another"))
        first = perform(job)
        asked = len(portal.requests())
        again, next_one = perform(job), perform(replace(job, number=2))
        large = perform(replace(job, number=3, memory=30_000_000))
        lock.release()
    assert strange.state == "broken"
    assert "is not the folder of the command" in strange.reason
    assert first.run["verdict"] == "complete"
    assert first == again
    assert next_one.run["id"] == 2
    assert asked < len(portal.requests()) < 2 * asked
    assert (large.state, large.reason) == ("broken", "it took more than 30.0 MB of memory")


def test_a_reader_that_takes_too_much_memory_ends_alone(tmp_path: Path) -> None:
    with portals(tmp_path, ADDRESSES[:1], articles=12, crawl_delay=0.001) as (portal,):
        db = tmp_path / portal.slug / "archive.db"
        settings = ("--set", "CRAWL_JOBS=2", "--set", "READER=tests.deadly.read_and_grow")
        words = ("crawl", portal.url, "--delay", "0", "--db", str(db), *settings)
        lock = servers.Command(tmp_path, 0)
        job = Job(
            portal.slug, words, tmp_path, (portal.address,), command=lock.name, number=1, delay=0
        )
        there = (("PYTHONPATH", str(ROOT)),)
        ended = perform(replace(job, memory=500_000_000, environment=there))
        lock.release()
    assert (ended.state, ended.run["verdict"]) == ("ended", "incomplete")
    with closing(sqlite3.connect(db)) as archive:
        failed = archive.execute("SELECT reason FROM urls WHERE state = 'failed'").fetchall()
    assert set(failed) == {("it can't be read: the process that tried to has ended (signal 9)",)}


def test_the_commands_of_the_docs_crawl_what_the_file_says(
    served: list[Served], tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "cluster.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    port = free_port()
    for there, here in (
        ("10.0.0.1:8786", f"127.0.0.1:{port}"),
        ("10.0.0.1", f"127.0.0.1 --port {port}"),
    ):
        blocks = [block.replace(there, here) for block in blocks]
    words = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    # tests/test_cluster_schedule.py runs these.
    words = [each for each in words if each[:2] != ["luutru", "schedule"]]
    portals = (f'[portals.p{n}]\nurl = "{p.url}"\nschedule = "nightly"\nbudget = 9\ndelay = 0\n'
               for n, p in enumerate(served[2:]))  # fmt: skip
    (tmp_path / "luutru.toml").write_text('archive = "archive.db"\n' + "".join(portals))
    assert luutru("crawl", served[0].url, "--delay", "0", cwd=tmp_path).returncode == 0
    (tmp_path / "archive.warcs").rename(tmp_path / "warcs")
    bin_ = Path(sys.executable).parent
    servers = [[str(bin_ / dask), *more] for dask, *more in words if dask == "dask"]
    assert [each[1] for each in servers] == ["scheduler", "worker", "worker"]
    with ExitStack() as stack:
        for command in servers:
            more = ["--dashboard-address", "127.0.0.1:0"]
            stack.enter_context(_running([*command, *more], tmp_path))
        results = [luutru(*more, cwd=tmp_path) for name, *more in words if name == "luutru"]
    assert [result.returncode for result in results] == [1, 1, 0, 0]
    assert (tmp_path / "archives" / served[0].slug / "archive.db").exists()
    for portal in served[2:]:
        assert f"{portal.slug}: incomplete" in results[0].stdout
        assert portal.slug in results[1].stdout
        assert f"{portal.slug}: complete" in results[2].stdout
    assert "the budget of 9 requests is spent" in results[1].stdout


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "dask.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def test_without_the_extra_one_line_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['distributed'] = None; from crawler.cli import main; main()"
    words = ["crawl", "--cluster", "tcp://127.0.0.1:1", "http://127.0.0.1:9/"]
    result = subprocess.run([sys.executable, "-c", hidden, *words], capture_output=True, text=True)
    assert result.stderr == "luutru: a cluster needs dask: pip install 'luutru[cluster]'\n"
    assert result.returncode == 3


def test_dask_is_loaded_for_clusters_only() -> None:
    look = "import sys, crawler.commands.crawl; print(sys.modules.keys() & {'dask', 'distributed'})"
    assert subprocess.check_output([sys.executable, "-c", look], text=True) == "set()\n"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--all"], 2, "--all is for --cluster"),
        ([], 2, "name a portal or a URL"),
        (["--cluster", "ADDRESS", "--all"], 2, "there is no"),
        (["--cluster", "ADDRESS", "kimson", "--log-json", "x"], 2, "neither --db nor --log-json"),
        (["--cluster", "ADDRESS", "http://127.0.0.1:9/"], 3, "no scheduler answers at"),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, words: list[str], code: int, says: str) -> None:
    given = [f"tcp://127.0.0.1:{free_port()}" if word == "ADDRESS" else word for word in words]
    result = luutru("crawl", *given, cwd=tmp_path)
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.returncode == code


def test_only_one_command_has_a_folder(tmp_path: Path) -> None:
    left = servers.locks_of(tmp_path) / "_command-left.lock"
    left.parent.mkdir()
    left.write_text("by a command that was killed")
    assert not servers.has_any_command(tmp_path)
    command = servers.Command(tmp_path, 0)
    assert not left.exists()
    assert servers.has_any_command(tmp_path)
    assert servers.has_command(tmp_path, command.name)
    assert not servers.has_command(tmp_path, "left")
    with pytest.raises(Held):
        servers.Command(tmp_path, 0)
    command.end()
    assert not servers.has_command(tmp_path, command.name)
    with pytest.raises(Held):
        servers.Command(tmp_path, 0)
    command.release()
    assert not servers.has_any_command(tmp_path)
    assert list(left.parent.iterdir()) == []


def test_who_asks_a_server_next_keeps_the_last_ones_distance(tmp_path: Path) -> None:
    wanted = ("127.0.0.1", "127.0.0.2")
    with servers.held(tmp_path, wanted, 0):
        assert servers.rest(tmp_path, wanted, 1.0) == 0
    servers.pace_of(tmp_path, "127.0.0.2").write_text("2.500\n")
    assert servers.rest(tmp_path, wanted, 1.0) == 2.5
    assert servers.rest(tmp_path, wanted, 4.0) == 4.0
    servers.pace_of(tmp_path, "127.0.0.2").write_text("")
    assert servers.rest(tmp_path, wanted, 1.0) == 1.0


@dataclass(eq=False)
class _Waiting:
    name: str
    addresses: tuple[str, ...]


def test_portals_of_a_server_take_turns() -> None:
    a, b, both, other = (
        _Waiting(*each)
        for each in (("a", ("1",)), ("b", ("2",)), ("both", ("1", "2")), ("other", ("3",)))
    )
    turns = Turns([a, b, both, other])
    assert [turns.next(), turns.next(), turns.next(), turns.next()] == [a, b, other, None]
    assert turns.has_rival(a)
    assert not turns.has_rival(other)
    turns.end(a, again=True)
    assert turns.next() is a
    turns.end(b, again=False)
    turns.end(a, again=True)
    assert [turns.next(), turns.next()] == [both, None]
    turns.end(both, again=False)
    assert turns.next(lambda each: each is not a) is None
    assert turns.next() is a
    assert len(turns) == 0
