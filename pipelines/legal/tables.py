"""Lists of documents: tables whose head names the facts, one document a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.selectors import text_of
from crawler.vietnamese import squeeze
from pipelines.legal.facts import COLUMNS, LABELS, plain

_CELLS = ("td", "th")
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A table that lists documents."""

    element: Any
    columns: dict[int, tuple[str, str]]
    """Field and label by place."""
    rows: tuple[Any, ...]
    """The rows behind its head."""


def tables_in(root: Any) -> Iterator[Table]:
    """Every table under `root` that lists documents: its head names a number or an abstract."""
    for element in root.iter("table"):
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        for place, row in enumerate(rows[:3]):
            below = tuple(rows[place + 1 :])
            columns = _columns(row)
            if below and _is_head(columns, below[0]):
                yield Table(element, columns, below)
                break


def cells_of(row: Any, table: Table) -> dict[str, tuple[str, str, Any]]:
    """Label, text and cell by field; nothing for a row that is no document (a heading, a pager)."""
    cells = [cell for cell in row if cell.tag in _CELLS]
    if len(cells) <= max(table.columns):
        return {}
    return {
        field: (label, _text(cells[place]), cells[place])
        for place, (field, label) in table.columns.items()
    }


def _is_head(columns: dict[int, tuple[str, str]], below: Any) -> bool:
    """Whether `columns` are the head of a list; under a label and its value more labels follow."""
    fields = {field for field, _ in columns.values()}
    if len(fields) < _FEWEST or not fields & {"number", "abstract"}:
        return False
    cells = [cell for cell in below if cell.tag in _CELLS]
    return all(LABELS.get(plain(text_of(cell)), "other") == "other" for cell in cells)


def _columns(row: Any) -> dict[int, tuple[str, str]]:
    """What the cells of a head name; a cell with a value behind its label is no head."""
    found: dict[int, tuple[str, str]] = {}
    for place, cell in enumerate(cell for cell in row if cell.tag in _CELLS):
        label = plain(text_of(cell))
        field = COLUMNS.get(label, "other")
        if field != "other" and field not in {known for known, _ in found.values()}:
            found[place] = (field, label)
    return found


def _text(cell: Any) -> str:
    """The text of a cell; of one with details below its link, the link."""
    link = next((a for a in cell.iter("a") if squeeze("".join(a.itertext()))), None)
    has_more = link is not None and next(cell.iter("div", "ul", "br", "p"), None) is not None
    return text_of(link) if has_more else text_of(cell)
