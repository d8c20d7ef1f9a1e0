"""The facts of a profile and their strict validation: TOML in, records out, with no logic.

A mistake is told with file, line and what is allowed: who writes a profile is no programmer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from crawler.errors import BadInput
from crawler.politeness.window import Window
from crawler.written import Written

Selectors = tuple[str, ...]
Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells a CMS by its pages; each entry that is found is one piece of evidence."""

    generator: tuple[str, ...] = ()
    """Beginnings of `<meta name="generator">`, in any case: the page says it itself."""
    headers: tuple[str, ...] = ()
    """Beginnings of header lines (`X-Generator: Drupal`), in any case: the server says it."""
    source: tuple[str, ...] = ()
    """Texts that stand in the page's source: paths of scripts and styles, calls in scripts."""
    markup: Selectors = ()


ARROW = " => "
"""What stands between the two address schemes of an alias."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Shapes of a portal's addresses: regular expressions, searched in the whole URL."""

    article: Patterns = ()
    listing: Patterns = ()
    further: Patterns = ()
    """Further pages of a listing, beside those in every portal's style (`?page=2`, `/page/2`)."""
    noise: tuple[str, ...] = ()
    """Parameters that never change which article is shown: removed before anything is asked for."""
    aliases: Patterns = ()
    """Address schemes of earlier days, as `old => new`: a regular expression, and what it becomes.
    Both are the same page; the old address is kept as it is."""


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
    unit: str = ""
    """Code of the district, commune or province whose portal it is; `none` if it is of none."""
    fingerprint: Fingerprint = field(default=Fingerprint(), repr=False)
    addresses: Addresses = field(default=Addresses(), repr=False)
    listing: Selectors = ()
    """Elements holding one listed article each; their first link is the article."""
    layouts: tuple[Layout, ...] = field(default=(), repr=False)


def _names(record: type) -> frozenset[str]:
    return frozenset(f.name for f in fields(record))


_TABLES: dict[str, type] = {"fingerprint": Fingerprint, "addresses": Addresses}
_PLAIN = _names(Profile) - {"slug", "layouts"} - set(_TABLES)
_SWITCHES = frozenset({"cookies", "unverified_tls"})
_SINGLE = frozenset({"name", "url", "cms", "page", "unit"})
_SELECTORS = _names(Layout) - {"name"} | {"listing", "markup"}
_PATTERNS = frozenset({"article", "listing", "further"})


def parse(text: str, slug: str, where: str) -> Profile:
    """A profile from TOML `text`; BadInput with file, line and what is allowed if it is broken."""
    written = Written(text, where)
    return _Check(written).profile(slug, written.values())


class _Check:
    """Turns TOML values into field values, or says which line is wrong and what is allowed."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.table = ""
        self.number = 0
        """Which of several tables of that name it is, from 0."""

    def profile(self, slug: str, facts: dict[str, Any]) -> Profile:
        layouts = tuple(self.layouts(facts.pop("layouts", [])))
        tables = {name: self.record(name, facts.pop(name)) for name in _TABLES if name in facts}
        self.table = ""
        values = self.values(facts, _PLAIN, frozenset({"layouts", *_TABLES}))
        if "name" not in values:
            raise BadInput(
                f"{self.written.where}:1: `name` is missing; say what people call the portal or CMS"
            )
        return Profile(slug=slug, layouts=layouts, **tables, **values)

    def layouts(self, found: object) -> list[Layout]:
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise self.wrong("layouts", "must be written as [[layouts]] tables")
        return [self.layout(number, entry) for number, entry in enumerate(found)]

    def layout(self, number: int, facts: Mapping[str, object]) -> Layout:
        self.table, self.number = "layouts", number
        values = self.values(facts, _names(Layout))
        for key in ("name", "page"):
            if key not in values:
                raise self.wrong(key, "is missing in a layout")
        return Layout(**values)

    def record(self, name: str, facts: object) -> Any:
        if not isinstance(facts, dict):
            raise self.wrong(name, f"must be written as a table: [{name}]")
        self.table, self.number = name, 0
        return _TABLES[name](**self.values(facts, _names(_TABLES[name])))

    def values(
        self,
        facts: Mapping[str, object],
        allowed: frozenset[str],
        tables: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        for key in facts:
            if key not in allowed:
                known = ", ".join(sorted(allowed | tables))
                near = f" in [{self.table}]" if self.table else ""
                raise self.wrong(key, f"is not known{near}; allowed are {known}")
        return {key: self.value(key, value) for key, value in facts.items()}

    def value(self, key: str, value: object) -> object:
        if key == "delay":
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
                return float(value)
            raise self.wrong(key, "must be a number of seconds, 0 or more")
        if key in _SWITCHES:
            if isinstance(value, bool):
                return value
            raise self.wrong(key, "must be true or false")
        if key == "window":
            return self.window(value)
        if key in _SINGLE or (key == "name" and self.table):
            return self.text(key, value, "must be a text")
        several = value if isinstance(value, list) else [value]
        return tuple(self.text(key, each, "must be a text, or a list of texts") for each in several)

    def window(self, value: object) -> str:
        text = self.text("window", value, "must be a text")
        try:
            Window.parse(text)
        except ValueError as error:
            raise self.wrong("window", str(error)) from None
        return text

    def text(self, key: str, value: object, rule: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.wrong(key, rule)
        if self.table == "addresses" and key == "aliases":
            self.alias(value)
        elif self.table == "addresses" and key in _PATTERNS:
            self.pattern(key, value)
        elif key in _SELECTORS and self.table != "addresses":
            self.selector(key, value)
        return value

    def selector(self, key: str, value: str) -> None:
        try:
            CSSSelector(value, translator="html")
        except SelectorError as error:
            raise self.wrong(key, f"is no CSS selector: {value!r}: {error}", value) from None

    def pattern(self, key: str, value: str) -> None:
        try:
            re.compile(value)
        except re.error as error:
            raise self.wrong(key, f"is no regular expression: {value!r}: {error}", value) from None

    def alias(self, value: str) -> None:
        old, arrow, new = value.partition(ARROW)
        if not arrow:
            raise self.wrong("aliases", f"must be written as 'old{ARROW}new': {value!r}", value)
        self.pattern("aliases", old)
        try:
            re.compile(f"{old}|").sub(new, "")
        except (re.error, IndexError) as error:
            raise self.wrong("aliases", f"can't become {new!r}: {error}", value) from None

    def wrong(self, key: str, what: str, value: str = "") -> BadInput:
        return self.written.wrong(key, what, table=self.table, number=self.number, value=value)
