"""Portal profiles: facts about a portal or a CMS, as TOML, checked strictly, with no logic.

A file with `url` describes a portal, one without describes a CMS. A portal names its CMS; the
portal's own layouts are tried first, then those of the CMS.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import urlsplit

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from crawler.errors import BadInput
from crawler.politeness.window import Window

Selectors = tuple[str, ...]

GENERIC = "generic"
"""The profile of a portal whose CMS is not known: every known layout is tried on each page."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one page template keeps each field; CSS selectors, the first that finds text wins."""

    name: str
    page: str
    """Fingerprint: the page is read with this layout when the selector matches."""
    title: Selectors = ()
    date: Selectors = ()
    views: Selectors = ()
    author: Selectors = ()
    category: Selectors = ()
    summary: Selectors = ()
    body: Selectors = ()
    rating: Selectors = ()
    drop: Selectors = ()
    """Blocks inside the body that are not the article: tools, share buttons, related news."""
    image: Selectors = ()
    """Images outside the body that belong to the article."""
    attachment: Selectors = ()
    """Links to files outside the body."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What luutru knows about one portal, or about one CMS."""

    slug: str
    name: str
    url: str = ""
    """Start page; empty for a CMS."""
    cms: str = ""
    hosts: tuple[str, ...] = ()
    """Further hosts (with port, if any) that belong to the portal."""
    start: tuple[str, ...] = ()
    """Further addresses to start from, relative to `url`."""
    window: str = ""
    """Hours in which the portal may be asked, such as `22:00-06:00`; see crawler/politeness."""
    cookies: bool = False
    """Whether pages share cookies: needed where a portal shows nothing without a session."""
    unverified_tls: bool = False
    """Whether pages are fetched although the portal's certificate is broken."""
    delay: float | None = None
    """Seconds between requests, where the portal needs another pace than the default."""
    listing: Selectors = ()
    """Elements holding one listed article each; their first link is the article."""
    layouts: tuple[Layout, ...] = field(default=(), repr=False)


_PROFILE_KEYS = {f.name for f in fields(Profile)} - {"slug"}
_LAYOUT_KEYS = {f.name for f in fields(Layout)}
_LISTS = {"hosts", "start", "listing"} | (_LAYOUT_KEYS - {"name", "page"})
_SWITCHES = {"cookies", "unverified_tls"}
_NO_SELECTORS = {"hosts", "start"}


@cache
def load(slug: str) -> Profile:
    """The profile called `slug`, merged with its CMS.

    Raises BadInput for an unknown slug (with the nearest names) and for a broken file.
    """
    profile = _alone(slug)
    if slug == GENERIC:
        return replace(profile, layouts=every_layout(), listing=every_listing())
    return merge(profile, load(profile.cms)) if profile.cms else profile


@cache
def _alone(slug: str) -> Profile:
    path = files("crawler") / "portals" / f"{slug}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", slug) or not path.is_file():
        raise BadInput(_unknown(slug))
    return parse(path.read_text("utf-8"), slug, str(path))


def slugs() -> list[str]:
    """The names of all profiles, portals and CMSs, sorted."""
    return sorted(_slug(f) for f in (files("crawler") / "portals").iterdir() if _slug(f))


def portals() -> list[Profile]:
    """Every profile that describes a portal."""
    return [profile for profile in map(load, slugs()) if profile.url]


def for_url(url: str) -> Profile:
    """The profile for a start URL: that of the portal whose host it is, else the generic one."""
    host = urlsplit(url).netloc.lower()
    for profile in portals():
        if host in {urlsplit(profile.url).netloc, *profile.hosts}:
            return profile
    slug = re.sub(r"[^a-z0-9]+", "-", host).strip("-")
    return replace(load(GENERIC), slug=slug, name=host, url=url, cms=GENERIC)


def every_layout() -> tuple[Layout, ...]:
    """The layouts of all CMSs and portals; a page's fingerprint picks the one that fits."""
    seen: dict[str, Layout] = {}
    for slug in slugs():
        seen.update((layout.name, layout) for layout in _alone(slug).layouts)
    return tuple(seen.values())


def every_listing() -> Selectors:
    """The listing selectors of all CMSs and portals, each once."""
    return tuple(dict.fromkeys(css for slug in slugs() for css in _alone(slug).listing))


def merge(portal: Profile, cms: Profile) -> Profile:
    """`portal` with what its CMS adds."""
    return replace(
        portal,
        listing=portal.listing + cms.listing,
        layouts=portal.layouts + cms.layouts,
        start=portal.start + cms.start,
    )


def parse(text: str, slug: str, where: str) -> Profile:
    """A profile from TOML `text`; BadInput with file, line and what is allowed if it is broken."""
    try:
        facts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{where}: not valid TOML: {error}") from None
    check = _Check(text, where)
    layouts = tuple(check.layout(entry) for entry in check.tables(facts.pop("layouts", [])))
    values = check.values(facts, _PROFILE_KEYS - {"layouts"})
    if "name" not in values:
        raise BadInput(f"{where}:1: `name` is missing; say what people call the portal or CMS")
    return Profile(slug=slug, layouts=layouts, **values)


class _Check:
    """Turns TOML values into field values, or says which line is wrong and what is allowed."""

    def __init__(self, text: str, where: str) -> None:
        self.lines = text.splitlines()
        self.where = where

    def tables(self, value: object) -> list[dict[str, object]]:
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            return value
        raise self.wrong("layouts", "must be written as [[layouts]] tables")

    def layout(self, facts: Mapping[str, object]) -> Layout:
        values = self.values(facts, _LAYOUT_KEYS)
        for key in ("name", "page"):
            if key not in values:
                raise self.wrong("[layouts]", f"`{key}` is missing in a layout")
        return Layout(**values)

    def values(self, facts: Mapping[str, object], allowed: set[str]) -> dict[str, Any]:
        for key in facts:
            if key not in allowed:
                raise self.wrong(key, f"is not known; allowed are {', '.join(sorted(allowed))}")
        return {key: self.value(key, value) for key, value in facts.items()}

    def value(self, key: str, value: object) -> object:
        if key in _LISTS:
            return tuple(self.text(key, v) for v in (value if isinstance(value, list) else [value]))
        if key == "delay":
            if isinstance(value, int | float) and value >= 0:
                return float(value)
            raise self.wrong(key, "must be a number of seconds, 0 or more")
        if key in _SWITCHES:
            if isinstance(value, bool):
                return value
            raise self.wrong(key, "must be true or false")
        if key == "window":
            return self.window(value)
        return self.text(key, value)

    def window(self, value: object) -> str:
        try:
            Window.parse(text := self.text("window", value))
        except ValueError as error:
            raise self.wrong("window", str(error)) from None
        return text

    def text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "must be a text, or a list of texts")
        if key in (_LAYOUT_KEYS | {"listing"}) - {"name"} - _NO_SELECTORS:
            self.selector(key, value)
        return value

    def selector(self, key: str, value: str) -> None:
        try:
            CSSSelector(value, translator="html")
        except SelectorError as error:
            raise self.wrong(key, f"is no CSS selector: {value!r}: {error}") from None

    def wrong(self, key: str, what: str) -> BadInput:
        pattern = re.compile(rf"^\s*\[*\s*{re.escape(key.strip('[]'))}\b")
        line = next((n for n, text in enumerate(self.lines, 1) if pattern.match(text)), 1)
        return BadInput(f"{self.where}:{line}: `{key}` {what}")


def _unknown(slug: str) -> str:
    known = slugs()
    near = difflib.get_close_matches(slug, known, n=3, cutoff=0.4)
    hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(known)}"
    return f"there is no portal called {slug!r} ({hint}); a URL works too"


def _slug(path: Traversable) -> str:
    return path.name.removesuffix(".toml") if path.name.endswith(".toml") else ""
