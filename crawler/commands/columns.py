"""Tables on a terminal, from which nothing is cut off."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

_WIDE = 10_000


def print_rows(
    out: Console, names: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """Print `rows` under `names`, the columns of `numbers` right-aligned.

    Where a terminal is too narrow for every word of them, each row is a few lines `name: value`:
    a table would say "co…" and "4…" there, and of an address its beginning.
    """
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    kept = list(rows)
    for row in kept:
        table.add_row(*row)
    # Of what it needs, a console tells no more than it has.
    wide = out.options.update_width(_WIDE)
    if out.measure(table, options=wide).minimum <= out.width:
        out.print(table)
        return
    for first, *others in kept:
        out.print(f"[bold]{first}[/]")
        for name, value in zip(names[1:], others, strict=True):
            out.print(f"  {name}: {value}")
