"""Checks a table of `luutru.toml` key by key: what is wrong is told with file, line and key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.errors import BadInput
from crawler.schedules.values import Reader
from crawler.words import tr
from crawler.written import Written


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the file, or the file's own top when `name` is empty."""

    written: Written
    found: Mapping[str, Any]
    name: str = ""
    number: int = 0
    """Which of several tables of that name it is, from 0."""

    def record(self, keys: Mapping[str, Reader], *needed: str) -> dict[str, Any]:
        """Each key's value as `keys` reads it; BadInput for unknown, missing and broken ones."""
        for key in self.found:
            if key not in keys:
                what = tr(
                    "is not known{near}; allowed are {keys}",
                    near=self._near(),
                    keys=", ".join(sorted(keys)),
                )
                raise self.wrong(key, what)
        self.need(*needed)
        return {key: self.value(key, keys[key]) for key in self.found}

    def need(self, *keys: str) -> None:
        """BadInput if one of the keys is missing."""
        for key in keys:
            if key not in self.found:
                raise self.wrong(key, tr("is missing{near}", near=self._near()))

    def value(self, key: str, read: Reader) -> Any:
        """The value of `key`, which must be there."""
        try:
            return read(self.found[key])
        except ValueError as error:
            raise self.wrong(key, str(error)) from None

    def inner(self, key: str) -> "Table":
        """The table that stands in this one under `key`."""
        name = f"{self.name}.{key}".strip(".")
        found = self.found[key]
        if not isinstance(found, dict):
            raise self.wrong(key, tr("must be written as a table: [{name}]", name=name))
        return Table(self.written, found, name)

    def named(self, key: str) -> "dict[str, Table]":
        """The tables `[key.NAME]` by name."""
        above = self.inner(key)
        return {name: above.inner(name) for name in above.found}

    def several(self, key: str) -> "list[Table]":
        """The tables `[[key]]`."""
        found = self.found[key]
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.wrong(key, tr("must be written as [[{name}]] tables", name=key))
        return [Table(self.written, each, key, number) for number, each in enumerate(found)]

    def wrong(self, key: str, what: str) -> BadInput:
        """The error of `key`, with its line."""
        return self.written.wrong(key, what, table=self.name, number=self.number)

    def _near(self) -> str:
        return f" [{self.name}]" if self.name else ""
