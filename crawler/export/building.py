"""A package appears under its name only when it is whole."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.archive.connection import explained
from crawler.durability import put_in_place
from crawler.errors import BadInput, CannotRun
from crawler.words import tr

PART = ".part"


def ready(target: Path) -> Path:
    """`target`, whose folder is there; BadInput before anything is read for it."""
    if not target.name or not target.absolute().parent.is_dir():
        raise BadInput(tr("there is no folder {folder} to write to", folder=target.parent))
    return target


@contextmanager
def built_beside(target: Path) -> Iterator[Path]:
    """A path beside `target` to build a file or folder at; renamed to `target` at the end.

    What failed is removed, and an OSError becomes a CannotRun that says where.
    """
    part = target.with_name(target.name + PART)
    try:
        _remove(part)
        yield part
        put_in_place(part, target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotRun(
                tr(
                    "the disk is full: {path} could not be made; free some space and run the same "
                    "command again",
                    path=target,
                )
            ) from None
        raise explained(error, target) from None
    finally:
        _remove(part)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
