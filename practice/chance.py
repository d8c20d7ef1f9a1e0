"""Chance that repeats itself: the same key always gives the same number, in any process.

Python's own `hash` differs between processes, and one shared random generator would make an
article depend on which other articles were asked for before it.
"""

from __future__ import annotations

import random
from hashlib import blake2b


def number(limit: int, *key: object) -> int:
    """An integer in 0..limit-1 that depends on the key alone."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


def one_in(limit: int, *key: object) -> bool:
    """True for one key in `limit`."""
    return number(limit, *key) == 0


def percent(share: int, *key: object) -> bool:
    """True for `share` keys of a hundred."""
    return number(100, *key) < share


def dice(*key: object) -> random.Random:
    """A random generator of its own for one key."""
    return random.Random(number(2**63, *key))
