"""The machine starts the crawls: systemd's units in its own judgement, lines under a real cron."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

import practice
from crawler.schedules import reading, systemd, when
from tests.test_cli import luutru

needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="Debian's package systemd"
)
needs_cron = pytest.mark.skipif(
    not shutil.which("cron") or os.geteuid() != 0, reason="Debian's package cron, as root"
)
CONFIG = """
archive = "archive.db"
contact = "a@example.org"
[portals.kimson]
schedule = "mỗi đêm"
[portals."Huyện 100% $thử"]
url = "https://thu.example/"
schedule = "every 6h while changing"
[after]
reports = "reports"
[[copies]]
to = "/mnt/the second"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a blank and specifiers in its name, which is a user's who is not root."""
    made = tmp_path / "kho 100% $lưu"
    made.mkdir()
    (made / "luutru.toml").write_text(CONFIG, "utf-8")
    if os.geteuid() == 0:
        shutil.chown(made, "daemon")
    return made


def _install(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return luutru("schedule", "install", "--into", str(folder / "units"), *words, cwd=folder)


@needs_systemd
@pytest.mark.parametrize("how", ["system", "user"])
def test_units_pass_systemd_analyze(folder: Path, how: str) -> None:
    result = _install(folder, "--how", how)
    assert result.returncode == 0, result.stderr
    units = sorted(map(str, (folder / "units").iterdir()))
    assert len(units) == 6
    _verify(units, how)


def _verify(units: list[str], how: str) -> None:
    scope = ["--user"] if how == "user" else []
    # A short path: other units of the user have sockets there, whose names have an end.
    with tempfile.TemporaryDirectory() as runtime:
        verified = subprocess.run(
            ["systemd-analyze", "verify", *scope, *units],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "XDG_RUNTIME_DIR": runtime},
        )
    assert (verified.returncode, verified.stderr) == (0, "")


@needs_systemd
def test_the_hardening_of_services_keeps_its_score(folder: Path) -> None:
    _install(folder, "--how", "system")
    for unit in (folder / "units").glob("*.service"):
        _judge(unit)


def _judge(unit: Path) -> None:
    # The lower the better: 10 is a service that may do everything.
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=13", str(unit)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout[-600:]


@needs_systemd
@pytest.mark.parametrize(
    "text",
    [
        "mỗi đêm",
        "daily 02:00",
        "weekly sunday 03:30",
        "monthly 31 04:00",
        "every 6h",
        "every 1h",
        "every 20s",
        "every 15m",
        "5/20 */6 * 1-6 mon-fri",
        "0,30 8-17/3 * * 0,3",
        "0 0 1-15/7 * *",
        "7 3 29 2 *",
    ],
)
def test_systemd_means_the_same_times(text: str) -> None:
    schedule = when.parse(text, "kimson")
    now = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
    expected = []
    for _ in range(4):
        expected.append(schedule.next(expected[-1] if expected else now))
    command = [
        "systemd-analyze",
        "calendar",
        "--iterations=4",
        "--base-time=2026-11-28 12:00:00 UTC",
    ]
    shown = subprocess.run(
        [*command, f"{systemd.calendar(schedule)} Asia/Ho_Chi_Minh"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    ).stdout
    times = re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", shown)
    assert times == [f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for at in expected]


def test_what_a_service_may_write_to_is_what_runs_write_to(folder: Path) -> None:
    _install(folder, "--how", "system")
    (service,) = (folder / "units").glob("luutru-kimson.service")
    text = service.read_text("utf-8")
    # A `$` stands for itself here, two for two: only command lines have variables.
    escaped = str(folder).replace("%", "%%")
    places = (escaped, f"{escaped}/reports", "/mnt/the second")
    written = " ".join(f'"-{place}"' for place in places)
    assert f"ReadWritePaths={written}\n" in text
    assert "MemoryMax=2147483648\n" in text
    assert "Persistent=true\n" in service.with_suffix(".timer").read_text("utf-8")


CLUSTER = '[cluster]\nscheduler = "tcp://10.0.0.1:8786"\ninto = "/mnt/all/archives"\n'


@needs_systemd
@pytest.mark.parametrize("how", ["system", "user"])
def test_a_cluster_has_one_service_in_place_of_timers(folder: Path, how: str) -> None:
    assert _install(folder, "--how", how).returncode == 0
    with (folder / "luutru.toml").open("a") as file:
        file.write(CLUSTER)
    result = _install(folder, "--how", how)
    assert result.returncode == 0, result.stderr
    enable = "enable --now luutru_alarms.timer luutru_schedule.service\n"
    assert result.stdout.endswith(enable)
    units = {path.name: path for path in (folder / "units").iterdir()}
    assert sorted(units) == [
        "luutru_alarms.service",
        "luutru_alarms.timer",
        "luutru_schedule.service",
    ]
    text = units["luutru_schedule.service"].read_text("utf-8")
    assert "schedule run --config" in text
    assert f"MemoryMax={2 * 2147483648}\n" in text
    assert ("/mnt/all" in text) == (how == "system")
    _verify(sorted(map(str, units.values())), how)
    if how == "system":
        _judge(units["luutru_schedule.service"])
    gone = luutru(
        "schedule", "uninstall", "--how", how, "--into", str(folder / "units"), cwd=folder
    )
    assert gone.returncode == 0
    assert list((folder / "units").iterdir()) == []


@needs_systemd
@pytest.mark.parametrize("how", ["system", "user"])
def test_hundreds_of_portals_have_one_service_in_place_of_timers(folder: Path, how: str) -> None:
    """Each that waited for its turn took 35 MB; after a night without power all of them wait."""
    portals = "".join(
        f'[portals.p{n}]\nurl = "https://p{n}.example/"\nschedule = "nightly"\n' for n in range(41)
    )
    (folder / "luutru.toml").write_text(
        f'archive = "archive.db"\n{portals}[limits]\nparallel = 5\n'
    )
    assert _install(folder, "--how", how).returncode == 0
    units = {path.name: path for path in (folder / "units").iterdir()}
    assert sorted(units) == [
        "luutru_alarms.service",
        "luutru_alarms.timer",
        "luutru_schedule.service",
    ]
    assert "TasksMax=320\n" in units["luutru_schedule.service"].read_text("utf-8")
    _verify(sorted(map(str, units.values())), how)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_an_archive_that_root_makes_belongs_to_who_crawls_into_it(folder: Path) -> None:
    assert _install(folder, "--how", "system").returncode == 0
    assert (folder / "archive.db").owner() == "daemon"


def test_uninstall_removes_only_what_install_wrote(folder: Path) -> None:
    units = folder / "units"
    units.mkdir()
    (units / "luutru-own.timer").write_text("[Timer]\n")
    (folder / "other.toml").write_text(CONFIG.replace("kimson", "practice"), "utf-8")
    other = reading.load(folder / "other.toml")
    (units / "luutru-other.service").write_text(f"{systemd.mark(other)}\n")
    assert _install(folder, "--how", "system").returncode == 0
    assert len(list(units.iterdir())) == 8
    (folder / "luutru.toml").write_text(CONFIG.replace("kimson", "practice"), "utf-8")
    assert _install(folder, "--how", "system").returncode == 0
    names = {unit.name for unit in units.iterdir()}
    assert "luutru-practice.timer" in names
    assert "luutru-kimson.timer" not in names
    again = luutru("schedule", "uninstall", "--how", "system", "--into", str(units), cwd=folder)
    assert again.returncode == 0
    assert {unit.name for unit in units.iterdir()} == {
        "luutru-own.timer",
        "luutru-other.service",
    }
    nothing = luutru("schedule", "uninstall", "--how", "system", "--into", str(units), cwd=folder)
    assert (nothing.returncode, nothing.stdout) == (1, "nothing was installed\n")


def test_a_unit_of_somebody_else_is_left_alone(folder: Path) -> None:
    (folder / "units").mkdir()
    own = folder / "units" / "luutru-kimson.service"
    own.write_text("[Service]\n")
    result = _install(folder, "--how", "system")
    assert result.returncode == 3
    assert "is there and is not of this file" in result.stderr
    assert own.read_text() == "[Service]\n"
    assert len(list(own.parent.iterdir())) == 1


def test_a_dry_run_prints_and_writes_nothing(folder: Path) -> None:
    result = luutru("schedule", "install", "--how", "system", "--dry-run", cwd=folder)
    assert result.returncode == 0
    assert result.stdout.count("\n[Service]\n") == 3
    assert "# /etc/systemd/system/luutru-kimson.timer\n" in result.stdout
    assert luutru("schedule", "install", "--how", "cron", "--dry-run", cwd=folder).stdout
    assert [path.name for path in folder.iterdir()] == ["luutru.toml"]


def test_a_timer_finds_the_first_run_due(folder: Path) -> None:
    """The schedule is known from the installation on, not from its first run."""
    _install(folder, "--how", "system")
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        assert db.execute("SELECT portal FROM schedules ORDER BY 1").fetchall() == [
            ("kimson",),
            ("thu-example",),
        ]


@contextmanager
def _cron(folder: Path) -> Iterator[list[str]]:
    """A real cron in a mount namespace of its own, with no crontab but that of the test.

    Gives the words with which a command is run in there.
    """
    for name in ("spool", "none"):
        (folder / name).mkdir()
    mounts = (
        f"mount --bind {folder}/spool /var/spool/cron/crontabs && mount --bind {folder}/none"
        " /etc/cron.d && mount --bind /dev/null /etc/crontab && exec cron -f"
    )
    with subprocess.Popen(["unshare", "--mount", "sh", "-c", mounts]) as process:
        try:
            yield ["nsenter", f"--mount=/proc/{process.pid}/ns/mnt", f"--wd={folder}"]
        finally:
            process.terminate()


@needs_cron
def test_lines_run_under_a_real_cron(tmp_path: Path) -> None:
    with practice.running(articles=20, crawl_delay=0.01) as url, _cron(tmp_path) as within:
        (tmp_path / "luutru.toml").write_text(
            f'archive = "archive.db"\n[portals.thu]\nurl = "{url}"\ndelay = 0\n'
            'schedule = "every 1m"\n'
        )
        _await(lambda: b"cron\0-f" in _command_of(within))
        own = "# mine\n17 3 * * * true\n"
        subprocess.run([*within, "crontab", "-"], input=own, text=True, check=True)
        command = [*within, sys.executable, "-m", "crawler", "schedule"]
        for _ in range(2):
            subprocess.run([*command, "install", "--how", "cron"], check=True, capture_output=True)
        lines = _crontab(within)
        assert lines.startswith(own)
        assert lines.count("schedule run --until-idle") == lines.count("alarms --tell") == 1
        # The same line each minute, since a test has no five.
        often = lines.replace("*/5 * * * * ", "* * * * * ")
        subprocess.run([*within, "crontab", "-"], input=often, text=True, check=True)
        _await(lambda: _verdicts(tmp_path))
        assert set(_verdicts(tmp_path)) == {"complete"}
        subprocess.run([*command, "uninstall", "--how", "cron"], check=True, capture_output=True)
        assert _crontab(within) == own
    assert "thu: đã thu thập xong: đầy đủ" in (tmp_path / "schedule.log").read_text("utf-8")


def _command_of(within: list[str]) -> bytes:
    return Path(within[1].removeprefix("--mount=").replace("ns/mnt", "cmdline")).read_bytes()


def _crontab(within: list[str]) -> str:
    return subprocess.run(
        [*within, "crontab", "-l"], capture_output=True, text=True, check=True
    ).stdout


def _verdicts(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        rows = db.execute("SELECT verdict FROM runs WHERE verdict IS NOT NULL").fetchall()
    return [row[0] for row in rows]


def _await(true: object) -> None:
    assert callable(true)
    end = time.monotonic() + 240
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
