"""Which of the captures that an index lists are wanted, and which come first."""

from collections.abc import Iterable
from dataclasses import replace

from crawler.archive.listed import FILE, FILE_PRIORITY, Entry, Wish
from crawler.profiles import Profile
from crawler.shapes import fits, shaped
from crawler.urls import UNCLAIMED, in_scope, link

_ARTICLE = 70
_PAGE = 60
_LISTING = 50
_REDIRECT = 30
_ERROR = 20
_LAST = 5


def wishes(entries: Iterable[Entry], profile: Profile, hosts: frozenset[str]) -> list[Wish]:
    """Those of `entries` that are the portal's, each judged by its address.

    The last capture of each page comes before the earlier ones of others: every article is there
    soon, and then its past.
    """
    found = [each for entry in entries if (each := wish(entry, profile, hosts))]
    last = {each.key: number for number, each in enumerate(found) if each.kind != FILE}
    return [
        replace(each, priority=each.priority + _LAST) if last.get(each.key) == number else each
        for number, each in enumerate(found)
    ]


def wish(entry: Entry, profile: Profile, hosts: frozenset[str]) -> Wish | None:
    """`entry` judged by its address; None when it is none of the portal's.

    Files wait: an article may show or offer them. Errors are data of their time, and come last.
    """
    found = link(entry.url, entry.url)
    if found is None or not in_scope(found.url, hosts):
        return None
    found = shaped(found, profile.addresses)
    refused = None if found.refused == UNCLAIMED else found.refused
    kind = FILE if found.kind == "file" else found.kind
    return Wish(entry, found.key, kind, _priority(entry, kind, profile), refused)


def _priority(entry: Entry, kind: str, profile: Profile) -> int:
    if kind == FILE:
        return FILE_PRIORITY
    # A status that the index does not give is mostly a revisit's, of a page that was unchanged.
    status = entry.status or 200
    if status >= 400:
        return _ERROR
    if status >= 300:
        return _REDIRECT
    if fits(entry.url, profile.addresses.article):
        return _ARTICLE
    return _LISTING if kind == "listing" else _PAGE
