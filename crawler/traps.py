"""Traps, told by their addresses: links that never end although there is nothing in them.

Nothing here knows a portal. An address that contradicts itself is refused at once (`endless`,
`rearranged`, `out_of_time`); others are only put into families, and what a family brings is counted
in the archive (`crawler.archive.traps`).
"""

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

_LONGEST = 2_083
"""Characters, as Scrapy's URLLENGTH_LIMIT; servers take hardly more (IIS: 2,048 of a query)."""
_DEEPEST = 20
_MOST_PARAMETERS = 20
# No countries: `/vn/vi/` is an honest beginning.
_LANGUAGES = frozenset({"vi", "en", "fr", "zh", "ja", "ko", "ru", "lo", "km", "de", "es"})
_ADDRESS = re.compile(r"https?:?|(?:https?:)?www\.[\w.-]+\.\w+", re.IGNORECASE)
_ORDER = re.compile(
    r"(?:\w*[_-])?(?:sort|order)(?:[_-]?(?:by|dir|field|direction|col|column|type))?|sap-?xep|asc|desc"
    r"|(?:items|per|rows)[_-]?per[_-]?page|per[_-]?page|page[_-]?size|so-?dong|delta",
    re.IGNORECASE,
)
"""Parameters that say how a list is arranged, never what is in it."""
_VIEW = re.compile(r"(?:view|display|layout|mode)=(?:list|grid|table|card|thumb)\w*", re.IGNORECASE)
_YEAR = re.compile(r"year|nam|y", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](?:0?[1-9]|1[0-2])(?:[-/.]\d{1,2})?")
_YEAR_LAST = re.compile(r"(?:\d{1,2}[-/.])?(?:0?[1-9]|1[0-2])[-/.](\d{4})")
_OLDEST = 1945
_YEARS_AHEAD = 2

_ORDINARY_WORDS = 5
"""Words of a segment from which on it is the title of something, not the name of a folder."""
_NAMED_NUMBER = re.compile(r"([a-z]{1,12})[-_]?\d+(\.[a-z]{2,5})?")
_ENDING = re.compile(r"\.[a-z][a-z0-9]{1,4}$")
_TOKEN = re.compile(
    r"(?=.*\d)[0-9a-f]{8,}|\d{9,}|(?=.*\d)(?=.*[a-z])[0-9a-z_-]{16,}", re.IGNORECASE
)


def endless(url: str) -> str | None:
    """Why an address can only come from links that feed on themselves, or None."""
    if len(url) > _LONGEST:
        return f"its address has more than {_LONGEST} characters"
    parts = urlsplit(url)
    return _endless_path(_segments(parts.path)) or _endless_query(parts.query)


def _endless_path(segments: list[str]) -> str | None:
    if any(_ADDRESS.fullmatch(each) for each in segments):
        return "trap: a mistyped address, taken for a path"
    if len(segments) > _DEEPEST:
        return f"trap: more than {_DEEPEST} folders deep"
    if any(a in _LANGUAGES and b in _LANGUAGES for a, b in pairwise(segments)):
        return "trap: language links that make the path longer"
    # A date repeats its numbers; words are repeated by relative links only, and once is honest.
    repeated = Counter(each for each in segments if not each.isdecimal())
    name, times = repeated.most_common(1)[0] if repeated else ("", 0)
    return f"trap: a growing path, {name!r} repeated {times} times" if times >= 3 else None


def _endless_query(query: str) -> str | None:
    pairs = parse_qsl(query, keep_blank_values=True, errors="backslashreplace")
    if len(pairs) > _MOST_PARAMETERS:
        return f"trap: a growing query of more than {_MOST_PARAMETERS} parameters"
    twice = next((pair for pair, n in Counter(pairs).items() if n > 1 and pair[1]), None)
    if twice:
        return f"trap: a growing query, parameter {twice[0]!r} repeated"
    often = next((name for name, n in Counter(name for name, _ in pairs).items() if n > 3), None)
    return f"trap: a growing query, parameter {often!r} repeated" if often else None


def meant(url: str) -> str | None:
    """The honest address inside of one that `endless` refuses, or None."""
    parts = urlsplit(url)
    segments = parts.path.split("/")
    mistyped = next((n for n, each in enumerate(segments) if _ADDRESS.fullmatch(each)), None)
    if mistyped is not None:
        address = "/".join(segments[mistyped:])
        return re.sub(r"^(?:https?:?/+)?", "http://", address) + (parts.query and f"?{parts.query}")
    once = "&".join(dict.fromkeys(parts.query.split("&")))
    return parts._replace(query=once).geturl() if once != parts.query else None


def out_of_time(url: str, on: str, year: int) -> str | None:
    """Why the link `url` on the page `on` leaves the years in which anything may be, or None.

    A number that looks like a year may be a section's (`/muc/2051/1`). A calendar is told by its
    step: from a year in which something may be to the next one, in which nothing can.
    """
    beyond = [y for y in _years(url) if not _OLDEST <= y <= year + _YEARS_AHEAD]
    here = {y for y in _years(on) if _OLDEST <= y <= year + _YEARS_AHEAD} if beyond else set()
    wrong = [y for y in beyond if y - 1 in here or y + 1 in here]
    return f"trap: a calendar in the year {wrong[0]}" if wrong else None


@lru_cache(maxsize=4_000)
def _years(url: str) -> tuple[int, ...]:
    """The years that an address names.

    Only whole segments and whole values count: a title may well end in "tam-nhin-2050".
    """
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, errors="backslashreplace")
    years = [value for name, value in pairs if _YEAR.fullmatch(name) and len(value) == 4]
    # In a query half a date may as well be a number and its part.
    values = [value for _, value in pairs if len(re.split("[-/.]", value)) == 3]
    for text in (*_dates_in(_segments(parts.path)), *values):
        dated = _YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text)
        years += [dated[1]] if dated else []
    return tuple(int(y) for y in years if y.isdecimal())


def _dates_in(segments: list[str]) -> list[str]:
    pairs = [f"{a}/{b}" for a, b in pairwise(segments)]
    return segments + pairs


@lru_cache(maxsize=4)
def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/')}"


def rearranged(url: str, on: str) -> str | None:
    """Why the link `url` on the page `on` leads only to the same page again, or None.

    That is the same list in another order, or the same page with a language appended.
    """
    # Most links lead to quite another address, and a page has hundreds.
    if _without_query(on) not in url:
        return None
    here, there = urlsplit(on), urlsplit(url)
    if here.netloc != there.netloc:
        return None
    path = here.path.rstrip("/")
    if path and there.path.startswith(path + "/"):
        rest = there.path[len(path) + 1 :].strip("/").lower()
        return "trap: the same page, a language appended" if rest in _LANGUAGES else None
    if there.path == here.path and _arrangement(there.query) - _arrangement(here.query):
        return "trap: the same list in another order or size"
    return None


def _arrangement(query: str) -> set[str]:
    found = set()
    for pair in query.lower().split("&"):
        name, _, value = pair.partition("=")
        # An order with a number may be one that somebody has given.
        is_order = _ORDER.fullmatch(name) and not (name == "order" and value.isdecimal())
        if is_order or _VIEW.fullmatch(pair):
            found.add(pair)
    return found


def is_token(value: str) -> bool:
    """Whether a value looks like a session's or a clock's: long, and of no word's letters."""
    return _TOKEN.fullmatch(value) is not None


@lru_cache(maxsize=4_000)
def families(key: str) -> tuple[str, str]:
    """The narrow and the wide family of an address, given its key.

    The narrow one differs in numbers, tokens and titles only; the wide one is all in the same
    folder, or all queries of the same path. `x.vn/lich/2024/7` is of `x.vn/lich/#/#` and of
    `x.vn/lich/#/*`, `x.vn/lich?ngay=3&kieu=tuan` of `x.vn/lich?kieu=~&ngay=#` and `x.vn/lich?`.
    """
    path, _, query = key.partition("?")
    host, *segments = path.split("/")
    folder = "/".join([host, *map(_folder, segments[:-1])])
    narrow = f"{folder}/{_typed(segments[-1])}" if segments else host
    wide = f"{folder}/*" if segments else host
    if not query:
        return narrow, wide
    named = sorted({_parameter(*pair) for pair in parse_qsl(query, keep_blank_values=True)})
    return f"{narrow}?{'&'.join(named)}", f"{path}?"


def sections(key: str) -> tuple[str, ...]:
    """What an address is below: its host, and the first folder on it if it is in any.

    Random words and folders in a circle make families without end, but all in one place.
    """
    host, *segments = key.partition("?")[0].split("/")
    return (f"{host}/{segments[0]}/**", f"{host}/**") if len(segments) > 1 else (f"{host}/**",)


def _folder(segment: str) -> str:
    """A folder goes by its name, even by one with a number, unless it is a date or a token."""
    if segment.replace("-", "").replace("_", "").isdecimal():
        return "#"
    return "~" if is_token(segment) else segment


def _typed(segment: str) -> str:
    if not any(map(str.isdecimal, segment)):
        return "~" + _ending(segment) if len(segment.split("-")) > _ORDINARY_WORDS else segment
    if segment.replace("-", "").replace(".", "").replace("_", "").isdecimal():
        return "#"
    named = _NAMED_NUMBER.fullmatch(segment)
    return f"{named[1]}#{named[2] or ''}" if named else f"~#{_ending(segment)}"


def _ending(segment: str) -> str:
    found = _ENDING.search(segment)
    return found[0] if found else ""


def _parameter(name: str, value: str) -> str:
    name = re.sub(r"\d+", "#", name)
    return f"{name}=#" if is_token(value) or any(map(str.isdecimal, value)) else f"{name}=~"


def _segments(path: str) -> list[str]:
    return [part for part in unquote(path, errors="replace").lower().split("/") if part]
