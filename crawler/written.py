"""A TOML text that people write, and where in it things stand, for messages with a line."""

import re
import tomllib
from typing import Any

from crawler.errors import BadInput

_HEAD = re.compile(r"""\s*\[\[?\s*([\w\-."' ]+?)\s*\]\]?\s*(?:#.*)?""")


class Written:
    """The text of a file whose name, for messages, is `where`."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self._text = text
        self._lines = text.splitlines()
        found = ((n, _HEAD.fullmatch(line)) for n, line in enumerate(self._lines))
        self._heads = [(n, _plain(head[1])) for n, head in found if head]

    def values(self) -> dict[str, Any]:
        """What the text says; BadInput when it is no TOML."""
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"{self.where}: not valid TOML: {error}") from None

    def wrong(
        self, key: str, what: str, *, table: str = "", number: int = 0, value: str = ""
    ) -> BadInput:
        """The error of `key`, in the `number`th (from 0) table called `table`, and its line.

        With a `value` it is the line of that value that is told, for a list over several lines.
        """
        return BadInput(f"{self.where}:{self._line(key, value, table, number)}: `{key}` {what}")

    def _line(self, key: str, value: str, table: str, number: int) -> int:
        """The line of `value`, else of `key`, else of its table, counted from 1."""
        first, behind = self._section(table, number)
        own = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[].=]""")
        at = next((n for n in range(first, behind) if own.match(self._lines[n])), None)
        if at is None:
            at = self._head(f"{table}.{key}".strip("."))
            return max(first, 1) if at is None else at + 1
        held = (n for n in range(at, behind) if value and value in self._lines[n])
        return next(held, at) + 1

    def _section(self, table: str, number: int) -> tuple[int, int]:
        """Indexes of the first line inside the table and of the one behind it."""
        if not table:
            return 0, next((n for n, _ in self._heads), len(self._lines))
        mine = [n for n, name in self._heads if name == table]
        if number >= len(mine):
            return self._inline(table)
        first = mine[number]
        return first + 1, next((n for n, _ in self._heads if n > first), len(self._lines))

    def _inline(self, table: str) -> tuple[int, int]:
        """The one line of a table that has no head of its own: `kimson = { ... }`."""
        above, _, key = table.rpartition(".")
        at = self._line(key, "", above, 0) if above else 0
        return (at, at) if at else (0, len(self._lines))

    def _head(self, table: str) -> int | None:
        """The index of the first head of the table, or of one inside it."""
        return next((n for n, name in self._heads if f"{name}.".startswith(f"{table}.")), None)


def _plain(head: str) -> str:
    """The name in the head of a table, without quotes and blanks."""
    return ".".join(part.strip().strip("\"'") for part in head.split("."))
