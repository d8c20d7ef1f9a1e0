"""Who wrote the article as its metadata states it, unless that names the paper itself."""

import re
from collections.abc import Iterator

from crawler.vietnamese import fold
from pipelines.found import Found
from pipelines.names import has_family_name, is_full_name, is_person, without_credit
from pipelines.sheet import Sheet
from pipelines.structured import text_in

_OF_PAPERS = frozenset({
    "bao", "dien", "tu", "tap", "chi", "thoi", "trang", "tin", "online", "vn", "com", "net",
})  # fmt: skip
"""Words that any paper may have in its name."""


def declared_authors(sheet: Sheet) -> Iterator[Found[str]]:
    """The names that JSON-LD and Open Graph tell, but no site's, publisher's or address."""
    stated = text_in(sheet.structured.article.get("author"))
    named = sheet.structured.meta("article:author")
    for name, rule in ((stated, "json-ld: author"), named or (None, "")):
        if name and is_person(name) and not _is_site(name, sheet):
            yield Found(without_credit(name), name, rule)


def _is_site(name: str, sheet: Sheet) -> bool:
    """Whether the address, or what the page calls its site or publisher, tells the same name."""
    if _letters(name) in _letters(sheet.url):
        return True
    site = sheet.structured.meta("og:site_name") or ("", "")
    return any(_are_same(name, called) for called in (site[0], _publisher(sheet)))


def _publisher(sheet: Sheet) -> str:
    """Who publishes the article; a blog's publisher is the person who writes it."""
    told = sheet.structured.article.get("publisher")
    is_person = isinstance(told, dict) and "Person" in str(told.get("@type"))
    return "" if is_person else text_in(told) or ""


def _are_same(name: str, site: str) -> bool:
    if is_full_name(name):
        # A blog is often called as the person who writes it.
        return False
    if _letters(name) == _letters(site):
        return True
    mine, sites = _words(name), _words(site)
    # "Hải Vân" may be the paper of that name, "Nguyễn Hải Vân" is a person.
    return bool(sites) and (mine <= sites or (sites <= mine and not has_family_name(name)))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text).lower())


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", fold(name).lower())) - _OF_PAPERS
