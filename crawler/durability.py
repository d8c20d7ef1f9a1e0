"""Putting a file or folder in its place: a power cut leaves the old one whole, or the new."""

import os
from pathlib import Path


def put_in_place(part: Path, target: Path) -> None:
    """Rename `part`, a file or folder, to `target` once all of it is on the disk.

    A rename may reach the disk before the bytes of what was renamed, so these are synced first,
    and the folder afterwards. Raises OSError.
    """
    for path in (part, *part.rglob("*")):
        _sync(path)
    os.replace(part, target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
