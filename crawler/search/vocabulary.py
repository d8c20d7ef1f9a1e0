"""The words of titles, and how many articles have a word: what the index itself knows."""

import math
import sqlite3
from dataclasses import replace

from crawler.archive import sources
from crawler.archive.numbering import Places
from crawler.search.expression import term_expression
from crawler.search.language import Query, Term
from crawler.search.spellings import is_marked

_LAST = "\U0010ffff"
# So many matches tell how common a word is, without a walk over all of them.
_SAMPLE = 500
# SQLite merges all words with a beginning before it gives the first match. That is quick unless
# many articles have them; and then the commonest ones have more than anybody looks at.
_FEW = 30
_COMMONEST = 20


def title_words(db: sqlite3.Connection, beginning: str, *, marked: bool) -> list[tuple[str, int]]:
    """The words in titles that begin so, as written if `marked`, else all of them without marks.

    With each how many titles have it, commonest first.
    """
    db.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.title_words USING fts5vocab(main, titles_fts, col)"
    )
    rows = db.execute(
        """SELECT term, doc FROM temp.title_words WHERE term >= ? AND term < ? AND col = ?
           ORDER BY doc DESC""",
        (beginning, beginning + _LAST, "title" if marked else "title_folded"),
    )
    return [(row[0], row[1]) for row in rows]


def with_common_words(db: sqlite3.Connection, query: Query) -> Query:
    """`query` with the commonest words instead of a prefix* that very many articles answer.

    What it finds is less than everything, but still too much to look through; see `Results.more`.
    """
    if not any(term.prefix for term in query.terms):
        return query
    changed = tuple(
        tuple(_with_common_words(db, term) for term in terms) for terms in query.alternatives
    )
    return query if changed == query.alternatives else replace(query, alternatives=changed)


def _with_common_words(db: sqlite3.Connection, term: Term) -> Term:
    last = term.words[-1]
    words = title_words(db, last, marked=is_marked(last)) if term.prefix else []
    if sum(titles for _, titles in words) < _FEW:
        return term
    first, *others = [(*term.words[:-1], word) for word, _ in words[:_COMMONEST]]
    return replace(term, words=first, also=tuple(others), prefix=False)


def places(db: sqlite3.Connection) -> Places:
    """Where articles stand by their numbers, and so about how many there are."""
    last = db.execute("SELECT ifnull(max(id), 0) FROM articles").fetchone()[0]
    return Places(int(last), sources.sizes(db))


class Frequencies:
    """About how many articles have a term, and what weight that gives it; rare ones exactly.

    Rare is what fewer than `sample` articles have.
    """

    def __init__(self, db: sqlite3.Connection, sample: int = _SAMPLE) -> None:
        self._db, self._sample = db, sample
        self.places = places(db)
        self.among = self.places.last
        """About how many articles there are."""
        self._having: dict[Term, float] = {}

    def having(self, term: Term) -> float:
        """About how many articles have `term`."""
        if term not in self._having:
            self._having[term] = self.matching(term_expression(term))
        return self._having[term]

    def matching(self, match: str, index: str = "articles_fts") -> float:
        """About how many articles match an FTS5 expression."""
        last, found = self._db.execute(
            f"""SELECT max(rowid), count(*) FROM (SELECT rowid FROM {index}
                WHERE {index} MATCH ? ORDER BY rowid LIMIT {self._sample})""",
            (match,),
        ).fetchone()
        return (
            float(found)
            if found < self._sample
            else found * self.among / max(self.places.place(last), 1)
        )

    def weight(self, term: Term) -> float:
        """What an article gains that has `term`: BM25's, never negative."""
        having = min(self.having(term), self.among)
        return math.log(1 + (self.among - having + 0.5) / (having + 0.5))

    def weights(self, query: Query) -> list[float]:
        """The weight of each term of `query`; a term alone is worth the same in every article."""
        if len(query.terms) == 1:
            return [1.0]
        return [self.weight(term) for term in query.terms]
