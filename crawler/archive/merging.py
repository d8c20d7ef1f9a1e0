"""Bringing the rows of one archive into a merged one: what is new, changed or gone there.

The source is attached as the schema `came`. A row's number and its references are mapped by
arithmetic (`numbering`), so no table of pairs has to be kept, asked or trusted.
"""

import sqlite3
from dataclasses import dataclass

from crawler.archive import groups
from crawler.archive.fulltext import INDEXED_BY_WRITER
from crawler.archive.numbering import expression, is_of, merged
from crawler.archive.sources import Source

_ROWS = (
    "portals", "runs", "urls", "captures", "versions", "view_counts", "readings", "images",
    "attachments", "site_counts", "suspect_links", "problems", "url_shapes", "listing_claims",
    "certificates", "coverage", "documents", "document_readings", "document_files",
    "index_queries", "listed_captures", "events",
)  # fmt: skip
TABLES = (*_ROWS, "articles")
"""What is merged, in this order: attachments first, whose triggers tell articles of their text."""

SHARED = ("units", "unit_changes")
"""What has the same numbers in every archive; the last one merged knows best."""

LEFT_OUT = {
    "watches": "who is told of what is the business of the archive's keeper",
    "watch_hits": "as watches",
    "schedules": "when is crawled is told where it is crawled",
    "alarms": "they call for somebody to look at the crawls",
    "tellings": "as alarms",
    "row_changes": "the log that is read for merging",
    "identity": "every archive has its own",
    "article_groups": "they are found anew among the articles of all",
    "article_keys": "as article_groups",
    "sources": "only a merged archive has some",
}
"""What stays in the sources, and why."""

# They keep a log for further merges, and the audit log from being rewritten: here it is a copy,
# which follows its source.
_NOT_HERE = "name LIKE 'row\\_changes\\_%' ESCAPE '\\' OR name LIKE 'events\\_no\\_%' ESCAPE '\\'"


@dataclass(frozen=True, slots=True)
class Brought:
    """How many rows came."""

    rows: int
    new: int
    """Articles."""
    changed: int
    """Articles whose row changed: a text, a count, the time when they were last seen."""
    gone: int
    """Articles."""


def prepare(db: sqlite3.Connection) -> None:
    """Make an archive one to merge into, if it is none; call in the transaction of a source.

    Without any source it stays one that can be crawled into, which needs these triggers.
    """
    rows = db.execute(f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND ({_NOT_HERE})")
    for name in [row["name"] for row in rows]:
        db.execute(f"DROP TRIGGER {name}")


def forget(db: sqlite3.Connection, number: int) -> set[int]:
    """Remove all rows of a source; returns articles whose group lost its first by that."""
    for table in _ROWS:
        db.execute(f"DELETE FROM main.{table} WHERE {is_of(number)}")
    last = _count(db, f"SELECT articles FROM main.sources WHERE id = {number}")
    numbers = [merged("articles", n, number) for n in range(1, last + 1)]
    lonely = groups.forget(db, numbers)
    db.executemany("DELETE FROM main.articles WHERE id = ?", [(each,) for each in numbers])
    return lonely - set(numbers)


def is_current(db: sqlite3.Connection, source: Source) -> bool:
    """Whether the attached source has nothing that was not brought."""
    read = _count(db, "SELECT ifnull(max(id), 0) FROM came.row_changes")
    return read == source.changes_read and all(
        _count(db, f"SELECT ifnull(max(id), 0) FROM came.{table}") <= _last(db, table, source)
        for table in TABLES
    )


def bring(db: sqlite3.Connection, source: Source, lonely: set[int]) -> Brought:
    """Bring what changed in the attached source since `source` was noted.

    Articles in `lonely` are to be grouped, too. Call inside a transaction, without foreign keys
    enforced: rows come table by table.
    """
    _note_touched(db, source.changes_read)
    new = _count(db, f"SELECT count(*) FROM came.articles WHERE id > {source.articles}")
    changed = _count(db, f"SELECT count(*) {_TOUCHED_ARTICLES} AND id <= {source.articles}")
    last = {table: _last(db, table, source) for table in TABLES}
    reworded = _reworded(db, source)
    lonely = lonely | groups.forget(db, reworded)
    gone = _remove(db, source)
    rows = sum(db.execute(_insert(db, each, source, last[each])).rowcount for each in _ROWS)
    for table in SHARED:
        _share(db, table)
    rows += _articles(db, source)
    added = [row["id"] for row in db.execute("SELECT id FROM temp.added")]
    groups.learn(db, sorted({*added, *reworded, *lonely}))
    return Brought(rows, new, changed, gone)


_TOUCHED = "SELECT row_id FROM temp.touched WHERE table_name = '{table}'"
_TOUCHED_ARTICLES = f"FROM came.articles WHERE id IN ({_TOUCHED.format(table='articles')})"


def _note_touched(db: sqlite3.Connection, changes_read: int) -> None:
    db.execute(
        """CREATE TEMP TABLE IF NOT EXISTS touched (table_name TEXT, row_id INTEGER,
               PRIMARY KEY (table_name, row_id)) WITHOUT ROWID"""
    )
    db.execute("DELETE FROM temp.touched")
    db.execute(
        """INSERT OR IGNORE INTO temp.touched
           SELECT table_name, row_id FROM came.row_changes WHERE id > ?""",
        (changes_read,),
    )


def _count(db: sqlite3.Connection, sql: str) -> int:
    return int(db.execute(sql).fetchone()[0])


def _last(db: sqlite3.Connection, table: str, source: Source) -> int:
    """The highest number in the source's table that was brought before."""
    if table == "articles":
        return source.articles
    here = f"SELECT max(id) FROM main.{table} WHERE {is_of(source.number)}"
    return _count(db, f"SELECT ifnull(({here}) - {expression(table, '0', source.number)}, 0)")


def _reworded(db: sqlite3.Connection, source: Source) -> list[int]:
    """The articles here that are gone there, or have another text or address."""
    rows = db.execute(
        f"""SELECT here.id FROM temp.touched
            JOIN main.articles here ON here.id = {expression("articles", "row_id", source.number)}
            LEFT JOIN came.articles there ON there.id = row_id
            WHERE table_name = 'articles' AND (there.id IS NULL
                OR there.body IS NOT here.body OR there.url <> here.url)"""
    )
    return [row["id"] for row in rows]


def _remove(db: sqlite3.Connection, source: Source) -> int:
    """Remove what is gone, and what comes again; of articles only what is gone. Returns those."""
    for table in _ROWS:
        own = expression(table, "row_id", source.number)
        touched = f"SELECT {own} FROM temp.touched WHERE table_name = '{table}'"
        db.execute(f"DELETE FROM main.{table} WHERE id IN ({touched})")
    gone = f"""SELECT {expression("articles", "row_id", source.number)} FROM temp.touched
        WHERE table_name = 'articles' AND row_id NOT IN (SELECT id FROM came.articles)"""
    db.execute(f"DELETE FROM main.watch_hits WHERE article_id IN ({gone})")
    return db.execute(f"DELETE FROM main.articles WHERE id IN ({gone})").rowcount


def _insert(db: sqlite3.Connection, table: str, source: Source, last: int) -> str:
    """The SQL that brings the rows of `table` that are new since `last`, and those touched."""
    columns = _columns(db, table, source.number)
    return f"""INSERT INTO main.{table} ({", ".join(columns)})
        SELECT {", ".join(columns.values())} FROM came.{table} AS own
        WHERE id > {last}
        UNION ALL SELECT {", ".join(columns.values())} FROM came.{table} AS own
        WHERE id <= {last} AND id IN ({_TOUCHED.format(table=table)})"""


def _articles(db: sqlite3.Connection, source: Source) -> int:
    """Bring articles in place of what they were: the index then knows what to forget."""
    columns = _columns(db, "articles", source.number)
    # Two articles may have changed places: each of them comes with its own.
    own, url = (
        expression(t, n, source.number) for t, n in (("articles", "id"), ("urls", "url_id"))
    )
    db.execute(
        f"""UPDATE main.articles SET url_id = -id FROM (
                SELECT {own} AS number, {url} AS place {_TOUCHED_ARTICLES}) came
            WHERE main.articles.id = came.number AND main.articles.url_id <> came.place"""
    )
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
    insert = f"""{_insert(db, "articles", source, source.articles)}
        ON CONFLICT (id) DO UPDATE SET {sets}"""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS added (id INTEGER PRIMARY KEY, url_id INTEGER)")
    db.execute("DELETE FROM temp.added")
    db.execute(
        f"""INSERT INTO temp.added
            SELECT {own}, {url} FROM came.articles WHERE id > {source.articles}
            UNION ALL SELECT {own}, {url} {_TOUCHED_ARTICLES} AND id <= {source.articles}
                AND {own} NOT IN (SELECT id FROM main.articles)"""
    )
    db.execute(f"INSERT INTO {INDEXED_BY_WRITER} (url_id) SELECT url_id FROM temp.added")
    return db.execute(insert).rowcount


def _share(db: sqlite3.Connection, table: str) -> None:
    """Have the rows of a table that all archives share."""
    about = db.execute(f"PRAGMA main.table_info({table})").fetchall()
    keys = [row["name"] for row in about if row["pk"]]
    facts = [row["name"] for row in about if not row["pk"]]
    db.execute(
        f"""INSERT INTO main.{table} SELECT * FROM came.{table} WHERE true
            ON CONFLICT ({", ".join(keys)}) DO UPDATE
            SET {", ".join(f"{name} = excluded.{name}" for name in facts)}
            WHERE ({", ".join(facts)}) IS NOT ({", ".join(f"excluded.{n}" for n in facts)})"""
    )


def _columns(db: sqlite3.Connection, table: str, source: int) -> dict[str, str]:
    """Each column of a table, and the SQL of what it becomes."""
    refers = {
        row["from"]: row["table"] for row in db.execute(f"PRAGMA main.foreign_key_list({table})")
    }
    names = [row["name"] for row in db.execute(f"PRAGMA main.table_info({table})")]
    return {name: _becomes(table, name, refers.get(name), source) for name in names}


def _becomes(table: str, column: str, refers: str | None, source: int) -> str:
    if column == "id":
        return expression(table, "id", source)
    if refers in TABLES:
        return expression(refers, column, source)
    return _OTHERWISE.get((table, column), column).format(
        source=source, article=expression("articles", "CAST(substr(object, 9) AS INTEGER)", source)
    )


# Two people may have crawled the same portal. WARC files lie in the folders of the sources. Events
# name articles and WARC files in words.
_OTHERWISE = {
    ("portals", "slug"): """slug || iif(EXISTS (SELECT 1 FROM main.portals AS other
        WHERE other.slug = own.slug), '.{source}', '')""",
    ("captures", "warc_file"): "'{source}/' || warc_file",
    ("events", "object"): """CASE WHEN object GLOB 'article [0-9]*' THEN 'article ' || {article}
        WHEN object GLOB '*.warc' OR object GLOB '*.warc.gz' OR object GLOB 'originals/*'
        THEN '{source}/' || object
        ELSE object END""",
}
