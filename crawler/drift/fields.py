"""Fields, layouts and known articles: did as many pages have it as in the runs before?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crawler.drift.finding import Finding
from crawler.drift.share import Share, chance, has_fallen, lowest, odds, pooled

EVERY = "*"
"""In place of a layout: all of them."""
GENERIC = "generic"
LAYOUT, THERE, COUNTER, WORDS = "layout", "there", "counter", "words"
"""Beside the columns of `articles`: the layout is the one it was (for `*`: any but generic), the
known article is there, its view count is no lower than before, its title is like the words by which
other pages link to it."""

Of = tuple[str, str]
"""(layout, field)"""

# What a portal is expected to be before it has a past: on a first recrawl a known article is
# there, has its layout, and its counter has not fallen; and from the first crawl on lists call
# articles by their titles.
_EXPECTED = Share(300, 294)
_ENOUGH = 30
_MOST_NEW = 1 / 3
_LEAST_NEW = 10


@dataclass(frozen=True, slots=True)
class Past:
    """What the runs before had."""

    since: str
    """Day of the first of them, YYYY-MM-DD."""
    shares: Sequence[Share]
    trusted: bool = True
    """Whether what is expected of any portal may stand in for a past that is too short; not once
    a person has said that the new state is right."""


@dataclass(frozen=True, slots=True)
class Tonight:
    """What one crawl had."""

    shares: Mapping[Of, Share]
    details: Mapping[Of, str] = field(default_factory=dict)
    """More to say about a share that has fallen, such as `30 gone, 2 redirected`."""


def judge(tonight: Tonight, past: Mapping[Of, Past]) -> list[Finding]:
    """A finding for each share that can be judged."""
    found = []
    for of, share in tonight.shares.items():
        before = past.get(of) or Past("", ())
        shares = before.shares
        if _is_expected(of) and before.trusted:
            shares = [*shares, _EXPECTED]
        fallen = has_fallen(share, shares)
        if fallen is not None:
            reason = _reason(of, share, before, shares, tonight.details.get(of))
            found.append(Finding(about(of), reason if fallen else None, notice=of[1] == COUNTER))
    return found + _left(tonight, past, found)


def _is_expected(of: Of) -> bool:
    layout, name = of
    return name in (THERE, COUNTER, WORDS) or (name == LAYOUT and layout != EVERY)


def about(of: Of) -> str:
    """What a finding on this share is about: part of its row's identity."""
    layout, name = of
    if name == LAYOUT:
        return "share of unknown layouts" if layout == EVERY else f"layout {layout}"
    if layout == EVERY:
        return {THERE: "known articles", COUNTER: "view counts fell"}[name]
    if name == WORDS:
        return f"titles, layout {layout}"
    return f"{name}, layout {layout}"


def _reason(of: Of, share: Share, past: Past, shares: Sequence[Share], detail: str | None) -> str:
    seen = _WHAT.get(of[1], "{name} found on {found} of {pages} pages of layout {layout}")
    if of == (EVERY, LAYOUT):
        seen = "a known layout fits {found} of {pages} pages"
    parts = [
        seen.format(name=of[1], layout=of[0], found=share.found, pages=share.pages)
        + f" ({share.rate:.0%}{f': {detail}' if detail else ''})",
        _usual(past),
        odds(chance(share, pooled(shares))),
    ]
    return "; ".join(parts)


_WHAT = {
    LAYOUT: "{found} of {pages} articles that layout {layout} read before are still read by it",
    THERE: "{found} of {pages} known articles are there",
    WORDS: "the titles of {found} of {pages} articles of layout {layout} are like the words that "
    "link to them",
    COUNTER: "the view count of {found} of {pages} articles is as high as before or higher",
}


def _usual(past: Past) -> str:
    usual = pooled(past.shares)
    if not usual.pages:
        return "usual: nearly all of them"
    least = f", never below {lowest(past.shares):.0%}" if lowest(past.shares) < 1 else ""
    return f"usual: {usual.rate:.0%} of {usual.pages} since {past.since}{least}"


def _left(tonight: Tonight, past: Mapping[Of, Past], found: list[Finding]) -> list[Finding]:
    """Fields of layouts that no page has any more, while known layouts read the others: over."""
    known = tonight.shares.get((EVERY, LAYOUT))
    fallen = any(f.reason and f.about == about((EVERY, LAYOUT)) for f in found)
    if known is None or known.pages < _ENOUGH or fallen:
        return []
    met = {layout for layout, name in tonight.shares if name != LAYOUT}
    return [
        Finding(about(of), None)
        for of in past
        if of[0] not in met and of[0] != EVERY and of[1] != LAYOUT
    ]


def new_layouts(pages: Mapping[str, int], recent: set[str], known: set[str]) -> list[Finding]:
    """Layouts that were never seen before and read a good part of tonight's pages.

    `pages` counts tonight's pages by layout, `known` are the layouts of the past and `recent`
    those of them that first came up within the last weeks.
    """
    usual, total = known - recent, sum(pages.values())
    if not usual:
        return []
    found = [Finding(f"new layout {name}", None) for name in usual]
    for name, count in pages.items():
        if name in usual or name == GENERIC:
            continue
        if count >= _LEAST_NEW and count >= _MOST_NEW * total:
            seen = f"layout {name} reads {count} of {total} pages ({count / total:.0%})"
            before = f"never seen before on this portal, which had {', '.join(sorted(usual))}"
            found.append(Finding(f"new layout {name}", f"{seen}; {before}"))
    return found
