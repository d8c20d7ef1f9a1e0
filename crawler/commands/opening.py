"""The archive of a command, which is closed when the command ends, however it ends."""

import sqlite3
from contextlib import closing
from pathlib import Path

import click

from crawler.archive.connection import open_archive, open_to_read


def to_read(db: Path) -> sqlite3.Connection:
    """The archive for who only reads; raises what `open_to_read` does."""
    return _until_the_end(open_to_read(db))


def to_write(db: Path, *, create: bool = False) -> sqlite3.Connection:
    """The archive; raises what `open_archive` does."""
    return _until_the_end(open_archive(db, create=create))


def _until_the_end(archive: sqlite3.Connection) -> sqlite3.Connection:
    return click.get_current_context().with_resource(closing(archive))
