"""The command line in a process of its own that notes the statements its archives were given.

python -m tests.statements NOTES WORD...
"""

import atexit
import json
import re
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from crawler.cli import main

_VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b")


class Notes:
    """How often each statement was given, whatever its values; and one of its kind, to explain."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()
        self._example: dict[str, str] = {}

    def take(self, statement: str) -> None:
        kind = _VALUES.sub("?", statement)
        self._given[kind] += 1
        self._example.setdefault(kind, statement)

    def write(self, path: Path) -> None:
        counted = [(self._example[kind], times) for kind, times in self._given.items()]
        path.write_text(json.dumps(counted))


def _main(path: str, *words: str) -> None:
    notes = Notes()
    connect = sqlite3.connect

    def noted(*given: Any, **named: Any) -> sqlite3.Connection:
        archive = connect(*given, **named)
        archive.set_trace_callback(notes.take)
        return archive

    sqlite3.connect = noted
    atexit.register(notes.write, Path(path))
    sys.argv[1:] = words
    main()


if __name__ == "__main__":
    _main(*sys.argv[1:])
