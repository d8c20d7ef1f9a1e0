"""Lines of cron, where there is no systemd, between two lines of our own in the user's crontab.

Cron knows no zone, no limit on crawls and nothing of what was missed; so it only wakes luutru,
which starts what is due and ends when nothing is.
"""

import shlex
import shutil
import subprocess

from crawler.errors import CannotRun
from crawler.schedules.config import Config
from crawler.schedules.program import call
from crawler.words import tr

_EVERY_MINUTES = 5


def lines(config: Config) -> list[str]:
    """Our lines, the first and the last being marks."""
    log = config.path.parent / "schedule.log"
    wake = call(config, "schedule", "run", "--until-idle")
    tell = call(config, "alarms", "--tell")
    hourly = "7 * * * *"
    return [
        _mark("begin", config),
        f"*/{_EVERY_MINUTES} * * * * {_shell(config, wake, str(log))}",
        f"{hourly} {_shell(config, tell, str(log))}",
        _mark("end", config),
    ]


def _mark(which: str, config: Config) -> str:
    return f"# luutru {which} {config.path}"


def _shell(config: Config, words: list[str], log: str) -> str:
    command = f"LUUTRU_LANG={config.language} {shlex.join(words)} >> {shlex.quote(log)} 2>&1"
    # Cron takes a % for the end of the line.
    return command.replace("%", r"\%")


def install(config: Config) -> None:
    """Put our lines into the crontab in place of those that were there."""
    _write([*_others(config), *lines(config)])


def uninstall(config: Config) -> bool:
    """Take our lines out of the crontab, and no other; whether there were any."""
    others = _others(config)
    if others == _crontab():
        return False
    _write(others)
    return True


def _others(config: Config) -> list[str]:
    kept, ours = [], False
    for line in _crontab():
        ours = ours or line == _mark("begin", config)
        if not ours:
            kept.append(line)
        ours = ours and line != _mark("end", config)
    return kept


def _crontab() -> list[str]:
    # Exit code 1: there is none yet.
    return _run("-l", check=False).splitlines()


def _write(found: list[str]) -> None:
    if found:
        _run("-", text="".join(f"{line}\n" for line in found))
    else:
        _run("-r", check=False)


def _run(word: str, text: str = "", *, check: bool = True) -> str:
    program = shutil.which("crontab")
    if program is None:
        raise CannotRun(tr("there is neither systemd nor crontab; use `luutru schedule run`"))
    done = subprocess.run(  # noqa: S603 - a program of the system, and our own words
        [program, word], input=text, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise CannotRun(f"crontab: {done.stderr.strip()}")
    return done.stdout if done.returncode == 0 else ""
