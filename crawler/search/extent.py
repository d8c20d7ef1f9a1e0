"""Which articles match and how many: all of few, the first of many, and about how many."""

import sqlite3
from dataclasses import dataclass

from crawler.search.language import Query
from crawler.search.narrowing import Source, count
from crawler.search.vocabulary import places

_MANY = 10_000
"""So many articles are fetched, which is as quick as to count them."""
_MOST = 100_000
"""So many articles that have a word are counted, or that filters let through."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far what was found reaches."""

    ids: list[int]
    """The articles in the order of their numbers; of many the first."""
    total: int
    """How many they are."""
    more: bool
    """They are more than that."""
    likely: float
    """About how many they are, if more."""

    @property
    def whole(self) -> bool:
        """Whether `ids` are all of them."""
        return len(self.ids) == self.total and not self.more


def extent(db: sqlite3.Connection, query: Query, found: Source) -> Extent:
    """How far `found`, which `query` means, reaches.

    One walk tells which articles match and how many, and is all it takes where they are few. Of
    many it is cheap to count those that have one word; what asks for more is left at "more than".
    """
    ids = found.first(db, _MANY + 1)
    if len(ids) <= _MANY:
        return Extent(ids, len(ids), more=False, likely=len(ids))
    most = _MOST if _is_at_most_a_word(query) else _MANY
    total = count(db, found, most) if most > _MANY else len(ids)
    among = places(db)
    likely = max(total, len(ids) * among.last / max(among.place(ids[-1]), 1))
    return Extent(ids[:_MANY], min(total, most), total > most, likely)


def _is_at_most_a_word(query: Query) -> bool:
    terms = (*query.terms, *query.excluded)
    wordings = [wording for term in terms for wording in term.wordings]
    return not wordings or (len(wordings) == len(wordings[0]) == 1 and not terms[0].prefix)
