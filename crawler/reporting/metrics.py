"""The archive's state for Prometheus, in its text format.

Names follow https://prometheus.io/docs/practices/naming/: base units, `_total` for what only grows.
"""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.alarms.standing import standing
from crawler.durability import put_in_place
from crawler.errors import CannotRun
from crawler.reporting import health
from crawler.reporting.disk import Disk, disk_of
from crawler.words import tr

Labels = Mapping[str, str]
Sample = tuple[Labels, float | None]
"""Labels and value; None is left out."""
_VERDICTS = ("complete", "incomplete", "stopped", "failed")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    about: str
    samples: list[Sample]
    kind: str = "gauge"


def exposition(db: sqlite3.Connection, archive: Path, now: datetime, name: str = "") -> str:
    """All metrics of the archive at `archive`; `name` tells it from others (label `archive`)."""
    own = {"archive": name} if name else {}
    portals = health.portals(db)
    families = [
        *_portals(portals),
        *_runs(portals),
        *_disk(disk_of(db, archive, now)),
        _alarms(db),
    ]
    return "".join(_written(family, own) for family in families)


def write_metrics(db: sqlite3.Connection, archive: Path, target: Path, name: str = "") -> None:
    """Write them to a file of the textfile collector, which never sees half of it.

    https://github.com/prometheus/node_exporter#textfile-collector. Raises CannotRun.
    """
    try:
        if not target.name:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        part = target.with_name(f"{target.name}.part")
        part.write_text(exposition(db, archive, datetime.now(UTC), name), "utf-8")
        put_in_place(part, target)
    except OSError as error:
        raise CannotRun(tr("{path} can't be written: {why}", path=target, why=error)) from None


def merged(texts: Iterable[str]) -> str:
    """Several expositions as one: each family once, with the samples of all."""
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for line in (line for text in texts for line in text.splitlines()):
        if line.startswith("# "):
            family = line.split(" ", 3)[2]
            if line not in heads.setdefault(family, []):
                heads[family].append(line)
        else:
            samples.setdefault(family, []).append(line)
    lines = [line for name in heads for line in (*heads[name], *samples.get(name, ()))]
    return "".join(f"{line}\n" for line in lines)


def _portals(portals: list[health.Row]) -> Iterator[_Family]:
    def each(of: str) -> list[Sample]:
        return [({"portal": portal["slug"]}, portal[of]) for portal in portals]

    yield _Family("luutru_portal_articles", "Articles in the archive.", each("articles"))
    yield _Family("luutru_portal_urls_due", "URLs that are due to be asked for.", each("due"))
    yield _Family(
        "luutru_portal_urls",
        "Known URLs by state.",
        [
            ({"portal": portal["slug"], "state": state}, count)
            for portal in portals
            for state, count in sorted(portal["urls"].items())
        ],
    )
    yield _Family(
        "luutru_portal_urls_failing",
        "URLs that fail now, by reason.",
        [
            ({"portal": portal["slug"], "reason": reason}, count)
            for portal in portals
            for reason, count in sorted(portal["failures"].items())
        ],
    )
    yield _Family(
        "luutru_portal_last_success_timestamp_seconds",
        "When the last crawl that came through ended.",
        [({"portal": p["slug"]}, _unix(p["last_success_at"])) for p in portals],
    )


_OF_RUN = (
    ("pages", "Pages kept by the last run.", "pages"),
    ("received_bytes", "Bytes of the payloads that it received.", "received"),
    ("articles_new", "Articles that were new to it.", "articles_new"),
    ("articles_changed", "Articles that were changed.", "articles_changed"),
    ("duration_seconds", "How long it took.", "seconds"),
)


def _runs(portals: list[health.Row]) -> Iterator[_Family]:
    runs = [(portal["slug"], portal["last_run"]) for portal in portals if portal["last_run"]]
    for name, about, of in _OF_RUN:
        samples: list[Sample] = [({"portal": slug}, run[of]) for slug, run in runs]
        yield _Family(f"luutru_last_run_{name}", about, samples)
    yield _Family(
        "luutru_last_run_start_timestamp_seconds",
        "When the last run began.",
        [({"portal": slug}, _unix(run["started_at"])) for slug, run in runs],
    )
    yield _Family(
        "luutru_last_run_verdict",
        "1 for the verdict of the last run, 0 for the others.",
        [
            ({"portal": slug, "verdict": verdict}, float(run["verdict"] == verdict))
            for slug, run in runs
            for verdict in _VERDICTS
        ],
    )


def _disk(disk: Disk) -> Iterator[_Family]:
    facts: tuple[tuple[str, str, float | None], ...] = (
        ("luutru_disk_free_bytes", "Free bytes on the archive's disk.", disk.free),
        ("luutru_disk_size_bytes", "Bytes of the archive's disk.", disk.total),
        ("luutru_database_size_bytes", "Bytes of the database.", disk.archive),
        ("luutru_warc_size_bytes", "Bytes of the WARC files.", disk.records),
        (
            "luutru_disk_full_in_seconds",
            "How long the disk lasts at the rate of the last 30 days.",
            disk.days_left and disk.days_left * 86400,
        ),
    )
    for name, about, value in facts:
        yield _Family(name, about, [({}, value)])


def _alarms(db: sqlite3.Connection) -> _Family:
    counts: dict[tuple[str, str], int] = {}
    for row in standing(db):
        key = (row["portal"] or "", row["kind"])
        counts[key] = counts.get(key, 0) + 1
    samples: list[Sample] = [
        ({"portal": portal, "kind": kind}, count) for (portal, kind), count in counts.items()
    ]
    return _Family("luutru_alarms", "Alarms that stand.", samples)


def _unix(moment: str | None) -> float | None:
    return datetime.fromisoformat(moment).timestamp() if moment else None


def _written(family: _Family, own: Labels) -> str:
    lines = [f"# HELP {family.name} {family.about}", f"# TYPE {family.name} {family.kind}"]
    for labels, value in family.samples:
        if value is not None:
            lines.append(f"{family.name}{_labels({**own, **labels})} {value!r}")
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, Any]) -> str:
    pairs = (f'{name}="{_escaped(str(value))}"' for name, value in labels.items())
    return f"{{{','.join(pairs)}}}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
