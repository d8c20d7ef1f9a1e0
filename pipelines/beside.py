"""What a visitor does not see, and what stands beside the article instead of in it."""

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import islice
from typing import Any

SILENT = frozenset({
    "script", "style", "noscript", "template", "svg", "head", "select", "option", "textarea",
    "button", "object", "embed", "audio", "video", "canvas", "map", "datalist", "input",
    "iframe",
})  # fmt: skip
"""Tags whose text is no text of the page."""

# Planted gambling links hide this way: measured on the seed page of 2024 (1 px high box), the
# other forms are those of search-engine spam reports.
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?(?![.\d])"
    r"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|%)?\s*(?:;|$|!)"
    r"|(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|clip\s*:\s*rect\(\s*[01]",
    re.IGNORECASE,
)
_TINY = re.compile(r"(?<![-\w])(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$|!)", re.I)
_CLIPPED = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)

# Parts of class names and ids, as Vietnamese CMSs write them, that mark a block beside the text.
_BESIDE_WORDS = frozenset({
    "addthis", "ads", "adv", "advert", "advertisement", "aside", "audio", "banner", "binhluan",
    "breadcrumb", "breadcrumbs", "cmt", "comment", "comments", "copy", "copyright", "counter",
    "crumb", "crumbs", "docnhieu", "email", "emailprint", "feedback", "footer",
    "lienquan", "like", "likes", "login", "marquee", "menu", "modal", "morenews", "mostread",
    "nav", "navbar", "navi", "navigation", "newest", "newsletter", "other", "others", "pager",
    "pagination", "paging", "poll", "popup", "print", "quangcao", "rating", "ratings", "relate",
    "related", "relatednews", "relation", "search", "share", "sharing", "sidebar",
    "sociable", "social", "stars", "stat", "statistic", "statistics", "stats", "submenu",
    "subscribe", "survey", "tag", "tags", "thamdo", "thongke", "ticker", "tinkhac", "tool",
    "toolbar", "tools", "tts", "vote", "voting", "weblink", "weblinks", "xemnhieu",
})  # fmt: skip
_BESIDE_STARTS = (
    "related", "relate", "relnews", "tinlienquan", "lienquan", "tinkhac", "comment", "binhluan",
    "uisocial", "social", "breadcrumb", "sidebar", "footer", "navbar", "share", "sharethis",
    "divrelate", "listrelate", "quangcao", "thongke", "stringrating", "tincungmuc", "tagdetail",
    "survey",
)  # fmt: skip
_BESIDE_PAIRS = (
    "lien-quan", "lienquan",
    "tin-khac", "binh-luan", "doc-nhieu", "xem-nhieu", "tin-moi", "more-news",
    "other-news", "most-read", "quang-cao", "tham-do", "thong-ke", "lien-ket",
    "author-bio", "author-box", "author-info", "about-author", "author-desc",
)  # fmt: skip
_NEGATED = frozenset({"has", "no", "not", "with", "without", "in"})
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_AD_WORDS = frozenset({"ads", "adv", "advert", "advertisement", "banner", "quangcao"})
_ADS = "ads"
_SOME_PARAGRAPHS = 3
BESIDE_TAGS = frozenset({"nav", "footer", "aside", "marquee"})


def is_unseen(element: Any, names: Collection[str]) -> bool:
    """Whether the element's own attributes, which have these names, keep it from being seen."""
    if "style" in names and _hides(element.get("style")):
        return True
    return "hidden" in names or ("aria-hidden" in names and element.get("aria-hidden") == "true")


@lru_cache(maxsize=4_000)
def _hides(style: str) -> bool:
    return bool(_UNSEEN.search(style) or (_CLIPPED.search(style) and _TINY.search(style)))


def is_beside(element: Any, names: Collection[str] = ("class", "id")) -> bool:
    """Whether tag, class or id say: menu, related news, share buttons, comments, footer, ...

    A block that holds the page's main heading is the article's column, whatever its name. Who
    knows the names of its attributes gives them, which saves asking for those it has not.
    """
    if element.tag in BESIDE_TAGS:
        return True
    by_class = "class" in names and _named_beside(element.get("class") or "")
    by_id = "id" in names and _named_beside(element.get("id") or "")
    if not (by_class or by_id) or _holds_heading(element):
        return False
    return _ADS not in (by_class, by_id) or not _holds_paragraphs(element)


def _holds_heading(element: Any) -> bool:
    return next(element.iterdescendants("h1"), None) is not None


def _holds_paragraphs(element: Any) -> bool:
    """Whether it is text, whatever its name, as no ad is: a paper called its texts
    "block_ads_connect", because a script set ads into them.
    """
    paragraphs = (p for p in element.iterchildren("p") if p.text and not p.text.isspace())
    return len(list(islice(paragraphs, _SOME_PARAGRAPHS))) == _SOME_PARAGRAPHS


@lru_cache(maxsize=4_000)
def _named_beside(label: str) -> str:
    """What the names say that it is: empty for nothing beside the article."""
    named = [name for name in label.split() if _is_beside_name(name)]
    if not named:
        return ""
    parts = (part.lower() for name in named for part in _PART.findall(name))
    return "beside" if _AD_WORDS.isdisjoint(parts) else _ADS


def _is_beside_name(name: str) -> bool:
    low = name.lower().replace("_", "-")
    parts = [part.lower() for part in _PART.findall(name)]
    if not parts or not _NEGATED.isdisjoint(parts):
        return False
    return (
        not _BESIDE_WORDS.isdisjoint(parts)
        or any(part.startswith(_BESIDE_STARTS) for part in parts)
        or any(pair in low for pair in _BESIDE_PAIRS)
        # 24h calls the boxes of its articles "cate-24h-foot-arti-deta-info".
        or "foot" in (parts[0], parts[-1])
    )
