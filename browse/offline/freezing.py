"""Drawing the offline site: from the home page on, all that is linked to, into a folder."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from browse.offline import index
from browse.offline.places import FileLinks, Reached, Wanted, path_of
from browse.sitemap import PAGES
from browse.surroundings import surroundings
from browse.visit import Page, Visit
from crawler.archive import parts
from crawler.errors import CannotRun
from crawler.replaying.payload import message_of
from crawler.safety.decoding import decoded
from crawler.words import language

_ASSETS = ("site.css", "offline.js")
_LARGEST = 256 * 1024 * 1024
_FILES = {
    "image": parts.image,
    "attachment": parts.attachment,
    "document": parts.document_file,
}


@dataclass(slots=True)
class Frozen:
    """What was written."""

    pages: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)
    """Files that could not be read out of their records, a line each."""


def freeze(
    db: sqlite3.Connection, warcs: Path, out: Path, *, with_files: bool, moved: Callable[[], None]
) -> Frozen:
    """Write the site into the empty folder `out`; `moved` is called after each page."""
    frozen, reached = Frozen(), Reached({("", ()): None, ("search", ()): None})
    environment = Environment(loader=PackageLoader("browse"), autoescape=True)
    for wanted in _growing(reached.pages):
        drawn = _drawn(db, warcs, environment, wanted, reached)
        _write(out / path_of(wanted[0], dict(wanted[1])), drawn)
        frozen.pages += 1
        moved()
    if with_files:
        _write_files(db, warcs, out, reached, frozen)
    for name in _ASSETS:
        _write(out / "assets" / name, (files("browse") / "static" / name).read_text("utf-8"))
    index.write(db, out / "find")
    return frozen


def _growing(pages: dict[Wanted, None]) -> Iterator[Wanted]:
    """All of `pages`, also those that are added meanwhile."""
    done = 0
    while done < len(pages):
        for wanted in list(pages)[done:]:
            yield wanted
            done += 1


def _drawn(
    db: sqlite3.Connection, warcs: Path, environment: Environment, wanted: Wanted, reached: Reached
) -> str:
    name, asked = wanted
    to = FileLinks(name, dict(asked), reached)
    page = Page("offline_search") if name == "search" else _made(db, warcs, to, name)
    template = environment.get_template(f"luutru/{page.template}.html")
    return template.render(**surroundings(to, language()), **page.facts)


def _made(db: sqlite3.Connection, warcs: Path, to: FileLinks, name: str) -> Page:
    for pattern, view in PAGES:
        if found := re.fullmatch(pattern, name):
            return view(Visit(db, warcs, to, found.groupdict()))
    raise LookupError(f"a page links to {name!r}, which the offline site lacks")


def _write_files(
    db: sqlite3.Connection, warcs: Path, out: Path, reached: Reached, frozen: Frozen
) -> None:
    for (kind, number), path in reached.files.items():
        row = _FILES[kind](db, number)
        try:
            content = _content(warcs, row) if row else b""
        except CannotRun as error:
            frozen.problems.append(f"{kind} {number}: {error}")
            continue
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        frozen.files += 1


def _content(warcs: Path, row: dict[str, Any]) -> bytes:
    message = message_of(warcs, row)
    coding = message.coding
    return decoded(message.payload, coding, _LARGEST) if coding else message.payload


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
