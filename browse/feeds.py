"""Atom feeds (RFC 4287) of searches, of changes and of vanished articles.

An entry keeps its id for ever, so that a reader shows each thing once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from browse.pages.results import asked_for, following
from browse.visit import File, Visit
from crawler.archive import lists
from crawler.search import search
from crawler.words import language, tr
from crawler.xmltext import permitted

_ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "{http://www.w3.org/XML/1998/namespace}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed."""

    key: str
    """Its id: an IRI that never changes."""
    title: str
    place: str
    """The whole address of its page."""
    updated: str
    """ISO 8601, UTC."""
    summary: str
    author: str


def search_feed(visit: Visit) -> File:
    """The page `search.atom?...`: what matches, the last published first."""
    query, filters, _ = asked_for(visit)
    found = search(visit.db, query, filters, sort="newest", limit=_ENTRIES)
    # What only comes near is an answer to somebody who asks, and no news.
    hits = found.hits if found.strict else ()
    seen = lists.first_seen(visit.db, [hit.id for hit in hits])
    entries = [
        Entry(
            hit.url,
            hit.title or hit.url,
            visit.to.whole(f"article/{hit.id}"),
            seen[hit.id],
            hit.snippet,
            hit.author or hit.portal,
        )
        for hit in hits
    ]
    title = tr("Search: {query}", query=query) if query else tr("Articles")
    return _feed(visit, title, visit.to.whole("search", **following(visit)), entries)


def changed_feed(visit: Visit) -> File:
    """The page `changed.atom`."""
    entries = [
        Entry(
            f"{row['url']}#version-{row['seen_at']}",
            row["title"] or row["url"],
            visit.to.whole(
                f"article/{row['id']}/changes", **{"from": row["number"] - 1, "to": row["number"]}
            ),
            row["seen_at"],
            tr("version {n}", n=row["number"]),
            row["author"] or row["portal"],
        )
        for row in lists.changed(visit.db, _ENTRIES)
    ]
    return _feed(visit, tr("Changed after publication"), visit.to.whole("changed"), entries)


def vanished_feed(visit: Visit) -> File:
    """The page `vanished.atom`."""
    entries = [
        Entry(
            f"{row['url']}#absent-{row['absent_since']}",
            row["title"] or row["url"],
            visit.to.whole(f"article/{row['id']}"),
            row["absent_since"],
            tr(
                "Last seen {seen}, absent since {since}.",
                seen=row["last_seen_at"],
                since=row["absent_since"],
            ),
            row["author"] or row["portal"],
        )
        for row in lists.vanished(visit.db, _ENTRIES)
    ]
    return _feed(visit, tr("Vanished"), visit.to.whole("vanished"), entries)


def _feed(visit: Visit, title: str, place: str, entries: Iterable[Entry]) -> File:
    atom = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
    entries = list(entries)
    own = visit.to.whole(visit.to.page, **visit.asked)
    updated = max((entry.updated for entry in entries), default="1970-01-01T00:00:00Z")
    feed = atom.feed(
        {f"{_XML}lang": language()},
        atom.id(own),
        atom.title(permitted(f"{title} · Lưu Trữ")),
        atom.updated(updated),
        atom.link(rel="self", type="application/atom+xml", href=own),
        atom.link(rel="alternate", type="text/html", href=place),
        *(_entry(atom, entry) for entry in entries),
    )
    body = etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return File(body, "application/atom+xml; charset=utf-8")


def _entry(atom: ElementMaker, entry: Entry) -> Any:
    return atom.entry(
        {f"{_XML}lang": "vi"},
        atom.id(permitted(entry.key)),
        atom.title(permitted(entry.title)),
        atom.updated(entry.updated),
        atom.author(atom.name(permitted(entry.author))),
        atom.link(rel="alternate", type="text/html", href=entry.place),
        atom.summary(permitted(entry.summary)),
    )
