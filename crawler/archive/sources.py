"""The archives that a merged one was made of: the table `sources`, and a look at each of them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.connection import applied, open_archive, reading_address
from crawler.archive.numbering import SOURCES, own
from crawler.errors import BadInput, CannotRun
from crawler.words import tr

CAME = "came"
"""The name of the schema that a source is attached as."""

_LAST_CAPTURE = """SELECT json_array(id, captured_at, payload_sha256, warc_file, warc_offset)
    FROM came.captures"""


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the last merge left it; a new one has nothing yet."""

    number: int
    changes_read: int = 0
    """The last line of its log of changes that was read."""
    articles: int = 0
    """The highest number of its articles."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of a source from earlier merges."""

    source: Source | None
    """None when it is new, or is not what it was."""
    stale: int | None
    """The number of the source whose rows have to go first."""
    number: int
    """The number that it has or gets."""
    moved: bool = False
    """Whether it lay elsewhere."""


def sizes(db: sqlite3.Connection) -> list[int]:
    """The highest number of an article in each source."""
    return [row[0] for row in db.execute("SELECT articles FROM sources")]


def is_merged(db: sqlite3.Connection) -> bool:
    """Whether the archive was made of others by `luutru merge`."""
    return db.execute("SELECT 1 FROM sources LIMIT 1").fetchone() is not None


def must_be_crawled_into(db: sqlite3.Connection) -> None:
    """Raise BadInput for a merged archive: what is written there is written over by its sources."""
    if is_merged(db):
        raise BadInput(
            tr("this archive is merged from others; do it where they were crawled, and merge again")
        )


def must_be_home_of(db: sqlite3.Connection, article_id: int) -> None:
    """Raise BadInput for an article that came from a source, and say what to ask for there."""
    source, number = own("articles", article_id)
    if path := where(db).get(source):
        raise BadInput(
            tr(
                "article {id} is article {own} of {path}; do it there and merge again",
                id=article_id,
                path=path,
                own=number,
            )
        )


def must_be_for_merging(db: sqlite3.Connection, path: Path) -> None:
    """Raise BadInput when the archive has rows of its own, which would stand between others'."""
    if not is_merged(db) and db.execute("SELECT 1 FROM portals LIMIT 1").fetchone():
        raise BadInput(
            tr("{path} holds crawls of its own; name another archive to merge into", path=path)
        )


def age(path: Path) -> tuple[str, int] | None:
    """What tells the archive at `path` from others, and its last change; None if it can't be read.

    Of an archive and its copy the one with the later change knows more.
    """
    try:
        with closing(sqlite3.connect(reading_address(path), uri=True, timeout=0)) as db:
            row = db.execute(
                """SELECT name, (SELECT ifnull(max(id), 0) FROM row_changes)
                       + (SELECT ifnull(max(id), 0) FROM captures) FROM identity"""
            ).fetchone()
    except (sqlite3.DatabaseError, OSError):
        return None
    return str(row[0]), int(row[1])


class Outdated(CannotRun):
    """The archive was made by an earlier luutru; open it for writing, and it is up to date."""


@contextmanager
def attached(db: sqlite3.Connection, path: Path, *, update: bool = False) -> Iterator[str]:
    """The archive at `path` as the schema `came`; yields its identity.

    It is only read, unless an earlier luutru made it and it is to be brought up to date (`update`).
    Raises BadInput or CannotRun when it can't be merged.
    """
    try:
        address = _looked_at(path, applied(db))
    except Outdated:
        if not update:
            raise
        open_archive(path).close()
        address = _looked_at(path, applied(db))
    db.execute(f"ATTACH ? AS {CAME}", (address,))
    try:
        yield str(db.execute("SELECT name FROM came.identity").fetchone()[0])
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        # When SQLite has rolled back by itself (a full disk), only the end of a statement lets go.
        db.execute("SELECT name FROM main.identity").fetchall()
        db.execute(f"DETACH {CAME}")


def _looked_at(path: Path, ours: set[str]) -> str:
    """The address to read the archive at, once it is sure that it can be merged."""
    try:
        if not path.is_file():
            raise BadInput(tr("there is no such file"))
        address = reading_address(path)
        with closing(sqlite3.connect(address, uri=True)) as db:
            _must_be_mergeable(db, ours)
    except OSError as error:
        raise _closed(error.strerror) from None
    except sqlite3.DatabaseError as error:
        raise unreadable(error) from None
    return address


def is_sound(path: Path) -> bool:
    """Whether SQLite can read all of the archive; the larger it is, the longer that takes."""
    try:
        with closing(sqlite3.connect(reading_address(path), uri=True)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except (sqlite3.DatabaseError, OSError):
        return False


def unreadable(error: sqlite3.Error) -> BadInput | CannotRun:
    """Why an archive can't be read, for a line that names it."""
    text = str(error)
    if "not a database" in text:
        return BadInput(tr("it is no luutru archive"))
    if "malformed" in text:
        return CannotRun(tr("it is damaged ({why}); `luutru verify --db` tells where", why=text))
    if "locked" in text:
        return CannotRun(tr("another program has locked it; merge again later"))
    return _closed(text)


def _closed(why: str | None) -> CannotRun:
    return CannotRun(
        tr("it can't be read ({why}); check its permissions and those of its folder", why=why)
    )


def _must_be_mergeable(db: sqlite3.Connection, ours: set[str]) -> None:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "_sqlite_migrations" not in tables:
        raise BadInput(tr("it is no luutru archive"))
    theirs = applied(db)
    if ours - theirs:
        raise Outdated(tr("it was made by an earlier luutru; --update brings it up to date"))
    if theirs - ours:
        raise CannotRun(tr("it was made by a later luutru; update this one"))
    if is_merged(db):
        raise BadInput(tr("it is merged itself; merge the archives that it was made of"))


def before(db: sqlite3.Connection, identity: str, path: Path) -> Before:
    """What earlier merges know of the attached archive; call inside the transaction."""
    known = db.execute("SELECT * FROM sources WHERE identity = ?", (identity,)).fetchone()
    if known:
        source = Source(known["id"], known["changes_read"], known["articles"])
        if known["replaced_at"] is None and _goes_on(db, known):
            return Before(source, None, source.number, known["path"] != str(path))
        return Before(None, source.number, source.number)
    replaced = db.execute(
        "SELECT id FROM sources WHERE path = ? AND replaced_at IS NULL", (str(path),)
    ).fetchone()
    return Before(None, replaced["id"] if replaced else None, _next_number(db))


def _next_number(db: sqlite3.Connection) -> int:
    number = int(db.execute("SELECT ifnull(max(id), 0) + 1 FROM sources").fetchone()[0])
    if number >= SOURCES:
        raise CannotRun(tr("no more than {n} archives can be merged into one", n=SOURCES - 1))
    return number


def _goes_on(db: sqlite3.Connection, known: sqlite3.Row) -> bool:
    """Whether the source still has what it had: one that came back from a copy may have not."""
    last = int(db.execute("SELECT ifnull(max(id), 0) FROM came.row_changes").fetchone()[0])
    if last < known["changes_read"]:
        return False
    if known["last_capture"] is None:
        return True
    number = json.loads(known["last_capture"])[0]
    row = db.execute(f"{_LAST_CAPTURE} WHERE id = ?", (number,)).fetchone()
    return row is not None and row[0] == known["last_capture"]


def note(
    db: sqlite3.Connection, number: int, identity: str, path: Path, at: str, stale: int | None
) -> None:
    """Write down how far the attached archive was read, and what it took the place of."""
    if stale not in (None, number):
        db.execute("UPDATE sources SET replaced_at = ?, articles = 0 WHERE id = ?", (at, stale))
    last_capture = db.execute(f"{_LAST_CAPTURE} ORDER BY id DESC LIMIT 1").fetchone()
    db.execute(
        """INSERT INTO sources (id, identity, path, merged_at, changes_read, articles, last_capture)
           VALUES (?, ?, ?, ?, (SELECT ifnull(max(id), 0) FROM came.row_changes),
                   (SELECT ifnull(max(id), 0) FROM came.articles), ?)
           ON CONFLICT (id) DO UPDATE SET path = excluded.path, merged_at = excluded.merged_at,
               changes_read = excluded.changes_read, last_capture = excluded.last_capture,
               articles = excluded.articles, replaced_at = NULL""",
        (number, identity, str(path), at, last_capture[0] if last_capture else None),
    )


def where(db: sqlite3.Connection) -> dict[int, Path]:
    """Where each source lay when it was last merged, by its number."""
    rows = db.execute("SELECT id, path FROM sources WHERE replaced_at IS NULL ORDER BY id")
    return {row["id"]: Path(row["path"]) for row in rows}
