"""Articles that are like one article."""

import sqlite3

from crawler.search.excerpt import hits
from crawler.search.found import Filters, Hit
from crawler.search.language import Query, Term, words_of
from crawler.search.loosely import nearest
from crawler.search.vocabulary import Frequencies

# The words of the title, and the beginning of the text, where news says what it is about.
_WORDS = 60


def similar(db: sqlite3.Connection, article_id: int, limit: int = 5) -> tuple[Hit, ...]:
    """The articles most like that one, best first; none when there is no such article."""
    row = db.execute(
        "SELECT title, summary, substr(body, 1, 1000) AS body FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    words = [word for text in row or () if text for word in words_of(text)]
    query = Query((tuple(Term((word,)) for word in dict.fromkeys(words[:_WORDS])),), ())
    near = nearest(db, query, Filters(), Frequencies(db), coverage=0)
    others = [number for number, _ in near if number != article_id]
    return hits(db, query, others[:limit])
