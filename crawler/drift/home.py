"""Whether the home page is still the portal's: redirected away, parked, or a betting page.

Government domains that lapse are bought for their good name, and intruders replace home pages.
"""

import re
from collections.abc import Iterator

from crawler.document import Document
from crawler.forwarding import forwards
from crawler.items import Page, Problem
from crawler.profiles import Profile
from crawler.selectors import fitting, matches, text_of, xpath
from crawler.urls import clean, hosts_of, in_scope, key_of
from crawler.vietnamese import fold, squeeze

FIELD = "home page"
"""What stands in `problems.field`."""
_ADDRESS = re.compile(r"/(?:index|default|home|trang-?chu)(?:\.\w{2,5})?/?$", re.IGNORECASE)
# Words are looked for without marks, so that `tai xiu` and `tài xỉu` are one. `kèo` would be
# `keo` (glue, candy) and is left to those that stand beside it; state lotteries are no crime, so
# `xổ số` counts in company only.
_BETTING = re.compile(
    r"\b(?:tai xiu|game bai|danh bai|soi (?:cau|keo)|keo (?:nha cai|bong da|chau a)|nha cai"
    r"|ca cuoc|ca do|dat cuoc|no hu|da ga|lo de|ban ca doi thuong|doi thuong|baccarat|casino"
    r"|sicbo|slot game|[a-z]{0,8}\d{1,4}x?bet|bet\d{2,4}|\d{2,3}(?:club|win)|[a-z]{1,4}88"
    r"|kubet\w*|sunwin|cado\w*|poker)\b"
)
_COMPANY = re.compile(r"\b(?:xo so|ket qua so|ty le keo|khuyen mai nap|nap rut|hoan tra)\b")
_PARKED = re.compile(
    r"domain (?:name )?(?:\S+ )?(?:is |may be )?(?:for sale|parked|expired)|buy this domain"
    r"|domain has expired|parked (?:free|domain)|sedoparking|hugedomains|afternic"
    r"|ten mien (?:\S+ )?(?:nay )?(?:da het han|dang (?:duoc )?(?:rao )?ban|can ban|chua "
    r"(?:duoc )?kich hoat|da duoc dang ky)"
)
_DEFAULT = re.compile(
    r"welcome to nginx|iis windows server|apache2? .{0,20}default page|^it works!?$"
    r"|test page for the|website (?:chua|dang) duoc (?:cau hinh|khoi tao)"
)
_LINKS = xpath("/descendant::a[@href]")
_SEEN_TEXT = xpath("/descendant::body/descendant::text()[not(parent::script or parent::style)]")
_LITTLE, _MANY_LINKS, _WORDS = 3000, 15, 3


def is_home(page: Page, profile: Profile) -> bool:
    """Whether `page` is the portal's front door, or the room right behind it."""
    return (
        page.kind == "home"
        or key_of(page.url) == key_of(profile.url)
        or bool(_ADDRESS.search(page.url))
    )


def judge(page: Page, profile: Profile) -> tuple[Problem, ...]:
    """What is wrong with the home page; nothing for other pages and for no answer."""
    if not profile.url or not is_home(page, profile) or page.status is None or page.status >= 400:
        return ()
    if target := _elsewhere(page, hosts_of(profile.url, *profile.hosts)):
        said = f"redirects to another host: {target}; has the portal moved, or its domain lapsed?"
        return (Problem(f"the home page {said}", FIELD),)
    if page.status != 200:
        return ()
    taken = taken_over(page.document, profile)
    return (Problem(taken, FIELD),) if taken else ()


def _elsewhere(page: Page, hosts: frozenset[str]) -> str | None:
    """The address on another host that the page sends its readers to."""
    targets = [page.location] if 300 <= (page.status or 0) < 400 else list(_forwards(page))
    for target in targets:
        url = clean(target, page.url)
        if target and url and not in_scope(url, hosts):
            return url
    return None


def _forwards(page: Page) -> Iterator[str]:
    return forwards(page.document.tree) if page.status == 200 else iter(())


def taken_over(document: Document, profile: Profile) -> str | None:
    """What the page is instead of the portal's home page, or None.

    A title tells by itself. Words in the text tell only where nothing is left of a portal: no list
    or layout that the profile knows, hardly a link to the same host. Planted links alone are none.
    """
    titles = [text_of(title) for title in document.tree.iter("title")][:1]
    title = titles[0] if titles else ""
    text = fold(squeeze(" ".join(_SEEN_TEXT(document.tree)))).lower()
    bare = _is_bare(document, profile)
    for what, pattern in (("a parked domain", _PARKED), ("a server's own page", _DEFAULT)):
        if (
            bare
            and len(text) < _LITTLE
            and (pattern.search(fold(title).lower()) or pattern.search(text))
        ):
            return f"the home page is {what}: {title[:80] or text[:80]!r}"
    if _BETTING.search(fold(title).lower()):
        return f"the home page has the title of a betting site: {title[:80]!r}"
    words = _words(text)
    if bare and len(words) >= _WORDS:
        return f"the home page is a betting site by its words: {', '.join(words[:_WORDS])}"
    return None


def _words(text: str) -> list[str]:
    """The betting words in folded `text`, each once, sorted; at least one that is no lottery's."""
    found = sorted(set(_BETTING.findall(text)))
    return [*found, *sorted(set(_COMPANY.findall(text)))] if found else []


def _is_bare(document: Document, profile: Profile) -> bool:
    if any(matches(document, profile.listing)) or fitting(document, profile.layouts):
        return False
    hosts = hosts_of(profile.url, *profile.hosts)
    links = (clean(str(a.get("href")), document.url or profile.url) for a in _LINKS(document.tree))
    return sum(1 for url in links if url and in_scope(url, hosts)) < _MANY_LINKS
