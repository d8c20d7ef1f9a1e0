"""What exists on the portal on a given day, computed from the seed and never stored."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from practice import addresses, categories, chance, dates, writing
from practice.grammar import Scene, fill, texts
from practice.model import Article, Category, Headline, SiteCounts
from practice.sequence import Sequence
from practice.spelling import old_placement, slug

PAGE_SIZE = 15
VANISHING = ("404", "410", "302", "soft404")
"""How the page of a vanished article answers; soft404 is status 200 and "Không tìm thấy"."""
_ONE_VANISHES_OF = 50
_ONE_IS_EDITED_OF = 33
_LEAD_SHARE = {"kimson": 25, "vnportal": 75, "sharepoint": 40, "nukeviet": 75, "table2009": 30}


class Portal:
    """One portal on one day. `articles` is how many it had on day 0."""

    def __init__(self, articles: int, day: int = 0, seed: int = 1, layout: str = "mixed") -> None:
        names = texts("names")
        self.name: str = names["portal"]
        self.district: str = names["district"]
        self.articles, self.day, self.seed, self.layout = articles, day, seed, layout
        self.total = articles + dates.NEW_PER_DAY * day
        self.today = dates.today(day)
        self.categories = categories.load(layout)
        self.vanished = self._vanished()
        self._deal = categories.Deal(seed, self.categories)
        self.everything = Sequence(self.total, self.vanished, lambda member: member)
        self._rows = [self._row(each) for each in self.categories]
        self.headline = lru_cache(maxsize=20_000)(self._headline)
        self.article = lru_cache(maxsize=2_000)(self._article)

    def row(self, category: Category) -> Sequence:
        """The articles of one category."""
        return self._rows[category.index]

    def place(self, k: int) -> tuple[Category, int]:
        """(category, n): article k is the nth of its category, counted from 0."""
        index, nth = self._deal.place(k)
        return self.categories[index], nth

    def neighbours(self, k: int, span: int) -> tuple[list[int], list[int]]:
        """Up to `span` newer and `span` older articles of the category."""
        category, nth = self.place(k)
        row = self.row(category)
        here = row.position(nth)
        return row.slice(here - span, here), row.slice(here + 1, here + 1 + span)

    def find(self, wanted: str) -> int | None:
        """The number of the article at a path as `addresses.asked` gives it, vanished or not."""
        for k in addresses.numbers(wanted):
            if 0 <= k < self.total and addresses.plain(self.headline(k).path) == wanted:
                return k
        return None

    def counts(self) -> SiteCounts:
        """The traffic box, which grows with the days and not with requests."""
        today = 1500 + chance.number(400, self.seed, "today", self.day)
        online = 120 + chance.number(200, self.seed, "online", self.day)
        return SiteCounts(1_814_239 + 1_700 * self.day, online, today)

    def edited_on(self, k: int) -> date | None:
        """The day on which the article was changed, if that day has come."""
        if k >= self.articles or not chance.one_in(_ONE_IS_EDITED_OF, self.seed, "edit", k):
            return None
        day = 1 + chance.number(7, self.seed, "edit day", k)
        return dates.today(day) if day <= self.day else None

    def _vanished(self) -> dict[int, str]:
        """How each vanished article answers: one of each fifty, by its day in the first week."""
        gone = {}
        for group in range(self.articles // _ONE_VANISHES_OF):
            if group % 7 < self.day:
                spot = chance.number(_ONE_VANISHES_OF, self.seed, "vanish", group)
                gone[group * _ONE_VANISHES_OF + spot] = VANISHING[group % len(VANISHING)]
        return gone

    def _row(self, category: Category) -> Sequence:
        places = [self._deal.place(k) for k in self.vanished]
        gone = [nth for index, nth in places if index == category.index]
        count = self._deal.count(category.index, self.total)
        return Sequence(count, gone, lambda nth: self._deal.article(category.index, nth))

    def _headline(self, k: int) -> Headline:
        category, nth = self.place(k)
        at = dates.moment(self.seed, k, self.articles)
        event_on = at.date() - timedelta(days=chance.number(3, self.seed, "event", k))
        template, commune, count = self._subject(category, nth)
        dice = chance.dice(self.seed, "headline", k)
        scene = Scene(commune, event_on, dice, count)
        first_title = fill(template, scene)
        lead = fill(dice.choice(category.leads), scene)
        has_lead = chance.percent(_LEAD_SHARE[category.layout], self.seed, "lead", k)
        has_time = category.layout != "kimson" and chance.percent(80, self.seed, "time", k)
        has_time = has_time and not (category.layout == "sharepoint" and at.year < 2015)
        edit = self._edit(k)
        spelled = old_placement if self.spells_old(k) else str
        return Headline(
            k=k,
            category=category,
            path=addresses.article(
                category.layout, category.path, category.index, slug(first_title), k, at
            ),
            title=spelled(f"{first_title} (cập nhật)" if edit == "title" else first_title),
            lead=spelled(lead) if has_lead else None,
            at=at,
            event_on=event_on,
            commune=commune,
            has_time=has_time,
            date_text=dates.shown(category.layout, at, has_time, (self.seed, k)),
            views=self._views(k, at),
            edit=edit,
        )

    def spells_old(self, k: int) -> bool:
        """Whether the article's author places tones the old way (hoà, uỷ)."""
        return chance.one_in(8, self.seed, "spelling", k)

    def _subject(self, category: Category, nth: int) -> tuple[str, str, int]:
        """(title template, commune, count) of a category's nth article.

        Template and commune go round together without repeating a pair until all have been used;
        the count then moves on by 37 of 400, so that no title comes twice.
        """
        communes = texts("names")["communes"]
        pairs = len(category.titles) * len(communes)
        turn, step = divmod(nth, pairs)
        pair = (step * 89 + chance.number(pairs, self.seed, "pair", category.index)) % pairs
        template = category.titles[pair % len(category.titles)]
        start = chance.number(400, self.seed, "count", category.index, pair)
        return template, communes[pair // len(category.titles)], 12 + (start + 37 * turn) % 400

    def _edit(self, k: int) -> Literal["title", "body"] | None:
        if self.edited_on(k) is None:
            return None
        return "title" if chance.one_in(3, self.seed, "edit kind", k) else "body"

    def _views(self, k: int, at: datetime) -> int:
        """A count that depends on the article and the day; a few articles are never read."""
        if chance.one_in(40, self.seed, "unread", k):
            return 0
        rate = 1 + chance.number(9, self.seed, "rate", k)
        if k >= self.articles:
            return rate * 11 * max(1, (self.today - at.date()).days)
        return 40 + chance.number(3_000, self.seed, "views", k) + rate * self.day

    def _article(self, k: int) -> Article:
        return writing.write(self.seed, self.headline(k), self.spells_old(k))
