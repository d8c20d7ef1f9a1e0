"""`luutru show --diff`: two versions of an article, word by word."""

import re
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from crawler.commands.options import console, print_json
from crawler.diff import Piece, version_diff
from crawler.errors import BadInput
from crawler.words import tr

LAST = "last"
_PAIR = re.compile(r"(\d+)(?:\.\.(\d+))?")
# On a terminal by colour and line, so that it can be told without colours; in a pipe by marks.
_STYLES = {"removed": "red strike", "added": "green underline", "same": ""}
_MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}", "same": "{}"}

Version = dict[str, Any]


def differing(versions: list[Version], wanted: str, second: str | None, as_json: bool) -> None:
    """Print what changed between two of `versions`.

    `wanted` is LAST, `A..B`, or A with B in `second`; BadInput when there are no such versions.
    """
    if wanted == LAST and len(versions) == 1:
        print_json({}) if as_json else console().print(tr("There is only one version so far."))
        return
    old, new = _chosen(len(versions), wanted, second)
    changes = version_diff(versions[old - 1], versions[new - 1])
    if as_json:
        pieces = {name: [asdict(piece) for piece in found] for name, found in changes.items()}
        print_json({"from": old, "to": new, "changes": pieces})
    else:
        _print(console(), versions, (old, new), changes)


def _chosen(count: int, wanted: str, second: str | None) -> tuple[int, int]:
    if wanted == LAST:
        return count - 1, count
    if count == 1:
        raise BadInput(tr("There is only one version so far."))
    pair = _PAIR.fullmatch(wanted)
    numbers = [number for number in (*(pair.groups() if pair else ()), second) if number]
    chosen = [int(number) for number in numbers if number.isdigit()]
    if len(chosen) != 2 or not all(1 <= number <= count for number in chosen):
        raise BadInput(tr("--diff takes two of the {n} versions, such as --diff 1..{n}", n=count))
    return chosen[0], chosen[1]


def _print(
    out: Console, versions: list[Version], chosen: tuple[int, int], changes: dict[str, list[Piece]]
) -> None:
    old, new = (f"{number} ({versions[number - 1]['seen_at']})" for number in chosen)
    out.print(Text(f"{tr('version')} {old} → {new}", style="bold"))
    for name, pieces in changes.items():
        out.print(Text(f"{tr(name)}:", style="cyan"))
        out.print(shown(pieces, marks=not out.is_terminal))
    if not changes:
        out.print(tr("Both versions say the same."))


def shown(pieces: list[Piece], *, marks: bool) -> Text:
    """The pieces as text: coloured, or with `[-removed-]` and `{+added+}`."""
    text = Text()
    for piece in pieces:
        if piece.kind == "skipped":
            text.append("\n…\n" if text else "…\n", style="dim")
        else:
            _append(text, piece, marks)
    text.rstrip()
    return text


def _append(text: Text, piece: Piece, marks: bool) -> None:
    words = piece.text.rstrip()
    form = _MARKS[piece.kind] if marks else "{}"
    text.append(form.format(words), style=_STYLES[piece.kind])
    # What stood at the end of the old text has no space behind it.
    text.append(piece.text[len(words) :] or (" " if piece.kind == "removed" else ""))
