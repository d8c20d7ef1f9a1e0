"""One article: text, images, files, views, versions, evidence, and what is near it."""

from typing import Any

from browse import charts, markup
from browse.visit import NotThere, Page, Visit
from crawler.archive import lists, reports
from crawler.citation import FORMS, source_of
from crawler.diff import version_diff
from crawler.errors import BadInput
from crawler.search import others, similar
from crawler.words import tr

Row = dict[str, Any]

_NOT_MODIFIED = 304


def article(visit: Visit) -> Page:
    """The page `article/ID`."""
    found = _shown(visit)
    if isinstance(found, Page):
        return found
    before, after = lists.neighbours(visit.db, found)
    source = source_of(found)
    return Page(
        "article",
        {
            "article": found,
            "body": _body(visit, found),
            "apart": [i for i in _captured(found["images"]) if i["url"] not in _inside(found)],
            "views": charts.readings(found["views"]),
            "references": {name: form(source) for name, form in FORMS.items()},
            "captures": _captures(visit, found),
            "sources": {
                "live": tr("the portal itself"),
                "wayback": "Wayback Machine",
                "commoncrawl": "Common Crawl",
                "file": tr("a file"),
            },
            "before": before,
            "after": after,
            "others": others(visit.db, found["id"]),
            "similar": similar(visit.db, found["id"]),
        },
    )


def changes(visit: Visit) -> Page:
    """The page `article/ID/changes?from=A&to=B`: two versions, word by word."""
    found = _shown(visit)
    if isinstance(found, Page):
        return found
    versions = found["versions"]
    new = visit.number("to", len(versions))
    old = visit.number("from", max(new - 1, 1))
    if max(old, new) > len(versions):
        raise BadInput(tr("this article has {n} versions", n=len(versions)))
    return Page(
        "changes",
        {
            "article": found,
            "old": old,
            "new": new,
            "changes": version_diff(versions[old - 1], versions[new - 1]),
            "references": {
                number: FORMS["text"](source_of(found, number)) for number in (old, new)
            },
        },
    )


def _shown(visit: Visit) -> Row | Page:
    """The article, or the page that says that it is hidden."""
    found = reports.article(visit.db, visit.words["id"])
    if found is None:
        raise NotThere(tr("there is no article {id}", id=visit.words["id"]))
    if found["hidden_at"]:
        hidden = {name: found[name] for name in ("id", "hidden_at", "hidden_why")}
        return Page("hidden", {"article": hidden}, status=403)
    return found


def _body(visit: Visit, found: Row) -> Any:
    if not found["body_html"]:
        return None
    images = {
        image["url"]: (visit.to.file("image", image), image["caption"])
        for image in _captured(found["images"])
    }
    known = lists.at_addresses(visit.db, markup.addresses(found["body_html"]))
    places = {url: visit.to(f"article/{number}") for url, number in known.items()}
    return markup.readable(found["body_html"], images, places)


def _captured(images: list[Row]) -> list[Row]:
    return [image for image in images if image["capture_id"]]


def _inside(found: Row) -> set[str]:
    """The addresses of the images that stand in the text."""
    return markup.images(found["body_html"])


def _captures(visit: Visit, found: Row) -> list[Row]:
    """Its captures, latest first; those that were sent as a page can be replayed."""
    return [
        {
            **capture,
            "replay": visit.to.replay(capture["url"] or found["url"], capture["captured_at"])
            if capture["warc_file"] and capture["status"] != _NOT_MODIFIED
            else "",
        }
        for capture in reversed(found["captures"])
    ]
