"""Weighing the signs of one link: each has points and a name, their sum decides."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.planted.facts import POINTS
from pipelines.planted.hiding import Hidden
from pipelines.planted.hosts import Target
from pipelines.planted.words import NONE, Words

Sign = tuple[str, str]
"""A key of `POINTS`, and how it is told to people (empty when it speaks for the link)."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of one link."""

    target: Target
    words: Words
    around: Words = NONE
    """The words around it."""
    hidden: Hidden | None = None
    redirect: str | None = None
    """How the page sends its readers there; None when a reader must click."""
    on_error_page: bool = False
    is_empty: bool = False
    in_crowd: bool = False
    """Whether several strangers stand in the same hidden box."""


def weigh(link: Link) -> tuple[int, str]:
    """The sum of all points, and the signs of suspicion in words, the heaviest first."""
    signs = [*_told(link), *_named(link.target), *_placed(link)]
    if signs:
        signs += _defence(link)
    told = sorted((sign for sign in signs if sign[1]), key=lambda sign: -POINTS[sign[0]])
    return sum(POINTS[key] for key, _ in signs), "; ".join(text for _, text in told)


def _told(link: Link) -> Iterator[Sign]:
    """What the link's words say, or those around it."""
    words = link.words
    if words.betting:
        yield "word", f"betting word: {words.betting[0]}"
    elif words.doubtful:
        yield "doubtful", f"perhaps a betting word: {words.doubtful[0]}"
    elif words.is_weak and not words.brand:
        yield "weak", "a word used for betting, too"
    if len(words.betting) > 1:
        yield "second", f"another betting word: {words.betting[1]}"
    if words.brand:
        key = "brand" if words.is_named else "brand_shape"
        yield key, f"name of a betting site: {words.brand}"
    if words.is_telling:
        yield from _beside(words)
    elif around := _around(link.around):
        yield "context", f"betting word around it: {around}"
        if link.around.praises:
            yield "promotion", "praise"
    if words.is_foreign:
        yield "foreign", "another script"


def _around(words: Words) -> str | None:
    """The betting word or known brand beside a link that says nothing itself."""
    return next(iter(words.betting), words.brand if words.is_named else None)


def _beside(words: Words) -> Iterator[Sign]:
    if words.praises:
        yield "promotion", "praise"
    if words.is_whole:
        yield "whole", "nothing but that"
    if words.is_disguised:
        yield "disguised", "disguised spelling"


def _named(target: Target) -> Iterator[Sign]:
    """What the address says."""
    told = {"word": "host_word", "brand": "host_word", "shape": "host_shape",
            "ending": "host_ending", "cheap": "cheap_ending"}  # fmt: skip
    if target.name:
        yield told[target.name], f"host: {target.host}"
    if target.path_word:
        yield "path_word", f"betting word in the address: {target.path_word}"
    if target.ip:
        yield "ip", "bare IP address"


def _placed(link: Link) -> Iterator[Sign]:
    """Where it stands and how."""
    if link.hidden:
        key = {"firm": "hidden", "soft": "hidden_soft", "ui": "hidden_ui"}[link.hidden.kind]
        yield key, f"hidden: {link.hidden.how}"
    if link.redirect:
        yield "redirect", link.redirect
        if link.on_error_page:
            yield "error_page", "on an error page"
    if link.is_empty:
        yield "empty", "nothing to click on"
    if link.in_crowd:
        yield "crowd", "several in one hidden box"


def _defence(link: Link) -> Iterator[Sign]:
    """What speaks for it, or for nobody."""
    target = link.target
    if target.is_stranger:
        yield "stranger", ""
    if target.known:
        yield "known", ""
    if target.vietnamese and not target.known:
        yield "vietnamese", ""
    if target.is_article:
        yield "article", ""
    is_firm = link.hidden is not None and link.hidden.kind == "firm"
    warns = link.words.warns or link.around.warns or target.warns
    if warns and not is_firm and not link.redirect:
        yield "warning", ""
