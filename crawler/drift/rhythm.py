"""Silence and flood: new articles against the rhythm in which the portal publishes."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

from crawler.drift.finding import Finding

SILENCE, FLOOD = "silence", "flood of new articles"
YEARS = 3
"""How far back the rhythm is looked for: older habits say little."""
_LEAST_DAYS = 20
"""Fewer days with articles than this are no rhythm."""
_HOLIDAY = 14
"""Days: Tết alone keeps offices closed for nine or ten."""
_FAR, _FAR_ABOVE = 3, 3
_FEW, _FEW_A_DAY = 30, 10

Days = Mapping[date, int]
"""How many articles were published on each day that had any."""


def silence(days: Days, last_news: date, today: date) -> Finding | None:
    """Alarm when nothing new has come for far longer than usual.

    `last_news` is the day of the crawl that last brought a new article: what the portal says of
    its past can't tell silence from an archive that was not crawled.
    """
    rhythm = _recent(days)
    if len(rhythm) <= _LEAST_DAYS:
        return None
    gaps = sorted((b - a).days for a, b in pairwise(rhythm))
    gap, most = (today - last_news).days, gaps[-1]
    if gap <= max(_HOLIDAY, most, _FAR * _nearly_all(gaps)):
        return Finding(SILENCE, None)
    usual = f"usual gap {_days(round(median(gaps)))}, {_days(_nearly_all(gaps))} or less in 95 %"
    return Finding(
        SILENCE,
        f"no new article since {last_news} ({_days(gap)}), the last one dated {rhythm[-1]}; {usual}"
        f", {_days(most)} at most ({len(gaps)} gaps since {rhythm[0]})",
    )


def flood(days: Days, new: Days, undated: int, waited: timedelta) -> Finding | None:
    """Alarm when far more articles are new than the portal publishes.

    `days` are those of the articles known before, `new` of tonight's, `waited` is how long ago the
    crawl before began. New addresses for old articles look like a flood too.
    """
    rhythm = _recent(days)
    if len(rhythm) <= _LEAST_DAYS:
        return None
    count = sum(new.values()) + undated
    later = (max(new) - rhythm[-1]).days if new else 0
    span = max(1, later, ceil(waited / timedelta(days=1)))
    busy = _nearly_all(sorted(days[day] for day in rhythm))
    if count < _FEW or count / span < max(_FEW_A_DAY, _FAR_ABOVE * busy):
        return Finding(FLOOD, None)
    return Finding(
        FLOOD,
        f"{count} new articles in {_days(span)}; usual: {busy} or fewer on 95 % of the days that "
        f"have any ({len(rhythm)} days since {rhythm[0]})",
    )


def _recent(days: Days) -> list[date]:
    """The days with articles, oldest first, of the years before the last of them."""
    last = max(days, default=date.min)
    return sorted(day for day in days if (last - day).days <= YEARS * 366)


def _nearly_all(numbers: Sequence[int]) -> int:
    """What 95 % of the sorted `numbers` do not exceed."""
    return numbers[ceil(0.95 * len(numbers)) - 1]


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
