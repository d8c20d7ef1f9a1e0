"""Pagination that is no link: pages that come only by POST. Ordinary pager links are links.

Two families do this: ASP.NET WebForms (`__doPostBack` with the page's view state) and vnPortal
(an inline script posts to a `LoadArticle` address that returns a fragment).
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from crawler.items import Link
from crawler.selectors import xpath
from crawler.urls import clean, key_of, link

# A longer number is a day or a moment.
_ENTRY = r"[?&](?:(?:limit)?start|offset)=\d{1,6}(?=$|[&#])"
PAGE_ADDRESS = re.compile(
    r"[?&](?:\w*page(?:index|no|num|number)?|trang|\w*_cur|paged|pg)=\d+"
    # A longer number is an article's: WordPress has ?p=1234.
    r"|[?&]p=\d{1,3}(?!\d)|/(?:page|trang)[-/]?\d+|/p\d{1,3}/?(?=$|[?#])"
    rf"|{_ENTRY}",
    re.IGNORECASE,
)
"""The address of a further page of a listing, in the styles that portals use."""

ENTRY_ADDRESS = re.compile(_ENTRY, re.IGNORECASE)
"""One that tells the page by its first entry, as Joomla does: `?start=20`."""

_TIMELINE = re.compile(r"/timelinelist/(?P<zone>\d{1,9})/(?P<number>\d{1,6})\.htm$")
_ZONE = xpath("//input[@id='hdZoneId']/@value")
_POST_BACKS = xpath("/descendant::a[contains(@href, '__doPostBack')][ancestor::form]")
_POST_BACK = re.compile(r"__doPostBack\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)")
_PAGE_ARGUMENT = re.compile(r"(?i)page\$?(\d+)$")
_PAGER_NAME = re.compile(r"(?i)pag(?:er|ing|ination)|phantrang")

_LOADERS = xpath("/descendant::script[contains(., 'LoadArticle')]/text()")
_LOAD_ARTICLE = re.compile(r"""["']([^"']*/LoadArticle)["']""")
_LAST_PAGE = re.compile(r"maxPage\s*=\s*(?:parseInt\(\s*)?['\"]?(\d+)")
_PARAMETERS = (
    "article_category_id",
    "categoryIds",
    "site_id",
    "page_size",
    "keyword",
    "date_begin",
    "date_end",
    "show_no",
    "show_post_date",
    "num_of_text",
    "show_view_count",
    "filter_order_in_list",
    "is_default",
    "new",
    "number_of_day",
    "no",
    "articlelang",
    "lang",
    "is_authenticated",
)
_MOST_PAGES = 10_000
# Each link takes a copy of the form's whole state.
_MOST_POST_BACKS = 500
_MOST_FIELDS = 200


def timeline(tree: Any, url: str) -> Iterator[Link]:
    """The next part of a section's hidden timeline, which pages of VCCorp's CMS load on scrolling.

    A part without links is the last.
    """
    turned = _TIMELINE.search(url)
    if turned:
        zone, number = turned["zone"], int(turned["number"]) + 1
        is_last = number > _MOST_PAGES or next(tree.iter("a"), None) is None
    else:
        zone, number = next(iter(_ZONE(tree)), ""), 1
        is_last = not zone.isdecimal() or int(zone) == 0
    if not is_last and (part := link(f"/timelinelist/{zone}/{number}.htm", url, "listing")):
        yield part


def posts(tree: Any, base: str, hrefs: list[str]) -> list[Link]:
    """Further pages of the listing `tree` at `base` that only a POST brings; its links' `hrefs`."""
    turns = any("__doPostBack" in href for href in hrefs)
    return [*(_web_forms(tree, base) if turns else ()), *_vn_portal(tree, base)]


def _web_forms(tree: Any, base: str) -> Iterator[Link]:
    states: dict[Any, dict[str, str]] = {}
    for anchor in _POST_BACKS(tree)[:_MOST_POST_BACKS]:
        called = _POST_BACK.search(anchor.get("href"))
        if called and (number := _page_number(anchor, *called.groups())):
            form = next(anchor.iterancestors("form"))
            if form not in states:
                states[form] = _state(form)
            url = clean(form.get("action") or base, base) or base
            yield _post_back(url, states[form], *called.groups(), number=number)


def _page_number(anchor: Any, target: str, argument: str) -> str | None:
    """What tells this page from the listing's others, or None if the link is no pager."""
    in_argument = _PAGE_ARGUMENT.search(argument)
    if in_argument:
        return in_argument.group(1)
    if _PAGER_NAME.search(target):
        text = "".join(anchor.itertext()).strip()
        return text if text.isdigit() else f"{target} {argument} {text}"
    return None


def _state(form: Any) -> dict[str, str]:
    hidden = form.xpath(".//input[@type='hidden'][@name]")[:_MOST_FIELDS]
    return {field.get("name"): field.get("value", "") for field in hidden}


def _post_back(url: str, state: dict[str, str], target: str, argument: str, *, number: str) -> Link:
    fields = {**state, "__EVENTTARGET": target, "__EVENTARGUMENT": argument}
    # The same control means another page on another page, so the number is what identifies.
    return Link(
        url=url, kind="listing", form=urlencode(fields), key=f"{key_of(url)} POST page {number}"
    )


def key_of_post(url: str, form: str) -> str:
    """The key of the page that a kept POST asked for, when the page with its pager is not kept."""
    argument = dict(parse_qsl(form)).get("__EVENTARGUMENT", "")
    if turned := _PAGE_ARGUMENT.search(argument):
        return f"{key_of(url)} POST page {turned.group(1)}"
    return key_of(url, form)


def _vn_portal(tree: Any, base: str) -> Iterator[Link]:
    for script in _LOADERS(tree):
        address, last = _LOAD_ARTICLE.search(script), _LAST_PAGE.search(script)
        url = clean(address.group(1), base) if address else None
        if url and last:
            fields = _script_values(script)
            for number in range(2, min(int(last.group(1)), _MOST_PAGES) + 1):
                form = urlencode({**fields, "page": number})
                yield Link(url=url, kind="listing", form=form, key=key_of(url, form))


def _script_values(script: str) -> dict[str, str]:
    """The parameters of the POST, whose values stand in the script as `name: value`."""
    values = {}
    for name in _PARAMETERS:
        found = re.search(
            rf"""["']?\b{name}\b["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))""", script
        )
        if found:
            values[name] = next(group for group in found.groups() if group is not None)
    return values
