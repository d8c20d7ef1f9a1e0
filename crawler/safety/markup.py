"""Making a page fit to be parsed: bounded in length, tags, attributes and nesting.

libxml2 gives up at 256 levels and at ten megabytes without a tag, and loses the rest of the page;
it takes minutes for a million attributes. Browsers flatten what is nested too deep; so do we.
"""

import re

MOST_BYTES = 16 * 1024 * 1024
"""Bytes of a page that are decoded; the longest real pages have 3 MB without inline images."""
MOST_CHARACTERS = 3_000_000
MOST_TAGS = 250_000
MOST_ATTRIBUTES = 200
_DEEPEST = 60

# An inline image, or a view state: nothing that anybody reads.
_LONG_WORD = re.compile(r"[^\s<>]{50000,}")
_STEP = 1000
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}>")
_ATTRIBUTE = re.compile(r"""[^\s"'=<>]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?""")
# Possessive: a name of 50,000 letters that no ">" ends is gone through once.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)[^<>]*+>")
# What has no content, what closes itself (HTML standard, 13.1.2.4), and links, which are needed.
_FLAT = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "a",
        "p",
        "li",
        "option",
        "dt",
        "dd",
    ]
)


def bounded(text: str) -> tuple[str, list[str]]:
    """`text` cut to what can be parsed in bounded time and memory, and what was left out of it."""
    left_out = []
    if len(text) > MOST_CHARACTERS:
        text = _LONG_WORD.sub("", text)
    if len(text) > MOST_CHARACTERS:
        left_out.append(f"the page is too large: only {MOST_CHARACTERS} characters are read")
        text = text[:MOST_CHARACTERS]
    if len(text) > MOST_TAGS and text.count("<") > MOST_TAGS:
        left_out.append(f"the page is too large: only {MOST_TAGS} tags are read")
        text = "<".join(text.split("<", MOST_TAGS + 1)[: MOST_TAGS + 1])
    return _with_short_tags(text), left_out


def _with_short_tags(text: str) -> str:
    """`text` with few attributes in each tag.

    A tag that long covers a whole step: to look into those takes a tenth of looking into every tag.
    """
    parts: list[str] = []
    position = 0
    for step in range(_STEP, len(text), _STEP):
        if text.find(">", step, step + _STEP) < 0:
            start = text.rfind("<", step - _STEP, step)
            if start >= 0 and (tag := _LONG_TAG.match(text, start)):
                parts += text[position:start], _shortened(tag)
                position = tag.end()
    return "".join([*parts, text[position:]]) if parts else text


def _shortened(tag: re.Match[str]) -> str:
    parts = _ATTRIBUTE.findall(tag.group()[1:-1])
    if len(parts) <= MOST_ATTRIBUTES:
        return tag.group()
    return f"<{' '.join(parts[:MOST_ATTRIBUTES])}>"


def flattened(text: str) -> str:
    """`text` without the tags that are nested deeper than any page needs; all words stay."""
    parts, position, depth = [], 0, 0
    for tag in _TAG.finditer(text):
        closes, name = tag.groups()
        if name.lower() in _FLAT:
            continue
        depth = max(depth - 1, 0) if closes else depth + 1
        if depth + bool(closes) > _DEEPEST:
            parts.append(text[position : tag.start()])
            position = tag.end()
    return "".join([*parts, text[position:]])
