"""`luutru status --in FOLDER`: the portals of a cluster, from the notes of its workers."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from crawler.cluster import servers
from crawler.cluster.note import Note, notes
from crawler.commands.columns import print_rows
from crawler.commands.options import console, print_json
from crawler.errors import BadInput
from crawler.reporting.reasons import retold
from crawler.words import tr

_COLOURS = {"complete": "green", "poisoned": "red", "broken": "red", "failed": "red"}


def show(folder: Path, *, as_json: bool) -> int:
    """Print each portal's note; the exit code is 1 while any is not complete."""
    found = notes(folder)
    if not found:
        raise BadInput(tr("no portal was crawled into {folder} by a cluster", folder=folder))
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        _print(found, is_under_way=servers.has_any_command(folder))
    return int(any(each.state != "complete" for each in found))


def _print(found: list[Note], *, is_under_way: bool) -> None:
    out = console()
    numbers = [tr(name) for name in ("articles", "pages", "turns")]
    names = [tr("portal"), *numbers, *(tr(name) for name in ("state", "worker", "heard of"))]
    print_rows(out, names, map(_row, found), numbers)
    counts = Counter(each.state for each in found)
    out.print(", ".join(f"{n} {tr(state)}" for state, n in counts.most_common()), markup=False)
    for each in found:
        for reason in each.reason.splitlines():
            out.print(f"{each.portal}: {retold(reason)}", markup=False)
    if not is_under_way:
        out.print(tr("No command is under way in this folder."))


def _row(each: Note) -> list[str]:
    state = f"[{_COLOURS.get(each.state, 'yellow')}]{tr(each.state)}[/]"
    numbers = map(str, (each.articles, each.pages, each.turns))
    return [each.portal, *numbers, state, each.worker, each.seen_at.replace("T", " ")]
