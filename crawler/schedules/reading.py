"""Reading `luutru.toml`, strictly: file, line, key and what is allowed, in each message."""

import os
from pathlib import Path
from typing import Any

from crawler import profiles
from crawler.alarms.kinds import ALARMS
from crawler.errors import BadInput
from crawler.profiles import Profile
from crawler.schedules import values, when
from crawler.schedules.checking import Table
from crawler.schedules.config import (
    MODES,
    After,
    Cluster,
    Config,
    Copy,
    Heartbeat,
    Limits,
    Logs,
    Portal,
)
from crawler.schedules.values import Reader
from crawler.telling import secrets
from crawler.telling.target import WAYS, Target
from crawler.words import LANGUAGES, tr
from crawler.written import Written

NAME = "luutru.toml"

_KEYS_OF_KINDS = {
    "email": ("to", "from", "server", "user", "password"),
    "webhook": ("url", "token"),
    "slack": ("url",),
    "telegram": ("token", "chat", "url"),
    "command": ("command",),
}
_NEEDED_OF_KINDS = {
    "email": ("to",),
    "webhook": ("url",),
    "slack": ("url",),
    "telegram": ("token", "chat"),
    "command": ("command",),
}
_S3 = ("endpoint", "region", "key", "secret")


def find(given: Path | None) -> Path:
    """The file that was given, else the one in the current folder; BadInput if there is none."""
    path = (given or Path(NAME)).absolute()
    if not path.is_file():
        raise BadInput(tr("there is no {path}; write one, see docs/schedules.md", path=path))
    return path


def opened(given: Path | None = None) -> Config:
    """What the file says that `find` finds; from now on its secrets are found."""
    config = load(find(given))
    if config.secrets:
        os.environ.setdefault(secrets.FILE, str(config.secrets))
    return config


def load(path: Path) -> Config:
    """What the file says; BadInput with file and line if it is broken or can't be read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}") from None
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """What `text` says, that stands in the file `path` (absolute): paths start at its folder."""
    written = Written(text, str(path))
    top = Table(written, written.values())
    place, folder = values.place(path.parent), path.parent
    readers: dict[str, Reader] = {
        "archive": place,
        "operator": values.text,
        "contact": values.text,
        "language": values.one_of(*LANGUAGES),
        "zone": values.zone,
        "digest": values.clock,
        "metrics": place,
        "secrets": place,
        "heartbeat": lambda _: _heartbeat(top.inner("heartbeat")),
        "after": lambda _: _after(top.inner("after"), folder),
        "limits": lambda _: _limits(top.inner("limits")),
        "logs": lambda _: _logs(top.inner("logs"), folder),
        "cluster": lambda _: _cluster(top.inner("cluster"), folder),
        "copies": lambda _: tuple(_copy(each, folder) for each in top.several("copies")),
        "notify": lambda _: tuple(
            _target(name, each) for name, each in top.named("notify").items()
        ),
        "portals": lambda _: _portals(top),
    }
    config = Config(path=path, **top.record(readers, "archive", "portals"))
    _check_names(top, config)
    return config


def _heartbeat(table: Table) -> Heartbeat:
    keys = {"url": values.web, "every": values.duration}
    return Heartbeat(**table.record(keys, "url"))


def _after(table: Table, folder: Path) -> After:
    keys = {"verify": values.share, "watches": values.switch, "reports": values.place(folder)}
    return After(**table.record(keys))


def _limits(table: Table) -> Limits:
    keys = {
        "parallel": values.whole(1, 64),
        "memory": values.size,
        "disk": values.size,
        "silent": values.duration,
    }
    return Limits(**table.record(keys))


def _logs(table: Table, folder: Path) -> Logs:
    keys = {"file": values.place(folder), "size": values.size, "keep": values.whole(1, 1000)}
    return Logs(**table.record(keys))


def _cluster(table: Table, folder: Path) -> Cluster:
    keys = {
        "scheduler": values.address("tcp", "tls"),
        "into": values.place(folder),
        "turn": values.duration,
        "parallel": values.whole(1, 10_000),
    }
    return Cluster(**{"into": folder / "archives", **table.record(keys, "scheduler")})


def _copy(table: Table, folder: Path) -> Copy:
    keys = {
        "name": values.text,
        "to": values.copy_place(folder),
        "endpoint": values.address("http", "https"),
        "region": values.text,
        "key": values.secret,
        "secret": values.secret,
    }
    given = table.record(keys, "to")
    copy = Copy(**{"name": given["to"], **given})
    for key in _S3:
        if key in given and "://" not in copy.to:
            raise table.wrong(key, tr("is for s3:// addresses only"))
    return copy


def _target(name: str, table: Table) -> Target:
    table.need("kind")
    kind = table.value("kind", values.one_of(*WAYS))
    keys = {
        "kind": values.text,
        "alarms": values.some_of(*ALARMS),
        "urgent": values.some_of(*ALARMS),
        "language": values.one_of(*LANGUAGES),
    } | {key: read for key, read in _ways(kind).items() if key in _KEYS_OF_KINDS[kind]}
    given = table.record(keys, *_NEEDED_OF_KINDS[kind])
    if ("user" in given) != ("password" in given):
        raise table.wrong("user", tr("and `password` go together"))
    if "from" in given:
        given["sender"] = given.pop("from")
    return Target(name=name, **given)


def _ways(kind: str) -> dict[str, Reader]:
    """Readers of the keys that some kinds of targets have."""
    return {
        "to": values.mails,
        "from": values.mail,
        "server": values.address("smtp", "smtps"),
        "user": values.text,
        "password": values.secret,
        # Who knows the address of a Slack hook can write to the channel.
        "url": values.secret_web if kind == "slack" else values.web,
        "token": values.secret,
        "chat": values.text,
        "command": values.command,
    }


def _portals(top: Table) -> tuple[Portal, ...]:
    """The portals; their names are checked by the profiles."""
    return tuple(_portal(name, table, top) for name, table in top.named("portals").items())


def _portal(name: str, table: Table, top: Table) -> Portal:
    keys: dict[str, Reader] = {
        "schedule": lambda value: when.parse(values.text(value), name),
        "url": values.address("http", "https"),
        "kind": values.one_of(*MODES),
        "window": values.window,
        "budget": values.whole(1, 10**9),
        "deadline": values.duration,
        "delay": values.seconds,
        "notify": values.texts,
    }
    given = table.record(keys, "schedule")
    profile = _profile(name, given.get("url", ""), top)
    return Portal(**{"name": name, "slug": profile.slug, "window": profile.window, **given})


def _profile(name: str, url: str, top: Table) -> Profile:
    if url:
        return profiles.for_url(url)
    if profiles.source_of(name) is None:
        what = tr("is no portal that luutru knows; add its address: url = ...")
        raise top.inner("portals").wrong(name, what)
    found = profiles.load(name)
    if not found.url:
        what = tr("is a CMS, not a portal; add the portal's address: url = ...")
        raise top.inner("portals").wrong(name, what)
    return found


def _check_names(top: Table, config: Config) -> None:
    """Names that refer to each other, and none twice."""
    portals = top.inner("portals")
    _once(portals, [(portal.name, portal.slug) for portal in config.portals])
    known = {target.name for target in config.notify}
    for portal in config.portals:
        for name in portal.notify or ():
            if name not in known:
                what = tr("names {name}, but there is no [notify.{name}]", name=name)
                raise portals.inner(portal.name).wrong("notify", what)
    places: list[Any] = [copy.to for copy in config.copies]
    for number, table in enumerate(top.several("copies") if config.copies else ()):
        if places[number] in places[:number]:
            raise table.wrong("to", tr("names the same place twice"))


def _once(portals: Table, named: list[tuple[str, str]]) -> None:
    first: dict[str, str] = {}
    for name, slug in named:
        other = first.setdefault(slug, name)
        if other != name:
            raise portals.wrong(name, tr("is the same portal as {other}", other=other))
