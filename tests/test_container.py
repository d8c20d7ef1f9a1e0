"""The Containerfile and the compose example, as far as they can be looked at without an engine."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from crawler.cli import luutru as group

ROOT = Path(__file__).parent.parent
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    found = subprocess.run(
        [hadolint, ROOT / "Containerfile"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_what_is_copied_is_all_that_the_wheel_holds() -> None:
    copied = {line.split()[1] for line in CONTAINERFILE.splitlines() if line.startswith("COPY ")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages <= copied
    assert all((ROOT / name).exists() for name in copied if not name.startswith("--"))


def test_the_scheduler_s_command_is_one_of_luutru() -> None:
    name, *words = SERVICES["scheduler"]["command"]
    command = group.get_command(click.Context(group), name)
    assert isinstance(command, click.Group)
    assert words[0] in command.commands


def test_the_site_s_command_is_one_of_datasette() -> None:
    site = SERVICES["site"]
    words = [*site["entrypoint"], *site["command"]]
    datasette = Path(sys.executable).with_name(words[0])
    answer = subprocess.run(
        [datasette, *words[1:2], *words[3:], "--get", "/-/versions.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, shlex.join(words) + answer.stderr
    assert '"datasette"' in answer.stdout


def test_services_are_shut_in() -> None:
    assert set(SERVICES) == {"scheduler", "site", "pywb"}
    for service in SERVICES.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
