"""What a listing page says of itself: its number, how many pages and articles there are.

The words are those of Vietnamese government portals: "Hiển thị 1 - 20 of 29" (Liferay), "Tổng số
129 bản ghi", "Trang 1/9", `maxPage = parseInt(9)` (vnPortal), a link "cuối »". The largest number
of a pager is no claim: windows of numbers slide.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, gcd
from typing import Any
from urllib.parse import parse_qsl

from crawler.items import Link, ListingClaim, Page
from crawler.selectors import text_of, xpath
from crawler.urls import clean, key_of
from crawler.vietnamese import squeeze
from spiders.pagers import ENTRY_ADDRESS, PAGE_ADDRESS

_RANGE = re.compile(
    r"(?:hiển thị|showing|displaying|kết quả)\D{0,20}?(?P<first>\d[\d.,]*)\s*(?:-|–|—|đến|tới|to)"
    r"\s*(?P<last>\d[\d.,]*)\D{0,20}?(?:\bof\b|trên|trong|của|/)\D{0,20}?(?P<total>\d[\d.,]*)",
    re.IGNORECASE,
)
_PAGE_OF = re.compile(
    r"\b(?:trang|page)\s*(?:số)?\s*:?\s*(?P<page>\d+)\s*"
    # Not a date: "Trang 1/9/2023".
    r"(?:/|trên|trong|of)\s*(?:tổng\s*)?(?:số\s*)?(?P<pages>\d+)\b(?!\s*/\s*\d)",
    re.IGNORECASE,
)
_THINGS = r"(?:bản ghi|bài viết|tin bài|bài|tin|kết quả|mục|records?|items?|results?|articles?)\b"
_TOTAL = re.compile(
    rf"(?:tổng(?:\s*số|\s*cộng)?|tìm thấy|có tất cả|total)\s*:?\s*(?:có\s*)?(\d[\d.,]*)\s*{_THINGS}"
    rf"|tổng(?:\s*số)?\s*{_THINGS}\s*:?\s*(\d[\d.,]*)",
    re.IGNORECASE,
)
_BEGINS = {
    _PAGE_OF: ("trang", "page"),
    _RANGE: ("hiển thị", "showing", "displaying", "kết quả"),
    _TOTAL: ("tổng", "tìm thấy", "có tất cả", "total"),
}
_SCRIPT = re.compile(r"maxPage\s*=\s*(?:parseInt\(\s*)?['\"]?(\d+)['\"]?\s*\)?")
_LAST = re.compile(r"(?:trang\s+)?cuối(?:\s+cùng)?\W*|last(?:\s+page)?\W*|»»", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:trang\s+)?(?:sau|kế(?:\s+tiếp)?|tiếp(?:\s+theo)?)\W*|next(?:\s+page)?\W*|[»›>]",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(r"page\$?(\d+)", re.IGNORECASE)
_POST_BACK = re.compile(r"__doPostBack\(.*page\$(\d+)'", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:html?|aspx?)(?=$|\?)", re.IGNORECASE)
_SEEN_TEXT = xpath("descendant::text()[not(parent::script or parent::style)]")
_MOST_DIGITS = 7
# Taking a page's words together takes as long as finding its links, and most pages are articles.
_HINTS = (
    "Hiển thị", "Showing", "Tổng", "tổng số", "Tìm thấy", "bản ghi", "maxPage",
    "Trang 1", "trang 1", "Trang:", "Trang <", "Page 1",
)  # fmt: skip


def claim_of(
    page: Page, kind: str, links: list[Link], form: str | None = None, referer: str = ""
) -> ListingClaim | None:
    """What `page` claims as a listing; None when it is none.

    `kind` and `links` are what the walk made of it; `form` and `referer` are those of a POST.
    """
    if page.status != 200 or kind not in ("home", "page", "listing"):
        return None
    is_further = PAGE_ADDRESS.search(page.url) is not None
    if kind != "listing" and not is_further and not _may_say(page, links):
        return None
    said, pager = _said(page), _Pager.of(page.document.tree, page.url)
    number = _asked(form) if form is not None else pager.number(page.url)
    if is_further and said.page not in (None, number, pager.number(page.url) + 1):
        # The words of another box on the page.
        said = _Said()
    if kind != "listing" and not is_further and not said.raw:
        return None
    return ListingClaim(
        series=_series(page.url, links, pager, form, referer),
        page=said.page or number,
        pages=said.pages or pager.last,
        total=said.total,
        listed=tuple(link.key for link in links if link.kind == "article") or None,
        raw=said.raw or None,
    )


def _may_say(page: Page, links: list[Link]) -> bool:
    has_pager = any(link.kind == "listing" for link in links)
    return has_pager or any(hint in page.document.text for hint in _HINTS)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the words of a page say; None is unsaid."""

    page: int | None = None
    pages: int | None = None
    total: int | None = None
    raw: str = ""


def _said(page: Page) -> _Said:
    text = squeeze(" ".join(_SEEN_TEXT(page.document.tree)))
    low = text.lower()
    turned, ranged, counted = (_first(pattern, text, low) for pattern in (_PAGE_OF, _RANGE, _TOTAL))
    script = _SCRIPT.search(page.document.text)
    number, pages = map(_number, turned.groups()) if turned else (None, None)
    first_page, in_range, total = _of_range(*map(_number, ranged.groups())) if ranged else _NOTHING
    if counted and total is None:
        total = _number(counted[1] or counted[2])
    found = (turned, ranged if in_range or total else None, counted, script)
    return _Said(
        number or first_page,
        pages or in_range or (_number(script[1]) if script else None),
        total,
        " · ".join(match[0] for match in found if match),
    )


def _first(pattern: "re.Pattern[str]", text: str, low: str) -> "re.Match[str] | None":
    """What `pattern.search(text)` gives, tried only where one of the words stands it begins with.

    A pattern that begins with several words in either case is tried at every letter.
    """
    if len(low) != len(text):
        return pattern.search(text)
    places = sorted(place for word in _BEGINS[pattern] for place in _places(word, low))
    found = (pattern.match(text, place) for place in places)
    return next((match for match in found if match), None)


def _places(word: str, low: str) -> Iterator[int]:
    place = low.find(word)
    while place >= 0:
        yield place
        place = low.find(word, place + 1)


_NOTHING = (None, None, None)


def _of_range(
    first: int | None, last: int | None, total: int | None
) -> tuple[int | None, int | None, int | None]:
    """Number, pages and articles of a page that shows `first` to `last` of `total`."""
    if not first or not last or not total or not first <= last <= total:
        return _NOTHING
    if first > 1 and last == total:
        # The last page may be shorter than the others.
        return None, None, total
    size = last - first + 1
    return (first - 1) // size + 1, ceil(total / size), total


def _number(text: str) -> int | None:
    """A number with dots or commas between its thousands."""
    digits = re.sub(r"\D", "", text)
    return int(digits) if digits and len(digits) <= _MOST_DIGITS else None


@dataclass(frozen=True, slots=True)
class _Pager:
    """The links of a page to further pages."""

    addresses: tuple[str, ...]
    size: int
    """How many entries a page has where addresses count entries, else 1."""
    shift: int
    """What is added to a number in an address: some portals count pages from 0."""
    last: int | None
    """The number behind a link that says that it leads to the last page."""

    @classmethod
    def of(cls, tree: Any, base: str) -> "_Pager":
        addresses, shifts, last = [], set(), None
        entries = [base] if ENTRY_ADDRESS.search(base) else []
        # Not `//a`, on which libxml2 spends minutes when a page has 50,000 of them.
        for anchor in tree.xpath("/descendant::a[@href]"):
            address = anchor.get("href")
            number = _in_address(address)
            if number is None:
                continue
            label = text_of(anchor)
            is_last = _LAST.fullmatch(label) or _LAST.fullmatch(anchor.get("title") or "")
            if label.isdecimal() and len(label) <= _MOST_DIGITS:
                shifts.add(int(label) - number)
            elif is_last:
                last = number
            elif not _NEXT.fullmatch(label):
                continue
            addresses.append(clean(address, base) or base)
            entries += [address] if ENTRY_ADDRESS.search(address) else []
        size = gcd(*(_in_address(each) or 0 for each in entries))
        shift = 1 if size or shifts == {1} else 0
        found = cls(tuple(addresses), size or 1, shift, None)
        return found if last is None else replace(found, last=found.counted(last))

    def number(self, url: str) -> int:
        """The number of the page at `url`; the first one has none in its address."""
        found = _in_address(url)
        return 1 if found is None else self.counted(found)

    def counted(self, number: int) -> int:
        """Which page an address with `number` leads to, counted from 1."""
        return number // self.size + self.shift


def _in_address(address: str) -> int | None:
    turned = PAGE_ADDRESS.search(address) or _POST_BACK.search(address)
    return _number(re.findall(r"\d+", turned[0])[-1]) if turned else None


def _asked(form: str) -> int | None:
    """The page that a POST asks for."""
    fields = dict(parse_qsl(form))
    turned = _ARGUMENT.fullmatch(fields.get("__EVENTARGUMENT", ""))
    return _number(turned[1] if turned else fields.get("page", ""))


def _series(url: str, links: list[Link], pager: _Pager, form: str | None, referer: str) -> str:
    """What the pages of one listing have in common.

    The first page often has an address of its own ("/tin-tuc"), the others one of the CMS
    ("/Default.aspx?cat=5&page=2"): then its pager tells to which listing it belongs.
    """
    if form is not None:
        return _without_page(referer if _is_service(url) and referer else url)
    if PAGE_ADDRESS.search(url):
        return _without_page(url)
    posted = [link.url for link in links if link.form is not None and not _is_service(link.url)]
    known = Counter(_without_page(each) for each in (*posted, *pager.addresses))
    return known.most_common(1)[0][0] if known else _without_page(url)


def _is_service(url: str) -> bool:
    """Whether all listings of a portal send their POST there (vnPortal)."""
    return url.lower().endswith("/loadarticle")


def _without_page(url: str) -> str:
    turned = PAGE_ADDRESS.search(url)
    if turned:
        mark = "?" if turned[0].startswith("?") else ""
        url = (url[: turned.start()] + mark + url[turned.end() :]).replace("?&", "?").rstrip("?")
    return key_of(_ENDING.sub("", url))
