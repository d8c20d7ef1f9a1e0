"""What a page says of itself for machines: JSON-LD, Open Graph, Dublin Core, microdata, meta."""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from html import unescape
from typing import Any

from crawler.vietnamese import squeeze

_ARTICLE_TYPES = frozenset(
    {
        "Article",
        "NewsArticle",
        "BlogPosting",
        "Report",
        "ReportageNewsArticle",
        "DiscussionForumPosting",
        "OpinionNewsArticle",
        "TechArticle",
    }
)
PUBLISHED = (
    "article:published_time",
    "datepublished",
    "pubdate",
    "og:published_time",
    "dc.date.issued",
    "publishdate",
    "dc.date",
    "dcterms.created",
)
"""The names under which a page states in `meta` when it was published."""
_DESCRIPTIONS = ("description", "og:description")
_RAW_BREAK = re.compile(r"[\r\n\t]+")


class Structured:
    """Machine-readable statements of one page, read when they are asked for."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree

    def meta(self, *names: str) -> tuple[str, str] | None:
        """The first non-empty statement of these names, and the name that gave it."""
        return next(((self._metas[n], n) for n in names if self._metas.get(n)), None)

    @cached_property
    def _metas(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self._tree.iter("meta"):
            content = element.get("content")
            for key in ("property", "name", "itemprop"):
                if content and (name := element.get(key)):
                    found.setdefault(name.strip().lower(), squeeze(unescape(content)))
        return found

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD object that describes the article; empty when there is none."""
        return next((o for o in self._objects if _types(o) & _ARTICLE_TYPES), {})

    @cached_property
    def breadcrumbs(self) -> list[str]:
        """The names on the JSON-LD path to the page."""
        path = next((o for o in self._objects if "BreadcrumbList" in _types(o)), {})
        items = path.get("itemListElement")
        return (
            [name for item in items if (name := _item_name(item))]
            if (isinstance(items, list))
            else []
        )

    @cached_property
    def descriptions(self) -> frozenset[str]:
        """What the page says it is about: on a newspaper's page the lead, word for word."""
        named = (self.meta(name) for name in _DESCRIPTIONS)
        texts = [*(found[0] for found in named if found), text_in(self.article.get("description"))]
        return frozenset(filter(None, texts))

    @property
    def says_article(self) -> bool:
        """Whether the page declares itself an article."""
        kind = self.meta("og:type", "tt_page_type")
        return bool(self.article) or (kind is not None and kind[0].lower() == "article")

    @cached_property
    def _objects(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for script in self._tree.iter("script"):
            if "ld+json" in (script.get("type") or ""):
                found.extend(_flat(_loaded(script.text or "")))
        return found


def text_in(value: Any) -> str | None:
    """A JSON-LD text, name or list of names as one text."""
    if isinstance(value, str):
        return squeeze(unescape(value)) or None
    if isinstance(value, dict):
        return text_in(value.get("name"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(text_in, value))) or None
    return None


def _loaded(text: str) -> Any:
    # Line breaks inside strings are common on these pages and forbidden in JSON.
    try:
        return json.loads(_RAW_BREAK.sub(" ", text), strict=False)
    except (ValueError, RecursionError):
        return None


def _flat(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for entry in value:
            yield from _flat(entry)
    elif isinstance(value, dict):
        yield value
        yield from _flat(value.get("@graph"))


def _types(entry: dict[str, Any]) -> set[str]:
    kind = entry.get("@type")
    return {k for k in (kind if isinstance(kind, list) else [kind]) if isinstance(k, str)}


def _item_name(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    return text_in(item.get("name")) or text_in(item.get("item"))
