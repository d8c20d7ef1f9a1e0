"""The full-text index, declared in plain SQL, so that every SQLite program can read and feed it.

Its content is a view over `articles` that has each searched column as written and folded, and all
of them decomposed; triggers keep the index in step, whoever writes.
"""

import unicodedata

from crawler.vietnamese import FOLDING

SEARCHED = ("title", "summary", "author", "body")
"""Columns of `articles` that people search; each is indexed as written and folded."""

FOLDED = tuple(f"{column}_folded" for column in SEARCHED)

# Everything once more in normal form D: a query typed so (a name copied from a Mac is) is found by
# programs that pass it on as it is. It adds a quarter to the file; this engine's search skips it.
DECOMPOSED = "decomposed"

COLUMNS = (*SEARCHED, *FOLDED, DECOMPOSED)
_COLUMNS = ", ".join(COLUMNS)

# SQLite's parser allows about 100 open tokens, and each nested replace() takes some five.
_LETTERS_PER_STEP = 12


def statements() -> list[str]:
    """The SQL that makes view, index and triggers, in order."""
    return [_view(), _INDEX, *_TRIGGERS]


def _view() -> str:
    letters = list(FOLDING)
    steps = [letters[i : i + _LETTERS_PER_STEP] for i in range(0, len(letters), _LETTERS_PER_STEP)]
    parts = [f"step0 AS (SELECT id, {', '.join(_start())} FROM articles)"]
    for number, step in enumerate(steps, 1):
        replaced = ", ".join(_replacing(column, step) for column in COLUMNS)
        parts.append(f"step{number} AS (SELECT id, {replaced} FROM step{number - 1})")
    return (
        f"CREATE VIEW articles_spellings AS WITH {', '.join(parts)} "
        f"SELECT id, {_COLUMNS} FROM step{len(steps)}"
    )


def _start() -> list[str]:
    everything = " || ' ' || ".join(f"coalesce({column}, '')" for column in SEARCHED)
    return [
        *SEARCHED,
        *(f"{column} AS {column}_folded" for column in SEARCHED),
        f"{everything} AS {DECOMPOSED}",
    ]


def _replacing(column: str, letters: list[str]) -> str:
    if column in SEARCHED:
        return column
    nested = column
    for letter in letters:
        other = FOLDING[letter] if column in FOLDED else unicodedata.normalize("NFD", letter)
        if other != letter:
            nested = f"replace({nested}, '{letter}', '{other}')"
    return f"{nested} AS {column}"


# Datasette and sqlite-utils find a table's index by the text content="articles" in its SQL; the
# real content is the view, which has the spellings that the table lacks.
_INDEX = f"""CREATE VIRTUAL TABLE articles_fts USING fts5 /* content="articles" */ (
    {_COLUMNS},
    content='articles_spellings', content_rowid='id',
    tokenize='unicode61 remove_diacritics 0')"""

_WATCHED = ", ".join(SEARCHED)
_CHANGED = " OR ".join(f"old.{c} IS NOT new.{c}" for c in SEARCHED)
_ADD = (
    f"INSERT INTO articles_fts (rowid, {_COLUMNS}) "
    f"SELECT id, {_COLUMNS} FROM articles_spellings WHERE id = new.id;"
)
# An external-content index is told what to forget while the old row can still be read
# (https://www.sqlite.org/fts5.html#the_delete_command).
_FORGET = (
    f"INSERT INTO articles_fts (articles_fts, rowid, {_COLUMNS}) "
    f"SELECT 'delete', id, {_COLUMNS} FROM articles_spellings WHERE id = old.id;"
)
_TRIGGERS = [
    f"CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN {_ADD} END",
    f"CREATE TRIGGER articles_fts_delete BEFORE DELETE ON articles BEGIN {_FORGET} END",
    f"CREATE TRIGGER articles_fts_before_update BEFORE UPDATE OF {_WATCHED} ON articles "
    f"WHEN {_CHANGED} BEGIN {_FORGET} END",
    f"CREATE TRIGGER articles_fts_after_update AFTER UPDATE OF {_WATCHED} ON articles "
    f"WHEN {_CHANGED} BEGIN {_ADD} END",
]
