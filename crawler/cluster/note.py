"""A portal's note, such as `job.json`: where its crawl runs and how far it has come.

People on any machine may read it, and the next turn does; the archive itself can only be read
where it is being written.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crawler.cluster.job import CRAWL
from crawler.errors import CannotRun


@dataclass(frozen=True, slots=True)
class Note:
    """What stands in the file; times are ISO 8601 in UTC."""

    portal: str = ""
    state: str = "waiting"
    """waiting, running, over (its turn is), broken, poisoned, or the verdict."""
    worker: str = ""
    """Process and machine of the last turn."""
    command: str = ""
    number: int = 0
    """Of the last turn, among those of its command."""
    turns: int = 0
    """How many the portal has had in all."""
    tries: int = 0
    """How many turns in a row broke off without another page."""
    before: int = 0
    """How many URLs of the round had been reached when the last turn began."""
    pages: int = 0
    articles: int = 0
    began_at: str = ""
    seen_at: str = ""
    """When the worker wrote this."""
    reason: str = ""
    """Why it is not complete, a line each."""
    run: dict[str, Any] = field(default_factory=dict)
    """The row of the run that the last turn made, once it has ended."""

    @property
    def broke_off(self) -> bool:
        """Whether the last turn came to no end of its own; one that runs may have been killed."""
        return self.state in ("running", "broken")


def read(file: Path) -> Note:
    """The note, as far as it can be read; an empty one if there is none."""
    try:
        written = dict(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        written = {}
    plain = asdict(Note(portal=file.parent.name))
    # What is of another kind than it should be was not written by a worker.
    known = {name: written[name] for name in plain.keys() & written.keys()}
    return Note(**plain | {n: said for n, said in known.items() if type(said) is type(plain[n])})


def write(file: Path, note: Note) -> None:
    """Put the note in its place, whole; CannotRun when that can't be done."""
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(note), ensure_ascii=False) + "\n", "utf-8")
        part.replace(file)
    except OSError as error:
        raise CannotRun(f"{file}: {error.strerror}") from None


def notes(folder: Path, name: str = CRAWL) -> list[Note]:
    """The notes with that name of all portals below `folder`, by portal."""
    return [read(file) for file in sorted(folder.glob(f"*/{name}"))]
