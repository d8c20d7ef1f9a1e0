"""The texts of systemd's units: a service and a timer for each portal, and one that watches over.

One service has all portals where one must know of all: in a cluster, whose servers have turns, and
where hundreds of services that wait for a slot would fill the memory.

What each line guards against: https://www.freedesktop.org/software/systemd/man/systemd.exec.html
"""

from collections.abc import Sequence
from pathlib import Path

from crawler.schedules.config import Config, Portal
from crawler.schedules.program import call
from crawler.schedules.when import Schedule
from crawler.words import tr

_WATCH, _SCHEDULE = "_alarms", "_schedule"
_MANY = 40
"""A service that waits for its turn takes 35 MB, and after a night without power all are due."""
_TASKS = 64
_CAREFUL = """\
NoNewPrivileges=yes
UMask=0027
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
"""
"""What a user's own service manager can do, too."""
_MORE_CAREFUL = """\
AmbientCapabilities=
CapabilityBoundingSet=
DevicePolicy=closed
KeyringMode=private
PrivateDevices=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=read-only
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
"""
_LIMITS = """\
CPUWeight=50
IOWeight=50
IOSchedulingPriority=6
Nice=10
"""
"""Whoever reads the site on the same machine comes first."""


def units(config: Config, *, user: str | None) -> dict[str, str]:
    """The units by name of their file; `user` runs them, None is a user's own service manager."""
    found = {}
    is_one = bool(config.cluster) or len(config.portals) > _MANY
    if is_one:
        found[f"luutru{_SCHEDULE}.service"] = _daemon(config, user)
    for portal in () if is_one else config.portals:
        name = f"luutru-{portal.slug}"
        found[f"{name}.service"] = _service(config, portal, user)
        found[f"{name}.timer"] = _timer(config, portal)
    found[f"luutru{_WATCH}.service"] = _watching(config, user)
    found[f"luutru{_WATCH}.timer"] = _hourly(config)
    return {name: f"{mark(config)}\n{text}" for name, text in found.items()}


def mark(config: Config) -> str:
    """The first line of each unit that belongs to the file of `config`."""
    return f"# Made by `luutru schedule install` out of {config.path}"


def switches(names: Sequence[str]) -> list[str]:
    """Those of the units that are switched on: a timer starts its service."""
    timed = {f"{name[:-6]}.service" for name in names if name.endswith(".timer")}
    return sorted(name for name in names if name not in timed)


def _service(config: Config, portal: Portal, user: str | None) -> str:
    words = call(config, "schedule", "now", portal.name, "--if-due")
    return f"""\
[Unit]
Description={_plain(tr("Lưu Trữ crawls {name}", name=portal.name))}
{_network(user)}
[Service]
{_run(config, words, user)}
# Incomplete is a finding, which luutru tells; the unit has failed when it could not run.
SuccessExitStatus=1
# A killed crawl is gone on with by luutru itself, and a killed luutru by this.
Restart=on-abnormal
RestartSec=30
# The crawl gets its word from luutru and finishes its page; a second one would cut it off.
KillMode=mixed
TimeoutStopSec=300
MemoryMax={config.limits.memory}
TasksMax={_TASKS}
{_LIMITS}
{_hardening(config, user)}"""


def _daemon(config: Config, user: str | None) -> str:
    # So many runs, or what follows them, are made here at a time.
    parallel = config.limits.parallel
    return f"""\
[Unit]
Description={_plain(tr("Lưu Trữ crawls by schedule"))}
{_network(user)}
[Service]
{_run(config, call(config, "schedule", "run"), user, "exec")}
Restart=on-failure
RestartSec=30
# Workers and what follows runs get their word from luutru and finish their page.
KillMode=mixed
TimeoutStopSec=300
MemoryMax={config.limits.memory * parallel}
TasksMax={_TASKS * parallel}
{_LIMITS}
{_hardening(config, user)}
[Install]
WantedBy={"multi-user.target" if user else "default.target"}
"""


def _watching(config: Config, user: str | None) -> str:
    return f"""\
[Unit]
Description={_plain(tr("Lưu Trữ tells what must be known"))}
{_network(user)}
[Service]
{_run(config, call(config, "alarms", "--tell"), user)}
SuccessExitStatus=1
MemoryMax={config.limits.memory}
TasksMax={_TASKS}
{_LIMITS}
{_hardening(config, user)}"""


def _network(user: str | None) -> str:
    # A user's service manager does not know the machine's targets.
    return "Wants=network-online.target\nAfter=network-online.target\n" if user else ""


def _run(config: Config, words: Sequence[str], user: str | None, kind: str = "oneshot") -> str:
    lines = [f"Type={kind}", f"ExecStart={' '.join(map(_argument, words))}"]
    lines.append(f"WorkingDirectory={_plain(str(config.path.parent))}")
    lines.append(f"Environment=LUUTRU_LANG={config.language}")
    if user:
        lines.append(f"User={user}")
    return "\n".join(lines)


def _hardening(config: Config, user: str | None) -> str:
    if not user:
        return _CAREFUL
    places = " ".join(_quoted(f"-{place}") for place in _written(config))
    return f"{_CAREFUL}{_MORE_CAREFUL}ReadWritePaths={places}\n"


def _written(config: Config) -> list[Path]:
    """The folders that runs write to."""
    files = [config.archive, config.logs.file, config.metrics]
    places = [file.parent for file in files if file]
    places += [config.cluster.into.parent] if config.cluster else []
    if config.after.reports:
        places.append(config.after.reports)
    places += [Path(copy.to) for copy in config.copies if "://" not in copy.to]
    return list(dict.fromkeys(places))


def _timer(config: Config, portal: Portal) -> str:
    return f"""\
[Unit]
Description={_plain(tr("Lưu Trữ crawls {name}", name=portal.name))}: {_plain(portal.schedule.text)}

[Timer]
OnCalendar={calendar(portal.schedule)} {config.zone.key}
# What was missed while the machine was off, and what was cut off when it went down.
Persistent=true
OnStartupSec=10min

[Install]
WantedBy=timers.target
"""


def _hourly(config: Config) -> str:
    seconds = int(config.heartbeat.every.total_seconds())
    return f"""\
[Unit]
Description={_plain(tr("Lưu Trữ tells what must be known"))}

[Timer]
OnStartupSec=2min
OnUnitActiveSec={seconds}s

[Install]
WantedBy=timers.target
"""


def calendar(schedule: Schedule) -> str:
    """The schedule as systemd writes times (systemd.time(7)), without its zone."""
    days = ",".join(day.capitalize() for day in schedule.weekdays)
    date = f"*-{_part(schedule.month, 1)}-{_part(schedule.day, 1)}"
    clock = ":".join(_part(part, 0) for part in (schedule.hour, schedule.minute, schedule.second))
    return f"{days} {date} {clock}".strip()


def _part(field: str, first: int) -> str:
    parts = (part.replace("*/", f"{first}/").replace("-", "..") for part in field.split(","))
    return ",".join(parts)


def _plain(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """A word with nothing for systemd.syntax(7) to replace or to split."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if escaped == word and " " not in word else f'"{escaped}"'


def _argument(word: str) -> str:
    """A word of a command line: nowhere else has `$` a meaning (systemd.service(5))."""
    return _quoted(word).replace("$", "$$")
