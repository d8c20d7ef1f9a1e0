"""Redirects without end: each is a page of its own in the frontier; their rows are the chain."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from crawler.items import Link, Page
from crawler.urls import key_of

MOST = 10
"""Redirects in a row that are followed; browsers follow 20, honest portals need 4."""

_LED_HERE = """
WITH RECURSIVE led(id, key, found_on, steps) AS (
    SELECT id, key, found_on, 1 FROM urls WHERE id = :url
    UNION ALL
    SELECT u.id, u.key, u.found_on, steps + 1 FROM urls u JOIN led ON u.id = led.found_on
    WHERE u.kind = 'redirect' AND steps <= :most)
SELECT key FROM led
"""


def onward(db: sqlite3.Connection, page: Page, links: Iterable[Link]) -> Iterable[Link]:
    """`links`, where `page` leads; refused when it is the last of too many redirects."""
    if page.kind != "redirect" or len(_chain(db, page)) <= MOST:
        return links
    reason = f"too many redirects: more than {MOST} in a row"
    return [replace(link, refused=link.refused or reason) for link in links]


def is_circle(db: sqlite3.Connection, page: Page) -> bool:
    """Whether a redirect leads back to itself, or to one that has led here."""
    if page.kind != "redirect" or not page.links:
        return False
    target = page.links[0].key
    return target == key_of(page.url) or target in _chain(db, page)


def _chain(db: sqlite3.Connection, page: Page) -> list[str]:
    """The keys of the redirects that led here, this one first."""
    rows = db.execute(_LED_HERE, {"url": page.url_id, "most": MOST})
    return [row[0] for row in rows]
