"""The full-text indexes, declared in plain SQL: every SQLite program can read and feed them.

Their content is a view over `articles` that has each searched column as written and folded, and all
of them decomposed; triggers keep the indexes in step, whoever writes. Of articles that
luutru saves itself it does what the triggers would (`indexing`): Python spells six times as fast.
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

INDEXES = ("articles_fts", "titles_fts")

INDEXED_BY_WRITER = "articles_fts_by_writer"
"""Articles, by their URLs, that the writer itself indexes: empty outside of its transactions."""

ALL, ALL_OF_TITLES = (*SEARCHED, *FOLDED, DECOMPOSED), ("title", "title_folded")
"""The columns of the two indexes, in order."""

_VERBS = ("insert", "delete", "before_update", "after_update")

_TOKENIZER = "unicode61 remove_diacritics 0"


def statements(searched: tuple[str, ...] = SEARCHED) -> list[str]:
    """The SQL that makes view, index and triggers for the columns `searched`, in order."""
    columns = (*searched, *_folded(searched), DECOMPOSED)
    return [view(searched), _index(columns), *_triggers("articles_fts", searched, columns)]


def title_statements() -> list[str]:
    """The SQL that makes and fills the small index of titles, which also knows beginnings of words.

    Titles rank first anyway, and a common word is in 30 times fewer of them: so the search need not
    look at every article that has the word.
    """
    return [
        f"""CREATE VIRTUAL TABLE titles_fts USING fts5({", ".join(ALL_OF_TITLES)},
    content='articles_spellings', content_rowid='id', prefix='1 2 3',
    tokenize='{_TOKENIZER}')""",
        *_triggers("titles_fts", ("title",), ALL_OF_TITLES),
        "INSERT INTO titles_fts (titles_fts) VALUES ('rebuild')",
    ]


def yielding_statements() -> list[str]:
    """The SQL that lets the triggers leave those articles alone that `indexing` takes care of.

    Only rows of a table can tell them: SQLite's triggers know nothing of a connection.
    """
    return [
        f"CREATE TABLE {INDEXED_BY_WRITER} (url_id INTEGER PRIMARY KEY)",
        *(f"DROP TRIGGER {index}_{verb}" for index in INDEXES for verb in _VERBS),
        *_triggers("articles_fts", SEARCHED, ALL, yields=True),
        *_triggers("titles_fts", ("title",), ALL_OF_TITLES, yields=True),
    ]


UNDOING = (
    *(f"DROP TRIGGER articles_fts_{verb}" for verb in _VERBS),
    "DROP TABLE articles_fts",
    "DROP VIEW articles_spellings",
)
"""The SQL that takes view, index and triggers away, before a migration makes other ones."""

REBUILDING = "INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')"
"""The SQL that fills the index from the articles that are there."""


def _folded(searched: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{column}_folded" for column in searched)


def view(searched: tuple[str, ...] = SEARCHED) -> str:
    """The SQL of the view that holds every spelling of `searched`."""
    everything = " || ' ' || ".join(f"coalesce({column}, '')" for column in searched)
    spellings = [f"{_spelled(column, FOLDING)} AS {column}_folded" for column in searched]
    taken_apart = {letter: unicodedata.normalize("NFD", letter) for letter in FOLDING}
    return (
        f"CREATE VIEW articles_spellings AS SELECT id, {', '.join((*searched, *spellings))}, "
        f"{_spelled(everything, taken_apart)} AS {DECOMPOSED} FROM articles"
    )


def _spelled(text: str, letters: dict[str, str]) -> str:
    """The SQL that replaces letters in `text`, one after the other.

    Nested calls of replace() are a third faster, but SQLite keeps what each of them returns to the
    end of the statement: more than a hundred times the text.
    """
    pairs = [(letter, other) for letter, other in letters.items() if other != letter]
    width = max(len(other) for _, other in pairs)
    old = "".join(letter for letter, _ in pairs)
    new = "".join(other.ljust(width) for _, other in pairs)
    return f"""(WITH RECURSIVE spelled (n, text) AS (SELECT 0, {text} UNION ALL
        SELECT n + 1, replace(text, substr('{old}', n + 1, 1),
            rtrim(substr('{new}', n * {width} + 1, {width}))) FROM spelled WHERE n < {len(pairs)})
        SELECT text FROM spelled WHERE n = {len(pairs)})"""


def _index(columns: tuple[str, ...]) -> str:
    # Datasette and sqlite-utils find a table's index by the text content="articles" in its SQL; the
    # real content is the view, which has the spellings that the table lacks.
    return f"""CREATE VIRTUAL TABLE articles_fts USING fts5 /* content="articles" */ (
    {", ".join(columns)},
    content='articles_spellings', content_rowid='id',
    tokenize='{_TOKENIZER}')"""


def _triggers(
    index: str, watched: tuple[str, ...], columns: tuple[str, ...], *, yields: bool = False
) -> list[str]:
    listed, of = ", ".join(columns), ", ".join(watched)
    changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in watched)
    add = (
        f"INSERT INTO {index} (rowid, {listed}) "
        f"SELECT id, {listed} FROM articles_spellings WHERE id = new.id;"
    )
    # An external-content index is told what to forget while the old row can still be read
    # (https://www.sqlite.org/fts5.html#the_delete_command).
    forget = (
        f"INSERT INTO {index} ({index}, rowid, {listed}) "
        f"SELECT 'delete', id, {listed} FROM articles_spellings WHERE id = old.id;"
    )

    def when(row: str, condition: str = "true") -> str:
        theirs = f"NOT EXISTS (SELECT 1 FROM {INDEXED_BY_WRITER} WHERE url_id = {row}.url_id)"
        return f"WHEN ({condition}) AND {theirs}" if yields else f"WHEN {condition}"

    return [
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON articles {when('new')} BEGIN {add} END",
        f"CREATE TRIGGER {index}_delete BEFORE DELETE ON articles {when('old')} BEGIN {forget} END",
        f"CREATE TRIGGER {index}_before_update BEFORE UPDATE OF {of} ON articles "
        f"{when('old', changed)} BEGIN {forget} END",
        f"CREATE TRIGGER {index}_after_update AFTER UPDATE OF {of} ON articles "
        f"{when('old', changed)} BEGIN {add} END",
    ]
