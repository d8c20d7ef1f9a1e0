"""The portal's categories, and which article belongs to which.

Articles are dealt out in hands of 15: each hand is shuffled by the seed and gives every category
its weight of places. So the category of an article, and the nth article of a category, are both
found without looking at any other hand.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from practice import addresses, chance
from practice.grammar import texts
from practice.model import Category


def load(layout: str) -> tuple[Category, ...]:
    """All categories; `layout` is "mixed" or the one layout that all of them get."""
    names = sorted(
        entry.name.removesuffix(".toml")
        for entry in (files("practice") / "texts").iterdir()
        if entry.name[:1].isdigit()
    )
    return tuple(_category(index, name, layout) for index, name in enumerate(names))


def _category(index: int, name: str, layout: str) -> Category:
    facts = texts(name)
    chosen = facts["layout"] if layout == "mixed" else layout
    return Category(
        index=index,
        slug=facts["slug"],
        name=facts["name"],
        parent=facts["parent"],
        layout=chosen,
        weight=facts["weight"],
        views=facts["views"],
        path=addresses.listing(chosen, facts["slug"], facts["parent"], index),
        titles=tuple(facts["titles"]),
        leads=tuple(facts["leads"]),
        openings=tuple(facts["openings"]),
        sentences=tuple(facts["sentences"]),
    )


class Deal:
    """Which article belongs to which category."""

    def __init__(self, seed: int, categories: tuple[Category, ...]) -> None:
        self._seed = seed
        self._cards = [each.index for each in categories for _ in range(each.weight)]
        self._weights = [each.weight for each in categories]
        self._hand = lru_cache(maxsize=10_000)(self._shuffled)

    def place(self, k: int) -> tuple[int, int]:
        """(category, n): article k is the nth of that category, counted from 0."""
        hand, position = divmod(k, len(self._cards))
        cards = self._hand(hand)
        category = cards[position]
        nth = hand * self._weights[category] + cards[:position].count(category)
        return category, nth

    def article(self, category: int, nth: int) -> int:
        """The number of the category's nth article."""
        hand, rank = divmod(nth, self._weights[category])
        cards = self._hand(hand)
        positions = [i for i, card in enumerate(cards) if card == category]
        return hand * len(cards) + positions[rank]

    def count(self, category: int, articles: int) -> int:
        """How many of the first `articles` articles belong to the category."""
        hands, rest = divmod(articles, len(self._cards))
        extra = self._hand(hands)[:rest].count(category) if rest else 0
        return hands * self._weights[category] + extra

    def _shuffled(self, hand: int) -> tuple[int, ...]:
        cards = list(self._cards)
        chance.dice(self._seed, "hand", hand).shuffle(cards)
        return tuple(cards)
