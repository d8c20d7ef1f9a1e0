"""Shapes of addresses as a profile states them: articles, lists, further pages, noise."""

import re
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit, urlunsplit

from crawler.facts import ARROW, Addresses, Patterns
from crawler.items import Link
from crawler.urls import clean, key_of


def fits(url: str, patterns: Patterns) -> bool:
    """Whether one of `patterns` is found in `url`."""
    return any(_compiled(pattern).search(url) for pattern in patterns)


def all_shaped(links: list[Link], addresses: Addresses) -> list[Link]:
    """Each of `links`, `shaped`; most portals state no shapes, and pages have hundreds of links."""
    return links if addresses == _NONE else [shaped(found, addresses) for found in links]


def shaped(found: Link, addresses: Addresses) -> Link:
    """`found` without noise, known by its address of today, and as a listing if it has one's."""
    if addresses == _NONE:
        return found
    if found.form is None and (url := without(found.url, addresses.noise)) != found.url:
        found = replace(found, url=url, key=key_of(url))
    if found.form is None and (today := _renamed(found.url, addresses.aliases)) != found.url:
        found = replace(found, key=key_of(today))
    is_list = fits(found.url, addresses.further + addresses.listing)
    return replace(found, kind="listing") if is_list and found.kind == "page" else found


def _renamed(url: str, aliases: Patterns) -> str:
    """`url` in the address scheme of today."""
    for alias in aliases:
        old, _, new = alias.partition(ARROW)
        # Windows servers took any case, and so did those who linked to them.
        renamed, count = _compiled(old, re.IGNORECASE).subn(new, url)
        if count:
            return clean(renamed, url) or url
    return url


def without(url: str, noise: tuple[str, ...]) -> str:
    """`url` without the parameters called `noise`, in any case."""
    parts = urlsplit(url)
    if not noise or not parts.query:
        return url
    names = {name.lower() for name in noise}
    kept = [p for p in parts.query.split("&") if p.partition("=")[0].lower() not in names]
    return urlunsplit(parts._replace(query="&".join(kept)))


_NONE = Addresses()
_compiled = cache(re.compile)
