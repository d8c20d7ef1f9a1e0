"""Articles that are like one article.

Its rarest words choose a few dozen others; how much of its words, and of neighbours among them,
these say in title and beginning orders them. Nothing longer is read.
"""

import sqlite3
from collections import defaultdict
from heapq import nlargest

from crawler.search.excerpt import hits
from crawler.search.expression import term_expression
from crawler.search.found import Filters, Hit
from crawler.search.language import Query, Term, words_of
from crawler.search.narrowing import source, with_match
from crawler.search.once import once
from crawler.search.scoring import Scorer
from crawler.search.vocabulary import Frequencies

# The words of the title, and the beginning of the text, where news says what it is about.
_WORDS = 60
_BEGINNING = """SELECT id, title, summary, substr(body, 1, 1000) AS body, NULL AS author,
    NULL AS attachments_text FROM articles WHERE id = ?"""
# Each takes a fifth of a microsecond to fetch and add up.
_POSTINGS = 12_000
_CANDIDATES = 20
# So many matches tell which words are the rare ones.
_SAMPLE = 100
_EVERYTHING = Query((), ())


def similar(db: sqlite3.Connection, article_id: int, limit: int = 5) -> tuple[Hit, ...]:
    """The articles most like that one, best first; none when there is no such article.

    Nothing is marked in them, and their snippets are their beginnings.
    """
    terms = _words(db, article_id)
    query, known = Query((terms,), ()), Frequencies(db, _SAMPLE)
    sharing = [n for n in _sharing(db, terms, known, limit + _CANDIDATES) if n != article_id]
    # The same text elsewhere is not like it: it is it.
    others = once(db, [article_id, *sharing])[1:]
    scorer = Scorer(query, known.weights(query))
    rows = [db.execute(_BEGINNING, (number,)).fetchone() for number in others]
    best = nlargest(limit, rows, key=lambda row: scorer.score(row).rank)
    return hits(db, _EVERYTHING, [row["id"] for row in best])


def _words(db: sqlite3.Connection, article_id: int) -> tuple[Term, ...]:
    row = db.execute(_BEGINNING, (article_id,)).fetchone()
    texts = (row["title"], row["summary"], row["body"]) if row else ()
    words = [word for text in texts if text for word in words_of(text)]
    return tuple(Term((word,)) for word in dict.fromkeys(words[:_WORDS]))


def _sharing(
    db: sqlite3.Connection, terms: tuple[Term, ...], known: Frequencies, limit: int
) -> list[int]:
    """The articles that share most with `terms`, by the weight of their rarest."""
    everything = source(_EVERYTHING, Filters())
    gained: dict[int, float] = defaultdict(float)
    fetched = 0.0
    for term in sorted(terms, key=known.having):
        fetched += known.having(term)
        if fetched > _POSTINGS and gained:
            break
        gain = known.weight(term)
        for number in with_match(everything, term_expression(term)).ids(db):
            gained[number] += gain
    return nlargest(limit, gained, key=gained.__getitem__)
