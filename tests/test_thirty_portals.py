"""Every command of "A year with thirty portals", in order, on a server of its own to begin with.

The server is this machine under an overlay: what is installed and written there is gone afterwards.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from practice.running import started

ROOT = Path(__file__).parent.parent
HOME = "/srv/luutru"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PORTALS = 30
# No init runs there, and twenty pages are no whole portal.
_NOT_THERE = "systemctl list-timers"
# The trial crawl of twenty pages is incomplete.
_FINDS = ("luutru crawl ", "luutru status", "luutru alarms")

needs_server = pytest.mark.skipif(
    sys.platform != "linux"
    or os.geteuid() != 0
    or not (ROOT / ".git").exists()
    or not shutil.which("unshare"),
    reason="needs root, git and mount namespaces",
)


@contextmanager
def _server(folder: Path) -> Iterator[list[str]]:
    """A machine as this one, whose files can be changed without harm; words that run in it."""
    mounts = f"""
        mount -t tmpfs -o size=3g none {folder} && cd {folder} && mkdir upper work root &&
        mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root &&
        mount --rbind /dev root/dev && mount --rbind /proc root/proc &&
        mkdir -p root/{folder} && echo ready && exec sleep 100000
    """
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounts]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            within = f"--mount=/proc/{process.pid}/ns/mnt"
            yield ["nsenter", within, "chroot", f"{folder}/root", "env", f"PATH={_PATH}"]
        finally:
            process.kill()


def _blocks(page: str) -> list[tuple[str, str]]:
    """The page's blocks in order: bash is for root, sh for luutru, toml and plain are files."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(r"^```(bash|sh|toml|)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _portals(url: str) -> str:
    """One practice portal by thirty addresses: each is another host."""
    names = ["kimson", *(f"huyen{number}" for number in range(2, _PORTALS + 1))]
    hosts = (url.replace("0.0.0.0", f"127.0.0.{n}") for n in range(1, _PORTALS + 1))
    return "".join(f"{name} {host}\n" for name, host in zip(names, hosts, strict=True))


def test_both_pages_have_the_same_commands() -> None:
    pages = [_blocks(page) for page in ("thirty-portals.md", "thirty-portals.vi.md")]
    english, vietnamese = (
        [(kind, re.sub(r" +#.*", "", text)) for kind, text in page] for page in pages
    )
    assert english == [(k, text.replace("mật khẩu", "its password")) for k, text in vietnamese]


@needs_server
def test_every_command_works(tmp_path: Path) -> None:
    with (
        started(["--host=0.0.0.0", "--port=0", "--articles=8"]) as url,
        _server(tmp_path) as within,
    ):
        _git_has_this_checkout(within)
        files = {"toml": "luutru.toml", "": "portals.txt"}
        for kind, text in _blocks("thirty-portals.md"):
            if kind in files:
                written = _portals(url) if kind == "" else text
                _run(within, "luutru", f"cd {HOME} && cat > {files[kind]}", written)
                continue
            known = text.replace("https://kimson.ninhbinh.gov.vn/", _first(url))
            for command in _commands(known):
                _check(within, "root" if kind == "bash" else "luutru", command)
        _timers_are_right(within)
        _check(within, "luutru", "luutru schedule now huyen17")
        status = _run(within, "luutru", f"cd {HOME} && luutru status")
        assert "127.0.0.17" in status.stdout


def _first(url: str) -> str:
    return url.replace("0.0.0.0", "127.0.0.1")


def _git_has_this_checkout(within: list[str]) -> None:
    """`git clone` of the project's address takes this very checkout."""
    for name, value in (
        (f"url.file://{ROOT}.insteadOf", "https://github.com/luutru/luutru"),
        ("safe.directory", "*"),
    ):
        command = [*within, "git", "config", "--system", "--add", name, value]
        subprocess.run(command, check=True)


def _commands(text: str) -> list[str]:
    """The commands of a block, a loop as one."""
    found: list[str] = []
    within_loop = False
    for line in text.splitlines():
        if within_loop:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
        within_loop = (within_loop or line.startswith("while ")) and not line.startswith("done")
    return found


def _check(within: list[str], user: str, command: str) -> None:
    if command.startswith(_NOT_THERE):
        return
    result = _run(within, user, f"cd {HOME if user == 'luutru' else '/'} && {command}")
    allowed = {0, 1} if command.startswith(_FINDS) else {0}
    said = f"{command}: {result.stdout[-2000:]}{result.stderr[-2000:]}"
    assert result.returncode in allowed, said
    assert "Traceback" not in result.stderr, said


def _run(
    within: list[str], user: str, command: str, text: str = ""
) -> subprocess.CompletedProcess[str]:
    words = ["bash", "-c", command]
    if user != "root":
        words = ["runuser", "-u", user, "--", *words]
    return subprocess.run(
        [*within, *words], input=text, capture_output=True, text=True, check=False, timeout=900
    )


def _timers_are_right(within: list[str]) -> None:
    units = "/etc/systemd/system/luutru"
    listed = _run(within, "root", f"ls {units}*.timer")
    assert len(listed.stdout.split()) == _PORTALS + 1
    verified = _run(within, "root", f"systemd-analyze verify {units}*")
    assert (verified.returncode, verified.stderr) == (0, "")
