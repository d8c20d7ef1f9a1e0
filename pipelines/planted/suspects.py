"""The links of a page that an intruder planted. Pure: a page in, records out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from crawler.items import Page, SuspectLink
from crawler.selectors import xpath
from crawler.vietnamese import squeeze
from pipelines.blocks import INLINE
from pipelines.planted.facts import THRESHOLD
from pipelines.planted.hiding import Hidden, Hiding
from pipelines.planted.hosts import Target, site_of, target
from pipelines.planted.redirects import redirects, scripts_of, written
from pipelines.planted.weighing import Link, weigh
from pipelines.planted.words import NONE, words_of
from pipelines.prose import join

MOST_LINKS = 10_000
"""Outbound links of a page that are looked at, as many as are followed (`spiders.walk`)."""
_ERROR = re.compile(r"\b40[34]\b|không tìm thấy|không tồn tại|not found", re.IGNORECASE)
_BAD_STATUS = 400
_CROWD = 3
_AROUND = 400
_LONGEST = 300
_SCRIPTED = xpath("//*[contains(@onclick, '//')]")
_MAY_BE_SCRIPTED = re.compile(rb"""onclick=["'][^"'>]{0,80}["'](?:https?:)?//""")
_Place = tuple[Any, str, Target]


def read_suspects(page: Page, hosts: Iterable[str]) -> tuple[SuspectLink, ...]:
    """The planted links of an HTML page, each address once, the most suspicious first.

    `hosts` are the portal's own besides the page's.
    """
    own = _own(page.url, hosts)
    scripts = list(scripts_of(page))
    found = [*_linked(page, own), *_written(page, own, scripts), *_redirected(page, own, scripts)]
    best: dict[str, SuspectLink] = {}
    for each in found:
        if each.href not in best or each.score > best[each.href].score:
            best[each.href] = each
    return tuple(sorted(best.values(), key=lambda each: -each.score))


def _own(url: str, hosts: Iterable[str]) -> frozenset[str]:
    """The sites, as they are registered, on which a link is not outbound."""
    here = target(url)
    names = (host.rpartition(":")[0] or host for host in hosts)
    return frozenset({here.site if here else "", *map(site_of, names)})


def _linked(page: Page, own: frozenset[str]) -> Iterator[SuspectLink]:
    outbound = list(_outbound(page, own))
    if not outbound:
        return
    hiding = Hiding(page.document.tree)
    links = [(href, element, _link(element, to, hiding)) for element, href, to in outbound]
    boxes = Counter(
        id(link.hidden.box) for _, _, link in links if link.hidden and link.target.is_stranger
    )
    for href, element, link in links:
        crowd = bool(link.hidden) and boxes[id(link.hidden and link.hidden.box)] >= _CROWD
        yield from _judged(href, _text(element), replace(link, in_crowd=crowd))


def _outbound(page: Page, own: frozenset[str]) -> Iterator[_Place]:
    base = _base(page)
    for element, href in islice(_addresses(page), MOST_LINKS):
        to = _foreign(href, base, own)
        if to and not (to[1].known and not _may_be_betting(element, to[1])):
            yield element, *to


def _base(page: Page) -> str:
    """What relative addresses are relative to."""
    given = next((each.get("href") for each in page.document.tree.iter("base")), None)
    return join(page.url, given or "") or page.url


def _addresses(page: Page) -> Iterator[tuple[Any, str]]:
    for element in page.document.tree.iter("a", "area", "iframe"):
        href = element.get("src" if element.tag == "iframe" else "href")
        if href and ("//" in href or "\\" in href):
            yield element, href
    if _MAY_BE_SCRIPTED.search(page.body):
        for element in _SCRIPTED(page.document.tree):
            for part in element.get("onclick").replace('"', "'").split("'"):
                if part.startswith(("http:", "https:", "//")):
                    yield element, part


def _foreign(href: str, base: str, own: frozenset[str]) -> tuple[str, Target] | None:
    """The absolute address and where it leads, if that is none of the portal's sites."""
    is_whole = href.startswith(("http://", "https://"))
    address = href if is_whole else join(base, href.replace("\\", "/"))
    to = target(address) if address else None
    return (address, to) if address and to and to.site not in own else None


def _may_be_betting(element: Any, to: Target) -> bool:
    """Whether a link to a known host deserves a closer look."""
    return bool(to.path_word) or words_of(_text(element)).is_telling


def _link(element: Any, to: Target, hiding: Hiding) -> Link:
    words = words_of(_text(element))
    return Link(
        target=to,
        words=words,
        around=words_of(_around(element)),
        hidden=hiding.of(element),
        is_empty=element.tag == "a" and not len(element) and not (element.text or "").strip(),
    )


def _written(page: Page, own: frozenset[str], scripts: list[str]) -> Iterator[SuspectLink]:
    for href, text in written(scripts):
        if to := _foreign(href, page.url, own):
            hidden = Hidden("ui", "written by a script")
            yield from _judged(to[0], text, Link(to[1], words_of(text), hidden=hidden))


def _redirected(page: Page, own: frozenset[str], scripts: list[str]) -> Iterator[SuspectLink]:
    for href, how in redirects(page, scripts):
        if to := _foreign(href, page.url, own):
            title = page.document.tree.findtext(".//title") or ""
            is_lost = (page.status or 0) >= _BAD_STATUS or bool(_ERROR.search(title))
            link = Link(to[1], NONE, words_of(title), redirect=how, on_error_page=is_lost)
            yield from _judged(to[0], "", link)


def _judged(href: str, text: str, link: Link) -> Iterator[SuspectLink]:
    score, why = weigh(link)
    if score >= THRESHOLD:
        shown = squeeze(text)[:_LONGEST] or None
        yield SuspectLink(href[:2000], shown, link.hidden is not None, why, score)


def _text(element: Any) -> str:
    """The link's words: those that are seen, those of its pictures, those that a pointer shows."""
    text = "".join(element.itertext()) if len(element) else element.text or ""
    told = [each.get("alt", "") for each in element.iter("img")] if len(element) else []
    title = element.get("title", "")
    if title and title.strip() != text.strip():
        told.append(title)
    return " ".join([text, *told]) if told else text


def _around(element: Any) -> str:
    """The words of the paragraph that the link stands in, or of a long one those beside it."""
    block = element.getparent()
    while block is not None and block.tag in INLINE:
        block = block.getparent()
    if block is None:
        return ""
    before = element.getprevious()
    text = ""
    for part in block.itertext():
        text += part
        if len(text) > _AROUND:
            near = element.getparent().text if before is None else before.tail
            return f"{near or ''} {element.tail or ''}"
    return text
