"""The full-text index, declared in plain SQL, so that every SQLite program can read and feed it.

Its content is a view over `articles` that has each searched column as written and folded, and all
of them decomposed; triggers keep the index in step, whoever writes.
"""

import unicodedata

from crawler.vietnamese import FOLDING

SEARCHED = ("title", "summary", "author", "body", "attachments_text")
"""Columns of `articles` that people search; each is indexed as written and folded."""

FOLDED = tuple(f"{column}_folded" for column in SEARCHED)

SEARCHED_AT_FIRST = SEARCHED[:4]
"""What migration 2 indexed, before the text of attachments was known."""

# Everything once more in normal form D: a query typed so (a name copied from a Mac is) is found by
# programs that pass it on as it is. It adds a quarter to the file; this engine's search skips it.
DECOMPOSED = "decomposed"

# SQLite's parser allows about 100 open tokens, and each nested replace() takes some five.
_LETTERS_PER_STEP = 12


def statements(searched: tuple[str, ...] = SEARCHED) -> list[str]:
    """The SQL that makes view, index and triggers for the columns `searched`, in order."""
    return [_view(searched), _index(searched), *_triggers(searched)]


UNDOING = (
    *(
        f"DROP TRIGGER articles_fts_{name}"
        for name in ("insert", "delete", "before_update", "after_update")
    ),
    "DROP TABLE articles_fts",
    "DROP VIEW articles_spellings",
)
"""The SQL that takes view, index and triggers away, before a migration makes other ones."""

REBUILDING = "INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')"
"""The SQL that fills the index from the articles that are there."""


def _columns(searched: tuple[str, ...]) -> str:
    return ", ".join((*searched, *_folded(searched), DECOMPOSED))


def _folded(searched: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{column}_folded" for column in searched)


def _view(searched: tuple[str, ...]) -> str:
    letters = list(FOLDING)
    steps = [letters[i : i + _LETTERS_PER_STEP] for i in range(0, len(letters), _LETTERS_PER_STEP)]
    parts = [f"step0 AS (SELECT id, {', '.join(_start(searched))} FROM articles)"]
    for number, step in enumerate(steps, 1):
        replaced = ", ".join(
            (
                *searched,
                *(_replacing(column, step) for column in (*_folded(searched), DECOMPOSED)),
            )
        )
        parts.append(f"step{number} AS (SELECT id, {replaced} FROM step{number - 1})")
    return (
        f"CREATE VIEW articles_spellings AS WITH {', '.join(parts)} "
        f"SELECT id, {_columns(searched)} FROM step{len(steps)}"
    )


def _start(searched: tuple[str, ...]) -> list[str]:
    everything = " || ' ' || ".join(f"coalesce({column}, '')" for column in searched)
    return [
        *searched,
        *(f"{column} AS {column}_folded" for column in searched),
        f"{everything} AS {DECOMPOSED}",
    ]


def _replacing(column: str, letters: list[str]) -> str:
    nested = column
    for letter in letters:
        decomposed = unicodedata.normalize("NFD", letter)
        other = decomposed if column == DECOMPOSED else FOLDING[letter]
        if other != letter:
            nested = f"replace({nested}, '{letter}', '{other}')"
    return f"{nested} AS {column}"


def _index(searched: tuple[str, ...]) -> str:
    # Datasette and sqlite-utils find a table's index by the text content="articles" in its SQL; the
    # real content is the view, which has the spellings that the table lacks.
    return f"""CREATE VIRTUAL TABLE articles_fts USING fts5 /* content="articles" */ (
    {_columns(searched)},
    content='articles_spellings', content_rowid='id',
    tokenize='unicode61 remove_diacritics 0')"""


def _triggers(searched: tuple[str, ...]) -> list[str]:
    columns, watched = _columns(searched), ", ".join(searched)
    changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in searched)
    add = (
        f"INSERT INTO articles_fts (rowid, {columns}) "
        f"SELECT id, {columns} FROM articles_spellings WHERE id = new.id;"
    )
    # An external-content index is told what to forget while the old row can still be read
    # (https://www.sqlite.org/fts5.html#the_delete_command).
    forget = (
        f"INSERT INTO articles_fts (articles_fts, rowid, {columns}) "
        f"SELECT 'delete', id, {columns} FROM articles_spellings WHERE id = old.id;"
    )
    return [
        f"CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN {add} END",
        f"CREATE TRIGGER articles_fts_delete BEFORE DELETE ON articles BEGIN {forget} END",
        f"CREATE TRIGGER articles_fts_before_update BEFORE UPDATE OF {watched} ON articles "
        f"WHEN {changed} BEGIN {forget} END",
        f"CREATE TRIGGER articles_fts_after_update AFTER UPDATE OF {watched} ON articles "
        f"WHEN {changed} BEGIN {add} END",
    ]
