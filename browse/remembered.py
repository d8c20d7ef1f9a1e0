"""What takes seconds to count is counted once for each state of the archive, not for each visitor.

While a crawl writes, the state is another with every page; what was counted then stands for twenty
times as long as it took, so that no more than a twentieth of the time goes into counting.
"""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, cast

_Value = TypeVar("_Value")

_STANDS = 20
_MOST = 50
"""Answers that are held; a page of gaps has some hundred KB."""


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    state: tuple[tuple[int, int], ...]
    until: float


_answers: dict[tuple[str, str], _Answer] = {}
_locks: dict[tuple[str, str], Lock] = {}


def remembered(db: sqlite3.Connection, name: str, make: Callable[[], _Value]) -> _Value:
    """What `make` counts in the archive `db`, known by `name`; of several who ask, one counts."""
    path = str(db.execute("PRAGMA database_list").fetchone()[2])
    with _locks.setdefault((path, name), Lock()):
        # Before it is counted: what is written meanwhile makes it old, not part of it.
        state, began = _state(Path(path)), time.monotonic()
        known = _answers.get((path, name))
        if known is None or (known.state != state and known.until < began):
            value, now = make(), time.monotonic()
            known = _Answer(value, state, now + _STANDS * (now - began))
            _hold((path, name), known)
    return cast(_Value, known.value)


def _state(path: Path) -> tuple[tuple[int, int], ...]:
    """Time and size of the archive and its log: whoever writes changes one of them."""
    files = (path, path.with_name(f"{path.name}-wal"))
    found = (file.stat() for file in files if file.exists())
    return tuple((each.st_mtime_ns, each.st_size) for each in found)


def _hold(key: tuple[str, str], answer: _Answer) -> None:
    _answers.pop(key, None)
    _answers[key] = answer
    while len(_answers) > _MOST:
        oldest = next(iter(_answers))
        _answers.pop(oldest, None)
        _locks.pop(oldest, None)
