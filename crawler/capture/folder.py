"""Where the WARC files of an archive lie. To know that, nobody has to load what writes them."""

from pathlib import Path

ORIGINALS = "originals"
"""Folder beside WARC files that were made of files of other tools: those files as they came."""
OPEN = ".open"
"""What the name of a file ends with until it is whole."""


def folder_of(archive: Path) -> Path:
    """The folder of the WARC files that belong to `archive`: `archive.db` has `archive.warcs`."""
    return archive.with_suffix(".warcs")


def path_of(folder: Path, name: str) -> Path:
    """The WARC file called `name` in `folder`, be it whole or left open."""
    still_open = folder / f"{name}{OPEN}"
    return still_open if still_open.exists() else folder / name
