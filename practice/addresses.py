"""The addresses of articles and listings, and the way back from an address to an article.

Every address holds the article's number, so that no table of addresses is needed however large
the portal is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_VNPORTAL_FIRST = 100_000
_PATTERNS = (
    (re.compile(r"^/portal/pages/\d+-\d+-\d+/.+-([0-9a-z]+)\.aspx$"), 36, 0),
    (re.compile(r"^/vi/news/[a-z-]+/.+-(\d+)\.html$"), 10, 0),
    (re.compile(r"^/.+-(\d{6,})$"), 10, _VNPORTAL_FIRST),
    (re.compile(r"^/[a-z-]+/.+-([0-9a-z]+)$"), 36, 0),
)


def code(k: int) -> str:
    """An article's number as the short code at the end of its address."""
    k, digit = divmod(k, 36)
    return (code(k) if k else "") + _DIGITS[digit]


def listing(layout: str, slug: str, parent: str, index: int) -> str:
    """Path of a category's first listing page."""
    return {
        "kimson": f"/{slug}",
        "vnportal": f"/{parent}/{slug}" if parent else f"/{slug}",
        "sharepoint": f"/portal/Pages/{slug}.aspx",
        "nukeviet": f"/vi/news/{slug}/",
        "table2009": f"/danhsach.asp?cat={index + 1}",
    }[layout]


def article(layout: str, category_path: str, index: int, slug: str, k: int, at: datetime) -> str:
    """Path of an article's page, with the query where the layout needs one."""
    return {
        "kimson": f"{category_path}/{slug}-{code(k)}",
        "vnportal": f"{category_path}/{slug}-{_VNPORTAL_FIRST + k}",
        "sharepoint": f"/portal/Pages/{at.year}-{at.month}-{at.day}/{slug}-{code(k)}.aspx",
        "nukeviet": f"{category_path}{slug}-{k}.html",
        "table2009": f"/chitiet.asp?id={k}&cat={index + 1}",
    }[layout]


def plain(path: str) -> str:
    """A path without what servers overlook: case, doubled or last slashes, session ids."""
    bare = re.sub(r"/{2,}", "/", re.sub(r";[^/?]*", "", path.lower()))
    return bare.rstrip("/") or "/"


def asked(path: str, query: Mapping[str, str]) -> str:
    """What a request asks for, in the form that `plain` gives to the stored paths."""
    bare = plain(path)
    if bare == "/chitiet.asp":
        return f"{bare}?id={query.get('id', '')}&cat={query.get('cat', '')}"
    return bare


def numbers(wanted: str) -> Iterator[int]:
    """The article numbers that a path from `asked` may mean, most likely first."""
    in_query = re.fullmatch(r"/chitiet\.asp\?id=(\d{1,9})&cat=\d+", wanted)
    if in_query:
        yield int(in_query[1])
    for pattern, base, first in _PATTERNS:
        found = pattern.match(wanted)
        if found and len(found[1]) < 10:
            yield int(found[1], base) - first
