"""Putting a file or folder in its place: a power cut leaves the old one whole, or the new."""

import os
from pathlib import Path


def put_in_place(part: Path, target: Path) -> None:
    """Rename `part`, a file or folder, to `target` once all of it is on the disk.

    A rename may reach the disk before the bytes of what was renamed, so these are synced first,
    and the folder afterwards. Raises OSError.
    """
    for path in (part, *part.rglob("*")):
        sync(path)
    os.replace(part, target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until the file, or the names in the folder, are on the disk. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
