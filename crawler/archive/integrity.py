"""What the database knows of its own soundness, and the rows that point at records."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from crawler.archive import checksums, fulltext, origins
from crawler.archive.texts import content_sha256
from crawler.items import Article

# A term of the PREMIS eventType vocabulary; the detail is the label and the digest.
DIGEST_NOTED = "message digest calculation"
DIGEST_LABEL = "sha256:"

DOUBT = "the bytes of the record do not have the digest that it states"
"""How the problem begins of a record that was taken in so: what it states has been wrong before."""

Wrong = tuple[str, int | None, str]
"""Table, row (None when the table as a whole is meant), and what is wrong."""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A row of `captures` that points at a record, with what the record must agree with."""

    id: int
    captured_at: str
    status: int
    media_type: str | None
    payload_sha256: str
    size: int
    offset: int
    length: int
    ip: str | None
    record_type: str
    truncated: str | None
    key: str | None
    """What the row's URL is known by (`crawler.urls.key_of`); None when `urls` lacks it."""
    original_at: str | None
    """Time of the capture that a revisit refers to."""
    original_key: str | None
    doubt: str | None = None
    """The problem of a record that was known to state a wrong digest when it was taken in."""


def captures_in(db: sqlite3.Connection, warc_file: str) -> list[CaptureRow]:
    """The rows that point into `warc_file`, in the order of its records."""
    rows = db.execute(
        """SELECT c.id, c.captured_at, c.status, c.media_type, c.payload_sha256, c.size,
               c.warc_offset, c.warc_length, c.ip, c.record_type, c.truncated,
               u.key, o.captured_at, ou.key, d.reason
           FROM captures c LEFT JOIN urls u ON u.id = c.url_id
           LEFT JOIN (SELECT capture_id, min(reason) AS reason FROM problems
                      WHERE reason LIKE ? || '%' GROUP BY capture_id) d ON d.capture_id = c.id
           LEFT JOIN captures o ON o.id = c.refers_to LEFT JOIN urls ou ON ou.id = o.url_id
           WHERE c.warc_file = ? AND typeof(c.warc_offset) = 'integer' AND c.warc_offset >= 0
           ORDER BY c.warc_offset""",
        (DOUBT, warc_file),
    )
    return [CaptureRow(*row) for row in rows]


def files_known(db: sqlite3.Connection) -> dict[str, int]:
    """Each WARC file that rows or earlier checks name, with the number of rows that do."""
    rows = db.execute(
        """SELECT warc_file, count(*) FROM captures WHERE warc_file IS NOT NULL GROUP BY 1
           UNION ALL
           SELECT DISTINCT object, 0 FROM events WHERE event_type = ?
               AND object NOT IN (SELECT warc_file FROM captures WHERE warc_file IS NOT NULL)
           ORDER BY 1""",
        (DIGEST_NOTED,),
    )
    return dict(map(tuple, rows))


def noted_digest(db: sqlite3.Connection, warc_file: str) -> str | None:
    """SHA-256 of the whole file in hex digits, as its first check noted it; None before that."""
    row = db.execute(
        "SELECT detail FROM events WHERE event_type = ? AND object = ? ORDER BY id LIMIT 1",
        (DIGEST_NOTED, warc_file),
    ).fetchone()
    return str(row[0]).removeprefix(DIGEST_LABEL) if row else None


def was_taken_in(db: sqlite3.Connection, warc_file: str, sha256: str) -> bool:
    """Whether `warc_file` had this SHA-256 when `luutru import` put it in place."""
    found = db.execute(
        """SELECT 1 FROM events WHERE event_type = 'ingestion' AND object = ?
           AND detail LIKE '%' || ? || '%'""",
        (warc_file, DIGEST_LABEL + sha256),
    )
    return found.fetchone() is not None


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the error tells of the database itself, not of a lock or a full disk."""
    # A text that is no UTF-8 has no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return code in (
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def faults(db: sqlite3.Connection, *, index: bool) -> Iterator[Wrong]:
    """Everything that the database can tell to be wrong without a look into the WARC files.

    The full-text index is checked only if `index`: to SQLite that is writing, so a crawl that wants
    to save a page meanwhile would find the archive locked. Raises OperationalError when it is.
    """
    checks: tuple[tuple[str, Callable[[sqlite3.Connection], Iterator[Wrong]]], ...] = (
        ("archive.db", _pages),
        ("archive.db", _references),
        *((("articles_fts", _index),) if index else ()),
        ("captures", _places),
        ("captures", _revisits),
        ("versions", _versions),
        ("articles", _articles),
        ("articles", _view_counts),
        ("articles", checksums.changed),
        ("versions", origins.of_moments),
        ("images", origins.of_files),
    )
    for table, check in checks:
        try:
            yield from check(db)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            # A damaged page ends one check; the others still tell what they can.
            yield table, None, f"can't be checked to its end: {error}"


def _pages(db: sqlite3.Connection) -> Iterator[Wrong]:
    """Pages, indexes and constraints (https://www.sqlite.org/pragma.html#pragma_integrity_check)."""
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield "archive.db", None, " ".join(line.split())


def _references(db: sqlite3.Connection) -> Iterator[Wrong]:
    """Rows that refer to a row that is not there: captures of articles, versions, counts, ..."""
    broken = sorted(map(tuple, db.execute("PRAGMA foreign_key_check")), key=str)
    for table, group in groupby(broken, key=lambda row: row[0]):
        keys = {row[0]: row for row in db.execute(f"PRAGMA foreign_key_list({table})")}
        for _, row_id, parent, number in group:
            column = keys[number]["from"]
            value = db.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row_id,))
            yield table, row_id, f"{column} is {value.fetchone()[0]}, and {parent} has no such row"


def _index(db: sqlite3.Connection) -> Iterator[Wrong]:
    """The full-text indexes against the view that they are made from.

    Rank 1 asks for that comparison (https://www.sqlite.org/fts5.html#the_integrity_check_command).
    """
    for index in fulltext.INDEXES:
        try:
            db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            yield index, None, "the full-text index is not what the articles give"


def _places(db: sqlite3.Connection) -> Iterator[Wrong]:
    rows = db.execute(
        """SELECT id, warc_file, warc_offset, warc_length FROM captures
           WHERE (warc_file IS NULL) + (warc_offset IS NULL) + (warc_length IS NULL) NOT IN (0, 3)
              OR typeof(warc_offset) NOT IN ('integer', 'null')
              OR warc_offset < 0 OR warc_length <= 0"""
    )
    for row_id, *place in rows:
        yield "captures", row_id, f"file, offset and length of its record can't be: {place}"


def _revisits(db: sqlite3.Connection) -> Iterator[Wrong]:
    """Our own revisits have their original; one that was imported may have come without."""
    rows = db.execute(
        """SELECT c.id, c.refers_to, o.record_type, o.payload_sha256 = c.payload_sha256
               OR (c.source <> 'live' AND c.status = 304)
           FROM captures c LEFT JOIN captures o ON o.id = c.refers_to
           WHERE c.refers_to IS NOT NULL OR (c.record_type = 'revisit' AND c.source = 'live')"""
    )
    for row_id, refers_to, kind, same in rows:
        if kind is None:
            yield "captures", row_id, f"a revisit of capture {refers_to}, which is not there"
        elif kind != "response":
            yield "captures", row_id, f"a revisit of capture {refers_to}, itself a {kind}"
        elif not same:
            yield "captures", row_id, f"a revisit of capture {refers_to}, which has another payload"


_CONTENT = "v.title, v.published_on, v.author, v.body"


def _versions(db: sqlite3.Connection) -> Iterator[Wrong]:
    for row_id, given, *content in db.execute(
        f"SELECT id, content_sha256, {_CONTENT} FROM versions v"
    ):
        digest = _content_sha256(*content)
        if digest != given:
            yield "versions", row_id, f"content_sha256 is {given}, its text gives {digest}"


def _articles(db: sqlite3.Connection) -> Iterator[Wrong]:
    """An article's text is that of its last version."""
    rows = db.execute(
        f"""SELECT v.id, l.content_sha256, {_CONTENT} FROM articles v
            LEFT JOIN versions l
                ON l.id = (SELECT id FROM versions WHERE article_id = v.id
                           ORDER BY seen_at DESC, id DESC LIMIT 1)"""
    )
    for row_id, given, *content in rows:
        if given is None:
            yield "articles", row_id, "it has no version"
        elif _content_sha256(*content) != given:
            yield "articles", row_id, f"its text is not that of its last version ({given})"


def _content_sha256(
    title: str | None, published_on: str | None, author: str | None, body: str | None
) -> str:
    """The digest as it was made when the version was saved, or why it can't be made."""
    try:
        day = date.fromisoformat(published_on) if published_on is not None else None
    except (TypeError, ValueError):
        return f"none, since published_on is no date: {published_on!r}"
    return content_sha256(Article(url="", title=title, published_on=day, author=author, body=body))


def _view_counts(db: sqlite3.Connection) -> Iterator[Wrong]:
    rows = db.execute(
        """SELECT id, view_count FROM articles a WHERE view_count IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM view_counts WHERE article_id = a.id AND views = a.view_count)"""
    )
    for row_id, views in rows:
        yield "articles", row_id, f"view_count is {views}, and no reading of the counter says so"
