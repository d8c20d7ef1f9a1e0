"""Whether a share has fallen: k of n tonight against the runs before.

Articles of one night are alike (one category, one author), so n of them say less than n drawn at
random: counts are divided by a design effect (Kish 1965) before anything is concluded from them.
What is usual is taken at the lower end of what the past allows (Wilson's score interval, 1927);
then the binomial distribution says, exactly and for samples of any size, how often chance alone
would bring so few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, lgamma, log, log10, sqrt

_ALIKE = 3
"""Design effect: so many articles of one run say as much as one drawn at random."""
_Z = 2.0
"""How far down what is usual may lie, in standard deviations."""
_CHANCE = 1e-4
"""Dozens of shares are judged every night, so that a false alarm comes once in years."""
_LEAST_TONIGHT, _LEAST_PAST = 10, 30
_TELLING = 30
"""A run of fewer pages has no say in what is the lowest share so far."""
_LEAST_DROP = 0.1


@dataclass(frozen=True, slots=True)
class Share:
    """`found` of `pages` had it."""

    pages: int
    found: int

    @property
    def rate(self) -> float:
        """The share as a fraction; 0 of no pages."""
        return self.found / self.pages if self.pages else 0.0


def pooled(shares: Sequence[Share]) -> Share:
    """All of them as one."""
    return Share(sum(s.pages for s in shares), sum(s.found for s in shares))


def lowest(past: Sequence[Share]) -> float:
    """The lowest share of any run that had enough pages to tell; 1.0 when none had."""
    return min((s.rate for s in past if s.pages >= _TELLING), default=1.0)


def has_fallen(tonight: Share, past: Sequence[Share]) -> bool | None:
    """True: lower than chance and habit allow. False: as usual. None: these pages can't tell."""
    usual = pooled(past)
    if tonight.pages < _LEAST_TONIGHT or usual.pages < _LEAST_PAST:
        return None
    if usual.rate - tonight.rate < _LEAST_DROP:
        return False
    return True if chance(tonight, usual) < _CHANCE and tonight.rate < lowest(past) else None


def chance(tonight: Share, usual: Share) -> float:
    """How probable it is to find so few, or fewer, where nothing has changed."""
    pages, found = ceil(tonight.pages / _ALIKE), ceil(tonight.found / _ALIKE)
    rate = _at_least(usual)
    if not 0 < rate < 1 or found >= pages:
        return 1.0
    return sum(exp(_log_binomial(pages, k, rate)) for k in range(found + 1))


def _at_least(share: Share) -> float:
    """The lower bound of Wilson's interval."""
    n = share.pages / _ALIKE
    reach = _Z * sqrt(share.rate * (1 - share.rate) / n + _Z**2 / (4 * n * n))
    return (share.rate + _Z**2 / (2 * n) - reach) / (1 + _Z**2 / n)


def _log_binomial(n: int, k: int, rate: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return ways + k * log(rate) + (n - k) * log(1 - rate)


def odds(probability: float) -> str:
    """A small probability in words, rounded to be on the safe side."""
    digits = min(9, int(-log10(probability))) if probability > 0 else 9
    return f"by chance in fewer than 1 of {10**digits:,} such runs"
