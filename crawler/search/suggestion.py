"""Did you mean: another query for one that no article answers with every word."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice, product

from crawler.search.abbreviations import expanded
from crawler.search.expression import expression
from crawler.search.found import Filters
from crawler.search.language import parse, words_of
from crawler.search.matching import tokens_of
from crawler.search.narrowing import count, source
from crawler.search.spellings import closeness, is_marked
from crawler.search.vocabulary import title_words
from crawler.vietnamese import FOLDING, fold, nfc

_WORDS_AT_MOST = 8
_CHOICES = 6
_TRIES = 36
# Among so many the commonest need not be known.
_ENOUGH = 10_000


def suggestion(db: sqlite3.Connection, query: str, filters: Filters) -> str | None:
    """The nearest query that finds something, or None: other marks first, then other letters."""
    words = tuple(dict.fromkeys(words_of(query)))
    if not 0 < len(words) <= _WORDS_AT_MOST:
        return None
    unmarked = _changed(query, {word: fold(word) for word in words})
    if unmarked != nfc(query) and _matches(db, unmarked, filters):
        return _as_in_a_title(db, unmarked)
    tries = islice(_with_other_letters(db, query, words), _TRIES)
    found = [(_matches(db, text, filters), text) for text in tries]
    most, best = max(found, default=(0, ""), key=lambda one: one[0])
    if not most:
        return None
    return best if is_marked(best) else _as_in_a_title(db, best)


def _changed(query: str, words: Mapping[str, str]) -> str:
    """`query` with other words in the place of some; operators and quotes stay."""
    changed = nfc(query)
    for word, new in words.items():
        changed = re.sub(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", new, changed)
    return changed


def _matches(db: sqlite3.Connection, query: str, filters: Filters) -> int:
    return count(db, source(expanded(parse(query)), filters), _ENOUGH)


def _as_in_a_title(db: sqlite3.Connection, query: str) -> str:
    """An unmarked query with the marks that a title gives its words, if a title has them."""
    row = db.execute(
        "SELECT a.title FROM titles_fts JOIN articles a ON a.id = titles_fts.rowid "
        "WHERE titles_fts MATCH ? LIMIT 1",
        (expression(parse(" ".join(words_of(query)))),),
    ).fetchone()
    tokens = tokens_of(row[0]) if row else []
    spelled = {
        word: next((token for token in tokens if closeness(word, token)), word)
        for word in words_of(query)
    }
    return _changed(query, spelled)


def _with_other_letters(
    db: sqlite3.Connection, query: str, words: tuple[str, ...]
) -> Iterator[str]:
    """`query` with each word that no article has changed, the likeliest changes first."""
    unknown = [word for word in words if not _matches(db, f'"{word}"', Filters())]
    marked = is_marked(query)
    choices = [list(islice(_like(db, word, marked=marked), _CHOICES)) for word in unknown]
    for chosen in product(*choices) if unknown else ():
        yield _changed(query, dict(zip(unknown, chosen, strict=True)))


def _like(db: sqlite3.Connection, word: str, *, marked: bool) -> Iterator[str]:
    """Words of titles that differ by a letter or two, nearer and commoner ones first; or two."""
    yield from (
        f"{word[:at]} {word[at:]}"
        for at in range(2, len(word) - 1)
        if all(_matches(db, f"title:{part}", Filters()) for part in (word[:at], word[at:]))
    )
    bare = fold(word)
    near = sorted(
        (distance, -titles, known)
        for known, titles in _beginning_like(db, word, marked=marked)
        if (distance := _distance(bare, fold(known))) <= (1 if len(bare) < 5 else 2)
    )
    yield from (known for *_, known in near)


def _beginning_like(
    db: sqlite3.Connection, word: str, *, marked: bool
) -> Iterator[tuple[str, int]]:
    first = fold(word[0])
    same = (letter for letter, bare in FOLDING.items() if bare == first) if marked else ()
    for letter in (first, *same):
        yield from title_words(db, letter, marked=marked)


def _distance(one: str, other: str) -> int:
    """Letters to put in, take out, change or swap with the next (Damerau 1964, one swap each)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, above = above, row
    return above[-1]
