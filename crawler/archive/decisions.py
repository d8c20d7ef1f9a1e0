"""Decisions on what readers may see, kept beside the WARC records.

Records do not say what was hidden; an archive that is rebuilt from them would show it again. So
each decision is also a line of JSON in the records' folder, and whoever reads the records obeys it.
"""

import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive import hiding
from crawler.archive.connection import timestamp
from crawler.errors import CannotRun
from crawler.words import tr

FILE = "hidden.jsonl"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about the article at `url`; the latest holds."""

    url: str
    at: str
    """ISO 8601, UTC."""
    why: str | None
    """The reason for hiding it; None shows it again."""


def keep(folder: Path, url: str, at: datetime, why: str | None) -> None:
    """Write the decision down; without a folder there are no records that it could be lost from.

    Raises CannotRun when it can't be written.
    """
    if folder.is_dir():
        _append(folder / FILE, [Decision(url, timestamp(at), why)])


def take_over(db: sqlite3.Connection, source: Path, folder: Path) -> None:
    """Add the decisions that lie in the folder `source` to those in `folder`. Raises CannotRun.

    Somebody else may have made them: none shows what is hidden here, and none comes from the
    future, where it would outdo all that is decided until then.
    """
    known = set(_read(folder / FILE))
    hidden = hiding.addresses(db)
    now = timestamp(datetime.now(UTC))
    new = [
        each
        for each in _read(source / FILE)
        if each not in known and each.at <= now and (each.why is not None or each.url not in hidden)
    ]
    if new:
        _append(folder / FILE, new)


def obey(db: sqlite3.Connection, folder: Path, agent: str) -> None:
    """Hide and show articles as was decided. Raises CannotRun when the file can't be read."""
    latest = {each.url: each for each in sorted(_read(folder / FILE), key=lambda each: each.at)}
    if not latest:
        return
    for row in db.execute("SELECT id, url, hidden_at, hidden_why FROM articles").fetchall():
        decision = latest.get(row["url"])
        if decision is None or (row["hidden_why"] or None) == decision.why:
            continue
        at = datetime.fromisoformat(decision.at)
        if decision.why is None:
            hiding.unhide(db, row["id"], at, agent)
        else:
            hiding.hide(db, row["id"], decision.why, at, agent)


def _append(path: Path, decisions: Iterable[Decision]) -> None:
    lines = "".join(f"{json.dumps(asdict(each), ensure_ascii=False)}\n" for each in decisions)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CannotRun(
            tr("{path} can't be written: {why}", path=path, why=error.strerror or error)
        ) from None


def _read(path: Path) -> list[Decision]:
    try:
        lines = path.read_text("utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise CannotRun(tr("{path} can't be read: {why}", path=path, why=error)) from None
    # A line that a power cut left without its end was never told as done.
    return [_decision(path, n, line) for n, line in enumerate(lines, 1) if line.endswith("\n")]


def _decision(path: Path, number: int, line: str) -> Decision:
    try:
        decision = Decision(**json.loads(line))
        datetime.fromisoformat(decision.at)
    except (TypeError, ValueError):
        raise CannotRun(
            tr("{path}, line {n}, is no decision to hide; mend or remove it", path=path, n=number)
        ) from None
    return decision
