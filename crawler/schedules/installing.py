"""Putting systemd's units in place, and taking away what was put there, nothing else."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.durability import put_in_place
from crawler.errors import CannotRun
from crawler.schedules import systemd
from crawler.schedules.config import Config
from crawler.words import tr

_RUNNING = Path("/run/systemd/system")
"""There if the machine was booted with systemd (sd_booted(3))."""


def has_systemd() -> bool:
    """Whether systemd runs this machine."""
    return _RUNNING.is_dir() and shutil.which("systemctl") is not None


def is_root() -> bool:
    """Whether units of the machine can be written."""
    return os.geteuid() == 0


def folder(*, system: bool) -> Path:
    """Where units of the machine, or of this user, belong."""
    if system:
        return Path("/etc/systemd/system")
    own = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(own) / "systemd" / "user"


def owner(config: Config) -> str:
    """Whose the archive's folder is: services of the machine run as that user."""
    number = config.archive.parent.stat().st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@contextmanager
def given_to_owner(archive: Path) -> Iterator[None]:
    """An archive that is made within belongs to whom the folder does: services run as that user."""
    was_there = archive.exists()
    yield
    if not was_there and is_root():
        folder = archive.parent.stat()
        os.chown(archive, folder.st_uid, folder.st_gid)


def install(units: dict[str, str], config: Config, place: Path) -> list[str]:
    """Write the units into the folder `place`; the names of older ones that were removed.

    Raises CannotRun before anything is written if a file there is not ours.
    """
    ours = installed(config, place)
    for name in units:
        if (place / name).exists() and name not in ours:
            raise CannotRun(tr("{path} is there and is not of this file", path=place / name))
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, text in units.items():
            part = place / f"{name}.part"
            part.write_text(text, "utf-8")
            put_in_place(part, place / name)
    except OSError as error:
        raise CannotRun(f"{place}: {error.strerror}") from None
    stale = [name for name in ours if name not in units]
    remove(stale, place)
    return stale


def installed(config: Config, place: Path) -> list[str]:
    """The names of the units in `place` that were made out of this file."""
    files = [*place.glob("luutru*.service"), *place.glob("luutru*.timer")]
    mark = systemd.mark(config)
    return sorted(f.name for f in files if f.read_text("utf-8", "replace").startswith(f"{mark}\n"))


def remove(names: list[str], place: Path) -> None:
    """Remove the units of these names."""
    for name in names:
        (place / name).unlink()


def systemctl(*words: str, system: bool) -> None:
    """Ask the service manager; CannotRun with its answer if it won't."""
    scope = "--system" if system else "--user"
    done = subprocess.run(  # noqa: S603 - a program of the system, and our own words
        ["systemctl", scope, *words],  # noqa: S607 - wherever this system has it
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotRun(f"systemctl {' '.join(words)}: {done.stderr.strip()}")
