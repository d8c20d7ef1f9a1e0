"""The results of the suite as a page: machine, versions, goals, and a table for each part."""

import importlib.metadata
import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.measured import LESS, MORE, Part, number, shown

ROOT = Path(__file__).parents[1]
_OURS = (
    "scrapy",
    "twisted",
    "lxml",
    "warcio",
    "trafilatura",
    "sqlite-utils",
    "datasette",
    "tantivy",
)
_THEIRS = ("newspaper4k", "news-please", "readability-lxml")
_VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


@dataclass(frozen=True)
class Goal:
    """A number that the project wants to reach."""

    part: str
    name: str
    """Of a ratio, or of a measure with its unit behind a bar."""
    best: str
    """MORE or LESS than the limit is reached."""
    limit: float
    english: str
    vietnamese: str


_START = "start of `luutru {}`, ms", "khởi động `luutru {}`, ms"
GOALS = (
    Goal(
        "crawl", "answers/s by the clock, luutru / bare scrapy", MORE, 0.9,
        "crawl with all kept, read and indexed, as a share of bare Scrapy",
        "thu thập, giữ, đọc và lập chỉ mục tất cả, so với Scrapy trần",
    ),
    Goal(
        "crawl", "answers/core-second, luutru / wget with WARC", MORE, 1,
        "answers for a second of one core, as a share of wget with WARC",
        "số trả lời trên một giây của một lõi, so với wget có WARC",
    ),
    Goal(
        "extraction", "luutru | ms a page", LESS, 1.5,
        "extraction, ms a page", "đọc một trang, ms",
    ),
    Goal(
        "commit", "luutru (synchronous NORMAL) | ms of the processor", LESS, 0.3,
        "commit for a page, ms of the processor", "ghi một trang (commit), ms của bộ xử lý",
    ),
    Goal(
        "commit", "luutru (synchronous NORMAL) | ms by the clock", LESS, 0.3,
        "commit for a page, ms by the clock", "ghi một trang (commit), ms theo đồng hồ",
    ),
    *(
        Goal(
            "start", f"luutru {name} | ms by the clock", LESS, 300,
            _START[0].format(name), _START[1].format(name),
        )
        for name in ("--help", "search", "show", "status")
    ),
)  # fmt: skip


def machine(peers: Path | None) -> list[str]:
    """What was measured on, a fact a line; the load is that of the beginning."""
    versions = [f"{name} {found}" for name in _OURS if (found := _version(name))]
    versions += [f"{name} {found}" for name in _THEIRS if (found := _version_at(peers, name))]
    wget = _said("wget", "--version")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return [
        f"commit {commit()}, {datetime.now(UTC):%Y-%m-%d %H:%M}Z",
        f"{os.cpu_count()} cores, {_model()}, {_memory_gb():.0f} GB of memory, "
        f"{platform.system()} {platform.release()}, load {load} at the beginning",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        + ", ".join(versions),
        wget.splitlines()[0] if wget else "wget is not installed",
    ]


def commit() -> str:
    """The commit that is measured; a plus when files differ from it."""
    head = _said("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD").strip()
    changed = _said("git", "-C", str(ROOT), "status", "--porcelain", "-uno").strip()
    return f"{head or 'unknown'}{'+' if changed else ''}"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _version_at(python: Path | None, name: str) -> str:
    return _said(str(python), "-c", _VERSION, name).strip() if python else ""


def _said(*command: str) -> str:
    """What a command prints; nothing when it fails or is not there."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def _model() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1) if found else platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def markdown(outcomes: Mapping[str, Part | str], facts: Iterable[str], seconds: float) -> str:
    """The page."""
    lines = [
        "# Results of the benchmarks",
        "",
        "Written by `make bench`; [docs/benchmarks.md](../docs/benchmarks.md) tells what each part "
        "does and how to read it. A cell is the median of the rounds, in brackets the least and "
        f"the most. All of it took {seconds / 60:.1f} minutes.",
        "",
        *(f"- {fact}" for fact in facts),
        "",
        "## Tóm tắt",
        "",
        "Số đo trên máy ghi ở trên; mỗi ô là trung vị, trong ngoặc là nhỏ nhất và lớn nhất.",
        "",
        *_goals(outcomes, ("mục tiêu", "giới hạn", "đo được", "đạt"), "vietnamese"),
        "",
        "## Goals",
        "",
        *_goals(outcomes, ("goal", "limit", "measured", "reached"), "english"),
    ]
    for name, outcome in outcomes.items():
        lines += ["", f"## {name.capitalize()}", ""]
        lines += [f"Not measured: {outcome}"] if isinstance(outcome, str) else _part(outcome)
    return "\n".join(lines) + "\n"


def _goals(outcomes: Mapping[str, Part | str], heads: tuple[str, ...], language: str) -> list[str]:
    yes, no = ("có", "không") if language == "vietnamese" else ("yes", "no")
    rows = [_row(heads), "|---|---:|---:|---|"]
    for goal in GOALS:
        values = values_of(outcomes, goal)
        sign = "≥" if goal.best == MORE else "≤"
        told = shown(values) if values else "?"
        told = told.replace(" to ", " đến ") if language == "vietnamese" else told
        verdict = (yes if is_reached(goal, values) else no) if values else "?"
        rows.append(_row((getattr(goal, language), f"{sign} {number(goal.limit)}", told, verdict)))
    return rows


def values_of(outcomes: Mapping[str, Part | str], goal: Goal) -> list[float]:
    """What was measured of a goal's number; nothing when its part failed or lacked the peer."""
    part = outcomes.get(goal.part)
    if not isinstance(part, Part):
        return []
    found = {each.name: each.values for each in part.ratios}
    found |= {f"{each.name} | {each.unit}": each.values for each in part.measures}
    return list(found.get(goal.name, ()))


def is_reached(goal: Goal, values: list[float]) -> bool:
    """Whether the median is on the right side of the limit."""
    middle = median(values)
    return middle >= goal.limit if goal.best == MORE else middle <= goal.limit


def _part(part: Part) -> list[str]:
    lines = [part.about, "", _row(("", "unit", "median")), "|---|---|---:|"]
    lines += [_row((each.name, each.unit, shown(each.values))) for each in part.measures]
    if part.ratios:
        lines += ["", _row(("ratio", "median", "better is")), "|---|---:|---|"]
        lines += [_row((each.name, shown(each.values), each.better)) for each in part.ratios]
    for note in part.notes:
        lines += ["", note]
    return lines


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
